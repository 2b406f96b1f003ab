/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "fs/name.h"

#include <errno.h>

static void names_of_records(void **state)
{
	static const struct {
		const char *name;
		uint32_t id;
	} cases[] = {
		{ "1.json", 1 },
		{ "9.json", 9 },
		{ "10.json", 10 },
		{ "4711.json", 4711 },
		{ "2147483646.json", 2147483646 },
		{ "2147483647.json", 2147483647 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char name[NAME_RECORD_MAX];
		uint32_t id;

		assert_int_equal(name_parse_record(cases[i].name, &id), 0);
		assert_int_equal(id, cases[i].id);
		name_of_record(cases[i].id, name);
		assert_string_equal(name, cases[i].name);
	}
}

/* One record has one name: anything else would be a second one for the same file. */
static void other_names_are_none(void **state)
{
	static const char *const names[] = { "", ".", "..", "json", ".json", "0.json", "00.json",
		"01.json", "-1.json", "+1.json", " 1.json", "1 .json", "1.json ", "1.JSON", "1.jso",
		"1.json~", "1.jsonx", "1.json.rej", "1..json", "1", "1.", "1a.json", "a1.json",
		"1/2.json", "0x1.json", "1e3.json", "1.5.json", "١.json", "１.json", "1\n.json",
		"2147483648.json", "4294967297.json", "18446744073709551617.json",
		"99999999999999999999999999999999999999999999.json", ".14.json.Xy12Zq",
		"14.image_1920.png" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		uint32_t id = 4711;

		assert_int_equal(name_parse_record(names[i], &id), -ENOENT);
		assert_int_equal(id, 4711); /* written on success only */
	}
}

static void every_id_comes_back(void **state)
{
	char name[NAME_RECORD_MAX];
	uint32_t id;

	for (uint32_t i = 1; i < 2147483647 - 20011; i += 20011) {
		name_of_record(i, name);
		assert_int_equal(name_parse_record(name, &id), 0);
		assert_int_equal(id, i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_records),
		cmocka_unit_test(other_names_are_none),
		cmocka_unit_test(every_id_comes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
