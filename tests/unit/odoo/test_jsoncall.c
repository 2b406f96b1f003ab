/* SPDX-License-Identifier: MIT */
/* The jsoncall transport, by the manual of its module. */
#include "odoo/cleanup.h"
#include "unit.h"
#include "wire.h"

#include <string.h>

#define RESULT(value) "{\"jsonrpc\": \"2.0\", \"id\": null, \"result\": " value "}"
#define ERROR(name, message) \
	"{\"jsonrpc\": \"2.0\", \"id\": null, \"error\": {\"code\": 200, \"message\": \"Odoo " \
	"Server " \
	"Error\", \"data\": {\"name\": \"" name "\", \"message\": \"" message \
	"\", \"arguments\": [], \"debug\": \"\"}}}"
#define TOKEN "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define USER RESULT("{\"token\": \"" TOKEN "\", \"uid\": 9}")
#define PREFERENCES RESULT("[{\"id\": 9, \"lang\": \"fr_BE\", \"tz\": false}]")

static struct odoo_transport *make(void)
{
	struct odoo_transport *t = wire_make(ODOO_TRANSPORT_JSONCALL, 11);

	t->uid = 0;
	return t;
}

static struct odoo_transport *make_in(void)
{
	struct odoo_transport *t = make();

	wire_login(t, WIRE_JSON, USER, "s1");
	wire_login(t, WIRE_JSON, PREFERENCES, "");
	return t;
}

static void check_login(struct odoo_transport *t, const char *path, const char *body)
{
	struct odoo_http_request http;

	assert_int_equal(t->class->login_request(t, &http, NULL), 0);
	assert_string_equal(http.path, path);
	assert_string_equal(http.body, body);
	assert_int_equal(http.id, 0);
	odoo_http_request_finish(&http);
}

#define PROBE(context) \
	"{\"jsonrpc\":\"2.0\",\"params\":{\"token\":\"" TOKEN \
	"\",\"model\":\"res.users\",\"method\":\"read\",\"args\":[[9],[\"lang\",\"tz\"]]," \
	"\"Args\":" \
	"[[9],[\"lang\",\"tz\"]],\"context\":" context "}}"

static void test_login(void **state)
{
	struct odoo_transport *t = make();

	check_login(t, "/json-call/user_authenticate",
		"{\"jsonrpc\":\"2.0\",\"params\":{\"login\":\"me@x\",\"password\":"
		"\"\\\\s3cret<&>\",\"db\":\"d\\\"b\"}}");
	wire_login(t, WIRE_JSON, USER, "s1");
	assert_true(t->login_more);
	check_login(t, "/json-call", PROBE("{\"lang\":\"en_US\"}"));
	wire_login(t, WIRE_JSON, PREFERENCES, "");
	assert_false(t->login_more);
	assert_int_equal(t->uid, 9);
	assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(t->context, "lang")), "fr_BE");
	/* A renewal is one call. */
	wire_login(t, WIRE_JSON, RESULT("{\"token\": \"00ff\", \"uid\": 9}"), "");
	assert_false(t->login_more);
	odoo_transport_destroy(t);
}

/* A module that hands the context on as named arguments. */
static void test_other_context(void **state)
{
	struct odoo_transport *t = make();
	struct odoo_http_request http;

	wire_login(t, WIRE_JSON, USER, "");
	wire_login(t, WIRE_JSON,
		ERROR("builtins.TypeError", "read() got an unexpected keyword argument 'lang'"),
		"");
	assert_true(t->login_more);
	check_login(t, "/json-call", PROBE("{\"context\":{\"lang\":\"en_US\"}}"));
	wire_login(t, WIRE_JSON, PREFERENCES, "");
	wire_call(t, "search", "{}", &http);
	assert_contains(http.body, "\"context\":{\"context\":{\"lang\":\"fr_FR\"}}");
	odoo_http_request_finish(&http);
	odoo_transport_destroy(t);
}

static void test_other_context_fails(void **state)
{
	struct odoo_transport *t = make();

	wire_login(t, WIRE_JSON, USER, "");
	wire_login(t, WIRE_JSON, ERROR("builtins.TypeError", "read() got"), "");
	wire_login_fault(t, 200, WIRE_JSON, ERROR("builtins.TypeError", "read() got"),
		ODOO_FAULT_VALIDATION, "read() got");
	odoo_transport_destroy(t);
}

static void test_login_fails(void **state)
{
	struct odoo_transport *t = make();

	wire_login_fault(t, 200, WIRE_JSON,
		RESULT("{\"error\": \"There is no user found! Please check your credentials.\"}"),
		ODOO_FAULT_DENIED, "refused the login \"me@x\" or its password");
	wire_login_fault(t, 200, WIRE_JSON, ERROR("odoo.exceptions.AccessDenied", "Access Denied"),
		ODOO_FAULT_DENIED, "refused the login");
	wire_login_fault(t, 200, WIRE_JSON,
		ERROR("psycopg2.OperationalError", "FATAL:  database \\\"d\\\" does not exist"),
		ODOO_FAULT_DATABASE, "does not exist");
	wire_login_fault(t, 404, "text/html", "<h1>Not Found</h1>", ODOO_FAULT_NOT_ODOO,
		"has no /json-call");
	wire_login_fault(t, 200, WIRE_JSON, RESULT("{\"token\": \"a\\\"b\", \"uid\": 9}"),
		ODOO_FAULT_MALFORMED, "a token and the id of a user");
	wire_login_fault(t, 200, WIRE_JSON, RESULT("{\"token\": \"00ff\"}"), ODOO_FAULT_MALFORMED,
		"a token and the id of a user");
	odoo_transport_destroy(t);
}

static void check_call(const char *method, const char *params, const char *args)
{
	struct odoo_transport *t = make_in();
	_cleanup_free_ char *body = NULL;
	struct odoo_http_request http;

	wire_call(t, method, params, &http);
	assert_true(
		asprintf(&body,
			"{\"jsonrpc\":\"2.0\",\"params\":{\"token\":\"" TOKEN
			"\",\"model\":\"res.partner\",\"method\":\"%s\",\"args\":%s,\"Args\":%s,"
			"\"context\":{\"lang\":\"fr_FR\"}}}",
			method, args, args) > 0);
	assert_string_equal(http.path, "/json-call");
	assert_string_equal(http.body, body);
	assert_string_equal(http.session, "s1");
	odoo_http_request_finish(&http);
	odoo_transport_destroy(t);
}

static void test_calls(void **state)
{
	struct odoo_transport *t = make_in();

	check_call("search", "{\"domain\":[],\"limit\":3}", "[[],0,3]");
	check_call("search_read", "{\"domain\":[],\"fields\":[\"a\"],\"order\":\"id\"}",
		"[[],[\"a\"],0,null,\"id\"]");
	check_call("read", "{\"ids\":[1],\"fields\":[\"a\"]}", "[[1],[\"a\"]]");
	check_call("create", "{\"vals_list\":[{\"a\":1}]}", "[{\"a\":1}]");
	check_call("write", "{\"ids\":[1],\"vals\":{\"a\":1}}", "[[1],{\"a\":1}]");
	check_call("unlink", "{\"ids\":[1]}", "[[1]]");
	wire_refuse(t, "message_post", "{\"ids\":[1],\"body\":\"x\"}", ODOO_FAULT_VALIDATION,
		"where \"body\" stands isn't known");
	odoo_transport_destroy(t);
}

static void test_answers(void **state)
{
	struct odoo_transport *t = make_in();

	wire_result(t, "search", WIRE_JSON, RESULT("[9, 36]"), "[9,36]");
	wire_result(t, "read", WIRE_JSON, RESULT("{\"error\": \"x\", \"more\": 1}"),
		"{\"error\":\"x\",\"more\":1}");
	wire_fault(t, "read", 200, WIRE_JSON,
		RESULT("{\"error\": \"Model or Method is missing or wrong\"}"), ODOO_FAULT_SERVER,
		"Model or Method");
	wire_fault(t, "read", 200, WIRE_JSON, ERROR("builtins.Exception", "Access Denied!"),
		ODOO_FAULT_EXPIRED, "Access Denied!");
	wire_fault(t, "read", 200, WIRE_JSON, ERROR("builtins.Exception", "Invalid token!"),
		ODOO_FAULT_EXPIRED, "Invalid token!");
	wire_fault(t, "read", 200, WIRE_JSON,
		ERROR("odoo.exceptions.AccessDenied", "Access Denied"), ODOO_FAULT_EXPIRED,
		"Access Denied");
	wire_fault(t, "read", 200, WIRE_JSON,
		ERROR("odoo.http.SessionExpiredException", "Session expired"), ODOO_FAULT_EXPIRED,
		"Session expired");
	wire_fault(t, "write", 200, WIRE_JSON, ERROR("odoo.exceptions.AccessError", "Not you"),
		ODOO_FAULT_ACCESS, "Not you");
	wire_fault(t, "write", 200, WIRE_JSON,
		ERROR("builtins.Exception", "the token " TOKEN " is odd"), ODOO_FAULT_SERVER,
		"the token *** is odd");
	odoo_transport_destroy(t);
}

static void test_logout(void **state)
{
	struct odoo_transport *t = make_in();
	struct odoo_http_request http;

	assert_int_equal(t->class->logout_request(t, &http), 0);
	assert_string_equal(http.path, "/json-call/user_logout");
	assert_string_equal(
		http.body, "{\"jsonrpc\":\"2.0\",\"params\":{\"token\":\"" TOKEN "\"}}");
	odoo_http_request_finish(&http);
	odoo_transport_destroy(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_login),
		cmocka_unit_test(test_other_context),
		cmocka_unit_test(test_other_context_fails),
		cmocka_unit_test(test_login_fails),
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_logout),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
