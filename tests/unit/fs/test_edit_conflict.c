/* SPDX-License-Identifier: MIT */
/* What somebody else changed between opening and saving. */
#include "edit_unit.h"

/* Compare an edit with the record that has `changes` by now, a JSON object. */
static int compare(struct edit *edit, const char *changes, struct odoo_error *error)
{
	_cleanup_json_ cJSON *now = cJSON_Parse(edit_record), *patch = cJSON_Parse(changes);
	const cJSON *item;

	assert_non_null(patch);
	cJSON_ArrayForEach (item, patch) {
		cJSON_DeleteItemFromObjectCaseSensitive(now, item->string);
		cJSON_AddItemToObject(now, item->string, cJSON_Duplicate(item, true));
	}
	return edit_conflicts(edit, edit_schema, now, error);
}

/* What is sent for a text in spite of what changed. */
static void sends(const char *text, const char *changes, const char *expected)
{
	_cleanup_edit_ struct edit *edit = edit_good(text, false);
	_cleanup_odoo_error_ struct odoo_error error;
	_cleanup_json_ cJSON *values = NULL;

	odoo_error_init(&error);
	if (compare(edit, changes, &error) != 0) {
		fail_msg("%s: %s", text, error.message);
	}
	assert_int_equal(edit_take_values(edit, &values), 0);
	_cleanup_json_text_ char *printed = cJSON_PrintUnformatted(values);
	assert_string_equal(printed, expected);
}

static void conflicts(const char *text, const char *changes, const char *sentence)
{
	_cleanup_edit_ struct edit *edit = edit_good(text, false);
	_cleanup_odoo_error_ struct odoo_error error;

	odoo_error_init(&error);
	assert_int_equal(compare(edit, changes, &error), -ESTALE);
	assert_int_equal(odoo_error_errno(&error), -ESTALE);
	assert_contains(error.message, sentence);
}

static void other_fields_live(void **state)
{
	sends("{\"name\": \"x\"}", "{}", "{\"name\":\"x\"}");
	sends("{\"name\": \"x\"}", "{\"color\": 9, \"write_date\": \"2026-11-21 00:00:00\"}",
		"{\"name\":\"x\"}");
	sends("{}", "{\"name\": \"theirs\"}", "{}");
}

static void the_same_field(void **state)
{
	conflicts("{\"name\": \"mine\"}", "{\"name\": \"theirs\"}",
		"somebody else changed the same meanwhile: \"name\" was \"S00014\", is \"theirs\" "
		"by "
		"now, and \"mine\" was to be written");
	conflicts("{\"name\": \"mine\", \"color\": 5}", "{\"name\": \"theirs\", \"color\": 4}",
		"\"mine\" was to be written; \"color\" was 3, is 4 by now, and 5");
	conflicts("{\"weight\": 1}", "{\"weight\": 2.6}", "\"weight\" was 2.5, is 2.6");
	conflicts("{\"country_id\": 22}", "{\"country_id\": [23, \"X\"]}", "\"country_id\"");
	conflicts("{\"order_line\": [31, 32]}", "{\"order_line\": [31, 32, 33, 34]}",
		"\"order_line\"");
	conflicts("{\"extra\": {}}", "{\"extra\": {\"a\": 1}}", "\"extra\"");
	conflicts("{\"note\": \"x\"}", "{\"note\": \"\"}", "\"note\" was false, is \"\" by now");
}

static void the_same_change(void **state)
{
	sends("{\"name\": \"x\", \"color\": 5}", "{\"name\": \"x\"}", "{\"color\":5}");
	sends("{\"country_id\": 22}", "{\"country_id\": [22, \"X\"]}", "{}");
	sends("{\"country_id\": [22, \"Y\"]}", "{\"country_id\": 22}", "{}");
	sends("{\"country_id\": false}", "{\"country_id\": false}", "{}");
	sends("{\"category_ids\": [3]}", "{\"category_ids\": [3]}", "{}");
	sends("{\"order_line\": [31, 33]}", "{\"order_line\": [33, 31]}", "{}");
	sends("{\"weight\": 3}", "{\"weight\": 3.0}", "{}");
	sends("{\"note\": \"x\"}", "{\"note\": \"x\"}", "{}");
}

/* The order of ids and the name of a record are no change. */
static void what_only_looks_changed(void **state)
{
	sends("{\"category_ids\": [3]}", "{\"category_ids\": [3, 7]}",
		"{\"category_ids\":[[3,7,0]]}");
	sends("{\"country_id\": 22}", "{\"country_id\": [21, \"Belgique\"]}",
		"{\"country_id\":22}");
	sends("{\"country_id\": 22}", "{\"country_id\": 21}", "{\"country_id\":22}");
}

/* Who adds and who takes out win both; what is done already isn't sent again. */
static void members_of_a_set(void **state)
{
	sends("{\"category_ids\": [3]}", "{\"category_ids\": [7, 3, 8]}",
		"{\"category_ids\":[[3,7,0]]}");
	sends("{\"category_ids\": [3, 7, 9]}", "{\"category_ids\": [3, 8]}",
		"{\"category_ids\":[[4,9,0]]}");
	sends("{\"category_ids\": [3, 9, 10]}", "{\"category_ids\": [3, 7, 9]}",
		"{\"category_ids\":[[3,7,0],[4,10,0]]}");
	sends("{\"category_ids\": [9]}", "{\"category_ids\": [9, 10]}", "{}");
	sends("{\"category_ids\": []}", "{\"category_ids\": [8]}", "{}");
	/* Odoo's own commands are taken as a whole. */
	conflicts("{\"category_ids\": [[4, 9, 0]]}", "{\"category_ids\": [3, 7, 8]}",
		"\"category_ids\" was [7, 3]");
}

static void names(void **state)
{
	_cleanup_edit_ struct edit *edit = edit_good("{\"country_id\": \"Chad\"}", false);
	_cleanup_json_ cJSON *found = cJSON_Parse("[[40, \"Chad\"]]");

	assert_int_equal(edit_resolve(edit, 0, found, NULL), 0);
	edit_settle(edit);
	assert_int_equal(compare(edit, "{\"country_id\": [41, \"Chile\"]}", NULL), -ESTALE);
	assert_int_equal(compare(edit, "{\"country_id\": [40, \"Chad\"]}", NULL), 0);
	assert_int_equal(edit->n_changes, 0);
}

static void properties(void **state)
{
	static const char *const theirs =
		"{\"props\": [{\"name\": \"a1\", \"type\": \"char\", \"value\": \"green\"},"
		"{\"name\": \"b2\", \"type\": \"many2one\", \"value\": [7, \"Renamed\"]},"
		"{\"name\": \"new\", \"type\": \"char\", \"value\": \"n\"},"
		"{\"name\": \"f6\", \"type\": \"integer\", \"value\": 5}]}";
	static const char *const others = "{\"name\":\"new\",\"type\":\"char\",\"value\":\"n\"}";
	char expected[400];

	/* Another property: both live, and a new one stays. */
	snprintf(expected, sizeof(expected),
		"{\"props\":[{\"name\":\"a1\",\"type\":\"char\",\"value\":\"green\"},"
		"{\"name\":\"b2\",\"type\":\"many2one\",\"value\":9},%s,"
		"{\"name\":\"f6\",\"type\":\"integer\",\"value\":5}]}",
		others);
	sends("{\"props\": {\"b2\": 9}}", theirs, expected);
	sends("{\"props\": {\"b2\": 9, \"f6\": 5}}", theirs, expected);
	/* The same one. */
	sends("{\"props\": {\"a1\": \"green\"}}", theirs, "{}");
	conflicts("{\"props\": {\"a1\": \"blue\"}}", theirs, "\"props\" was [{");
	conflicts("{\"props\": {\"f6\": 6}}", theirs, "\"props\"");
	/* One that is gone, or has become another. */
	conflicts("{\"props\": {\"c3\": \"hi\"}}", theirs, "\"props\"");
	conflicts("{\"props\": {\"a1\": \"x\"}}",
		"{\"props\": [{\"name\": \"a1\", \"type\": \"text\", \"value\": \"red\"}]}",
		"\"props\"");
	conflicts("{\"props\": {\"a1\": \"x\"}}", "{\"props\": []}", "\"props\"");
	conflicts("{\"props\": {\"a1\": \"x\"}}", "{\"props\": false}", "\"props\"");
}

static void records_that_cannot_be_compared(void **state)
{
	_cleanup_edit_ struct edit *edit = edit_good("{\"name\": \"x\"}", false);
	_cleanup_json_ cJSON *without = cJSON_Parse("{\"id\": 14}");
	_cleanup_json_ cJSON *broken = cJSON_Parse("{\"id\": 14, \"name\": 5}");
	_cleanup_json_ cJSON *nothing = cJSON_Parse("{}");
	_cleanup_odoo_error_ struct odoo_error error;

	odoo_error_init(&error);
	assert_int_equal(edit_conflicts(edit, edit_schema, broken, &error), -EBADMSG);
	assert_int_equal(edit_conflicts(edit, edit_schema, nothing, &error), -EBADMSG);
	assert_int_equal(edit_conflicts(edit, edit_schema, without, &error), -ESTALE);
	assert_contains(error.message, "is not to be read by now");
}

/* What wasn't shown isn't compared. */
static void fields_that_were_not_shown(void **state)
{
	struct edit_source source = edit_source_of("{\"name\": \"x\"}", false);
	struct edit *edit = NULL;

	source.base = "{\"id\": 14}";
	source.base_size = strlen(source.base);
	assert_int_equal(edit_parse(&source, &edit, NULL), 0);
	assert_int_equal(compare(edit, "{\"name\": \"theirs\"}", NULL), 0);
	assert_int_equal(edit->n_changes, 1);
	edit_destroy(edit);
}

/* What was saved before is what changes are told from; others' are told from what came of it. */
static void after_a_save(void **state)
{
	struct edit_source source = edit_source_of(
		"{\"name\": \"x \", \"color\": 5, \"note\": false, \"category_ids\": [3, 7]}",
		false);
	_cleanup_edit_ struct edit *edit = NULL;
	_cleanup_json_ cJSON *values = NULL;

	source.base = "{\"name\": \"x \", \"color\": 4}";
	source.base_size = strlen(source.base);
	source.seen = "{\"name\": \"x\", \"color\": 4, \"note\": false,"
		      "\"category_ids\": [3, 7, 9]}";
	source.seen_size = strlen(source.seen);
	assert_int_equal(edit_parse(&source, &edit, NULL), 0);
	assert_int_equal(compare(edit,
				 "{\"name\": \"x\", \"color\": 4, \"note\": \"theirs\","
				 "\"category_ids\": [3, 9, 10]}",
				 NULL),
		0);
	assert_int_equal(edit_take_values(edit, &values), 0);
	_cleanup_json_text_ char *printed = cJSON_PrintUnformatted(values);
	assert_string_equal(printed, "{\"color\":5,\"category_ids\":[[3,9,0]]}");
}

/* What others changed meanwhile, and wasn't shown, stays unknown. */
static void what_is_known_after_a_save(void **state)
{
	_cleanup_edit_ struct edit *edit =
		edit_good("{\"name\": \"x \", \"weight\": 2.555}", false);
	static const char *const now = "{\"id\": 14, \"name\": \"x\", \"weight\": 2.56,"
				       " \"color\": 9, \"amount_total\": 200}";
	_cleanup_json_ cJSON *values = NULL;
	_cleanup_free_ char *known = NULL;

	assert_int_equal(edit_take_values(edit, &values), 0);
	assert_int_equal(edit_known(edit, now, strlen(now), &known), 0);
	_cleanup_json_ cJSON *object = cJSON_Parse(known);
	assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(object, "name")), "x");
	assert_true(cJSON_GetNumberValue(cJSON_GetObjectItem(object, "weight")) > 2.559);
	assert_int_equal(cJSON_GetNumberValue(cJSON_GetObjectItem(object, "color")), 3);
	assert_int_equal(cJSON_GetNumberValue(cJSON_GetObjectItem(object, "amount_total")), 120);
	assert_int_equal(edit_known(edit, "[]", 2, &known), -EBADMSG);
}

static void all_is_known_of_what_was_created(void **state)
{
	_cleanup_edit_ struct edit *edit = edit_good("{\"name\": \"x\"}", true);
	static const char *const now = "{\"id\": 15, \"name\": \"x\", \"color\": 9}";
	_cleanup_json_ cJSON *values = NULL;
	_cleanup_free_ char *known = NULL;

	assert_int_equal(edit_take_values(edit, &values), 0);
	assert_int_equal(edit_known(edit, now, strlen(now), &known), 0);
	assert_string_equal(known, now);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(other_fields_live),
		cmocka_unit_test(the_same_field),
		cmocka_unit_test(the_same_change),
		cmocka_unit_test(what_only_looks_changed),
		cmocka_unit_test(members_of_a_set),
		cmocka_unit_test(names),
		cmocka_unit_test(properties),
		cmocka_unit_test(records_that_cannot_be_compared),
		cmocka_unit_test(fields_that_were_not_shown),
		cmocka_unit_test(after_a_save),
		cmocka_unit_test(what_is_known_after_a_save),
		cmocka_unit_test(all_is_known_of_what_was_created),
	};

	return cmocka_run_group_tests(tests, edit_set_up, edit_tear_down);
}
