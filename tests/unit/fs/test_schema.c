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
		{ "{\"write_date\": {\"type\": \"datetime\", \"store\": true}}", true },
		{ "{\"write_date\": {\"type\": \"datetime\", \"store\": false}}", false },
		{ "{\"write_date\": {\"type\": \"datetime\"}}", false },
		{ "{\"write_date\": {\"type\": \"char\", \"store\": true}}", false },
		{ "{}", false },
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
	static const char *const types[] = { "binary", "boolean", "char", "date", "datetime",
		"float", "html", "integer", "json", "many2many", "many2one", "many2one_reference",
		"monetary", "one2many", "properties", "properties_definition", "reference",
		"selection", "text" };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct cache_schema *schema;
		char text[100];
		snprintf(text, sizeof(text), "{\"a\": {\"type\": \"%s\"}}", types[i]);
		assert_int_equal(parse(text, &schema), 0);
		assert_int_equal(schema->fields[0].type, FIELD_BINARY + i);
		cache_schema_destroy(schema);
	}
}

/* The keys of the field "a" in a schema, with a comma behind each; NULL when it has none. */
static char *keys_of(const char *attributes, bool *ret_numbers)
{
	struct cache_schema *schema;
	const char *key = NULL;
	char text[500], *all = NULL;

	snprintf(text, sizeof(text), "{\"a\": {%s}}", attributes);
	assert_int_equal(parse(text, &schema), 0);
	const struct cache_keys *keys = schema->fields[0].keys;
	if (keys) {
		all = calloc(1, sizeof(text));
		*ret_numbers = keys->numbers;
	}
	while ((key = cache_keys_next(keys, key))) {
		assert_true(cache_keys_has(keys, key));
		strcat(all, key);
		strcat(all, ",");
	}
	assert_false(cache_keys_has(keys, "nothing like it"));
	cache_schema_destroy(schema);
	return all;
}

static void keys_of_selections(void **state)
{
	static const struct {
		const char *attributes, *keys;
		bool numbers;
	} cases[] = {
		{ "\"type\": \"selection\", \"selection\": [[\"a\", \"A\"], [\"b c\", \"B\"]]",
			"a,b c,", false },
		{ "\"type\": \"reference\", \"selection\": [[\"res.partner\", \"Contact\"]]",
			"res.partner,", false },
		{ "\"type\": \"selection\", \"selection\": [[\"\", \"\"], [\"a\", \"A\"]]", ",a,",
			false },
		{ "\"type\": \"selection\", \"selection\": [[1, \"A\"], [-2, \"B\"]]", "1,-2,",
			true },
		/* Another shape: what may be isn't known. */
		{ "\"type\": \"selection\"", NULL, false },
		{ "\"type\": \"selection\", \"selection\": []", NULL, false },
		{ "\"type\": \"selection\", \"selection\": false", NULL, false },
		{ "\"type\": \"selection\", \"selection\": \"_method\"", NULL, false },
		{ "\"type\": \"selection\", \"selection\": {\"a\": 1}", NULL, false },
		{ "\"type\": \"selection\", \"selection\": [[\"a\", \"A\"], [2, \"B\"]]", NULL,
			false },
		{ "\"type\": \"selection\", \"selection\": [[1.5, \"A\"]]", NULL, false },
		{ "\"type\": \"selection\", \"selection\": [[1e99, \"A\"]]", NULL, false },
		{ "\"type\": \"selection\", \"selection\": [\"a\"]", NULL, false },
		{ "\"type\": \"selection\", \"selection\": [[]]", NULL, false },
		{ "\"type\": \"char\", \"selection\": [[\"a\", \"A\"]]", NULL, false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool numbers = false;
		_cleanup_free_ char *keys = keys_of(cases[i].attributes, &numbers);
		if (!cases[i].keys) {
			assert_null(keys);
			continue;
		}
		assert_non_null(keys);
		assert_string_equal(keys, cases[i].keys);
		assert_int_equal(numbers, cases[i].numbers);
	}
}

static void what_writing_needs(void **state)
{
	struct cache_schema *schema;

	assert_int_equal(
		parse("{\"a\": {\"type\": \"char\", \"size\": 64}, \"b\": {\"type\": \"char\","
		      "\"size\": false}, \"c\": {\"type\": \"char\", \"size\": -1},"
		      "\"d\": {\"type\": \"one2many\", \"relation\": \"x\","
		      "\"relation_field\": \"x_id\"}, \"e\": {\"type\": \"one2many\","
		      "\"relation_field\": false}}",
			&schema),
		0);
	assert_int_equal(schema->fields[0].size, 64);
	assert_int_equal(schema->fields[1].size, 0);
	assert_int_equal(schema->fields[2].size, 0);
	assert_string_equal(schema->fields[3].inverse, "x_id");
	assert_null(schema->fields[4].inverse);
	cache_schema_destroy(schema);
	assert_true(cache_field_is_log("write_date"));
	assert_true(cache_field_is_log("__last_update"));
	assert_false(cache_field_is_log("name"));
}

static void states_reverse_readonly(void **state)
{
	static const struct {
		const char *attributes;
		bool unknown, draft, done;
	} cases[] = {
		{ "\"readonly\": true", true, true, true },
		{ "\"readonly\": false", false, false, false },
		{ "\"readonly\": true, \"states\": {\"draft\": [[\"readonly\", false]]}", false,
			false, true },
		{ "\"readonly\": false, \"states\": {\"done\": [[\"required\", true],"
		  "[\"readonly\", true]], \"draft\": [[\"invisible\", true]]}",
			false, false, true },
		{ "\"readonly\": true, \"states\": {\"draft\": [[\"readonly\", true]]}", true, true,
			true },
		{ "\"readonly\": true, \"states\": false", true, true, true },
		{ "\"readonly\": true, \"states\": [[\"readonly\", false]]", true, true, true },
		{ "\"readonly\": true, \"states\": {\"draft\": [[\"readonly\"]]}", true, true,
			true },
		{ "\"readonly\": true, \"states\": {\"draft\": [[\"readonly\", 0]]}", false, false,
			true },
		{ "\"readonly\": true, \"states\": {\"draft\": [5, [], \"x\"]}", true, true, true },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cache_schema *schema;
		char text[300];
		snprintf(text, sizeof(text), "{\"a\": {\"type\": \"char\", %s}}",
			cases[i].attributes);
		assert_int_equal(parse(text, &schema), 0);
		const struct cache_field *field = &schema->fields[0];
		assert_int_equal(cache_field_is_readonly(field, "draft"), cases[i].draft);
		assert_int_equal(cache_field_is_readonly(field, "done"), cases[i].done);
		assert_int_equal(cache_field_is_readonly(field, NULL), cases[i].unknown);
		cache_schema_destroy(schema);
	}
}

static void names_are_checked(void **state)
{
	static const char *const good[] = { "a", "_a", "x_A9", "sel_groups_1_9_10", "x_a$b" };
	static const char *const bad[] = { "", "9a", "a b", "../x", "a/b", "a.b", "a\\nb",
		"\xc3\xa9", "$a", "a-b" };
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
	static const char *const bad[] = { "[]", "false", "\"x\"", "{\"a\": {}}", "{\"a\": 5}",
		"{\"a\": {\"type\": 5}}", "{\"a\": {\"type\": \"char\"}, \"b\": {}}",
		"{\"a\": {\"type\": \"char\"}, \"a\": {\"type\": \"text\"}}" };
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
		cmocka_unit_test(keys_of_selections),
		cmocka_unit_test(what_writing_needs),
		cmocka_unit_test(states_reverse_readonly),
		cmocka_unit_test(names_are_checked),
		cmocka_unit_test(malformed_answers_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
