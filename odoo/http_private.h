/* SPDX-License-Identifier: MIT */
/* What http.c and http_fault.c share: an exchange and the server that it goes to. */
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
	LIST_ENTRY(transfer) link;
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
	char text[CURL_ERROR_SIZE];
	http_done_fn done;
	void *data;
};

LIST_HEAD(transfers, transfer);

struct http {
	CURLM *multi;
	char *url, *cacert, *peer;
	bool loopback;
	unsigned connections;
	size_t max_body;
	struct transfers running, idle;
	unsigned n_idle;
};

/* Say why curl ended an exchange without an answer. */
void http_explain(const struct transfer *t, CURLcode code, struct odoo_error *error);

/* Whether anything of the request may have been sent. */
bool http_was_connected(const struct transfer *t);

#endif
