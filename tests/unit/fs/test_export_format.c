/* SPDX-License-Identifier: MIT */
/* Records as CSV and JSON, and what of them isn't in it. */
#include "unit.h"

#include "fs/export_format.h"
#include "fs/left_out.h"
#include "odoo/cleanup.h"

static const char fields[] =
	"{\"active\": {\"type\": \"boolean\"}, \"amount\": {\"type\": \"monetary\"},"
	"\"country_id\": {\"type\": \"many2one\"}, \"date\": {\"type\": \"date\"},"
	"\"name\": {\"type\": \"char\"}, \"props\": {\"type\": \"properties\"},"
	"\"ref\": {\"type\": \"reference\"}, \"sequence\": {\"type\": \"integer\"},"
	"\"tag_ids\": {\"type\": \"many2many\"}}";
static char id_name[] = "id";
static const struct cache_field id_field = { .name = id_name, .type = FIELD_INTEGER };

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

#define COLUMNS_MAX 8

struct table {
	struct export_format format;
	const struct cache_field *columns[COLUMNS_MAX];
	struct buffer text;
	struct export_gaps gaps; /* of the last record */
};

/* `columns` are divided by commas. */
static void begin(struct table *table, enum view_export kind, const char *columns)
{
	_cleanup_free_ char *copy = strdup(columns);
	char *rest = copy, *name;

	*table = (struct table){ .format = { .kind = kind, .many2one_names = true } };
	while ((name = strsep(&rest, ","))) {
		const struct cache_field *field =
			strcmp(name, "id") == 0 ? &id_field : cache_schema_find(schema, name);

		assert_non_null(field);
		table->columns[table->format.n_fields++] = field;
	}
	table->format.fields = table->columns;
	export_begin(&table->format, &table->text);
}

static void add(struct table *table, const char *record)
{
	_cleanup_json_ cJSON *json = cJSON_Parse(record);

	assert_non_null(json);
	export_record(&table->format, &table->text, json, &table->gaps);
}

static void end(struct table *table, const char *expected)
{
	_cleanup_free_ char *text = NULL;
	size_t size;

	export_end(&table->format, &table->text);
	assert_int_equal(buffer_steal(&table->text, &text, &size), 0);
	assert_string_equal(text, expected);
	assert_int_equal(size, strlen(expected));
}

/* ── CSV ── */

/* One value as a cell, with nothing left out. */
static void cell(const char *field, const char *value, const char *expected)
{
	struct table table;
	char record[500], text[500], columns[50];

	snprintf(columns, sizeof(columns), "id,%s", field);
	begin(&table, EXPORT_CSV, columns);
	table.text.size = 0;
	snprintf(record, sizeof(record), "{\"id\": 14, \"%s\": %s}", field, value);
	snprintf(text, sizeof(text), "14,%s\r\n", expected);
	add(&table, record);
	assert_int_equal(table.gaps.n_missing + table.gaps.n_wrong, 0);
	end(&table, text);
}

static void headings_are_the_import_s(void **state)
{
	struct table table;

	begin(&table, EXPORT_CSV, "name,id,country_id,tag_ids,ref");
	end(&table, "name,.id,country_id/.id,tag_ids/.id,ref\r\n");
}

static void cells_go_by_type(void **state)
{
	cell("active", "true", "true");
	cell("active", "false", "false");
	cell("name", "false", "");
	cell("name", "\"\"", "");
	cell("sequence", "0", "0");
	cell("sequence", "-5", "-5");
	cell("amount", "0.1", "0.1");
	cell("amount", "5", "5.0");
	cell("amount", "1e22", "1e+22");
	cell("date", "\"2026-11-20\"", "2026-11-20");
	cell("country_id", "[21, \"Belgium\"]", "21");
	cell("country_id", "21", "21");
	cell("country_id", "false", "");
	cell("tag_ids", "[]", "");
	cell("tag_ids", "[7]", "7");
	cell("tag_ids", "[7, 3]", "\"7,3\"");
	cell("ref", "\"res.partner,14\"", "\"res.partner,14\"");
	cell("props", "[{\"name\": \"a\"}]", "\"[{\"\"name\"\": \"\"a\"\"}]\"");
}

static void quotes_stand_where_they_must(void **state)
{
	cell("name", "\"plain text\"", "plain text");
	cell("name", "\"a,b\"", "\"a,b\"");
	cell("name", "\"say \\\"hi\\\"\"", "\"say \"\"hi\"\"\"");
	cell("name", "\"two\\nlines\"", "\"two\nlines\"");
	cell("name", "\"two\\rlines\"", "\"two\rlines\"");
	cell("name", "\" before\"", "\" before\"");
	cell("name", "\"behind \"", "\"behind \"");
	cell("name", "\"semi;colon\"", "semi;colon");
	cell("name", "\"tab\\tin\"", "tab\tin");
	cell("name", "\"Gr\\u00f6\\u00dfe \\u2713\"", "Größe ✓");
}

/* A line with nothing on it is taken for none by who reads it. */
static void an_empty_row_is_a_row(void **state)
{
	struct table table;

	begin(&table, EXPORT_CSV, "name");
	add(&table, "{\"id\": 1, \"name\": false}");
	add(&table, "{\"id\": 2, \"name\": \"x\"}");
	end(&table, "name\r\n\"\"\r\nx\r\n");
	begin(&table, EXPORT_CSV, "name,date");
	add(&table, "{\"id\": 1, \"name\": false, \"date\": false}");
	end(&table, "name,date\r\n,\r\n");
}

/* ── JSON ── */

static void json_is_a_list(void **state)
{
	struct table table;

	begin(&table, EXPORT_JSON, "name,country_id");
	add(&table, "{\"id\": 1, \"name\": \"a\", \"country_id\": [21, \"Belgium\"]}");
	add(&table, "{\"id\": 2, \"name\": false, \"country_id\": false}");
	end(&table, "[\n{\"name\": \"a\", \"country_id\": [21, \"Belgium\"]},\n"
		    "{\"name\": false, \"country_id\": false}\n]\n");
	begin(&table, EXPORT_JSON, "name");
	end(&table, "[]\n");
}

static void json_lines_are_lines(void **state)
{
	struct table table;

	begin(&table, EXPORT_JSONL, "id,name");
	end(&table, "");
	begin(&table, EXPORT_JSONL, "id,name,country_id");
	table.format.many2one_names = false;
	add(&table, "{\"country_id\": [21, \"Belgium\"], \"name\": \"two\\nlines\", \"id\": 1}");
	end(&table, "{\"id\": 1, \"name\": \"two\\nlines\", \"country_id\": 21}\n");
}

/* ── What is left out ── */

static void what_is_missing_is_counted(void **state)
{
	struct table table;

	begin(&table, EXPORT_CSV, "id,name,date,sequence");
	add(&table, "{\"id\": 1, \"sequence\": 3}");
	assert_int_equal(table.gaps.n_missing, 2);
	assert_string_equal(table.gaps.missing->name, "name");
	assert_int_equal(table.gaps.n_wrong, 0);
	add(&table, "{\"id\": 2, \"name\": \"a\", \"date\": false, \"sequence\": 3}");
	assert_int_equal(table.gaps.n_missing, 0);
	end(&table, ".id,name,date,sequence\r\n1,,,3\r\n2,a,,3\r\n");
	begin(&table, EXPORT_JSONL, "name,id");
	add(&table, "{\"id\": 1}");
	assert_int_equal(table.gaps.n_missing, 1);
	end(&table, "{\"id\": 1}\n");
}

static void what_would_change_is_left_out(void **state)
{
	struct table table;

	begin(&table, EXPORT_CSV, "id,sequence,tag_ids,name");
	add(&table, "{\"id\": 1, \"sequence\": 1e300, \"tag_ids\": [1e300], \"name\": \"a\"}");
	assert_int_equal(table.gaps.n_wrong, 2);
	assert_string_equal(table.gaps.wrong->name, "sequence");
	assert_int_equal(table.gaps.n_missing, 0);
	buffer_finish(&table.text);
	begin(&table, EXPORT_JSON, "sequence,name");
	add(&table, "{\"id\": 1, \"sequence\": 9007199254740993, \"name\": \"a\"}");
	assert_int_equal(table.gaps.n_wrong, 1);
	end(&table, "[\n{\"name\": \"a\"}\n]\n");
}

static void tells(const struct left_out *sum, const char *expected)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };

	assert_true(left_out_tell(sum, &error));
	assert_string_equal(error.message, expected);
}

static void it_is_told_in_a_sentence(void **state)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };
	struct left_out sum = { 0 };

	left_out_add_values(&sum, 3, "name", 0);
	assert_false(left_out_tell(&sum, &error));
	assert_null(error.message);
	left_out_add_values(&sum, 14, "email", 1);
	tells(&sum, "this is without the \"email\" of record 14, which can't be read or shown");
	left_out_add_values(&sum, 15, "name", 2);
	tells(&sum, "this is without 3 values that can't be read or shown, the first of them the "
		    "\"email\" of record 14");
	left_out_add_record(&sum, 20);
	tells(&sum, "this is without 3 values that can't be read or shown, the first of them the "
		    "\"email\" of record 14; and without record 20, which was removed meanwhile or "
		    "may not be read");
	sum = (struct left_out){ 0 };
	left_out_add_record(&sum, 20);
	left_out_add_record(&sum, 7);
	tells(&sum, "this is without 2 records that were removed meanwhile or may not be read, the "
		    "first of them 20");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headings_are_the_import_s),
		cmocka_unit_test(cells_go_by_type),
		cmocka_unit_test(quotes_stand_where_they_must),
		cmocka_unit_test(an_empty_row_is_a_row),
		cmocka_unit_test(json_is_a_list),
		cmocka_unit_test(json_lines_are_lines),
		cmocka_unit_test(what_is_missing_is_counted),
		cmocka_unit_test(what_would_change_is_left_out),
		cmocka_unit_test(it_is_told_in_a_sentence),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
