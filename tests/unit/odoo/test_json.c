/* SPDX-License-Identifier: MIT */
#include "odoo/json.h"

#include "odoo/cleanup.h"
#include "odoo/limits.h"
#include "unit.h"

#include <errno.h>
#include <string.h>

static void parse(const char *text)
{
	struct odoo_error error = { 0 };
	cJSON *json = NULL;

	if (odoo_json_parse(text, strlen(text), &json, &error)) {
		fail_msg("%s: %s", text, error.message);
	}
	cJSON_Delete(json);
}

/* A copy of exactly the size, so that a sanitizer sees a byte read behind it. */
static void refuse_bytes(const char *text, size_t size, const char *words)
{
	struct odoo_error error = { 0 };
	char *copy = malloc(size + 1);
	cJSON *json = NULL;

	assert_non_null(copy);
	memcpy(copy, text, size);
	copy[size] = '\0';
	assert_int_equal(odoo_json_parse(copy, size, &json, &error), -1);
	assert_null(json);
	assert_fault(&error, ODOO_FAULT_MALFORMED);
	assert_contains(error.message, words);
	odoo_error_finish(&error);
	free(copy);
}

static void refuse(const char *text, const char *words)
{
	refuse_bytes(text, strlen(text), words);
}

static void test_good(void **state)
{
	static const char *const texts[] = { "{}", " [1, -2.5e3, \"\"] \n", "null", "true", "\"x\"",
		"0", "{\"a\": {\"b\": [false, null]}}", "\"\\u00e9\\\\u0000 \\\"NaN\\\"\"",
		"\"\xc3\xa9 \xf0\x9f\x98\x80\"", "{\"NaN\": \"Infinity\"}", "[\"]\", \"[\"]" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		parse(texts[i]);
	}
}

static void test_value(void **state)
{
	struct odoo_error error = { 0 };
	_cleanup_json_ cJSON *json = NULL;

	assert_int_equal(odoo_json_parse("{\"a\":[1,\"x\\u00e9\"]}", 19, &json, &error), 0);
	assert_string_equal(
		cJSON_GetArrayItem(odoo_json_get(json, "a"), 1)->valuestring, "x\xc3\xa9");
}

static void test_not_json(void **state)
{
	refuse("", "an empty answer");
	refuse(" ", "not JSON, at byte 0");
	refuse("{", "not JSON");
	refuse("[1,]", "not JSON, at byte 3");
	refuse("{\"a\":1} x", "x is not JSON, at byte 8");
	refuse("{} {}", "more behind the end, at byte 3");
	refuse("<html>", "html is not JSON");
	refuse("{\"name\": \"Az", "the answer ends inside a string, at byte 12 near \"name\"");
	refuse("\"\\", "ends inside a string");
	refuse("\"\\\"", "ends inside a string");
	refuse("{\"a\" 1}", "not JSON");
	refuse("[01x]", "not JSON");
	refuse("\"\\ud800\"", "not JSON");
	refuse("\"\\x\"", "not JSON");
	refuse("\"a\nb\"", "a control character in a string, at byte 2");
}

static void test_python_numbers(void **state)
{
	refuse("{\"id\": 5, \"credit\": NaN}", "NaN is not JSON, at byte 20 near \"credit\"");
	refuse("[Infinity]", "Infinity is not JSON, at byte 1");
	refuse("{\"a\": -Infinity}", "Infinity is not JSON, at byte 7 near \"a\"");
	refuse("[nullx]", "nullx is not JSON");
	refuse("[aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa]", "aaaaaaaaaaaaaaaaaaaa is not");
}

static void test_nul(void **state)
{
	refuse("{\"name\": \"a\\u0000b\"}",
		"a NUL character in a string, at byte 11 near \"name\"");
	parse("\"a\\\\u0000b\"");
	refuse("\"a\\\\\\u0000b\"", "a NUL character");
	refuse_bytes("[1]\0", 4, "a control character, at byte 3");
	refuse_bytes("[\"a\0b\"]", 7, "a control character");
	refuse_bytes("[1\0,2]", 6, "a control character, at byte 2");
}

static void test_not_utf8(void **state)
{
	refuse("{\"a\": 1, \"name\": \"\xff\"}", "not UTF-8, at byte 18 near \"name\"");
	refuse("\"\xc3\"", "not UTF-8, at byte 1");
	refuse("\"\xed\xa0\x80\"", "not UTF-8");
	refuse("\"\xc0\x80\"", "not UTF-8");
	refuse("\"\xf0\x9f\x98", "not UTF-8");
}

static void test_depth(void **state)
{
	char text[2 * ODOO_MAX_DEPTH + 3];

	memset(text, '[', ODOO_MAX_DEPTH);
	memset(text + ODOO_MAX_DEPTH, ']', ODOO_MAX_DEPTH);
	text[2 * ODOO_MAX_DEPTH] = '\0';
	parse(text);
	memset(text, '[', ODOO_MAX_DEPTH + 1);
	refuse(text, "nested too deeply, at byte 200");
}

/* 16 MB of body, which would be 640 MB of values. */
static void test_values(void **state)
{
	size_t size = 2 * (ODOO_MAX_VALUES + 1) + 1;
	struct odoo_error error = { 0 };
	char *text = malloc(size + 1);
	cJSON *json = NULL;

	assert_non_null(text);
	for (size_t i = 0; i < size; i += 2) {
		text[i] = '0';
		text[i + 1] = ',';
	}
	text[0] = '[';
	text[1] = '0';
	text[size] = '\0';
	assert_int_equal(odoo_json_parse(text, size, &json, &error), -1);
	assert_fault(&error, ODOO_FAULT_TOO_LARGE);
	assert_contains(error.message, "over 8000000 values");
	odoo_error_finish(&error);
	free(text);
}

/* However an answer is cut, it is refused and nothing else. */
static void test_every_cut(void **state)
{
	static const char text[] = "{\"a\": [1.5e3, \"\\u00e9\\n\xc3\xa9\", null, {\"b\": false}]}";

	parse(text);
	for (size_t i = 0; i < sizeof(text) - 1; i++) {
		refuse_bytes(text, i, "");
	}
}

static void test_get(void **state)
{
	_cleanup_json_ cJSON *json =
		cJSON_Parse("{\"a\": \"x\", \"A\": 1, \"t\": true, \"f\": false}");

	assert_string_equal(odoo_json_get_string(json, "a"), "x");
	assert_null(odoo_json_get_string(json, "A"));
	assert_null(odoo_json_get_string(json, "f"));
	assert_null(odoo_json_get(json, "none"));
	assert_null(odoo_json_get(NULL, "a"));
	assert_null(odoo_json_get(json->child, "a"));
	assert_true(odoo_json_get_bool(json, "t"));
	assert_false(odoo_json_get_bool(json, "f"));
	assert_false(odoo_json_get_bool(json, "A"));
	assert_false(odoo_json_get_bool(json, "none"));
}

static void test_id(void **state)
{
	static const struct {
		const char *text;
		int r;
	} cases[] = { { "1", 0 }, { "2147483647", 0 }, { "14.0", 0 }, { "0", -ERANGE },
		{ "-1", -ERANGE }, { "2147483648", -ERANGE }, { "1.5", -ERANGE },
		{ "1e999", -ERANGE }, { "-1e999", -ERANGE }, { "true", -EINVAL },
		{ "\"1\"", -EINVAL }, { "null", -EINVAL } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_json_ cJSON *json = cJSON_Parse(cases[i].text);
		uint32_t id = 77;

		assert_int_equal(odoo_json_get_id(json, &id), cases[i].r);
		assert_true(cases[i].r == 0 ? id == (uint32_t)json->valuedouble : id == 77);
	}
	assert_int_equal(odoo_json_get_id(NULL, NULL), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_value),
		cmocka_unit_test(test_not_json),
		cmocka_unit_test(test_python_numbers),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_not_utf8),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_every_cut),
		cmocka_unit_test(test_get),
		cmocka_unit_test(test_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
