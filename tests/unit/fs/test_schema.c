/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "cache/schema.h"
#include "odoo/cleanup.h"

#include <errno.h>

static int parse(const char *text, struct cache_schema **ret_schema)
{
	_cleanup_json_ cJSON *json = cJSON_Parse(text);
	_cleanup_odoo_error_ struct odoo_error error;

	odoo_error_init(&error);
	assert_non_null(json);
	int r = cache_schema_parse(json, ret_schema, &error);
	assert_int_equal(r < 0, error.fault != ODOO_FAULT_NONE);
	return r;
}

static void fields_are_sorted_and_found(void **state)
{
	struct cache_schema *schema;

	assert_int_equal(
		parse("{\"name\": {\"type\": \"char\", \"store\": true, \"required\": true},"
		      "\"id\": {\"type\": \"integer\", \"store\": true},"
		      "\"country_id\": {\"type\": \"many2one\", \"store\": true,"
		      "  \"relation\": \"res.country\", \"relation_field\": false},"
		      "\"Zebra\": {\"type\": \"text\", \"readonly\": true},"
		      "\"new\": {\"type\": \"hologram\", \"relation\": false}}",
			&schema),
		0);
	assert_int_equal(schema->n_fields, 4);
	assert_string_equal(schema->fields[0].name, "Zebra");
	assert_string_equal(schema->fields[1].name, "country_id");
	assert_string_equal(schema->fields[2].name, "name");
	assert_string_equal(schema->fields[3].name, "new");
	assert_false(schema->has_write_date);

	const struct cache_field *field = cache_schema_find(schema, "country_id");
	assert_non_null(field);
	assert_int_equal(field->type, FIELD_MANY2ONE);
	assert_string_equal(field->relation, "res.country");
	assert_true(field->stored);
	assert_false(field->required);
	assert_true(cache_schema_find(schema, "name")->required);
	field = cache_schema_find(schema, "Zebra");
	assert_true(field->readonly);
	assert_false(field->stored);
	assert_null(field->relation);
	assert_int_equal(cache_schema_find(schema, "new")->type, FIELD_OTHER);
	assert_null(cache_schema_find(schema, "id"));
	assert_null(cache_schema_find(schema, "nam"));
	cache_schema_destroy(schema);
}

static void write_date_has_to_be_stored(void **state)
{
	static const struct {
		const char *text;
		bool has;
	} cases[] = {
		{"{\"write_date\": {\"type\": \"datetime\", \"store\": true}}", true},
		{"{\"write_date\": {\"type\": \"datetime\", \"store\": false}}", false},
		{"{\"write_date\": {\"type\": \"datetime\"}}", false},
		{"{\"write_date\": {\"type\": \"char\", \"store\": true}}", false},
		{"{}", false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cache_schema *schema;
		assert_int_equal(parse(cases[i].text, &schema), 0);
		assert_int_equal(schema->has_write_date, cases[i].has);
		cache_schema_destroy(schema);
	}
}

static void every_type_is_known(void **state)
{
	static const char *const types[] = {"binary", "boolean", "char", "date", "datetime",
		"float", "html", "integer", "json", "many2many", "many2one", "many2one_reference",
		"monetary", "one2many", "properties", "properties_definition", "reference",
		"selection", "text"};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct cache_schema *schema;
		char text[100];
		snprintf(text, sizeof(text), "{\"a\": {\"type\": \"%s\"}}", types[i]);
		assert_int_equal(parse(text, &schema), 0);
		assert_int_equal(schema->fields[0].type, FIELD_BINARY + i);
		cache_schema_destroy(schema);
	}
}

static void names_are_checked(void **state)
{
	static const char *const good[] = {"a", "_a", "x_A9", "sel_groups_1_9_10", "x_a$b"};
	static const char *const bad[] = {
		"", "9a", "a b", "../x", "a/b", "a.b", "a\\nb", "\xc3\xa9", "$a", "a-b"};
	struct cache_schema *schema;
	char text[300];

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		snprintf(text, sizeof(text), "{\"%s\": {\"type\": \"char\"}}", good[i]);
		assert_int_equal(parse(text, &schema), 0);
		cache_schema_destroy(schema);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text), "{\"%s\": {\"type\": \"char\"}}", bad[i]);
		assert_int_equal(parse(text, &schema), -EBADMSG);
	}
	snprintf(text, sizeof(text), "{\"%0201d\": {\"type\": \"char\"}}", 0);
	text[2] = 'a';
	assert_int_equal(parse(text, &schema), -EBADMSG);
}

static void malformed_answers_are_refused(void **state)
{
	static const char *const bad[] = {"[]", "false", "\"x\"", "{\"a\": {}}", "{\"a\": 5}",
		"{\"a\": {\"type\": 5}}", "{\"a\": {\"type\": \"char\"}, \"b\": {}}",
		"{\"a\": {\"type\": \"char\"}, \"a\": {\"type\": \"text\"}}"};
	struct cache_schema *schema;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(parse(bad[i], &schema), -EBADMSG);
	}
	cache_schema_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_sorted_and_found),
		cmocka_unit_test(write_date_has_to_be_stored),
		cmocka_unit_test(every_type_is_known),
		cmocka_unit_test(names_are_checked),
		cmocka_unit_test(malformed_answers_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
