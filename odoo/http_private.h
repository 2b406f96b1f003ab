/* SPDX-License-Identifier: MIT */
/* What http.c and the other http_*.c share: an exchange and the server that it goes to. */
#ifndef ODOO_HTTP_PRIVATE_H
#define ODOO_HTTP_PRIVATE_H

#include "odoo/http.h"

#include <curl/curl.h>
#include <sys/queue.h>

enum stop {
	STOP_NONE,
	STOP_BODY,
	STOP_HEADERS,
	STOP_MEMORY,
};

/* One exchange, or one that is over and whose easy handle waits to be used again. */
struct transfer {
	LIST_ENTRY(transfer) link; /* in running or idle */
	STAILQ_ENTRY(transfer) next_large;
	struct http *http;
	CURL *easy;
	struct curl_slist *headers;
	struct odoo_http_request request;
	struct http_limits limits;
	char *url;
	char *body;
	size_t size, room;
	size_t header_bytes;
	enum stop stop; /* why we ended it ourselves */
	CURLcode code;	/* how it ended */
	int no_socket;	/* the errno for which there was none */
	char text[CURL_ERROR_SIZE];
	http_done_fn done;
	void *data;
};

LIST_HEAD(transfers, transfer);

struct http {
	CURLM *multi;
	char *url, *peer;
	char *cacert, *cert, *key, *proxy; /* http_policy.c's */
	bool loopback;
	unsigned connections;
	size_t max_body;
	struct transfers running, idle;
	STAILQ_HEAD(, transfer) large; /* done, and not called back yet; oldest first */
	unsigned n_running, n_idle;
};

/* What an answer's pointers point to for as long as the callback runs. */
struct answer_texts {
	char type[80];
	char session[128];
};

/* http_policy.c: start libcurl, which is counted and ended by curl_global_cleanup. 0 or -errno. */
int http_policy_start(void);

/* http_policy.c: keep and give back copies of the options that it needs. 0 or -ENOMEM. */
int http_policy_copy(struct http *http, const struct http_options *options);
void http_policy_finish(struct http *http);

/* http_policy.c: set up a handle. 0, or something else when out of memory. */
unsigned http_policy_apply(const struct http *http, CURL *easy);

/* http_answer.c: read them off an exchange that is over. A redirect is put into result->error. */
void http_get_answer(
	const struct transfer *t, struct answer_texts *texts, struct http_result *result);
void http_get_traffic(const struct transfer *t, struct http_result *result);
int64_t http_get_server_time(const struct transfer *t);

/* http_fault.c: say why curl ended an exchange without an answer. */
void http_explain(const struct transfer *t, CURLcode code, struct odoo_error *error);

/*
 * http_fault.c: the status, 400 to 499, with which a proxy refused to connect, else 0; and the
 * sentence for it.
 */
int http_proxy_refusal(const struct transfer *t);
void http_explain_proxy(const struct transfer *t, int status, struct odoo_error *error);

/*
 * http_fault.c: say that the server wants a certificate of ours, or another one. Some say so in an
 * alert, others (nginx) in an answer.
 */
void http_explain_certificate(const struct transfer *t, struct odoo_error *error);

/* http.c: how large the answer may be, in bytes. */
size_t http_max_body(const struct transfer *t);

/* http_fault.c: whether anything of the request may have been sent. */
bool http_was_connected(const struct transfer *t);

#endif
