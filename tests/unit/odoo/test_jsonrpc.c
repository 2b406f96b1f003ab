/* SPDX-License-Identifier: MIT */
/* The jsonrpc transport: what it sends, and what it makes of answers. */
#include "odoo/cleanup.h"
#include "odoo/limits.h"
#include "odoo/transport.h"
#include "unit.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct odoo_credentials credentials = {
	.database = "d\"b", .login = "me@x", .secret = "\\s3cret\n"
};

static struct odoo_transport *make(void)
{
	struct odoo_transport *t = odoo_jsonrpc_create(&credentials);

	assert_non_null(t);
	t->major = 14;
	t->uid = 7;
	return t;
}

/* The "args" of what was built, as text; the request is freed. */
static char *take_args(struct odoo_http_request *http)
{
	_cleanup_json_ cJSON *json = cJSON_Parse(http->body);
	const cJSON *params = cJSON_GetObjectItemCaseSensitive(json, "params");

	assert_non_null(json);
	assert_int_equal(http->body_size, strlen(http->body));
	assert_string_equal(http->path, "/jsonrpc");
	assert_string_equal(http->content_type, "application/json");
	assert_int_equal(
		cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(json, "id")), http->id);
	odoo_http_request_finish(http);
	assert_null(http->body);
	return cJSON_PrintUnformatted(cJSON_GetObjectItemCaseSensitive(params, "args"));
}

static void test_login_request(void **state)
{
	struct odoo_transport *t = make();
	struct odoo_http_request http;
	_cleanup_free_ char *args = NULL;

	assert_int_equal(t->class->login_request(t, &http, NULL), 0);
	args = take_args(&http);
	assert_string_equal(args, "[\"d\\\"b\",\"me@x\",\"\\\\s3cret\\n\",{}]");
	odoo_transport_destroy(t);
}

static void test_session(void **state)
{
	const struct odoo_http_answer answer = { .status = 302, .session = "abc" };
	struct odoo_transport *t = make();
	struct odoo_http_request http;

	assert_int_equal(t->class->session_request(t, &http), 0);
	assert_string_equal(http.path, "/web?db=d%22b");
	assert_null(http.body);
	assert_null(http.session);
	assert_true(http.any_place);
	odoo_http_request_finish(&http);
	t->class->session_answer(t, &answer);
	assert_int_equal(t->class->login_request(t, &http, NULL), 0);
	assert_string_equal(http.session, "abc");
	odoo_http_request_finish(&http);
	odoo_transport_destroy(t);
}

/* The arguments behind database, uid, secret, model and method. */
static void check_call(const char *method, const char *params, const char *expected)
{
	_cleanup_json_ cJSON *context = cJSON_Parse("{\"lang\":\"fr_FR\",\"active_test\":false}");
	struct odoo_request *request = odoo_request_create("res.partner", method);
	struct odoo_transport *t = make();
	struct odoo_http_request http;
	_cleanup_free_ char *args = NULL;
	char prefix[100];

	cJSON_Delete(request->params);
	request->params = cJSON_Parse(params);
	assert_non_null(request->params);
	assert_int_equal(t->class->call_request(t, request, context, &http, NULL), 0);
	args = take_args(&http);
	snprintf(prefix, sizeof(prefix), "[\"d\\\"b\",7,\"\\\\s3cret\\n\",\"res.partner\",\"%s\",",
		method);
	assert_memory_equal(args, prefix, strlen(prefix));
	assert_string_equal(args + strlen(prefix), expected);
	odoo_request_destroy(request);
	odoo_transport_destroy(t);
}

#define CONTEXT "\"context\":{\"lang\":\"fr_FR\",\"active_test\":false}"

static void test_call_request(void **state)
{
	check_call("search_read", "{\"domain\":[],\"limit\":3}",
		"[],{" CONTEXT ",\"domain\":[],\"limit\":3}]");
	/* Many models of version 14 call it "values". */
	check_call("write", "{\"vals\":{\"a\":1},\"ids\":[3]}", "[[3],{\"a\":1}],{" CONTEXT "}]");
	check_call("create", "{\"vals_list\":[{}]}", "[[{}]],{" CONTEXT "}]");
	/* Its name was "args" before version 17. */
	check_call("search", "{\"limit\":1,\"domain\":[]}", "[[]],{" CONTEXT ",\"limit\":1}]");
	check_call("search_count", "{\"domain\":[]}", "[[]],{" CONTEXT "}]");
	check_call("unlink", "{\"ids\":[1,2],\"context\":{\"lang\":null,\"x\":[1]}}",
		"[[1,2]],{\"context\":{\"active_test\":false,\"lang\":null,\"x\":[1]}}]");
}

/* The faults of answers: status, type and body, and what becomes of them. */
struct answer_case {
	int status;
	const char *type, *body;
	enum odoo_fault fault; /* NONE: a result */
	const char *message;   /* a part of it, or the result as text */
};

static void check_answer(const struct answer_case *c, const char *method)
{
	struct odoo_request *request = odoo_request_create("res.partner", method);
	const struct odoo_http_answer answer = { .status = c->status,
		.content_type = c->type,
		.body = c->body,
		.size = strlen(c->body),
		.session = "",
		.id = 5 };
	struct odoo_transport *t = make();
	_cleanup_odoo_error_ struct odoo_error error = { 0 };
	_cleanup_json_ cJSON *result = NULL;
	_cleanup_free_ char *text = NULL;
	int r = t->class->call_answer(t, request, &answer, &result, &error);

	assert_fault(&error, c->fault);
	assert_int_equal(r, c->fault ? -1 : 0);
	if (c->fault) {
		assert_null(result);
		assert_contains(error.message, c->message);
		assert_null(strstr(error.message, "s3cret"));
	} else {
		text = cJSON_PrintUnformatted(result);
		assert_string_equal(text, c->message);
	}
	odoo_request_destroy(request);
	odoo_transport_destroy(t);
}

#define JSON "application/json"
#define OPEN "{\"jsonrpc\":\"2.0\",\"id\":5,"

static void test_answers(void **state)
{
	static const struct answer_case cases[] = {
		{ 200, JSON, OPEN "\"result\":[1,2]}", ODOO_FAULT_NONE, "[1,2]" },
		{ 200, JSON, OPEN "\"result\":false}", ODOO_FAULT_NONE, "false" },
		{ 200, JSON, "{\"jsonrpc\":\"2.0\",\"id\":5}", ODOO_FAULT_NONE, "null" },
		{ 200, JSON, OPEN "\"error\":null,\"result\":1}", ODOO_FAULT_NONE, "1" },
		{ 200, "", OPEN "\"result\":1}", ODOO_FAULT_NONE, "1" },
		{ 200, JSON, "{\"jsonrpc\":\"2.0\",\"id\":6,\"result\":1}", ODOO_FAULT_MALFORMED,
			"no request of ours" },
		{ 200, JSON, "{\"jsonrpc\":\"2.0\",\"id\":null,\"result\":1}", ODOO_FAULT_MALFORMED,
			"no request of ours" },
		{ 200, JSON, "[1]", ODOO_FAULT_MALFORMED, "no request of ours" },
		{ 200, JSON, "{\"jsonrpc\":", ODOO_FAULT_MALFORMED, "not JSON" },
		{ 200, JSON, "", ODOO_FAULT_MALFORMED, "an empty answer" },
		{ 200, JSON, OPEN "\"result\":[{\"id\":1,\"credit\":NaN}]}", ODOO_FAULT_MALFORMED,
			"near \"credit\"" },
		{ 200, "text/html", "<html>", ODOO_FAULT_NOT_ODOO, "HTTP 200, text/html" },
		{ 400, "text/html", "x", ODOO_FAULT_SERVER, "HTTP 400" },
		{ 401, "text/html", "x", ODOO_FAULT_NOT_ODOO, "HTTP 401" },
		{ 403, "text/html", "x", ODOO_FAULT_NOT_ODOO, "HTTP 403" },
		{ 404, JSON, "{\"error\":\"no\"}", ODOO_FAULT_NOT_ODOO, "HTTP 404" },
		{ 413, "text/html", "x", ODOO_FAULT_TOO_LARGE, "HTTP 413" },
		{ 415, "text/html", "x", ODOO_FAULT_SERVER, "HTTP 415" },
		{ 429, "text/html", "x", ODOO_FAULT_BUSY, "HTTP 429" },
		{ 500, "text/html", "x", ODOO_FAULT_SERVER, "HTTP 500" },
		{ 502, "", "x", ODOO_FAULT_BUSY, "HTTP 502, without a content type" },
		{ 503, JSON, OPEN "\"result\":1}", ODOO_FAULT_BUSY, "HTTP 503" },
		{ 504, "text/html", "x", ODOO_FAULT_BUSY, "HTTP 504" },
		{ 404, JSON,
			"{\"id\":null,\"error\":{\"code\":404,\"message\":\"404: Not Found\","
			"\"data\":{\"name\":\"werkzeug.exceptions.NotFound\"}}}",
			ODOO_FAULT_SERVER, "404: Not Found" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		check_answer(&cases[i], "search");
	}
}

#define ERROR(name, message, debug) \
	OPEN "\"error\":{\"code\":200,\"message\":\"Odoo Server " \
	     "Error\",\"data\":{\"name\":\"" name "\",\"message\":\"" message \
	     "\",\"debug\":\"" debug "\"}}}"

static void check_exception(
	const char *method, const char *body, enum odoo_fault fault, const char *message)
{
	const struct answer_case c = { 200, JSON, body, fault, message };

	check_answer(&c, method);
}

static void test_exceptions(void **state)
{
	check_exception("read", ERROR("odoo.exceptions.AccessError", "Not allowed", ""),
		ODOO_FAULT_ACCESS, "Not allowed");
	check_exception("read", ERROR("openerp.exceptions.AccessError", "Not allowed", ""),
		ODOO_FAULT_ACCESS, "Not allowed");
	check_exception("read", ERROR("odoo.exceptions.MissingError", "Gone", ""),
		ODOO_FAULT_MISSING, "Gone");
	check_exception(
		"write", ERROR("odoo.exceptions.UserError", "No.", ""), ODOO_FAULT_USER, "No.");
	check_exception("write", ERROR("odoo.exceptions.RedirectWarning", "Go there", ""),
		ODOO_FAULT_USER, "Go there");
	/* What is behind its button is the web client's. */
	check_exception("unlink",
		OPEN "\"error\":{\"code\":200,\"message\":\"Odoo Server Error\",\"data\":{"
		     "\"name\":\"odoo.exceptions.RedirectWarning\","
		     "\"message\":\"No.\\n{'type': 'x'}\\nGo\\nNone\",\"debug\":\"\","
		     "\"arguments\":[\"No.\",{\"type\":\"x\"},\"Go\",null]}}}",
		ODOO_FAULT_USER, "No.");
	check_exception("search",
		ERROR("odoo.exceptions.UserError", "Object no.such doesn't exist", ""),
		ODOO_FAULT_UNKNOWN_MODEL, "the server has no model \"res.partner\"");
	check_exception("search",
		ERROR("odoo.exceptions.UserError", "L'objet no.such n'existe pas",
			"raise UserError(_(\\\"Object %s doesn't exist\\\", obj))"),
		ODOO_FAULT_UNKNOWN_MODEL, "the server has no model \"res.partner\"");
	check_exception("search", ERROR("builtins.ValueError", "Invalid field", ""),
		ODOO_FAULT_VALIDATION, "Invalid field");
	/* What we read by ourselves is never the user's wrong value. */
	check_exception("search_read", ERROR("builtins.ValueError", "Invalid field", ""),
		ODOO_FAULT_SERVER, "Invalid field");
	check_exception("search", ERROR("builtins.ZeroDivisionError", "by zero", ""),
		ODOO_FAULT_SERVER, "by zero");
	check_exception("search", ERROR("psycopg2.errors.UndefinedTable", "no table", ""),
		ODOO_FAULT_SERVER, "no table");
	check_exception("write", ERROR("psycopg2.errors.NumericValueOutOfRange", "big", ""),
		ODOO_FAULT_VALIDATION, "big");
	check_exception("write", ERROR("psycopg2.OperationalError", "deadlock", ""),
		ODOO_FAULT_SERVER, "deadlock");
}

static void test_no_words(void **state)
{
	check_exception("read", OPEN "\"error\":{\"code\":1}}", ODOO_FAULT_SERVER,
		"without a word: not even a name");
	check_exception("read", OPEN "\"error\":\"broken\"}", ODOO_FAULT_SERVER, "broken");
	check_exception("read", OPEN "\"error\":[1]}", ODOO_FAULT_SERVER, "without a word");
	check_exception("read", ERROR("odoo.exceptions.UserError", " \\n ", ""), ODOO_FAULT_USER,
		"without a word: odoo.exceptions.UserError");
}

static void test_constraints(void **state)
{
	check_exception("create",
		ERROR("odoo.exceptions.ValidationError", "The code must be unique!",
			"psycopg2.errors.UniqueViolation: duplicate key"),
		ODOO_FAULT_UNIQUE, "must be unique");
	check_exception("create",
		ERROR("odoo.exceptions.ValidationError", "The code must be unique !",
			"raise ValidationError(tr(key, 'sql_constraint') or inst.pgerror)"),
		ODOO_FAULT_UNIQUE, "must be unique");
	check_exception("create",
		ERROR("odoo.exceptions.ValidationError", "It must be positive",
			"raise ValidationError(tr(key, 'sql_constraint') or inst.pgerror)"),
		ODOO_FAULT_VALIDATION, "positive");
	check_exception("unlink",
		ERROR("odoo.exceptions.ValidationError", "another model requires it",
			"raise ValidationError(msg)"),
		ODOO_FAULT_REFERENCED, "another model");
	check_exception("unlink",
		ERROR("odoo.exceptions.ValidationError", "another model is using it",
			"psycopg2.errors.ForeignKeyViolation: x"),
		ODOO_FAULT_REFERENCED, "another model");
	check_exception("create",
		ERROR("odoo.exceptions.ValidationError", "another model is using it",
			"psycopg2.errors.ForeignKeyViolation: x"),
		ODOO_FAULT_VALIDATION, "another model");
	check_exception("unlink", ERROR("odoo.exceptions.ValidationError", "Not now", ""),
		ODOO_FAULT_VALIDATION, "Not now");
}

static void test_denied(void **state)
{
	check_exception("read", ERROR("odoo.exceptions.AccessDenied", "Access Denied", ""),
		ODOO_FAULT_DENIED, "Access Denied");
	check_exception("change_password",
		ERROR("odoo.exceptions.AccessDenied", "Access Denied", "line 159, in execute_cr"),
		ODOO_FAULT_ACCESS, "Access Denied");
	check_exception("read",
		ERROR("odoo.exceptions.AccessDenied",
			"Too many login failures, please wait a bit before trying again.", ""),
		ODOO_FAULT_BUSY, "Too many");
	check_exception("read",
		ERROR("psycopg2.OperationalError", "FATAL:  database \\\"x\\\" does not exist\\n",
			""),
		ODOO_FAULT_DATABASE, "can't open the database \"d\"b\": database \"x\" does not");
	check_exception("read", ERROR("builtins.AssertionError", "Missing database name", ""),
		ODOO_FAULT_DATABASE, "Missing database name");
}

/* The secret never shows, and a long text ends at a character. */
static void test_message(void **state)
{
	char body[ODOO_MAX_MESSAGE * 2 + 300];
	struct answer_case c = { 200, JSON, body, ODOO_FAULT_USER, "a" };
	size_t n;

	check_exception("write",
		ERROR("odoo.exceptions.UserError", " a\\n\\tb  \\\\s3cret\\n c\\u0007\\r\\n", ""),
		ODOO_FAULT_USER, "a b *** c");
	n = (size_t)snprintf(body, sizeof(body),
		OPEN "\"error\":{\"data\":{\"name\":\"odoo.exceptions.UserError\",\"message\":\"a");
	for (size_t i = 0; i < ODOO_MAX_MESSAGE; i++) {
		body[n++] = '\xc3';
		body[n++] = '\xa9';
	}
	strcpy(body + n, "\"}}}");
	check_answer(&c, "write");
}

/* A message that quotes a broken answer doesn't quote the secret out of it. */
static void test_secret_in_broken_answer(void **state)
{
	const struct odoo_credentials plain = {
		.database = "d", .login = "l", .secret = "hunter2"
	};
	const struct odoo_http_answer answer = { .status = 200,
		.content_type = JSON,
		.body = "{\"hunter2\": NaN}",
		.size = 16,
		.session = "" };
	struct odoo_transport *t = odoo_jsonrpc_create(&plain);
	_cleanup_odoo_error_ struct odoo_error error = { 0 };

	assert_int_equal(t->class->login_answer(t, &answer, &error), -1);
	assert_fault(&error, ODOO_FAULT_MALFORMED);
	assert_string_equal(error.message, "NaN is not JSON, at byte 12 near \"***\"");
	odoo_transport_destroy(t);
}

static void check_login(const char *body, enum odoo_fault fault, const char *message)
{
	const struct odoo_http_answer answer = { .status = 200,
		.content_type = JSON,
		.body = body,
		.size = strlen(body),
		.session = "",
		.id = 5 };
	struct odoo_transport *t = odoo_jsonrpc_create(&credentials);
	_cleanup_odoo_error_ struct odoo_error error = { 0 };
	int r = t->class->login_answer(t, &answer, &error);

	assert_fault(&error, fault);
	assert_int_equal(r, fault ? -1 : 0);
	assert_int_equal(t->uid, fault ? 0 : 9);
	if (fault) {
		assert_contains(error.message, message);
	}
	odoo_transport_destroy(t);
}

static void test_login_answer(void **state)
{
	check_login(OPEN "\"result\":9}", ODOO_FAULT_NONE, "");
	check_login(OPEN "\"result\":false}", ODOO_FAULT_DENIED, "refused the login \"me@x\"");
	check_login(OPEN "\"result\":\"9\"}", ODOO_FAULT_MALFORMED, "not the id of a user");
	check_login(OPEN "\"result\":0}", ODOO_FAULT_MALFORMED, "not the id of a user");
	check_login(OPEN "\"result\":null}", ODOO_FAULT_MALFORMED, "not the id of a user");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_login_request),
		cmocka_unit_test(test_session),
		cmocka_unit_test(test_call_request),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_exceptions),
		cmocka_unit_test(test_no_words),
		cmocka_unit_test(test_constraints),
		cmocka_unit_test(test_denied),
		cmocka_unit_test(test_message),
		cmocka_unit_test(test_secret_in_broken_answer),
		cmocka_unit_test(test_login_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
