/* SPDX-License-Identifier: MIT */
/* Properties: what is named changes, the rest stays. */
#include "edit_unit.h"

/* What is sent of props, as "name=value" of each property that has one. */
static char *sent_for(const char *value, bool create)
{
	_cleanup_free_ char *text = NULL;
	_cleanup_json_ cJSON *values = NULL;
	char *all = calloc(1, 1000);
	const cJSON *property;

	assert_true(asprintf(&text, "{\"props\": %s}", value) > 0);
	_cleanup_edit_ struct edit *edit = edit_good(text, create);
	assert_int_equal(edit_take_values(edit, &values), 0);
	cJSON_ArrayForEach (property, cJSON_GetObjectItemCaseSensitive(values, "props")) {
		const cJSON *item = cJSON_GetObjectItemCaseSensitive(property, "value");
		_cleanup_json_text_ char *printed = item ? cJSON_PrintUnformatted(item) : NULL;
		strcat(all, cJSON_GetObjectItemCaseSensitive(property, "name")->valuestring);
		strcat(all, "=");
		strcat(all, printed ? printed : "-");
		strcat(all, " ");
	}
	return all;
}

#define UNCHANGED "a1=\"red\" b2=7 c3=false d4=[\"x\"] e5=[3,4] f6=- "

static void sends(const char *value, const char *expected)
{
	_cleanup_free_ char *sent = sent_for(value, false);

	assert_string_equal(sent, expected);
}

static void nothing_changes(void **state)
{
	same("props", "[]");
	same("props", "{}");
	same("props", "[{\"name\": \"a1\", \"value\": \"red\"}]");
	same("props", "[{\"name\": \"a1\"}]");
	same("props", "{\"a1\": \"red\"}");
	same("props", "{\"b2\": 7}");
	same("props", "{\"b2\": [7, \"other\"]}");
	same("props", "{\"c3\": null}");
	same("props", "{\"e5\": [4, 3]}");
	same("props", "{\"e5\": [[4, \"x\"], 3]}");
	same("props", "{\"f6\": false}");
	same("props", "[{\"type\": \"char\", \"name\": \"a1\", \"string\": \"Colour\"}]");
}

static void what_is_named_changes(void **state)
{
	sends("{\"a1\": \"blue\"}", "a1=\"blue\" b2=7 c3=false d4=[\"x\"] e5=[3,4] f6=- ");
	sends("[{\"name\": \"a1\", \"value\": \"blue\"}]",
		"a1=\"blue\" b2=7 c3=false d4=[\"x\"] e5=[3,4] f6=- ");
	sends("{\"f6\": 0}", "a1=\"red\" b2=7 c3=false d4=[\"x\"] e5=[3,4] f6=0 ");
	sends("{\"b2\": [9, \"x\"], \"c3\": \"hi\", \"d4\": [\"y\", \"x\"], \"e5\": []}",
		"a1=\"red\" b2=9 c3=\"hi\" d4=[\"y\",\"x\"] e5=[] f6=- ");
	sends("{\"e5\": [[9, \"x\"], 3]}", "a1=\"red\" b2=7 c3=false d4=[\"x\"] e5=[9,3] f6=- ");
	sends("{\"a1\": false, \"b2\": false, \"d4\": false, \"e5\": null}",
		"a1=false b2=false c3=false d4=false e5=false f6=- ");
	/* The definitions go with it. */
	_cleanup_edit_ struct edit *edit = edit_good("{\"props\": {\"a1\": \"\"}}", false);
	_cleanup_json_text_ char *printed = cJSON_PrintUnformatted(edit->changes[0].value);
	assert_contains(printed, "{\"name\":\"a1\",\"type\":\"char\",\"string\":\"Colour\","
				 "\"value\":\"\"}");
	assert_contains(printed, "{\"name\":\"f6\",\"type\":\"integer\"}");
}

static void what_is_wrong(void **state)
{
	refused("props", "false", "has to be a list of properties with their values");
	refused("props", "\"x\"", "a list of properties");
	refused("props", "[5]", "props[0]\" has to be a property, {\"name\": …, \"value\": …}");
	refused("props", "[{\"value\": 5}]", "a property, ");
	refused("props", "[{\"name\": 5}]", "a property, ");
	refused("props", "{\"zz\": 5}",
		"props.zz\" is none of the record's properties: \"a1\" (Colour), \"b2\" (Partner)");
	refused("props", "[{\"name\": \"zz\"}]", "is none of the record's properties");
	refused("props", "[{\"name\": \"a1\", \"value\": \"x\"}, {\"name\": \"a1\", \"value\": 1}]",
		"is there twice");
	refused("props", "[{\"name\": \"a1\", \"type\": \"text\", \"value\": \"x\"}]",
		"props[0].type\" is part of the property's definition");
	refused("props", "[{\"name\": \"a1\", \"definition_changed\": true}]",
		"is part of the property's definition");
	refused("props", "{\"a1\": 5}", "props.a1\" has to be text or false, not 5");
	refused("props", "{\"b2\": \"Azure\"}", "has to be an id, [id, \"name\"] or false");
	refused("props", "{\"b2\": 0}", "an id");
	refused("props", "{\"b2\": 7.5}", "an id");
	refused("props", "{\"c3\": \"High\"}", "has to be one of [\"lo\", \"hi\"] or false");
	refused("props", "{\"c3\": \"\"}", "one of [\"lo\", \"hi\"]");
	refused("props", "{\"d4\": [\"x\", \"z\"]}",
		"props.d4[1]\" has to be one of [\"x\", \"y\"]");
	refused("props", "{\"d4\": \"x\"}", "a list of tags");
	refused("props", "{\"e5\": 3}", "a list of ids");
	refused("props", "{\"e5\": [\"3\"]}", "a record's id");
	refused("props", "{\"f6\": \"5\"}", "a whole number");
	refused("props", "{\"f6\": 5.5}", "a whole number");
}

static void a_record_without_any(void **state)
{
	static const char *const bases[] = { "{\"props\": []}", "{\"props\": false}" };

	for (size_t i = 0; i < 2; i++) {
		struct edit_source source = edit_source_of("{\"props\": {\"a1\": \"x\"}}", false);
		_cleanup_odoo_error_ struct odoo_error error;
		struct edit *edit = NULL;
		odoo_error_init(&error);
		source.base = bases[i];
		source.base_size = strlen(bases[i]);
		assert_int_equal(edit_parse(&source, &edit, &error), -EINVAL);
		assert_contains(error.message, "the record has no properties");
	}
}

static void on_create(void **state)
{
	creates("props", "false", "false");
	creates("props", "{\"a1\": \"x\"}", "{\"a1\":\"x\"}");
	creates("props", "[]", "[]");
	creates("props", "[{\"name\": \"b2\", \"type\": \"many2one\", \"value\": [7, \"A\"]}]",
		"[{\"name\":\"b2\",\"type\":\"many2one\",\"value\":7}]");
	edit_refuses("{\"props\": [{\"name\": \"f6\", \"type\": \"integer\", \"value\": \"5\"}]}",
		true, "props[0].value\" has to be a whole number");
	edit_refuses("{\"props\": [{\"value\": 5}]}", true, "a property");
	edit_refuses("{\"props\": 5}", true, "a list of properties");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_changes),
		cmocka_unit_test(what_is_named_changes),
		cmocka_unit_test(what_is_wrong),
		cmocka_unit_test(a_record_without_any),
		cmocka_unit_test(on_create),
	};

	return cmocka_run_group_tests(tests, edit_set_up, edit_tear_down);
}
