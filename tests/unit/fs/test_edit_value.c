/* SPDX-License-Identifier: MIT */
/* Values by their type: what is the same, what is sent, what is refused. */
#include "edit_unit.h"

static void text(void **state)
{
	same("name", "\"S00014\"");
	writes("name", "\"\"", "\"\"");
	writes("name", "\"s00014\"", "\"s00014\"");
	writes("name", "\"S00014 \"", "\"S00014 \"");
	writes("name", "false", "false");
	writes("name", "null", "false");
	writes("name", "\"caf\\u00e9 \\ud83d\\ude00\"", "\"caf\xc3\xa9 \xf0\x9f\x98\x80\"");
	same("note", "false");
	same("note", "null");
	writes("note", "\"a\\nb\\t\\\"c\\\"\"", "\"a\\nb\\t\\\"c\\\"\"");
	writes("body", "\"<p>Ho</p>\"", "\"<p>Ho</p>\"");
	same("body", "\"<p>Hi</p>\"");
	refused("name", "5", "has to be text or false, not 5");
	refused("name", "true", "not true");
	refused("name", "[\"x\"]", "not [\"x\"]");
	refused("name", "{}", "text");
	refused("note", "1.5", "text");
	refused("body", "[]", "text");
}

static void size_of_a_char(void **state)
{
	writes("client_ref", "\"12345678\"", "\"12345678\"");
	writes("client_ref", "\"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\"",
		"\"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\"");
	refused("client_ref", "\"123456789\"", "holds 8 characters, and this is 9");
}

static void booleans(void **state)
{
	same("active", "true");
	writes("active", "false", "false");
	refused("active", "\"false\"", "has to be true or false, not \"false\"");
	refused("active", "0", "true or false");
	refused("active", "1", "true or false");
	refused("active", "null", "true or false");
	refused("active", "\"\"", "true or false");
}

static void integers(void **state)
{
	same("color", "3");
	same("color", "3.0");
	same("color", "30e-1");
	writes("color", "0", "0");
	writes("color", "-2147483648", "-2147483648");
	writes("color", "2147483647", "2147483647");
	refused("color", "2147483648", "-2147483648 to 2147483647");
	refused("color", "-2147483649", "-2147483648 to 2147483647");
	refused("color", "5.7", "a whole number, written without a fraction, not 5.7");
	refused("color", "5.0", "without a fraction");
	refused("color", "5e0", "without a fraction");
	refused("color", "\"5\"", "a whole number");
	refused("color", "false", "a whole number");
	refused("color", "null", "a whole number");
	refused("color", "true", "a whole number");
	same("res_id", "0");
	writes("res_id", "7", "7");
	refused("res_id", "\"7\"", "a whole number");
	refused("res_id", "false", "a whole number");
}

static void floats(void **state)
{
	same("weight", "2.5");
	same("weight", "25e-1");
	same("discount", "0");
	same("discount", "0.0");
	same("discount", "-0.0");
	writes("weight", "2", "2");
	writes("weight", "2.0", "2");
	writes("weight", "0.1", "0.1");
	writes("weight", "-7.25", "-7.25");
	/* cJSON alone would make these 0.3, 1e+15 (a float in Python), … */
	writes("weight", "0.30000000000000004", "0.30000000000000004");
	writes("weight", "2.5000000000000004", "2.5000000000000004");
	writes("weight", "1000000000000000", "1000000000000000");
	writes("weight", "1e22", "1e+22");
	writes("weight", "1e-7", "1e-07");
	writes("weight", "1.7976931348623157e308", "1.7976931348623157e+308");
	writes("discount", "9007199254740993", "9007199254740992.0");
	writes("discount", "12.30", "12.3");
	refused("weight", "\"2.5\"", "has to be a number, not \"2.5\"");
	refused("weight", "\"2,5\"", "a number");
	refused("weight", "false", "a number");
	refused("weight", "null", "a number");
	refused("discount", "[1]", "a number");
}

static void dates(void **state)
{
	same("date", "\"2026-11-20\"");
	writes("date", "false", "false");
	writes("date", "null", "false");
	writes("date", "\"2024-02-29\"", "\"2024-02-29\"");
	writes("date", "\"0001-01-01\"", "\"0001-01-01\"");
	writes("date", "\"9999-12-31\"", "\"9999-12-31\"");
	writes("date", "\"1969-12-31\"", "\"1969-12-31\"");
	static const char *const bad[] = { "\"\"", "\"2026-02-29\"", "\"2026-13-01\"",
		"\"2026-00-10\"", "\"2026-04-31\"", "\"2026-01-00\"", "\"2026-1-1\"",
		"\"20261120\"", "\"2026/11/20\"", "\"20.11.2026\"", "\"0000-01-01\"",
		"\"2026-11-20 \"", "\" 2026-11-20\"", "\"2026-11-20 08:12:44\"",
		"\"2026-11-20T08:12:44\"", "\"today\"", "20261120", "true",
		"\"2026-11-2\xd9\xa0\"" };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		refused("date", bad[i], "has to be a day as \"2026-11-20\"");
	}
}

static const char *const bad_times[] = { "\"\"", "\"2026-11-20\"", "\"2026-11-20T08:12:44\"",
	"\"2026-11-20 08:12:44Z\"", "\"2026-11-20 08:12:44+01:00\"", "\"2026-11-20 08:12:44.5\"",
	"\"2026-11-20 08:12\"", "\"2026-11-20 24:00:00\"", "\"2026-11-20 23:60:00\"",
	"\"2026-11-20 23:59:60\"", "\"2026-02-30 08:12:44\"", "\"2026-11-20  8:12:44\"",
	"\"2026-11-20 8:12:44\"", "1763626364", "true" };

static void times(void **state)
{
	same("date_order", "\"2026-11-20 08:12:44\"");
	writes("date_order", "false", "false");
	writes("date_order", "\"2026-11-20 00:00:00\"", "\"2026-11-20 00:00:00\"");
	writes("date_order", "\"2024-02-29 23:59:59\"", "\"2024-02-29 23:59:59\"");
	for (size_t i = 0; i < sizeof(bad_times) / sizeof(bad_times[0]); i++) {
		refused("date_order", bad_times[i],
			"has to be a time in UTC as \"2026-11-20 08:12:44\"");
	}
}

static void selections(void **state)
{
	same("state", "\"draft\"");
	writes("state", "\"sent\"", "\"sent\"");
	writes("state", "false", "false");
	refused("state", "\"Sent\"",
		"has to be one of \"draft\", \"sent\", \"done\" or false, not \"Sent\"");
	refused("state", "\"\"", "one of");
	refused("state", "1", "one of");
	refused("state", "true", "one of");
	refused("state", "[\"sent\", \"Sent\"]", "one of");
	same("level", "1");
	same("level", "1.0");
	writes("level", "2", "2");
	writes("level", "false", "false");
	refused("level", "\"2\"", "has to be one of 1, 2 or false, not \"2\"");
	refused("level", "3", "one of 1, 2");
	refused("level", "2.5", "one of 1, 2");
	writes("loose", "\"whatever\"", "\"whatever\"");
	writes("loose", "7", "7");
	refused("loose", "7.5", "text or false");
	refused("loose", "{}", "text or false");
}

/* Of many keys, the nearest and a few are told. */
static void many_keys(void **state)
{
	writes("tz", "\"UTC\"", "\"UTC\"");
	refused("tz", "\"Europe/Brusels\"", "one of \"Europe/Brussels\", \"Africa/Abidjan\"");
	refused("tz", "\"Europe/Brusels\"", ", … or false");
}

static void json(void **state)
{
	same("extra", "{\"a\": [1.0, 2.5], \"b\": null}");
	same("extra", "{\"b\": null, \"a\": [1, 25e-1]}");
	writes("extra", "{\"a\": [1, 2.6]}", "{\"a\":[1,2.6]}");
	writes("extra", "[]", "[]");
	writes("extra", "false", "false");
	writes("extra", "\"text\"", "\"text\"");
	writes("extra", "{\"n\": 9007199254740991, \"e\": 1000000000000000}",
		"{\"n\":9007199254740991,\"e\":1000000000000000}");
	writes("extra", "{\"x\": {\"y\": [true, false, null, \"\"]}}",
		"{\"x\":{\"y\":[true,false,null,\"\"]}}");
	refused("extra", "{\"a\": [0, 9007199254740992]}", "has to be a whole number below 2^53");
	refused("extra", "{\"a\": [0, -9007199254740992]}", "line 2: \"extra.a[1]\"");
	writes("hologram", "[1]", "[1]");
	same("prop_def", "[{\"type\": \"char\", \"name\": \"a1\"}]");
	writes("prop_def", "[]", "[]");
	writes("prop_def", "[{\"name\": \"z\", \"type\": \"char\"}]",
		"[{\"name\":\"z\",\"type\":\"char\"}]");
	writes("prop_def", "false", "false");
	refused("prop_def", "[5]", "an object that defines a property");
	refused("prop_def", "{}", "a list of objects");
}

static void references(void **state)
{
	same("origin", "\"res.partner,7\"");
	writes("origin", "\"crm.lead,2147483647\"", "\"crm.lead,2147483647\"");
	writes("origin", "false", "false");
	static const char *const bad[] = { "\"\"", "\"res.partner\"", "\"res.partner,\"",
		"\"res.partner,0\"", "\"res.partner,-7\"", "\"res.partner, 7\"", "\",7\"",
		"\"res.partner,7x\"", "\"res.partner,2147483648\"", "\"res.partner,07\"",
		"\"res.partner,99999999999999999999\"", "7", "[\"res.partner\", 7]", "true",
		"\"res/partner,7\"" };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		refused("origin", bad[i], "has to be a reference as \"res.partner,14\"");
	}
	refused("origin", "\"res.users,7\"",
		"has to refer to one of \"res.partner\", \"crm.lead\", not to \"res.users\"");
}

static void binary(void **state)
{
	refused("image", "\"aGVsbG8=\"", "is binary");
	refused("image", "{\"file\": \"14.image.png\"}", "is binary");
	refused("image", "false", "is binary");
}

/* A long value is cut between characters. */
static void long_values(void **state)
{
	char value[600] = "[\"";

	for (int i = 0; i < 100; i++) {
		strcat(value, "\xe2\x82\xac");
	}
	strcat(value, "\"]");
	refused("name", value, "\xe2\x82\xac…");
	refused("name", value, "not [\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text),
		cmocka_unit_test(size_of_a_char),
		cmocka_unit_test(booleans),
		cmocka_unit_test(integers),
		cmocka_unit_test(floats),
		cmocka_unit_test(dates),
		cmocka_unit_test(times),
		cmocka_unit_test(selections),
		cmocka_unit_test(many_keys),
		cmocka_unit_test(json),
		cmocka_unit_test(references),
		cmocka_unit_test(binary),
		cmocka_unit_test(long_values),
	};

	return cmocka_run_group_tests(tests, edit_set_up, edit_tear_down);
}
