/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "fs/render.h"
#include "odoo/cleanup.h"

#include <errno.h>

static const char fields[] =
	"{\"active\": {\"type\": \"boolean\"}, \"amount\": {\"type\": \"monetary\"},"
	"\"body\": {\"type\": \"html\"}, \"category_id\": {\"type\": \"many2many\"},"
	"\"child_ids\": {\"type\": \"one2many\"}, \"color\": {\"type\": \"integer\"},"
	"\"country_id\": {\"type\": \"many2one\"}, \"date\": {\"type\": \"date\"},"
	"\"extra\": {\"type\": \"json\"}, \"image\": {\"type\": \"binary\"},"
	"\"name\": {\"type\": \"char\"}, \"other\": {\"type\": \"hologram\"},"
	"\"ref\": {\"type\": \"reference\"}, \"res_id\": {\"type\": \"many2one_reference\"},"
	"\"state\": {\"type\": \"selection\"}, \"task_properties\": {\"type\": \"properties\"},"
	"\"weight\": {\"type\": \"float\"}}";

static struct cache_schema *schema;

static int set_up(void **state)
{
	_cleanup_json_ cJSON *json = cJSON_Parse(fields);

	return cache_schema_parse(json, &schema, NULL);
}

static int tear_down(void **state)
{
	cache_schema_destroy(schema);
	return 0;
}

static char *render(const char *record, bool names)
{
	_cleanup_json_ cJSON *json = cJSON_Parse(record);
	_cleanup_odoo_error_ struct odoo_error error;
	const struct cache_field *field = NULL;
	char *text = NULL;
	size_t size;

	odoo_error_init(&error);
	assert_non_null(json);
	int r = render_record(schema, json, names, &text, &size, &field, &error);
	if (r < 0) {
		fail_msg("%s: %s", record, error.message);
	}
	assert_int_equal(strlen(text), size);
	return text;
}

/* Render the record of id 14 with one field; its line has to be `expected`. */
static void line(const char *field, const char *value, const char *expected)
{
	char record[2000], text[2000];

	snprintf(record, sizeof(record), "{\"id\": 14, \"%s\": %s}", field, value);
	snprintf(text, sizeof(text), "{\n  \"id\": 14,\n  \"%s\": %s\n}\n", field, expected);
	_cleanup_free_ char *rendered = render(record, true);
	assert_string_equal(rendered, text);
}

static void same(const char *field, const char *value)
{
	line(field, value, value);
}

static void refused(const char *record, const char *field_name, const char *part)
{
	_cleanup_json_ cJSON *json = cJSON_Parse(record);
	_cleanup_odoo_error_ struct odoo_error error;
	const struct cache_field *field = (const struct cache_field *)&error;
	char *text = NULL;
	size_t size;

	odoo_error_init(&error);
	assert_non_null(json);
	if (render_record(schema, json, true, &text, &size, &field, &error) != -EBADMSG) {
		fail_msg("%s was taken: %s", record, text);
	}
	assert_null(text);
	assert_int_equal(error.fault, ODOO_FAULT_MALFORMED);
	assert_contains(error.message, part);
	if (!field_name) {
		assert_null(field);
		return;
	}
	assert_ptr_equal(field, cache_schema_find(schema, field_name));
	assert_contains(error.message, field_name);
}

static void wrong(const char *field, const char *value)
{
	char record[2000];

	snprintf(record, sizeof(record), "{\"id\": 14, \"%s\": %s}", field, value);
	refused(record, field, "isn't");
}

static void a_whole_record(void **state)
{
	_cleanup_free_ char *text =
		render("{\"id\": 14, \"active\": true, \"category_id\": [3, 7],"
		       "\"country_id\": [21, \"Belgium\"], \"image\": \"aGVsbG8=\","
		       "\"name\": \"Azure Interior\", \"weight\": 5}",
			true);

	assert_string_equal(text, "{\n"
				  "  \"id\": 14,\n"
				  "  \"active\": true,\n"
				  "  \"category_id\": [3, 7],\n"
				  "  \"country_id\": [21, \"Belgium\"],\n"
				  "  \"image\": \"aGVsbG8=\",\n"
				  "  \"name\": \"Azure Interior\",\n"
				  "  \"weight\": 5.0\n"
				  "}\n");
}

static void order_does_not_matter(void **state)
{
	_cleanup_free_ char *in_order =
		render("{\"active\": false, \"color\": 3, \"id\": 5, \"name\": \"x\"}", true);
	_cleanup_free_ char *reversed = render(
		"{\"unknown\": 1, \"name\": \"x\", \"id\": 5, \"color\": 3, \"active\": false}",
		true);
	_cleanup_free_ char *mixed = render(
		"{\"id\": 5, \"color\": 3, \"active\": false, \"name\": \"x\", \"zzz\": 0}", true);

	assert_string_equal(in_order, "{\n  \"id\": 5,\n  \"active\": false,\n  \"color\": 3,\n"
				      "  \"name\": \"x\"\n}\n");
	assert_string_equal(in_order, reversed);
	assert_string_equal(in_order, mixed);
}

static void only_an_id(void **state)
{
	_cleanup_free_ char *text = render("{\"unknown\": [1], \"id\": 2147483647}", true);

	assert_string_equal(text, "{\n  \"id\": 2147483647\n}\n");
}

static void strings(void **state)
{
	same("name", "\"\"");
	same("name", "\"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80 / <&>'\"");
	same("name", "\"a\\\"b\\\\c\\n\\t\\r\\b\\fd\"");
	line("name", "\"\\u0001\\u001f\\u000b\\/\"", "\"\\u0001\\u001f\\u000b/\"");
	line("name", "\"\\u00e9\\u2028\\u007f\"", "\"\xc3\xa9\xe2\x80\xa8\x7f\"");
	same("name", "false");
	line("name", "null", "false");
	same("body", "\"<p>x</p>\"");
	same("date", "\"2026-11-20\"");
	same("ref", "\"res.partner,7\"");
	same("state", "\"sale\"");
	same("state", "7");
	same("image", "{\"file\": \"14.image.png\", \"size\": 70, \"sha1\": \"4a5e\"}");
	same("image", "false");
	wrong("name", "5");
	wrong("name", "true");
	wrong("name", "[\"x\"]");
	wrong("date", "{}");
	wrong("state", "1.5");
}

static void numbers(void **state)
{
	same("color", "0");
	same("color", "-3");
	line("color", "7.0", "7");
	same("color", "9007199254740991");
	wrong("color", "9007199254740993");
	wrong("color", "9007199254740992");
	wrong("color", "1.5");
	wrong("color", "\"7\"");
	wrong("color", "true");
	same("color", "false");
	same("weight", "0.1");
	same("weight", "0.30000000000000004");
	line("weight", "5", "5.0");
	line("amount", "1234.50", "1234.5");
	line("amount", "-0", "-0.0");
	line("weight", "1e22", "1e+22");
	wrong("weight", "1e999");
	wrong("amount", "\"5\"");
	same("res_id", "0");
	wrong("res_id", "0.5");
	same("active", "true");
	same("active", "false");
	wrong("active", "1");
	wrong("active", "\"true\"");
}

static void relations(void **state)
{
	same("country_id", "false");
	same("country_id", "21");
	same("country_id", "[21, \"Bel\\\"gium\"]");
	same("country_id", "[21, false]");
	line("country_id", "[21, null]", "[21, false]");
	wrong("country_id", "[21]");
	wrong("country_id", "[21, 5]");
	wrong("country_id", "[\"21\", \"x\"]");
	wrong("country_id", "[21, \"x\", 5]");
	wrong("country_id", "[]");
	wrong("country_id", "true");
	wrong("country_id", "\"Belgium\"");
	same("category_id", "[]");
	same("child_ids", "[1, 2, 3]");
	line("child_ids", "[3,1]", "[3, 1]");
	wrong("child_ids", "false");
	wrong("child_ids", "[1, \"2\"]");
	wrong("child_ids", "[[1]]");
	wrong("category_id", "{\"a\": 1}");
}

static void names_can_be_dropped(void **state)
{
	static const char *const expected = "{\n  \"id\": 1,\n  \"country_id\": 21\n}\n";
	_cleanup_free_ char *with = render("{\"id\": 1, \"country_id\": [21, \"Belgium\"]}", false);
	_cleanup_free_ char *bare = render("{\"id\": 1, \"country_id\": 21}", false);
	_cleanup_free_ char *none = render("{\"id\": 1, \"country_id\": false}", false);

	assert_string_equal(with, expected);
	assert_string_equal(bare, expected);
	assert_string_equal(none, "{\n  \"id\": 1,\n  \"country_id\": false\n}\n");
}

static void json(void **state)
{
	same("extra", "{}");
	same("extra", "[]");
	same("extra", "5");
	same("extra", "2.5");
	line("extra", "{\"b\":1.0,\"a\":[1,2.5,{}],\"c\":{\"d\":null}}",
		"{\"b\": 1, \"a\": [1, 2.5, {}], \"c\": {\"d\": null}}");
	same("task_properties", "[{\"name\": \"a\\n\", \"value\": false}, {\"k\": true}]");
	line("extra", "null", "false");
	same("other", "\"anything\"");
	wrong("extra", "{\"a\": [9007199254740993]}");
	wrong("extra", "[1e999]");
}

static void wrong_records(void **state)
{
	refused("{}", NULL, "id");
	refused("[]", NULL, "id");
	refused("{\"id\": 0}", NULL, "id");
	refused("{\"id\": -5, \"name\": 3}", NULL, "id");
	refused("{\"id\": 1.5}", NULL, "id");
	refused("{\"id\": 2147483648}", NULL, "id");
	refused("{\"id\": \"14\"}", NULL, "id");
	refused("{\"id\": 1, \"name\": \"a\", \"name\": \"b\"}", "name", "twice");
	refused("{\"id\": 1, \"name\": \"a\", \"color\": 5, \"name\": \"b\"}", "name", "twice");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_record),
		cmocka_unit_test(order_does_not_matter),
		cmocka_unit_test(only_an_id),
		cmocka_unit_test(strings),
		cmocka_unit_test(numbers),
		cmocka_unit_test(relations),
		cmocka_unit_test(names_can_be_dropped),
		cmocka_unit_test(json),
		cmocka_unit_test(wrong_records),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
