/* SPDX-License-Identifier: MIT */
/*
 * The client: one thread that talks to one Odoo server as one user.
 *
 * Any thread may send; the client's own thread moves the bytes, parses the answer and calls back.
 * The client holds no lock while it calls back, so a callback may send again. Create it after the
 * last fork of the process: libcurl doesn't survive one.
 */
#ifndef ODOO_CLIENT_H
#define ODOO_CLIENT_H

#include "odoo/error.h"
#include "odoo/request.h"
#include "odoo/transport.h"

struct odoo_client;

struct odoo_client_options {
	const char *url; /* scheme, host and port: "https://erp.example.com" */
	const char *database;
	const char *login;
	enum odoo_transport_kind transport;
	const char *secret;	/* copied into memory that is wiped by odoo_client_destroy */
	const char *cacert;	/* a file of trusted certificates, or NULL for the system's */
	const char *cert, *key; /* files: our own certificate and its key, or NULL */
	const char *proxy;	/* a URL, or NULL for what the environment says */
	unsigned connections;	/* requests under way at once, 1 to 16 */
	unsigned timeout_ms;	/* deadline of a request, retries included */
	unsigned connect_ms;	/* deadline of a connection; 0 is 10 s */
};

struct odoo_reply {
	cJSON *result;		 /* NULL on failure; the callback may take it and set it to NULL */
	struct odoo_error error; /* fault ODOO_FAULT_NONE on success; freed after the callback */
	int64_t server_time;	 /* the server's clock when it answered (Date), in UNIX seconds;
				    our own where it sent none */
};

/* Called once for each request sent, on the client's thread; must not block. */
typedef void (*odoo_reply_fn)(struct odoo_reply *reply, void *data);

struct odoo_client_stats {
	uint64_t calls;	   /* HTTP exchanges begun, retries included */
	uint64_t retries;  /* of them, repeated ones */
	uint64_t failures; /* requests that ended in a fault */
	uint64_t bytes_out, bytes_in;
	uint64_t latency_us;	    /* sum over the answered ones, for a mean */
	unsigned in_flight, queued; /* it is in flight until its callback has returned */
	bool reachable;		    /* false from a transport failure until the next answer */
	int64_t down_since;	    /* UNIX seconds; 0 while reachable */
};

/*
 * Make a client and start its thread. All strings are copied. Returns 0 or -errno; on failure
 * `error` says why. Free with odoo_client_destroy.
 */
int odoo_client_create(const struct odoo_client_options *options, struct odoo_client **ret_client,
	struct odoo_error *error);

/*
 * Stop: every request not yet answered is called back with ODOO_FAULT_CANCELLED (on the client's
 * thread), the thread ends, secrets are wiped. Blocks until then. NULL is allowed. Not from a
 * callback.
 */
void odoo_client_destroy(struct odoo_client *client);

/*
 * Ask the server for its version, then log in. Blocks up to the deadline; before it succeeds no
 * request may be sent. A refused secret is never tried again. Returns 0 or -errno, and `error`.
 */
int odoo_client_login(struct odoo_client *client, struct odoo_error *error);

/*
 * The context that goes with every call: an object ("lang", "tz", "active_test",
 * "allowed_company_ids", …), copied. Before it is called the context is {"active_test": false}.
 * Set before other threads send.
 */
int odoo_client_set_context(struct odoo_client *client, const cJSON *context);

/* The same object, which is the client's. Any thread, once it was set. */
const cJSON *odoo_client_context(const struct odoo_client *client);

/*
 * Send a request, taking it over in every case (NULL counts as out of memory). `fn` is called
 * exactly once, on the client's thread, never from inside this function. Doesn't block. Any thread.
 */
void odoo_client_send(
	struct odoo_client *client, struct odoo_request *request, odoo_reply_fn fn, void *data);

/*
 * Send and wait. 0 and a result that the caller owns, or -errno and `error`. Blocks up to the
 * deadline; never from a callback, a FUSE handler, or with a lock held.
 */
int odoo_client_call(struct odoo_client *client, struct odoo_request *request, cJSON **ret_result,
	struct odoo_error *error);

/* After the login; constant from then on, so any thread may ask. Strings live with the client. */
int odoo_client_server_major(const struct odoo_client *client);		  /* 14, 19 */
const char *odoo_client_server_version(const struct odoo_client *client); /* "19.0-20260101" */
const char *odoo_client_transport_name(const struct odoo_client *client);
const char *odoo_client_transport_reason(const struct odoo_client *client); /* why it is this one */
uint32_t odoo_client_uid(const struct odoo_client *client);

/*
 * What the login told of the user's own context ("lang", "tz"), as context_get would; NULL where it
 * told nothing. Lives with the client.
 */
const cJSON *odoo_client_user_context(const struct odoo_client *client);

/* A snapshot. Any thread; doesn't block. */
void odoo_client_get_stats(struct odoo_client *client, struct odoo_client_stats *ret_stats);

/*
 * Calls by "model.method": an object {"res.partner.search_read": 12, …} that the caller owns, NULL
 * when out of memory. Any thread.
 */
cJSON *odoo_client_get_calls(struct odoo_client *client);

#endif
