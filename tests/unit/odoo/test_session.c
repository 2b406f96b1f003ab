/* SPDX-License-Identifier: MIT */
/* The session transport: what it sends, and what it makes of what Odoo 14 and 19 answered. */
#include "odoo/cleanup.h"
#include "unit.h"
#include "wire.h"

#include <string.h>

#define RESULT(value) "{\"jsonrpc\": \"2.0\", \"id\": 1, \"result\": " value "}"
#define ERROR(id, code, name, message, debug) \
	"{\"jsonrpc\": \"2.0\", \"id\": " id ", \"error\": {\"code\": " code \
	", \"message\": \"Odoo Server Error\", \"data\": {\"name\": \"" name \
	"\", \"message\": \"" message \
	"\", \"arguments\": [], \"context\": {}, \"debug\": \"" debug "\"}}}"
#define EXPIRED ERROR("null", "100", "odoo.http.SessionExpiredException", "Session expired", "")
#define USER \
	RESULT("{\"uid\": 2, \"user_context\": {\"lang\": \"en_US\", \"tz\": " \
	       "\"Europe/Brussels\", " \
	       "\"uid\": 2}, \"db\": \"d\"}")

static struct odoo_transport *make(unsigned major)
{
	struct odoo_transport *t = wire_make(ODOO_TRANSPORT_SESSION, major);

	t->uid = 0;
	return t;
}

/* The cookie that the next call is sent with; "" for none. The caller frees. */
static char *get_cookie(struct odoo_transport *t)
{
	struct odoo_http_request http;
	char *cookie;

	wire_call(t, "search", "{}", &http);
	cookie = strdup(http.session ? http.session : "");
	odoo_http_request_finish(&http);
	return cookie;
}

static void check_cookie(struct odoo_transport *t, const char *expected)
{
	_cleanup_free_ char *cookie = get_cookie(t);

	assert_string_equal(cookie, expected);
}

static void start_login(struct odoo_transport *t, const char *path, const char *cookie)
{
	struct odoo_http_request http;

	assert_int_equal(t->class->login_request(t, &http, NULL), 0);
	assert_string_equal(http.path, path);
	assert_string_equal(http.session ? http.session : "", cookie);
	odoo_http_request_finish(&http);
	t->last_id = 0; /* wire.c's answers are to the first request */
}

static void test_login(void **state)
{
	struct odoo_transport *t = make(19);
	struct odoo_http_request http;

	assert_int_equal(t->class->login_request(t, &http, NULL), 0);
	assert_string_equal(http.path, "/web/session/authenticate");
	assert_string_equal(http.body,
		"{\"jsonrpc\":\"2.0\",\"method\":\"call\",\"id\":1,\"params\":{\"db\":\"d\\\"b\","
		"\"login\":\"me@x\",\"password\":\"\\\\s3cret<&>\"}}");
	assert_null(http.session);
	odoo_http_request_finish(&http);
	wire_login(t, WIRE_JSON, USER, "s1");
	assert_int_equal(t->uid, 2);
	assert_false(t->login_more);
	assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(t->context, "lang")), "en_US");
	check_cookie(t, "s1");
	odoo_transport_destroy(t);
}

/* Version 14 fails without a word, unless a session is bound to the database first. */
static void test_login_of_14(void **state)
{
	struct odoo_transport *t = make(14);

	for (int i = 0; i < 2; i++) {
		start_login(t, "/web?db=d%22b", "");
		wire_login(t, "text/html", "", "bound");
		assert_true(t->login_more);
		start_login(t, "/web/session/authenticate", "bound");
		wire_login(t, WIRE_JSON, USER, "s1");
		assert_false(t->login_more);
		assert_int_equal(t->uid, 2);
		check_cookie(t, "s1");
	}
	odoo_transport_destroy(t);
}

static void test_login_fails(void **state)
{
	struct odoo_transport *t = make(19);

	wire_login_fault(t, 200, WIRE_JSON,
		ERROR("1", "0", "odoo.exceptions.AccessDenied", "Access Denied", ""),
		ODOO_FAULT_DENIED, "refused the login \"me@x\" or its password");
	wire_login_fault(t, 200, WIRE_JSON,
		ERROR("1", "0", "odoo.exceptions.AccessError", "Database not found.", ""),
		ODOO_FAULT_DATABASE, "can't open the database \"d\"b\"");
	wire_login_fault(t, 200, WIRE_JSON,
		ERROR("1", "0", "psycopg2.OperationalError", "FATAL:  database \\\"x\\\" does not",
			""),
		ODOO_FAULT_DATABASE, "database \"x\" does not");
	wire_login_fault(
		t, 200, WIRE_JSON, RESULT("{\"uid\": null}"), ODOO_FAULT_DENIED, "a second factor");
	wire_login_fault(
		t, 200, WIRE_JSON, RESULT("{\"uid\": 2}"), ODOO_FAULT_MALFORMED, "gave no session");
	wire_login_fault(t, 500, "text/html", "<h1>Internal</h1>", ODOO_FAULT_SERVER, "HTTP 500");
	odoo_transport_destroy(t);
}

static void test_key(void **state)
{
	static const struct odoo_credentials key = { "db", "me",
		"0123456789abcdef0123456789abcdef01234567" };
	static const char body[] =
		ERROR("null", "0", "odoo.exceptions.AccessDenied", "Access Denied", "");
	const struct odoo_http_answer answer = { .status = 200,
		.content_type = WIRE_JSON,
		.body = body,
		.size = strlen(body),
		.session = "" };
	struct odoo_transport *t = odoo_session_create(&key);
	_cleanup_odoo_error_ struct odoo_error error = { 0 };

	t->major = 19;
	assert_int_equal(t->class->login_answer(t, &answer, &error), -1);
	assert_fault(&error, ODOO_FAULT_DENIED);
	assert_contains(error.message, "takes the password, and no API key");
	odoo_transport_destroy(t);
}

static void test_calls(void **state)
{
	struct odoo_transport *t = make(19);
	struct odoo_http_request http;

	wire_call(t, "write", "{\"ids\":[3],\"vals\":{\"a\":1}}", &http);
	assert_string_equal(http.path, "/web/dataset/call_kw");
	assert_string_equal(http.body,
		"{\"jsonrpc\":\"2.0\",\"method\":\"call\",\"id\":1,\"params\":{\"model\":"
		"\"res.partner\",\"method\":\"write\",\"args\":[[3],{\"a\":1}],\"kwargs\":"
		"{\"context\":{\"lang\":\"fr_FR\"}}}}");
	assert_int_equal(http.id, 1);
	odoo_http_request_finish(&http);
	wire_result(t, "search", WIRE_JSON, RESULT("[9, 36]"), "[9,36]");
	/* A method that returns None. */
	wire_result(t, "x", WIRE_JSON, "{\"jsonrpc\": \"2.0\", \"id\": 1}", "null");
	odoo_transport_destroy(t);
}

static void test_faults(void **state)
{
	struct odoo_transport *t = make(19);

	wire_fault(t, "read", 200, WIRE_JSON, EXPIRED, ODOO_FAULT_EXPIRED, "Session expired");
	/* The session is gone: 14's answer, and 19's. */
	wire_fault(t, "read", 404, WIRE_JSON,
		ERROR("1", "404", "werkzeug.exceptions.NotFound", "404: Not Found",
			"_dispatch_nodb"),
		ODOO_FAULT_EXPIRED, "Session expired");
	wire_fault(t, "read", 404, "text/html", "<p>No database is selected and",
		ODOO_FAULT_EXPIRED, "Session expired");
	wire_fault(t, "read", 404, "text/html", "<h1>nginx</h1>", ODOO_FAULT_NOT_ODOO, "HTTP 404");
	/* An unknown model: 14's answer, and 19's. */
	wire_fault(t, "read", 200, WIRE_JSON,
		ERROR("1", "200", "builtins.KeyError", "'res.partner'", ""),
		ODOO_FAULT_UNKNOWN_MODEL, "the server has no model \"res.partner\"");
	wire_fault(t, "read", 200, WIRE_JSON,
		ERROR("null", "404", "werkzeug.exceptions.NotFound", "404 Not Found: The requested",
			"in _call_kw_readonly"),
		ODOO_FAULT_UNKNOWN_MODEL, "the server has no model \"res.partner\"");
	wire_fault(t, "write", 200, WIRE_JSON,
		ERROR("1", "200", "builtins.KeyError", "'res.partner.x'", ""),
		ODOO_FAULT_VALIDATION, "res.partner.x");
	/* The method asked for a password of its own. */
	wire_fault(t, "change_password", 200, WIRE_JSON,
		ERROR("1", "0", "odoo.exceptions.AccessDenied", "Access Denied", ""),
		ODOO_FAULT_ACCESS, "Access Denied");
	wire_fault(t, "write", 200, WIRE_JSON,
		ERROR("1", "0", "odoo.exceptions.MissingError", "Record does not exist", ""),
		ODOO_FAULT_MISSING, "Record does not exist");
	odoo_transport_destroy(t);
}

static void answer_with_cookie(
	struct odoo_transport *t, const char *body, const char *sent, const char *session)
{
	const struct odoo_http_answer answer = { .status = 200,
		.content_type = WIRE_JSON,
		.body = body,
		.size = strlen(body),
		.session = session,
		.sent = sent,
		.id = 1 };
	struct odoo_request *request = wire_request("search", "{}");
	_cleanup_odoo_error_ struct odoo_error error = { 0 };
	_cleanup_json_ cJSON *result = NULL;

	t->class->call_answer(t, request, &answer, &result, &error);
	assert_true(!error.message || !strstr(error.message, "s1"));
	odoo_request_destroy(request);
}

static void test_cookies(void **state)
{
	struct odoo_transport *t = make(19);

	wire_login(t, WIRE_JSON, USER, "s1");
	answer_with_cookie(t, RESULT("1"), "s1", "s1");
	check_cookie(t, "s1");
	answer_with_cookie(t, EXPIRED, "s1", "anonymous");
	check_cookie(t, "s1");
	answer_with_cookie(t, ERROR("1", "0", "odoo.exceptions.UserError", "oh s1", ""), "s1", "");
	check_cookie(t, "s1");
	answer_with_cookie(t, RESULT("1"), "s1", "s2");
	check_cookie(t, "s2");
	/* Sent before that, answered after it. */
	answer_with_cookie(t, RESULT("1"), "s1", "s1");
	check_cookie(t, "s2");
	odoo_transport_destroy(t);
}

static void test_logout(void **state)
{
	struct odoo_transport *t = make(19);
	struct odoo_http_request http;

	wire_login(t, WIRE_JSON, USER, "s1");
	assert_int_equal(t->class->logout_request(t, &http), 0);
	assert_string_equal(http.path, "/web/session/destroy");
	assert_string_equal(http.session, "s1");
	odoo_http_request_finish(&http);
	odoo_transport_destroy(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_login),
		cmocka_unit_test(test_login_of_14),
		cmocka_unit_test(test_login_fails),
		cmocka_unit_test(test_key),
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_cookies),
		cmocka_unit_test(test_logout),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
