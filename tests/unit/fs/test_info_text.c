/* SPDX-License-Identifier: MIT */
/* What `.info/` tells of a model's records, and a record with some of its fields. */
#include "unit.h"

#include "fs/json_schema.h"
#include "fs/project.h"
#include "fs/template.h"
#include "odoo/cleanup.h"
#include "odoo/json.h"

static const char fields[] =
	"{\"active\": {\"type\": \"boolean\", \"store\": true, \"string\": \"Active\"},"
	"\"amount\": {\"type\": \"monetary\", \"store\": true, \"readonly\": true},"
	"\"code\": {\"type\": \"char\", \"store\": true, \"size\": 2, \"help\": \"Two letters.\"},"
	"\"company_ref\": {\"type\": \"char\", \"store\": true, \"required\": true,"
	"  \"company_dependent\": true},"
	"\"country_id\": {\"type\": \"many2one\", \"store\": true, \"relation\": \"res.country\","
	"  \"required\": true},"
	"\"create_date\": {\"type\": \"datetime\", \"store\": true},"
	"\"date\": {\"type\": \"date\", \"store\": true},"
	"\"empty\": {\"type\": \"selection\", \"store\": true, \"selection\": []},"
	"\"extra\": {\"type\": \"json\", \"store\": true},"
	"\"image\": {\"type\": \"binary\", \"store\": true},"
	"\"line_ids\": {\"type\": \"one2many\", \"store\": true, \"relation\": \"sale.line\"},"
	"\"name\": {\"type\": \"char\", \"store\": true, \"required\": true, \"string\": \"Name\"},"
	"\"note\": {\"type\": \"text\", \"store\": true, \"required\": true,"
	"  \"related\": \"partner_id.note\"},"
	"\"state\": {\"type\": \"selection\", \"store\": true,"
	"  \"selection\": [[\"draft\", \"Quotation\"], [\"sale\", \"Order\"]]},"
	"\"tag_ids\": {\"type\": \"many2many\", \"store\": true, \"relation\": \"crm.tag\"},"
	"\"total\": {\"type\": \"float\", \"store\": false},"
	"\"type\": {\"type\": \"selection\", \"store\": true, \"required\": true,"
	"  \"selection\": [[\"a\", \"A\"], [\"b\", \"B\"]]},"
	"\"weight\": {\"type\": \"float\", \"store\": true}}";

static cJSON *described;
static struct cache_schema *schema;

static int set_up(void **state)
{
	described = cJSON_Parse(fields);
	return described ? cache_schema_parse(described, &schema, NULL) : -1;
}

static int tear_down(void **state)
{
	cJSON_Delete(described);
	cache_schema_destroy(schema);
	return 0;
}

/* ── schema.json ── */

static const char *const shown[] = { "active", "amount", "code", "company_ref", "country_id",
	"create_date", "name", "note", "state", "tag_ids", "type" };

static cJSON *make_schema(void)
{
	cJSON *json = json_schema_make(
		"sale.order", described, schema, shown, sizeof(shown) / sizeof(shown[0]));

	assert_non_null(json);
	return json;
}

/* A property has to be this JSON. */
static void property(const char *name, const char *expected)
{
	_cleanup_json_ cJSON *json = make_schema();
	_cleanup_json_ cJSON *wanted = cJSON_Parse(expected);
	const cJSON *made = odoo_json_get(odoo_json_get(json, "properties"), name);
	_cleanup_json_text_ char *text = cJSON_PrintUnformatted(made);

	assert_non_null(wanted);
	if (!cJSON_Compare(made, wanted, true)) {
		fail_msg("%s is %s and not %s", name, text, expected);
	}
}

static void a_schema_names_its_dialect(void **state)
{
	_cleanup_json_ cJSON *json = make_schema();

	assert_string_equal(odoo_json_get_string(json, "$schema"),
		"https://json-schema.org/draft/2020-12/schema");
	assert_string_equal(odoo_json_get_string(json, "title"), "sale.order");
	assert_string_equal(odoo_json_get_string(json, "type"), "object");
	assert_true(cJSON_IsFalse(odoo_json_get(json, "additionalProperties")));
	assert_int_equal(
		cJSON_GetArraySize(odoo_json_get(json, "properties")), (int)schema->n_fields + 1);
}

static void properties_go_by_type(void **state)
{
	property("id", "{\"type\": \"integer\", \"minimum\": 1, \"title\": \"ID\","
		       "\"readOnly\": true}");
	property("active", "{\"type\": \"boolean\", \"title\": \"Active\"}");
	property("code", "{\"anyOf\": [{\"type\": \"string\"}, {\"const\": false}],"
			 "\"description\": \"Two letters.\", \"maxLength\": 2}");
	property("name", "{\"type\": \"string\", \"title\": \"Name\"}");
	property("amount", "{\"anyOf\": [{\"type\": \"number\"}, {\"const\": false}],"
			   "\"readOnly\": true}");
	property("weight", "{\"anyOf\": [{\"type\": \"number\"}, {\"const\": false}]}");
	property("extra", "{}");
	property("date", "{\"anyOf\": [{\"type\": \"string\","
			 "\"pattern\": \"^\\\\d{4}-\\\\d{2}-\\\\d{2}$\"}, {\"const\": false}]}");
}

static void selections_are_enums_with_labels(void **state)
{
	property("type", "{\"enum\": [\"a\", \"b\"], \"enumDescriptions\": [\"A\", \"B\"]}");
	property("state", "{\"enum\": [\"draft\", \"sale\", false],"
			  "\"enumDescriptions\": [\"Quotation\", \"Order\", \"none\"]}");
	property("empty", "{\"anyOf\": [{\"type\": \"string\"}, {\"const\": false}]}");
}

/* As they are read, and as they may be written. */
static void relations_are_what_may_stand_there(void **state)
{
	property("country_id",
		"{\"anyOf\": [{\"type\": \"array\", \"prefixItems\": [{\"type\": \"integer\","
		"\"minimum\": 1}, {\"anyOf\": [{\"type\": \"string\"}, {\"const\": false}]}],"
		"\"minItems\": 2, \"maxItems\": 2}, {\"type\": \"integer\", \"minimum\": 1},"
		"{\"type\": \"string\"}], \"$comment\": \"res.country\"}");
	property("tag_ids", "{\"type\": \"array\", \"items\": {\"anyOf\": [{\"type\": \"integer\","
			    "\"minimum\": 1}, {\"type\": \"object\"}, {\"type\": \"array\"}]},"
			    "\"$comment\": \"crm.tag\"}");
}

/* Only what the database makes sure of, and files have. */
static void what_is_required_is_certain(void **state)
{
	_cleanup_json_ cJSON *json = make_schema();
	_cleanup_json_ cJSON *wanted = cJSON_Parse("[\"country_id\", \"name\", \"type\"]");

	assert_true(cJSON_Compare(odoo_json_get(json, "required"), wanted, true));
}

/* ── template.json ── */

static void a_template_asks_for_what_can_be_set(void **state)
{
	size_t n;
	_cleanup_free_ const char **names = template_fields(schema, &n);
	bool has_name = false;

	for (size_t i = 0; i < n; i++) {
		assert_string_not_equal(names[i], "amount");	  /* read-only */
		assert_string_not_equal(names[i], "create_date"); /* the server's */
		assert_string_not_equal(names[i], "image");	  /* a file of its own */
		assert_string_not_equal(names[i], "total");	  /* computed */
		has_name = has_name || strcmp(names[i], "name") == 0;
	}
	assert_true(has_name);
}

static void template(const char *defaults, const char *expected)
{
	_cleanup_json_ cJSON *json = cJSON_Parse(defaults);
	_cleanup_free_ char *text = NULL;
	size_t size;

	assert_non_null(json);
	assert_int_equal(template_text_make(schema, json, &text, &size), 0);
	assert_string_equal(text, expected);
	assert_int_equal(size, strlen(expected));
}

#define REQUIRED \
	"  \"company_ref\": false,\n  \"country_id\": false,\n  \"name\": false,\n" \
	"  \"note\": false,\n"

static void a_template_has_defaults_and_what_is_to_be_filled(void **state)
{
	template("{}", "{\n" REQUIRED "  \"type\": false\n}\n");
	template("{\"active\": true, \"type\": \"a\", \"weight\": 0.0, \"nosuch\": 1,"
		 "\"amount\": 5, \"create_date\": \"2026-11-20 08:12:44\"}",
		"{\n  \"active\": true,\n" REQUIRED "  \"type\": \"a\",\n  \"weight\": 0.0\n}\n");
}

#define TAGS(ids) "{\n" REQUIRED "  \"tag_ids\": " ids ",\n  \"type\": false\n}\n"

static void commands_are_shown_as_lists(void **state)
{
	template("{\"tag_ids\": [[6, 0, [3, 7]]]}", TAGS("[3, 7]"));
	template("{\"tag_ids\": [[4, 3, 0], [4, 7, 0]]}", TAGS("[3, 7]"));
	template("{\"tag_ids\": [[5, 0, 0], [4, 7]]}", TAGS("[7]"));
	template("{\"tag_ids\": [3]}", TAGS("[3]"));
	template("{\"tag_ids\": []}", TAGS("[]"));
	template("{\"tag_ids\": [[0, 0, {\"name\": \"new\"}]]}",
		TAGS("[[0, 0, {\"name\": \"new\"}]]"));
}

/* What the server sends may have any shape. */
static void a_strange_default_is_to_be_filled(void **state)
{
	template("{\"name\": {\"a\": 1}, \"type\": [[[]]]}",
		"{\n" REQUIRED "  \"type\": false\n}\n");
}

/* ── .columns ── */

static void project(const char *names, const char *text, const char *expected)
{
	_cleanup_free_ char *copy = strdup(names), *made = NULL;
	const struct cache_field *columns[8];
	char *rest = copy, *name;
	size_t n = 0, size;

	while ((name = strsep(&rest, ",")) && *name) {
		columns[n] = cache_schema_find(schema, name);
		assert_non_null(columns[n++]);
	}
	assert_int_equal(project_fields(text, strlen(text), columns, n, &made, &size), 0);
	assert_string_equal(made, expected);
	assert_int_equal(size, strlen(expected));
}

static void columns_are_lines_of_the_record(void **state)
{
	static const char text[] = "{\n  \"id\": 14,\n  \"active\": true,\n"
				   "  \"country_id\": [21, \"Bel\\\"gium, \"],\n"
				   "  \"name\": \"  \\\"code\\\": 1,\",\n  \"weight\": 1.5\n}\n";

	project("name,country_id", text,
		"{\n  \"id\": 14,\n  \"country_id\": [21, \"Bel\\\"gium, \"],\n"
		"  \"name\": \"  \\\"code\\\": 1,\"\n}\n");
	project("weight", text, "{\n  \"id\": 14,\n  \"weight\": 1.5\n}\n");
	project("code", text, "{\n  \"id\": 14\n}\n"); /* the record hasn't got it */
	project("", text, "{\n  \"id\": 14\n}\n");
	project("name", "{\n  \"id\": 14\n}\n", "{\n  \"id\": 14\n}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_schema_names_its_dialect),
		cmocka_unit_test(properties_go_by_type),
		cmocka_unit_test(selections_are_enums_with_labels),
		cmocka_unit_test(relations_are_what_may_stand_there),
		cmocka_unit_test(what_is_required_is_certain),
		cmocka_unit_test(a_template_asks_for_what_can_be_set),
		cmocka_unit_test(a_template_has_defaults_and_what_is_to_be_filled),
		cmocka_unit_test(commands_are_shown_as_lists),
		cmocka_unit_test(a_strange_default_is_to_be_filled),
		cmocka_unit_test(columns_are_lines_of_the_record),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
