/* SPDX-License-Identifier: MIT */
/* One exchange of http.c at a server of the test's, and what became of it. */
#ifndef TEST_OUTCOME_H
#define TEST_OUTCOME_H

#include "odoo/http.h"
#include "server.h"

/* The limits that these exchanges have. */
#define OUTCOME_MAX_BODY 10000
#define OUTCOME_CONNECT_MS 500

/* How an exchange ended; what the callback saw. */
struct outcome {
	unsigned n_done;
	struct odoo_error error;
	int status;
	char type[80], session[128];
	char *body;
	size_t size;
	bool left, again;
	unsigned retry_after;
	int64_t server_time;
};

void outcome_finish(struct outcome *o);

struct http *outcome_make_http(const char *url);

/* Begin a POST of `body` to /jsonrpc, or with NULL a GET of /web that takes a redirect. */
void outcome_start(struct http *http, const char *body, unsigned timeout_ms, struct outcome *o);

/* Until it is done. */
void outcome_run(struct http *http, const struct outcome *o);

/* A whole exchange at a server that answers with `fn`, and one at a place of its own. */
struct outcome outcome_exchange(server_fn fn, unsigned timeout_ms);
struct outcome outcome_exchange_with(const char *url);

#endif
