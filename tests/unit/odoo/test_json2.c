/* SPDX-License-Identifier: MIT */
/* The json2 transport: what it sends, and what it makes of what Odoo 19 was seen to answer. */
#include "odoo/cleanup.h"
#include "unit.h"
#include "wire.h"

#include <string.h>

static struct odoo_transport *make(void)
{
	return wire_make(ODOO_TRANSPORT_JSON2, 19);
}

static void check_call(const char *method, const char *params, const char *path, const char *body)
{
	struct odoo_transport *t = make();
	struct odoo_http_request http;

	wire_call(t, method, params, &http);
	assert_string_equal(http.path, path);
	assert_string_equal(http.content_type, WIRE_JSON);
	assert_string_equal(http.bearer, WIRE_SECRET);
	assert_string_equal(http.database, "d\"b");
	assert_null(http.session);
	assert_string_equal(http.body, body);
	odoo_http_request_finish(&http);
	assert_null(http.bearer);
	odoo_transport_destroy(t);
}

#define CONTEXT "{\"context\":{\"lang\":\"fr_FR\"}"

static void test_requests(void **state)
{
	struct odoo_transport *t = make();

	check_call("search_read", "{\"domain\":[],\"limit\":3}", "/json/2/res.partner/search_read",
		CONTEXT ",\"domain\":[],\"limit\":3}");
	check_call("write", "{\"ids\":[3],\"vals\":{\"a\":null}}", "/json/2/res.partner/write",
		CONTEXT ",\"ids\":[3],\"vals\":{\"a\":null}}");
	check_call("create", "{\"vals_list\":[{}],\"context\":{\"lang\":\"nl_BE\",\"x\":1}}",
		"/json/2/res.partner/create",
		"{\"context\":{\"lang\":\"nl_BE\",\"x\":1},\"vals_list\":[{}]}");
	check_call("a/../b c", "{}", "/json/2/res.partner/a%2F..%2Fb%20c", CONTEXT "}");
	/* It would be answered with true, and do nothing. */
	wire_refuse(t, "write", "{\"vals\":{}}", ODOO_FAULT_VALIDATION, "without \"ids\"");
	wire_refuse(t, "unlink", "{}", ODOO_FAULT_VALIDATION, "without \"ids\"");
	wire_refuse(t, "..", "{}", ODOO_FAULT_UNKNOWN_MODEL, "can't be the name of a method");
	odoo_transport_destroy(t);
}

static void test_results(void **state)
{
	struct odoo_transport *t = make();

	wire_result(t, "search", WIRE_JSON, "[9, 36, 19]", "[9,36,19]");
	wire_result(t, "create", WIRE_JSON, "[43]", "[43]");
	wire_result(t, "has_access", WIRE_JSON, "true", "true");
	wire_result(t, "check_access_rights", WIRE_JSON, "null", "null");
	wire_result(t, "read", WIRE_JSON, "[{\"id\": 2, \"x\": 0.1}]", "[{\"id\":2,\"x\":0.1}]");
	odoo_transport_destroy(t);
}

#define FAULT(name, message, debug) \
	"{\"name\": \"" name "\", \"message\": \"" message \
	"\", \"arguments\": [\"\"], \"context\": {}, \"debug\": \"" debug "\"}"

static void test_faults(void **state)
{
	static const struct {
		const char *method;
		int status;
		const char *body;
		enum odoo_fault fault;
		const char *words;
	} cases[] = {
		{ "read", 401, FAULT("werkzeug.exceptions.Unauthorized", "Invalid apikey", ""),
			ODOO_FAULT_DENIED, "Access Denied" },
		/* The method asked for a password of its own. */
		{ "change_password", 403,
			FAULT("odoo.exceptions.AccessDenied", "Access Denied", ""),
			ODOO_FAULT_ACCESS, "Access Denied" },
		{ "_check", 403,
			FAULT("odoo.exceptions.AccessError", "Private methods (such as ", ""),
			ODOO_FAULT_ACCESS, "Private methods" },
		{ "search", 404,
			FAULT("werkzeug.exceptions.NotFound",
				"the model 'res.partner' does not exist", ""),
			ODOO_FAULT_UNKNOWN_MODEL, "the server has no model \"res.partner\"" },
		{ "nosuch", 404,
			FAULT("werkzeug.exceptions.NotFound",
				"The method 'res.partner.nosuch' does not exist", ""),
			ODOO_FAULT_SERVER, "The method 'res.partner.nosuch' does not exist" },
		{ "write", 404,
			FAULT("odoo.exceptions.MissingError",
				"Record does not exist or has been deleted.\\n(Record: "
				"res.partner(99999999,), User: 2)",
				""),
			ODOO_FAULT_MISSING, "deleted. (Record: res.partner(99999999,), User: 2)" },
		{ "write", 422,
			FAULT("werkzeug.exceptions.UnprocessableEntity",
				"missing a required argument: 'vals'", ""),
			ODOO_FAULT_VALIDATION, "missing a required argument" },
		{ "create", 422,
			FAULT("odoo.exceptions.ValidationError",
				"The operation cannot be completed: The name of the country must "
				"be unique!",
				"psycopg2.errors.UniqueViolation: duplicate key"),
			ODOO_FAULT_UNIQUE, "must be unique!" },
		{ "unlink", 422,
			FAULT("odoo.exceptions.ValidationError",
				"The operation cannot be completed: Another model is using the "
				"record",
				"psycopg2.errors.ForeignKeyViolation: x"),
			ODOO_FAULT_REFERENCED, "Another model" },
		{ "read", 500, FAULT("builtins.ValueError", "Invalid field 'nofield'", ""),
			ODOO_FAULT_SERVER, "Invalid field" },
		{ "write", 500, FAULT("builtins.KeyError", "nofield", ""), ODOO_FAULT_VALIDATION,
			"nofield" },
		{ "read", 400,
			FAULT("werkzeug.exceptions.BadRequest", "could not parse the body", ""),
			ODOO_FAULT_SERVER, "could not parse" },
		{ "write", 413, FAULT("werkzeug.exceptions.RequestEntityTooLarge", "413", ""),
			ODOO_FAULT_TOO_LARGE, "413" },
		/* A gateway's. */
		{ "read", 404, "{\"message\": \"no route\"}", ODOO_FAULT_NOT_ODOO, "HTTP 404" },
		{ "read", 502, "{", ODOO_FAULT_BUSY, "HTTP 502" },
		{ "read", 200, "[1", ODOO_FAULT_MALFORMED, "not JSON" },
		{ "read", 500, FAULT("builtins.Exception", "said \\\\s3cret<&> aloud", ""),
			ODOO_FAULT_SERVER, "said *** aloud" },
	};
	struct odoo_transport *t = make();

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		wire_fault(t, cases[i].method, cases[i].status, WIRE_JSON, cases[i].body,
			cases[i].fault, cases[i].words);
	}
	odoo_transport_destroy(t);
}

static void test_pages(void **state)
{
	struct odoo_transport *t = make();

	wire_fault(t, "read", 404, "text/html",
		"<h1>Not Found</h1>\n<p>No database is selected and the requested URL was not "
		"found in the server-wide controllers.</p>",
		ODOO_FAULT_DATABASE, "can't open the database \"d\"b\": it doesn't exist, or");
	wire_fault(t, "read", 404, "text/html", "<h1>nginx</h1>", ODOO_FAULT_NOT_ODOO, "HTTP 404");
	wire_fault(t, "read", 403, "text/html", "no", ODOO_FAULT_NOT_ODOO, "HTTP 403");
	wire_fault(t, "read", 415, "text/html", "no", ODOO_FAULT_SERVER, "HTTP 415");
	wire_fault(t, "read", 200, "text/html", "Welcome", ODOO_FAULT_NOT_ODOO, "HTTP 200");
	odoo_transport_destroy(t);
}

static void check_login_body(struct odoo_transport *t, const char *path, const char *body)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };
	struct odoo_http_request http;

	assert_int_equal(t->class->login_request(t, &http, &error), 0);
	assert_string_equal(http.path, path);
	assert_string_equal(http.body, body);
	odoo_http_request_finish(&http);
}

static void test_login(void **state)
{
	struct odoo_transport *t = make();

	t->uid = 0;
	check_login_body(t, "/json/2/res.users/context_get", "{\"context\":{}}");
	wire_login(
		t, WIRE_JSON, "{\"lang\": \"en_US\", \"tz\": \"Europe/Brussels\", \"uid\": 2}", "");
	assert_true(t->login_more);
	assert_int_equal(t->uid, 0);
	assert_string_equal(
		cJSON_GetStringValue(cJSON_GetObjectItem(t->context, "tz")), "Europe/Brussels");
	check_login_body(
		t, "/json/2/res.users/read", "{\"context\":{},\"ids\":[2],\"fields\":[\"login\"]}");
	wire_login(t, WIRE_JSON, "[{\"id\": 2, \"login\": \"me@x\"}]", "");
	assert_false(t->login_more);
	assert_int_equal(t->uid, 2);
	odoo_transport_destroy(t);
}

static void test_login_fails(void **state)
{
	struct odoo_transport *t = make();

	wire_login_fault(t, 401, WIRE_JSON,
		FAULT("werkzeug.exceptions.Unauthorized", "Invalid apikey", ""), ODOO_FAULT_DENIED,
		"the database \"d\"b\" refused the API key of \"me@x\"");
	wire_login_fault(t, 200, WIRE_JSON, "{\"uid\": false}", ODOO_FAULT_MALFORMED, "of a user");
	wire_login_fault(t, 200, WIRE_JSON, "[]", ODOO_FAULT_MALFORMED, "of a user");
	wire_login_fault(
		t, 404, "text/html", "No database is selected", ODOO_FAULT_DATABASE, "d\"b");
	wire_login(t, WIRE_JSON, "{\"uid\": 2}", "");
	wire_login_fault(t, 200, WIRE_JSON, "[{\"id\": 2, \"login\": \"other\"}]",
		ODOO_FAULT_DENIED, "the API key is that of \"other\", and not of \"me@x\"");
	odoo_transport_destroy(t);
}

/* What would end the header that it is sent in. */
static void test_wild_credentials(void **state)
{
	static const struct odoo_credentials wild[] = {
		{ "db", "me", "a\r\nX-Other: b" },
		{ "db", "me", "a b" },
		{ "d\nb", "me", "ab" },
	};

	for (size_t i = 0; i < sizeof(wild) / sizeof(wild[0]); i++) {
		struct odoo_transport *t = odoo_json2_create(&wild[i]);
		_cleanup_odoo_error_ struct odoo_error error = { 0 };
		struct odoo_http_request http;

		assert_true(t->class->login_request(t, &http, &error) < 0);
		assert_fault(&error, i < 2 ? ODOO_FAULT_DENIED : ODOO_FAULT_DATABASE);
		odoo_transport_destroy(t);
	}
}

static void test_version(void **state)
{
	static const char body[] =
		"{\"version_info\": [19, 0, 0, \"final\", 0, \"\"], \"version\": \"19.0\"}";
	struct odoo_transport *t = make();
	const struct odoo_http_answer answer = wire_answer(t, 200, WIRE_JSON, body);
	_cleanup_json_ cJSON *version = NULL;
	_cleanup_free_ char *text = NULL;

	assert_int_equal(t->class->version_answer(t, &answer, &version, NULL), 0);
	text = cJSON_PrintUnformatted(version);
	assert_string_equal(text, "{\"server_version\":\"19.0\",\"server_version_info\":[19,0,0,"
				  "\"final\",0,\"\"]}");
	odoo_transport_destroy(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_results),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_pages),
		cmocka_unit_test(test_login),
		cmocka_unit_test(test_login_fails),
		cmocka_unit_test(test_wild_credentials),
		cmocka_unit_test(test_version),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
