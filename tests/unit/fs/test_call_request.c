/* SPDX-License-Identifier: MIT */
/* What is written to `.call/METHOD`: the request it becomes, or why it doesn't. */
#include "unit.h"

#include "fs/call_request.h"
#include "fs/document.h"
#include "odoo/cleanup.h"

#include <errno.h>

/* params and args of the request as JSON, or what it returned and said. */
static char *parse(const char *method, const char *text)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };
	struct odoo_request *request = NULL;
	int r = call_request_parse("res.partner", method, text, strlen(text), &request, &error);
	_cleanup_json_text_ char *params = NULL, *args = NULL;
	char *all;

	if (r != 0) {
		assert_null(request);
		assert_true(asprintf(&all, "%d %s", r, error.message ? error.message : "") > 0);
		return all;
	}
	assert_null(error.message);
	assert_false(request->repeatable);
	params = cJSON_PrintUnformatted(request->params);
	args = request->args ? cJSON_PrintUnformatted(request->args) : strdup("none");
	assert_true(asprintf(&all, "%s %s", params, args) > 0);
	odoo_request_destroy(request);
	return all;
}

static void become(const char *method, const char *text, const char *expected)
{
	_cleanup_free_ char *result = parse(method, text);

	assert_string_equal(result, expected);
}

static void refused(const char *text, const char *why)
{
	_cleanup_free_ char *result = parse("action_confirm", text), *start = NULL;

	assert_true(asprintf(&start, "%d ", -EINVAL) > 0);
	assert_int_equal(strncmp(result, start, strlen(start)), 0);
	assert_contains(result, why);
}

static void lists_are_arguments_by_position(void **state)
{
	become("action_confirm", "[[5]]", "{\"ids\":[5]} []");
	become("action_confirm", "[5]\n", "{\"ids\":5} []");
	become("action_confirm", "[]", "{} []");
	become("action_confirm", "[[]]", "{\"ids\":[]} []");
	become("write", "[[5, 6], {\"name\": \"Azure\"}]",
		"{\"ids\":[5,6]} [{\"name\":\"Azure\"}]");
	become("anything", "[\"a\", [1]]", "{} [\"a\",[1]]");
}

/* Of a method that is known not to be called on records, the first is no list of ids. */
static void methods_of_the_model_have_no_ids(void **state)
{
	become("create", "[[]]", "{} [[]]");
	become("fields_get", "[[\"name\"]]", "{} [[\"name\"]]");
	become("name_search", "[\"azure\"]", "{} [\"azure\"]");
}

static void objects_have_parts(void **state)
{
	become("read", "{\"ids\": 5, \"kwargs\": {\"fields\": [\"name\"]}}",
		"{\"ids\":[5],\"fields\":[\"name\"]} none");
	become("m", "{\"args\": [1, \"x\"], \"context\": {\"lang\": \"fr_BE\"}}",
		"{\"context\":{\"lang\":\"fr_BE\"}} [1,\"x\"]");
	become("m", "{\"kwargs\": {\"context\": {\"tz\": \"UTC\"}}}",
		"{\"context\":{\"tz\":\"UTC\"}} none");
	become("m", "{}", "{} none");
}

static void numbers_stay_what_they_are(void **state)
{
	become("m", "[\"x\", 1e22, 0.1, 9007199254740991]",
		"{} [\"x\",1e+22,0.1,9007199254740991]");
	refused("[\"x\", 9007199254740993]", "below 2^53");
}

static void what_may_go_on_is_waited_for(void **state)
{
	_cleanup_free_ char *empty = parse("m", " \n"), *begun = parse("m", "[[5], {\"na");

	assert_int_equal(atoi(empty), DOCUMENT_EMPTY);
	assert_int_equal(atoi(begun), DOCUMENT_INCOMPLETE);
}

static void what_is_wrong_is_told(void **state)
{
	refused("hello", "a list of its arguments");
	refused("5", "a list of its arguments");
	refused("\"x\"", "a list of its arguments");
	refused("[[5]]]", "line 1, column 6");
	refused("{\"id\": [5]}", "line 1: \"id\" is no part of a call");
	refused("{\"ids\": \"5\"}", "\"ids\" has to be an id, or a list of ids");
	refused("{\"ids\": [0]}", "\"ids\" has to be");
	refused("{\"ids\": [2147483648]}", "\"ids\" has to be");
	refused("{\"args\": {}}", "\"args\" has to be a list");
	refused("{\"kwargs\": []}", "\"kwargs\" has to be an object");
	refused("{\"context\": 5}", "\"context\" has to be an object");
	refused("{\"kwargs\": {\"ids\": [5]}}", "\"kwargs.ids\" stands beside \"kwargs\"");
	refused("{\"context\": {}, \"kwargs\": {\"context\": {}}}", "is there twice");
	refused("{\"ids\": [5], \"ids\": [6]}", "ids");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_are_arguments_by_position),
		cmocka_unit_test(methods_of_the_model_have_no_ids),
		cmocka_unit_test(objects_have_parts),
		cmocka_unit_test(numbers_stay_what_they_are),
		cmocka_unit_test(what_may_go_on_is_waited_for),
		cmocka_unit_test(what_is_wrong_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
