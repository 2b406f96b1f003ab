/* SPDX-License-Identifier: MIT */
#include "wire.h"

#include "odoo/cleanup.h"
#include "unit.h"

#include <string.h>

static const struct odoo_credentials credentials = {
	.database = "d\"b", .login = "me@x", .secret = WIRE_SECRET
};

struct odoo_transport *wire_make(enum odoo_transport_kind kind, unsigned major)
{
	struct odoo_transport *t = odoo_transport_create(kind, &credentials);

	assert_non_null(t);
	t->uid = 7;
	t->major = major;
	return t;
}

struct odoo_request *wire_request(const char *method, const char *params)
{
	struct odoo_request *request = odoo_request_create("res.partner", method);

	assert_non_null(request);
	cJSON_Delete(request->params);
	request->params = cJSON_Parse(params);
	assert_non_null(request->params);
	return request;
}

static int build(struct odoo_transport *t, const char *method, const char *params,
	struct odoo_http_request *ret_http, struct odoo_error *error)
{
	_cleanup_json_ cJSON *context = cJSON_Parse("{\"lang\":\"fr_FR\"}");
	struct odoo_request *request = wire_request(method, params);
	int r = t->class->call_request(t, request, context, ret_http, error);

	odoo_request_destroy(request);
	return r;
}

void wire_call(struct odoo_transport *t, const char *method, const char *params,
	struct odoo_http_request *ret_http)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };

	assert_int_equal(build(t, method, params, ret_http, &error), 0);
	assert_fault(&error, ODOO_FAULT_NONE);
	assert_int_equal(ret_http->body_size, strlen(ret_http->body));
}

void wire_refuse(struct odoo_transport *t, const char *method, const char *params,
	enum odoo_fault fault, const char *words)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };
	struct odoo_http_request http;

	assert_true(build(t, method, params, &http, &error) < 0);
	assert_fault(&error, fault);
	assert_contains(error.message, words);
}

/* jsoncall numbers none. */
struct odoo_http_answer wire_answer(
	const struct odoo_transport *t, int status, const char *type, const char *body)
{
	return (struct odoo_http_answer){ .status = status,
		.content_type = type,
		.body = body,
		.size = strlen(body),
		.session = "",
		.id = t->class->kind == ODOO_TRANSPORT_JSONCALL ? 0 : 1 };
}

void wire_result(struct odoo_transport *t, const char *method, const char *type, const char *body,
	const char *result)
{
	const struct odoo_http_answer answer = wire_answer(t, 200, type, body);
	struct odoo_request *request = wire_request(method, "{}");
	_cleanup_odoo_error_ struct odoo_error error = { 0 };
	_cleanup_json_ cJSON *json = NULL;
	_cleanup_free_ char *text = NULL;
	int r = t->class->call_answer(t, request, &answer, &json, &error);

	assert_fault(&error, ODOO_FAULT_NONE);
	assert_int_equal(r, 0);
	text = cJSON_PrintUnformatted(json);
	assert_string_equal(text, result);
	odoo_request_destroy(request);
}

static void check_fault(
	int r, const struct odoo_error *error, enum odoo_fault fault, const char *words)
{
	assert_fault(error, fault);
	assert_int_equal(r, -1);
	assert_contains(error->message, words);
	assert_null(strstr(error->message, WIRE_SECRET));
}

void wire_fault(struct odoo_transport *t, const char *method, int status, const char *type,
	const char *body, enum odoo_fault fault, const char *words)
{
	const struct odoo_http_answer answer = wire_answer(t, status, type, body);
	struct odoo_request *request = wire_request(method, "{}");
	_cleanup_odoo_error_ struct odoo_error error = { 0 };
	cJSON *json = NULL;
	int r = t->class->call_answer(t, request, &answer, &json, &error);

	assert_null(json);
	check_fault(r, &error, fault, words);
	odoo_request_destroy(request);
}

void wire_login_fault(struct odoo_transport *t, int status, const char *type, const char *body,
	enum odoo_fault fault, const char *words)
{
	const struct odoo_http_answer answer = wire_answer(t, status, type, body);
	_cleanup_odoo_error_ struct odoo_error error = { 0 };
	int r;

	t->uid = 0;
	r = t->class->login_answer(t, &answer, &error);
	check_fault(r, &error, fault, words);
	assert_int_equal(t->uid, 0);
	assert_false(t->login_more);
}

void wire_login(struct odoo_transport *t, const char *type, const char *body, const char *session)
{
	struct odoo_http_answer answer = wire_answer(t, 200, type, body);
	_cleanup_odoo_error_ struct odoo_error error = { 0 };

	answer.session = session;
	assert_int_equal(t->class->login_answer(t, &answer, &error), 0);
	assert_fault(&error, ODOO_FAULT_NONE);
}
