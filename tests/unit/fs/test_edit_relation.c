/* SPDX-License-Identifier: MIT */
/* many2one, many2many, one2many, and Odoo's commands. */
#include "edit_unit.h"

static void many2one(void **state)
{
	same("country_id", "[21, \"Belgium\"]");
	same("country_id", "[21, \"Belgique\"]");
	same("country_id", "[21, false]");
	same("country_id", "[21, null]");
	same("country_id", "21");
	same("country_id", "21.0");
	same("country_id", "\"Belgium\"");
	writes("country_id", "22", "22");
	writes("country_id", "[22, \"Belgium\"]", "22");
	writes("country_id", "[2147483647, \"\"]", "2147483647");
	writes("country_id", "false", "false");
	writes("country_id", "null", "false");
	same("parent_id", "false");
	same("parent_id", "null");
	writes("parent_id", "14", "14");
	static const char *const bad[] = { "0", "-1", "2147483648", "22.0", "[22.0, \"x\"]", "true",
		"[]", "[22]", "[22, \"x\", 1]", "[22, 5]", "[\"22\", \"x\"]", "[0, \"x\"]",
		"[false, \"x\"]", "{\"id\": 22}", "\"\"", "[[22, \"x\"]]" };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		refused("country_id", bad[i], "has to be an id, ");
	}
}

/* The id decides; that a name alone was changed is told. */
static void another_name(void **state)
{
	static const struct {
		const char *text;
		size_t n_aside;
	} cases[] = {
		{ "{\"country_id\": [21, \"France\"]}", 1 },
		{ "{\"country_id\": [21, \"Belgium\"]}", 0 },
		{ "{\"country_id\": [21, false]}", 0 },
		{ "{\"country_id\": 21}", 0 },
		{ "{\"country_id\": [22, \"France\"]}", 0 },
		{ "{\"parent_id\": false}", 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_edit_ struct edit *edit = edit_good(cases[i].text, false);
		assert_int_equal(edit->n_aside, cases[i].n_aside);
	}
}

static void many2many(void **state)
{
	same("category_ids", "[7, 3]");
	same("category_ids", "[3, 7]");
	same("category_ids", "[3, 7, 3]");
	writes("category_ids", "[3]", "[[3,7,0]]");
	writes("category_ids", "[]", "[[3,3,0],[3,7,0]]");
	writes("category_ids", "[9, 3, 7, 9]", "[[4,9,0]]");
	writes("category_ids", "[7, 9, 8]", "[[3,3,0],[4,8,0],[4,9,0]]");
	creates("category_ids", "[9, 3, 9]", "[[6,0,[3,9]]]");
	creates("category_ids", "[]", "[[6,0,[]]]");
	refused("category_ids", "false", "has to be a list of ids, [] for none, not false");
	refused("category_ids", "null", "a list of ids");
	refused("category_ids", "3", "a list of ids");
	refused("category_ids", "\"3\"", "a list of ids");
	refused("category_ids", "{}", "a list of ids");
	refused("category_ids", "[3, 0]", "[1]\" has to be a record's id, not 0");
	refused("category_ids", "[3, \"7\"]", "a record's id");
	refused("category_ids", "[3, 7.5]", "a record's id");
	refused("category_ids", "[true]", "a record's id");
	refused("category_ids", "[{\"name\": \"x\"}]", "a record's id");
	refused("category_ids", "[3, [4, 7]]", "a record's id");
	refused("category_ids", "[[4, 7, 0], 3]", "stands among commands");
}

static void lines(void **state)
{
	same("order_line", "[31, 32, 33]");
	same("order_line", "[33, 31, 32]");
	same("order_line", "[31, 31, 32, 33]");
	same("order_line", "[31, {\"id\": 32}, 33]");
	writes("order_line", "[31, 32, 33, 40]", "[[4,40,0]]");
	writes("order_line", "[31, 33]", "[[3,32,0]]");
	writes("order_line", "[]", "[[3,31,0],[3,32,0],[3,33,0]]");
	writes("order_line", "[31, {\"id\": 32, \"price_unit\": 5}, 33]",
		"[[1,32,{\"price_unit\":5}]]");
	writes("order_line", "[31, 32, {\"id\": 32, \"price_unit\": 5}, 33]",
		"[[1,32,{\"price_unit\":5}]]");
	writes("order_line", "[31, 32, 33, {\"name\": \"new\"}]", "[[0,0,{\"name\":\"new\"}]]");
	writes("order_line", "[31, 32, 33, {}]", "[[0,0,{}]]");
	writes("order_line",
		"[{\"name\": \"a\"}, 40, {\"id\": 33, \"name\": \"b\", \"product_id\": [5, "
		"\"P\"]}]",
		"[[3,31,0],[3,32,0],[0,0,{\"name\":\"a\"}],[4,40,0],"
		"[1,33,{\"name\":\"b\",\"product_id\":5}]]");
}

static void bad_lines(void **state)
{
	refused("order_line", "false", "a list of ids and lines");
	refused("order_line", "31", "a list of ids and lines");
	refused("order_line", "{\"id\": 31}", "a list of ids and lines");
	refused("order_line", "[31, \"32\"]", "[1]\" has to be an id or a line, {…}, not \"32\"");
	refused("order_line", "[31, 32.0]", "an id or a line");
	refused("order_line", "[null]", "an id or a line");
	refused("order_line", "[0]", "a record's id");
	refused("order_line", "[-31]", "a record's id");
	refused("order_line", "[31, [4, 5, 0]]", "is a command among ids or lines");
	refused("order_line", "[[4, 5, 0], 31]", "stands among commands");
	refused("order_line", "[[4, 5, 0], {\"name\": \"x\"}]", "stands among commands");
	refused("order_line", "[{\"id\": 99, \"name\": \"x\"}]",
		"order_line[0].id\" is 99, and no line of this record has that id");
	refused("order_line", "[{\"id\": 0}]", "order_line[0].id\" has to be a record's id");
	refused("order_line", "[{\"id\": false}]", "a record's id");
	refused("order_line", "[{\"id\": \"31\"}]", "a record's id");
	refused("order_line", "[{\"id\": 31}, {\"id\": 31}]", "has the line 31 twice");
}

/* What stands in a line is checked as what stands in a record is. */
static void values_of_lines(void **state)
{
	refused("order_line", "[31, {\"price\": 5}]",
		"order_line[1].price\" isn't a field of this model");
	refused("order_line", "[{\"price_uniit\": 5}]", "is \"price_unit\" meant?");
	refused("order_line", "[{\"price_unit\": \"5\"}]",
		"order_line[0].price_unit\" has to be a "
		"number, not \"5\"");
	refused("order_line", "[{\"id\": 31, \"price_subtotal\": 5}]", "is read-only");
	refused("order_line", "[{\"id\": 31, \"write_date\": \"2026-11-20 08:12:44\"}]",
		"is read-only");
	writes("order_line", "[31, 32, 33, {\"price_subtotal\": 5, \"write_date\": 1, \"qty\": 2}]",
		"[[0,0,{\"qty\":2}]]");
	writes("order_line", "[31, 32, {\"id\": 33, \"qty\": 2, \"tax_id\": [4, 5]}]",
		"[[1,33,{\"qty\":2,\"tax_id\":[[6,0,[4,5]]]}]]");
	writes("order_line", "[31, 32, 33, {\"sub_ids\": [{\"name\": \"x\"}], \"tax_id\": []}]",
		"[[0,0,{\"sub_ids\":[[0,0,{\"name\":\"x\"}]],\"tax_id\":[[6,0,[]]]}]]");
	writes("order_line", "[31, 32, {\"id\": 33, \"sub_ids\": [[4, 50, 0]]}]",
		"[[1,33,{\"sub_ids\":[[4,50,0]]}]]");
	refused("order_line", "[31, 32, {\"id\": 33, \"sub_ids\": [50]}]",
		"order_line[2].sub_ids\" wasn't in what was opened");
	refused("order_line", "[31, 32, {\"id\": 33, \"props\": [{\"name\": \"a\"}]}]",
		"order_line[2].props\" wasn't in what was opened");
	refused("order_line", "[{\"sub_ids\": [{\"sub_ids\": [{\"qty\": true}]}]}]",
		"\"order_line[0].sub_ids[0].sub_ids[0].qty\" has to be a number");
}

static void commands(void **state)
{
	writes("category_ids", "[[6, 0, [3]]]", "[[6,0,[3]]]");
	writes("category_ids", "[[6, false, []]]", "[[6,0,[]]]");
	writes("category_ids", "[[5]]", "[[5,0,0]]");
	writes("category_ids", "[[5, 0, 0], [4, 9]]", "[[5,0,0],[4,9,0]]");
	writes("category_ids", "[[3, 7, false]]", "[[3,7,0]]");
	writes("category_ids", "[[2, 7, null]]", "[[2,7,0]]");
	writes("order_line", "[[0, \"virtual_7\", {\"name\": \"x\"}]]", "[[0,0,{\"name\":\"x\"}]]");
	writes("order_line", "[[0, false, {\"product_id\": [7, \"P\"]}]]",
		"[[0,0,{\"product_id\":7}]]");
	writes("order_line", "[[1, 31, {\"price_unit\": 2.5}], [2, 32], [4, 40]]",
		"[[1,31,{\"price_unit\":2.5}],[2,32,0],[4,40,0]]");
	static const char *const bad[] = { "[[7, 1, 0]]", "[[-1, 1, 0]]", "[[\"4\", 1, 0]]", "[[]]",
		"[[4.0, 1, 0]]", "[[4]]", "[[4, 1, 5]]", "[[4, 1, 0, 0]]", "[[2, 7, [1]]]",
		"[[6, 0]]", "[[0, 0]]", "[[1, 31]]", "[[14, \"x\"]]", "[[true, 1, 0]]",
		"[[4, 5, 0], []]", "[[5, 0, 0, 0]]", "[[1, 31, {}, 0]]" };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		refused("order_line", bad[i], "has to be ");
		refused("category_ids", bad[i], "has to be ");
	}
	refused("order_line", "[[4, \"5\", 0]]", "order_line[0][1]\" has to be a record's id");
	refused("order_line", "[[3, 0, 0]]", "a record's id");
	refused("order_line", "[[6, 0, 5]]", "order_line[0][2]\" has to be a list of ids");
	refused("order_line", "[[6, 0, [0]]]", "a list of ids");
	refused("order_line", "[[0, 0, [1]]]", "an object of fields and values");
	refused("order_line", "[[0, 0, {\"price_unit\": \"x\"}]]",
		"order_line[0][2].price_unit\" has to be a number");
	refused("order_line", "[[1, 31, {\"nope\": 1}]]", "isn't a field");
}

/* What a text says leaves the record. */
static void taken(const char *text, bool create, const char *said)
{
	_cleanup_edit_ struct edit *edit = edit_good(text, create);
	char all[500] = "", one[200];

	for (size_t i = 0; i < edit->n_taken; i++) {
		const struct edit_taken *t = &edit->taken[i];
		snprintf(one, sizeof(one), "%s%s %s %s %s", i > 0 ? "; " : "", t->field, t->model,
			t->inverse ? t->inverse : "-", t->deletes ? "delete" : "unlink");
		strcat(all, one);
		for (size_t j = 0; j < t->n_ids; j++) {
			snprintf(one, sizeof(one), " %u", t->ids[j]);
			strcat(all, one);
		}
	}
	assert_string_equal(all, said);
}

static void what_leaves_is_told(void **state)
{
	taken("{\"order_line\": [31, 32, 33, 40]}", false, "");
	taken("{\"order_line\": [33]}", false, "order_line sale.order.line order_id unlink 31 32");
	taken("{\"order_line\": [[3, 31], [2, 32]]}", false,
		"order_line sale.order.line order_id unlink 31; "
		"order_line sale.order.line order_id delete 32");
	taken("{\"order_line\": [[5]]}", false,
		"order_line sale.order.line order_id unlink 31 32 33");
	taken("{\"order_line\": [[6, 0, [32, 40]]]}", false,
		"order_line sale.order.line order_id unlink 31 33");
	taken("{\"order_line\": [[6, 0, [33, 32, 31]]]}", false, "");
	taken("{\"category_ids\": [3]}", false, "");
	taken("{\"category_ids\": [[3, 3], [5], [6, 0, []]]}", false, "");
	taken("{\"category_ids\": [[2, 3]]}", false,
		"category_ids res.partner.category - delete 3");
	taken("{\"order_line\": [31, 32, {\"id\": 33, \"sub_ids\": [[5]]}]}", false,
		"order_line sale.order.line - unlink");
	taken("{\"order_line\": [[5], [0, 0, {\"name\": \"x\"}]]}", true, "");
}

/* A list of lines is long: nothing takes the square of its length. */
static void long_lists(void **state)
{
	enum { N = 200000 };
	char *text = malloc(N * 12 + 100), *p = text;
	_cleanup_json_ cJSON *values = NULL;
	struct edit *edit;

	p += sprintf(p, "{\"order_line\": [");
	for (int i = N; i > 0; i--) {
		p += sprintf(p, "%d, ", i + 1000);
	}
	sprintf(p, "31, 32, 33], \"category_ids\": []}");
	edit = edit_good(text, false);
	assert_int_equal(edit_take_values(edit, &values), 0);
	assert_int_equal(
		cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(values, "order_line")), N);
	edit_destroy(edit);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many2one),
		cmocka_unit_test(another_name),
		cmocka_unit_test(many2many),
		cmocka_unit_test(lines),
		cmocka_unit_test(bad_lines),
		cmocka_unit_test(values_of_lines),
		cmocka_unit_test(commands),
		cmocka_unit_test(what_leaves_is_told),
		cmocka_unit_test(long_lists),
	};

	return cmocka_run_group_tests(tests, edit_set_up, edit_tear_down);
}
