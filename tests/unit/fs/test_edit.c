/* SPDX-License-Identifier: MIT */
/* Whole texts: what may be set at all on write and on create, names, and missing schemas. */
#include "edit_unit.h"

static void nothing_changed(void **state)
{
	edit_gives(edit_base, false, "{}");
	edit_gives("{}", false, "{}");
	edit_gives("{\"id\": 14}", false, "{}");
	edit_gives("{\"id\": 14.0}", false, "{}");
	edit_gives("\xef\xbb\xbf{}", false, "{}");
}

static void only_what_changed(void **state)
{
	edit_gives("{\"name\": \"S00014\", \"color\": 4, \"note\": \"x\"}", false,
		"{\"color\":4,\"note\":\"x\"}");
}

static void empty_is_no_edit(void **state)
{
	static const char *const empty[] = { "", " ", "\n", " \t\r\n ", "\xef\xbb\xbf\n" };

	for (size_t i = 0; i < sizeof(empty) / sizeof(empty[0]); i++) {
		for (int create = 0; create < 2; create++) {
			const struct edit_source source = edit_source_of(empty[i], create);
			struct edit *edit = NULL;
			assert_int_equal(edit_parse(&source, &edit, NULL), EDIT_EMPTY);
			assert_null(edit);
		}
	}
}

static void what_is_no_object(void **state)
{
	edit_refuses("[]", false, "this is a list");
	edit_refuses("{", false, "line 1, column 2: the text ends here");
	edit_refuses("{\"name\": \"x\",\n \"name\": \"y\"}", false,
		"line 2, column 2: the key \"name\" stands here a second time");
}

static void ids(void **state)
{
	static const char *const bad[] = { "15", "0", "14.5", "\"14\"", "null", "false", "[14]" };
	char text[100];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text), "{\n\"id\": %s}", bad[i]);
		edit_refuses(text, false, "line 2: \"id\" is the record's own, 14");
		edit_gives(text, true, "{}");
	}
}

static void unknown_fields(void **state)
{
	for (int create = 0; create < 2; create++) {
		edit_refuses("{\n\n\"nam\": 1}", create,
			"line 3: \"nam\" isn't a field of this model; is \"name\" meant?");
		edit_refuses("{\"xyzzy\": 1}", create, "\"xyzzy\" isn't a field of this model");
		edit_refuses("{\"\": 1}", create, "isn't a field");
		edit_refuses("{\"a\\nb\": 1}", create, "\"a?b\" isn't a field");
		edit_refuses("{\"Name\": \"x\"}", create, "is \"name\" meant?");
		edit_refuses("{\"country_id.code\": 1}", create, "isn't a field");
	}
	char text[400];
	snprintf(text, sizeof(text), "{\"%0300d\": 1}", 0);
	edit_refuses(text, false, "000…\" isn't a field");
}

static void read_only_fields(void **state)
{
	same("amount_total", "120.5");
	same("amount_total", "120.50");
	same("create_uid", "2");
	same("invoice_ids", "[8, 9]");
	refused("amount_total", "120", "is read-only");
	refused("write_date", "\"2026-11-20 08:12:45\"", "is read-only");
	refused("create_uid", "3", "is read-only");
	refused("display_name", "\"x\"", "is read-only");
	refused("invoice_ids", "[]", "is read-only");
}

/* Up to Odoo 16 the field "state" may say what is read-only. */
static void states(void **state)
{
	struct edit_source source = edit_source_of("{\"date_order\": false}", false);
	_cleanup_odoo_error_ struct odoo_error error;
	struct edit *edit = NULL;

	odoo_error_init(&error);
	refused("pricelist", "\"x\"", "is read-only in the state \"draft\"");
	writes("date_order", "false", "false");

	source.base = "{\"id\": 14, \"state\": \"done\", \"date_order\": \"2026-11-20 08:12:44\"}";
	source.base_size = strlen(source.base);
	assert_int_equal(edit_parse(&source, &edit, &error), -EINVAL);
	assert_contains(error.message, "is read-only in the state \"done\"");

	source.base = "{\"id\": 14, \"state\": \"sent\"}";
	source.base_size = strlen(source.base);
	assert_int_equal(edit_parse(&source, &edit, NULL), 0);
	assert_int_equal(edit->n_changes, 1);
	edit_destroy(edit);

	source.base = "{\"id\": 14}";
	source.base_size = strlen(source.base);
	assert_int_equal(edit_parse(&source, &edit, NULL), 0);
	edit_destroy(edit);
}

static void create_leaves_aside(void **state)
{
	edit_gives("{\"id\": 99, \"name\": \"x\", \"write_date\": 5, \"create_uid\": [2, \"A\"],"
		   "\"display_name\": \"x\", \"amount_total\": 5, \"invoice_ids\": [1],"
		   "\"image\": {\"file\": \"99.image.png\", \"size\": 5}}",
		true, "{\"name\":\"x\"}");
	edit_gives("{\"date_order\": \"2026-11-20 08:12:44\", \"pricelist\": \"x\"}", true,
		"{\"date_order\":\"2026-11-20 08:12:44\",\"pricelist\":\"x\"}");

	_cleanup_edit_ struct edit *edit = edit_good("{\"id\": 1, \"write_date\": 5, "
						     "\"image\": false, \"order_line\": [1, 2]}",
		true);
	assert_int_equal(edit->n_aside, 3);
	assert_string_equal(edit->aside[0], "write_date");
	assert_string_equal(edit->aside[1], "image");
	assert_string_equal(edit->aside[2], "order_line");
	assert_int_equal(edit->n_changes, 0);
}

static void create_checks(void **state)
{
	creates("name", "false", "false");
	creates("category_ids", "[]", "[[6,0,[]]]");
	creates("category_ids", "[7]", "[[6,0,[7]]]");
	creates("country_id", "[21, \"Belgium\"]", "21");
	creates("order_line", "[]", NULL);
	creates("order_line", "[31, {\"id\": 32, \"name\": \"x\"}, {\"name\": \"y\"}]",
		"[[0,0,{\"name\":\"x\"}],[0,0,{\"name\":\"y\"}]]");
	creates("order_line", "[[4, 31]]", "[[4,31,0]]");
	edit_refuses("{\"color\": \"x\"}", true, "\"color\" has to be a whole number");
	edit_refuses("{\"color\": 3.0}", true, "\"color\" has to be a whole number");
	edit_refuses("{\"order_line\": [\"x\"]}", true, "an id or a line");
	edit_refuses("{\"order_line\": [0]}", true, "a record's id");
	edit_refuses("{\"image\": \"aGVsbG8=\"}", true, "is binary");
}

/* A whole file of one record makes another. */
static void copies(void **state)
{
	_cleanup_edit_ struct edit *edit = edit_good(edit_base, true);
	_cleanup_json_ cJSON *values = NULL;

	assert_int_equal(edit_take_values(edit, &values), 0);
	assert_null(cJSON_GetObjectItemCaseSensitive(values, "order_line"));
	assert_null(cJSON_GetObjectItemCaseSensitive(values, "write_date"));
	_cleanup_json_text_ char *props =
		cJSON_PrintUnformatted(cJSON_GetObjectItemCaseSensitive(values, "props"));
	assert_contains(props, "\"value\":7}");
	assert_contains(props, "\"value\":[3,4]}");
	assert_contains(props, "\"type\":\"integer\"}");
}

/* Keys of a long file are found on their lines. */
static void lines_are_told(void **state)
{
	edit_refuses("{\n  \"id\": 14,\n\n  \"note\": \"}{][,:\\\"\",\n  \"extra\": {\"color\": "
		     "[1,\n 2]},\n  \"color\": \"x\"\n}\n",
		false, "line 7: \"color\" has");
	edit_refuses("{\n\"order_line\": [\n31,\n[1, {}],\n{}]}", false, "line 4: ");
	edit_refuses("{\n\"order_line\": [\n31,\n{\"name\": \"x\",\n\"qty\": []}]}", false,
		"line 5: \"order_line[1].qty\"");
	edit_refuses("{\n\"n\\u0061m\": \"x\"}", false, "\"nam\" isn't");
}

static void names(void **state)
{
	_cleanup_edit_ struct edit *edit = edit_good("{\"id\": 14,\n\"country_id\": \"Azerbaijan\","
						     "\n\"order_line\": [31, 32, 33,\n"
						     "{\"product_id\": \"233\"}]}",
		false);
	_cleanup_json_ cJSON *azerbaijan = cJSON_Parse("[[5, \"Azerbaijan\"]]");
	_cleanup_json_ cJSON *several =
		cJSON_Parse("[[7, \"[233] Box\"], [8, \"233\"], [9, \"2330\"]]");
	_cleanup_json_ cJSON *values = NULL;

	assert_int_equal(edit->n_names, 2);
	assert_string_equal(edit->names[0].place, "country_id");
	assert_string_equal(edit->names[0].field, "country_id");
	assert_string_equal(edit->names[0].model, "res.country");
	assert_string_equal(edit->names[0].text, "Azerbaijan");
	assert_int_equal(edit->names[0].line, 2);
	assert_string_equal(edit->names[1].place, "order_line[3].product_id");
	assert_string_equal(edit->names[1].field, "order_line");
	assert_string_equal(edit->names[1].model, "product.product");
	assert_string_equal(edit->names[1].text, "233");
	assert_int_equal(edit->names[1].line, 4);

	assert_int_equal(edit_resolve(edit, 0, azerbaijan, NULL), 0);
	assert_int_equal(edit_resolve(edit, 1, several, NULL), 0);
	edit_settle(edit);
	assert_int_equal(edit->n_names, 0);
	assert_int_equal(edit_take_values(edit, &values), 0);
	_cleanup_json_text_ char *printed = cJSON_PrintUnformatted(values);
	assert_string_equal(
		printed, "{\"country_id\":5,\"order_line\":[[0,0,{\"product_id\":8}]]}");
}

/* A name that name_search understands may be that of the record that is there. */
static void a_name_may_be_no_change(void **state)
{
	_cleanup_edit_ struct edit *edit =
		edit_good("{\"name\": \"x\", \"country_id\": \"BE\", \"color\": 5}", false);
	_cleanup_json_ cJSON *found = cJSON_Parse("[[21, \"Belgium\"]]");

	assert_int_equal(edit->n_changes, 3);
	assert_int_equal(edit_resolve(edit, 0, found, NULL), 0);
	edit_settle(edit);
	assert_int_equal(edit->n_changes, 2);
	assert_string_equal(edit->changes[0].field, "name");
	assert_string_equal(edit->changes[1].field, "color");
}

static void bad_names(void **state)
{
	static const struct {
		const char *found, *part;
	} cases[] = {
		{ "[]", "line 2: \"country_id\" names no record of res.country: nothing is found "
			"by "
			"\"Congo\"" },
		{ "[[1, \"Congo (A)\"], [2, \"Congo (B)\"]]",
			"\"country_id\" has to say which of several records of res.country is "
			"\"Congo\": give the id, one of 1, 2" },
		{ "[[1, \"Congo\"], [2, \"Congo\"]]", "one of 1, 2" },
		{ "[[0, \"Congo\"]]", "something else" },
		{ "[5]", "something else" },
		{ "[[\"5\", \"Congo\"]]", "something else" },
		{ "false", "names no record" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_edit_ struct edit *edit =
			edit_good("{\n\"country_id\": \"Congo\"}", false);
		_cleanup_json_ cJSON *found = cJSON_Parse(cases[i].found);
		_cleanup_odoo_error_ struct odoo_error error;
		odoo_error_init(&error);
		assert_int_equal(edit_resolve(edit, 0, found, &error), -EINVAL);
		assert_contains(error.message, cases[i].part);
	}
}

/* Odoo would take one that refers to nothing for an empty one. */
static void a_reference_has_to_refer_to_something(void **state)
{
	_cleanup_edit_ struct edit *edit = edit_good("{\n\"origin\": \"res.partner,8\"}", false);
	_cleanup_json_ cJSON *found = cJSON_Parse("[{\"id\": 8}]"), *nothing = cJSON_Parse("[]");
	_cleanup_odoo_error_ struct odoo_error error;

	odoo_error_init(&error);
	assert_int_equal(edit->n_names, 1);
	assert_string_equal(edit->names[0].model, "res.partner");
	assert_int_equal(edit->names[0].id, 8);
	assert_int_equal(edit_resolve(edit, 0, found, NULL), 0);
	assert_int_equal(edit_resolve(edit, 0, nothing, &error), -EINVAL);
	assert_string_equal(error.message,
		"line 2: \"origin\" refers to a record that doesn't exist: \"res.partner,8\"");
	edit_settle(edit);
	assert_int_equal(edit->n_changes, 1);
}

static void schemas_are_asked_for(void **state)
{
	static const char *const text =
		"{\"order_line\": [{\"name\": 5}, {}], \"name\": \"x\", \"country_id\": \"BE\","
		"\"category_ids\": [[0, 0, {\"name\": \"x\"}]]}";
	struct edit_source source = edit_source_of(text, false);
	struct edit *edit = NULL;

	source.schema_of = NULL;
	assert_int_equal(edit_parse(&source, &edit, NULL), EDIT_WANTS_SCHEMAS);
	assert_int_equal(edit->n_models, 2);
	assert_string_equal(edit->models[0], "sale.order.line");
	assert_string_equal(edit->models[1], "res.partner.category");
	assert_int_equal(edit->n_changes, 0);
	assert_int_equal(edit->n_names, 0);
	edit_destroy(edit);

	/* What is wrong elsewhere needs no schema to be refused. */
	source.text = "{\"order_line\": [{\"name\": 5}], \"color\": \"x\"}";
	source.size = strlen(source.text);
	assert_int_equal(edit_parse(&source, &edit, NULL), -EINVAL);

	/* Where no line is given as an object, none is needed. */
	source.text = "{\"order_line\": [31, 40], \"category_ids\": [[4, 5]]}";
	source.size = strlen(source.text);
	assert_int_equal(edit_parse(&source, &edit, NULL), 0);
	edit_destroy(edit);
}

/* A base that can't be read is no reason to take everything for changed. */
static void a_broken_base(void **state)
{
	static const char *const bases[] = { "", "{", "[]" };

	for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]); i++) {
		struct edit_source source = edit_source_of("{\"name\": \"x\"}", false);
		_cleanup_odoo_error_ struct odoo_error error;
		struct edit *edit = NULL;
		odoo_error_init(&error);
		source.base = bases[i];
		source.base_size = strlen(bases[i]);
		assert_int_equal(edit_parse(&source, &edit, &error), -EBADMSG);
		assert_int_not_equal(error.fault, ODOO_FAULT_NONE);
	}
	edit_destroy(NULL);
}

/* What the file doesn't show can be set all the same, but for lists of unknown lines. */
static void fields_that_were_not_shown(void **state)
{
	struct edit_source source =
		edit_source_of("{\"name\": \"x\", \"category_ids\": [3]}", false);
	struct edit *edit = NULL;
	_cleanup_json_ cJSON *values = NULL;
	_cleanup_odoo_error_ struct odoo_error error;

	source.base = "{\"id\": 14}";
	source.base_size = strlen(source.base);
	assert_int_equal(edit_parse(&source, &edit, NULL), 0);
	assert_int_equal(edit_take_values(edit, &values), 0);
	edit_destroy(edit);
	_cleanup_json_text_ char *printed = cJSON_PrintUnformatted(values);
	assert_string_equal(printed, "{\"name\":\"x\",\"category_ids\":[[6,0,[3]]]}");

	odoo_error_init(&error);
	source.text = "{\"order_line\": []}";
	source.size = strlen(source.text);
	assert_int_equal(edit_parse(&source, &edit, &error), -EINVAL);
	assert_contains(error.message, "wasn't in what was opened");
	source.text = "{\"order_line\": [[5]]}";
	source.size = strlen(source.text);
	assert_int_equal(edit_parse(&source, &edit, NULL), 0);
	assert_int_equal(edit->n_taken, 1);
	assert_int_equal(edit->taken[0].n_ids, 0);
	edit_destroy(edit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_changed),
		cmocka_unit_test(only_what_changed),
		cmocka_unit_test(empty_is_no_edit),
		cmocka_unit_test(what_is_no_object),
		cmocka_unit_test(ids),
		cmocka_unit_test(unknown_fields),
		cmocka_unit_test(read_only_fields),
		cmocka_unit_test(states),
		cmocka_unit_test(create_leaves_aside),
		cmocka_unit_test(create_checks),
		cmocka_unit_test(copies),
		cmocka_unit_test(lines_are_told),
		cmocka_unit_test(names),
		cmocka_unit_test(a_name_may_be_no_change),
		cmocka_unit_test(bad_names),
		cmocka_unit_test(a_reference_has_to_refer_to_something),
		cmocka_unit_test(schemas_are_asked_for),
		cmocka_unit_test(a_broken_base),
		cmocka_unit_test(fields_that_were_not_shown),
	};

	return cmocka_run_group_tests(tests, edit_set_up, edit_tear_down);
}
