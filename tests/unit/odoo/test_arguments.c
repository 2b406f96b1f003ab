/* SPDX-License-Identifier: MIT */
/* A request's arguments by name, by position, and both. */
#include "odoo/arguments.h"
#include "odoo/cleanup.h"
#include "unit.h"
#include "wire.h"

#include <string.h>

enum way { MIXED, NAMED, POSITIONAL };

static unsigned major = 14;

/* What the arguments become, as text; "args" in `params` are what a user gave by position. */
static char *convert(enum way way, const char *method, const char *params, struct odoo_error *error)
{
	_cleanup_json_ cJSON *context = cJSON_Parse("{\"lang\":\"x\"}");
	_cleanup_json_ cJSON *args = NULL, *kwargs = NULL;
	struct odoo_request *request = wire_request(method, params);
	_cleanup_free_ char *first = NULL, *second = NULL;
	char *both = NULL;

	request->args = cJSON_DetachItemFromObject(request->params, "args");
	if (way == MIXED) {
		args = odoo_arguments_positional(request, major);
		kwargs = odoo_arguments_named(request, context);
	} else if (way == NAMED) {
		args = odoo_arguments_all_named(request, context, error);
	} else {
		args = odoo_arguments_all_positional(request, major, error);
	}
	first = args ? cJSON_PrintUnformatted(args) : NULL;
	second = kwargs ? cJSON_PrintUnformatted(kwargs) : strdup("");
	odoo_request_destroy(request);
	if (first) {
		assert_true(asprintf(&both, "%s%s", first, second) >= 0);
	}
	return both;
}

static void check(enum way way, const char *method, const char *params, const char *expected)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };
	_cleanup_free_ char *text = convert(way, method, params, &error);

	assert_fault(&error, ODOO_FAULT_NONE);
	assert_string_equal(text, expected);
}

static void refuse(enum way way, const char *method, const char *params, const char *words)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };

	assert_null(convert(way, method, params, &error));
	assert_fault(&error, ODOO_FAULT_VALIDATION);
	assert_contains(error.message, words);
}

#define CONTEXT "\"context\":{\"lang\":\"x\"}"

static void test_mixed(void **state)
{
	check(MIXED, "search_read", "{\"domain\":[],\"limit\":3}",
		"[]{" CONTEXT ",\"domain\":[],\"limit\":3}");
	/* Names that differ between versions. */
	check(MIXED, "search", "{\"limit\":1,\"domain\":[1]}", "[[1]]{" CONTEXT ",\"limit\":1}");
	check(MIXED, "default_get", "{\"fields\":[\"a\"]}", "[[\"a\"]]{" CONTEXT "}");
	check(MIXED, "name_search", "{\"name\":\"x\",\"limit\":2}",
		"[\"x\"]{" CONTEXT ",\"limit\":2}");
	check(MIXED, "name_search", "{\"domain\":[1]}", "[\"\",[1]]{" CONTEXT "}");
	check(MIXED, "create", "{\"vals_list\":[{}]}", "[[{}]]{" CONTEXT "}");
	check(MIXED, "no_such", "{\"a\":1,\"ids\":[2]}", "[[2]]{" CONTEXT ",\"a\":1}");
	check(MIXED, "no_such", "{\"a\":1,\"ids\":[2],\"args\":[3,4]}",
		"[[2],3,4]{" CONTEXT ",\"a\":1}");
}

static void test_named(void **state)
{
	check(NAMED, "search", "{\"limit\":1,\"domain\":[1]}",
		"{" CONTEXT ",\"limit\":1,\"domain\":[1]}");
	check(NAMED, "read", "{\"ids\":[1],\"args\":[[\"name\"]]}",
		"{" CONTEXT ",\"fields\":[\"name\"],\"ids\":[1]}");
	check(NAMED, "name_search", "{\"args\":[\"x\",[]]}",
		"{" CONTEXT ",\"name\":\"x\",\"domain\":[]}");
	refuse(NAMED, "no_such", "{\"args\":[1]}", "argument 1 is isn't known");
	refuse(NAMED, "unlink", "{\"args\":[1]}", "argument 1 is isn't known");
	refuse(NAMED, "read_group", "{\"args\":[1,2,3,4,5,6,7,8]}", "argument 8 is isn't known");
}

static void test_positional(void **state)
{
	check(POSITIONAL, "search", "{\"limit\":1,\"domain\":[1]}", "[[1],0,1]");
	check(POSITIONAL, "search", "{\"domain\":[1],\"order\":\"id\"}", "[[1],0,null,\"id\"]");
	check(POSITIONAL, "read", "{\"ids\":[1],\"fields\":[\"a\"]}", "[[1],[\"a\"]]");
	check(POSITIONAL, "write", "{\"vals\":{\"a\":1},\"ids\":[3]}", "[[3],{\"a\":1}]");
	check(POSITIONAL, "fields_get", "{\"attributes\":[\"type\"]}", "[null,[\"type\"]]");
	check(POSITIONAL, "read_group", "{\"lazy\":false}", "[[],[],[],0,null,false,false]");
	check(POSITIONAL, "context_get", "{}", "[]");
	check(POSITIONAL, "no_such", "{\"ids\":[1],\"args\":[2]}", "[[1],2]");
	refuse(POSITIONAL, "no_such", "{\"a\":1}", "where \"a\" stands isn't known");
	refuse(POSITIONAL, "unlink", "{\"vals\":1}", "where \"vals\" stands isn't known");
}

/* Before version 12 one record is created at a time. */
static void test_create(void **state)
{
	check(MIXED, "create", "{\"vals_list\":[{\"a\":1}]}", "[[{\"a\":1}]]{" CONTEXT "}");
	major = 11;
	check(MIXED, "create", "{\"vals_list\":[{\"a\":1}]}", "[{\"a\":1}]{" CONTEXT "}");
	check(MIXED, "create", "{\"vals_list\":[{},{}]}", "[[{},{}]]{" CONTEXT "}");
	check(POSITIONAL, "create", "{\"vals_list\":[{\"a\":1}]}", "[{\"a\":1}]");
	check(POSITIONAL, "create", "{\"args\":[{\"a\":1}]}", "[{\"a\":1}]");
	major = 14;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mixed),
		cmocka_unit_test(test_named),
		cmocka_unit_test(test_positional),
		cmocka_unit_test(test_create),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
