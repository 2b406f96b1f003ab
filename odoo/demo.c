/* SPDX-License-Identifier: MIT */
#include "odoo/demo.h"

#include "odoo/cleanup.h"
#include "odoo/http.h"
#include "odoo/json.h"
#include "odoo/limits.h"
#include "odoo/locked.h"
#include "odoo/xml_read.h"
#include "odoo/xml_write.h"
#include "odoo/xmlrpc_fault.h"

#include <errno.h>
#include <string.h>

#define WAIT_MS 1000
#define CONNECT_MS 10000

/* The answer, or why there is none. */
struct outcome {
	bool done;
	cJSON *value;
	bool is_fault;
	struct odoo_error error;
};

static void on_done(struct http_result *result, void *data)
{
	struct outcome *outcome = data;
	const struct odoo_http_answer *answer = &result->answer;

	outcome->done = true;
	if (result->error.fault) {
		outcome->error = result->error;
		odoo_error_init(&result->error);
	} else if (answer->status != 200) {
		odoo_http_answer_refuse(answer, &outcome->error);
	} else {
		odoo_xml_parse(answer->body, answer->size, &outcome->value, &outcome->is_fault,
			&outcome->error);
	}
}

static int make_request(struct odoo_http_request *ret_request)
{
	struct xml_text x = { 0 };
	int r;

	xml_begin_call(&x, "start");
	xml_end_call(&x);
	r = x.failed ? x.failed
		     : odoo_http_request_print(ret_request, "", "text/xml", "%s", x.text);
	xml_finish(&x);
	return r;
}

static int exchange(struct http *http, unsigned timeout_ms, struct outcome *outcome)
{
	const struct http_limits limits = { .timeout_ms = timeout_ms, .connect_ms = CONNECT_MS };
	struct odoo_http_request request;
	int r = make_request(&request);

	if (r == 0) {
		r = http_start(http, &request, &limits, on_done, outcome);
	}
	while (r == 0 && !outcome->done) {
		http_run(http);
		if (!outcome->done) {
			http_wait(http, WAIT_MS);
		}
	}
	return r;
}

/* {"host": "https://…", "database": "…", "user": "…", "password": "…"} */
static int take(const cJSON *value, struct odoo_source *ret_source, char **ret_secret,
	struct odoo_error *error)
{
	const char *host = odoo_json_get_string(value, "host");
	const char *database = odoo_json_get_string(value, "database");
	const char *user = odoo_json_get_string(value, "user");
	cJSON *password = cJSON_GetObjectItemCaseSensitive(value, "password");
	_cleanup_locked_ char *secret = NULL;
	struct odoo_source source;
	int r;

	if (!host || !database || !user || !cJSON_IsString(password)) {
		odoo_error_set(error, ODOO_FAULT_MALFORMED,
			"the demo service answered without a host, a database, a user or a "
			"password");
		return -EIO;
	}
	r = odoo_source_make(host, user, database, &source, error);
	if (r < 0) {
		return r;
	}
	secret = locked_copy(password->valuestring);
	explicit_bzero(password->valuestring, strlen(password->valuestring));
	if (source.plain && !source.loopback) {
		odoo_error_set(error, ODOO_FAULT_TLS,
			"the demo service gave a database by plain http: not taken");
		r = -EHOSTUNREACH;
	} else if (!secret) {
		odoo_error_set(error, ODOO_FAULT_INTERNAL, "out of memory");
		r = -ENOMEM;
	}
	if (r < 0) {
		odoo_source_finish(&source);
		return r;
	}
	*ret_source = source;
	*ret_secret = steal(secret);
	return 0;
}

static void name_service(const char *url, struct odoo_error *error)
{
	odoo_error_set(error, error->fault, "the demo service at %s: %s", url, error->message);
}

int odoo_demo_start(const struct odoo_client_options *way, struct odoo_source *ret_source,
	char **ret_secret, struct odoo_error *error)
{
	const struct http_options options = {
		.url = way->url,
		.cacert = way->cacert,
		.cert = way->cert,
		.key = way->key,
		.proxy = way->proxy,
		.connections = 1,
		.max_body = ODOO_MAX_BODY,
	};
	const struct odoo_occasion occasion = { .model = "", .method = "", .database = "" };
	struct outcome outcome = { 0 };
	struct http *http;
	int r = http_create(&options, &http, error);

	if (r < 0) {
		return r;
	}
	r = exchange(http, way->timeout_ms, &outcome);
	http_destroy(http);
	if (r < 0) {
		odoo_error_set(error, ODOO_FAULT_INTERNAL, "out of memory");
		return r;
	}
	if (outcome.is_fault) {
		odoo_xmlrpc_fault(&outcome.error, outcome.value, &occasion);
	}
	if (outcome.error.fault) {
		name_service(way->url, &outcome.error);
		r = odoo_error_errno(&outcome.error);
		odoo_error_finish(error);
		*error = outcome.error;
	} else {
		r = take(outcome.value, ret_source, ret_secret, error);
	}
	cJSON_Delete(outcome.value);
	return r;
}
