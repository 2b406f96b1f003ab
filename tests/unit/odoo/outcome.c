/* SPDX-License-Identifier: MIT */
#include "outcome.h"

#include "unit.h"

#include <stdlib.h>
#include <string.h>

static void keep_outcome(struct http_result *result, void *data)
{
	struct outcome *o = data;

	o->n_done++;
	o->error = result->error;
	odoo_error_init(&result->error);
	o->left = result->left;
	o->again = result->again;
	o->retry_after = result->retry_after;
	o->server_time = result->server_time;
	if (result->answer.status) {
		o->status = result->answer.status;
		o->size = result->answer.size;
		strcpy(o->type, result->answer.content_type);
		strcpy(o->session, result->answer.session);
		o->body = strdup(result->answer.body);
	}
}

void outcome_finish(struct outcome *o)
{
	odoo_error_finish(&o->error);
	free(o->body);
}

struct http *outcome_make_http(const char *url)
{
	const struct http_options options = {
		.url = url, .connections = 2, .max_body = OUTCOME_MAX_BODY
	};
	struct odoo_error error = { 0 };
	struct http *http = NULL;

	assert_int_equal(http_create(&options, &http, &error), 0);
	return http;
}

void outcome_start(struct http *http, const char *body, unsigned timeout_ms, struct outcome *o)
{
	const struct http_limits limits = { .timeout_ms = timeout_ms,
		.connect_ms = OUTCOME_CONNECT_MS };
	struct odoo_http_request request = { 0 };

	if (body) {
		assert_int_equal(odoo_http_request_print(
					 &request, "/jsonrpc", "application/json", "%s", body),
			0);
	} else {
		request.path = strdup("/web");
		request.any_place = true;
	}
	request.id = 5;
	assert_int_equal(http_start(http, &request, &limits, keep_outcome, o), 0);
	assert_null(request.body);
}

void outcome_run(struct http *http, const struct outcome *o)
{
	for (http_run(http); o->n_done == 0; http_run(http)) {
		http_wait(http, 1000);
	}
}

struct outcome outcome_exchange(server_fn fn, unsigned timeout_ms)
{
	struct server *server = server_start(fn, NULL);
	struct http *http = outcome_make_http(server_url(server));
	struct outcome o = { 0 };

	outcome_start(http, "{\"id\":5}", timeout_ms, &o);
	outcome_run(http, &o);
	assert_int_equal(o.n_done, 1);
	http_destroy(http);
	server_stop(server);
	return o;
}

struct outcome outcome_exchange_with(const char *url)
{
	struct http *http = outcome_make_http(url);
	struct outcome o = { 0 };

	outcome_start(http, "{}", 3000, &o);
	outcome_run(http, &o);
	http_destroy(http);
	return o;
}
