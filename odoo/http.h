/* SPDX-License-Identifier: MIT */
/*
 * HTTP exchanges with one server, several at a time on one thread. What is known of libcurl is
 * known in http.c.
 *
 * All functions are for one thread, which may be any, except http_wake. Nothing blocks but
 * http_wait. Redirects are never followed: they would carry the secret to somebody else.
 */
#ifndef ODOO_HTTP_H
#define ODOO_HTTP_H

#include "odoo/transport.h"

#include <stdbool.h>
#include <stdint.h>

struct http;

struct http_options {
	const char *url;      /* scheme, host and port */
	const char *cacert;   /* a file of trusted certificates, or NULL for the system's */
	const char *cert;     /* a file with our own certificate, or NULL */
	const char *key;      /* and the key of it, not encrypted; NULL where it is in the same */
	const char *proxy;    /* a URL, or NULL for what the environment says */
	unsigned connections; /* kept open at most */
	size_t max_body;      /* of an answer, in bytes after decompression */
};

/* How an exchange ended. Belongs to http.c and is valid during the callback only. */
struct http_result {
	struct odoo_error error;	/* holds nothing when an answer came, whatever its status */
	struct odoo_http_answer answer; /* when one came */
	bool left;			/* the server may have received the request */
	bool again;			/* the failure may be gone a moment later */
	unsigned retry_after;	      /* seconds that the server asks to wait; 0 where it doesn't */
	int64_t server_time;	      /* Date, or our own time; UNIX seconds */
	uint64_t bytes_out, bytes_in; /* of bodies, as transferred */
	uint64_t duration_us;
};

/* Called from http_run, http_finish or http_cancel. It may start the next. */
typedef void (*http_done_fn)(struct http_result *result, void *data);

struct http_limits {
	unsigned timeout_ms; /* of the whole exchange */
	unsigned connect_ms; /* of making a connection, TLS included */
	bool fresh; /* on a connection of its own: on a reused one curl may send it twice */
};

/* Strings are copied. Returns 0 or -errno; on failure `error` says why. */
int http_create(
	const struct http_options *options, struct http **ret_http, struct odoo_error *error);

/* NULL is allowed. Exchanges under way end without their callback. */
void http_destroy(struct http *http);

/* "erp.example.com:443", for messages. Lives with `http`. */
const char *http_peer(const struct http *http);

/*
 * Begin an exchange. `request` is emptied in every case. Returns 0, or -errno and `done` is not
 * called.
 */
int http_start(struct http *http, struct odoo_http_request *request,
	const struct http_limits *limits, http_done_fn done, void *data);

/*
 * Move bytes as far as they go, and call back what is done. An answer that takes long to read waits
 * for http_finish, so that the next request can be on its way before.
 */
void http_run(struct http *http);

/* Call back one of those that wait, the oldest; false when there is none. */
bool http_finish(struct http *http);

/* How many are on their way; those that wait for http_finish aren't. */
unsigned http_n_running(const struct http *http);

/* Wait for bytes, http_wake, or the time given. */
void http_wait(struct http *http, int timeout_ms);

/* End an http_wait under way, or the next one. Any thread, as long as `http` lives. */
void http_wake(struct http *http);

/* End every exchange under way with ODOO_FAULT_CANCELLED, calling back. */
void http_cancel(struct http *http);

#endif
