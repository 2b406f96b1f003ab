/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "fs/percent.h"
#include "odoo/cleanup.h"

#include <errno.h>

static void decoded(const char *text, const char *expected)
{
	_cleanup_free_ char *result = NULL;

	assert_int_equal(percent_decode(text, strlen(text), &result, NULL), 0);
	assert_string_equal(result, expected);
}

static void refused(const char *text, const char *why)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };
	char *result;

	assert_int_equal(percent_decode(text, strlen(text), &result, &error), -EINVAL);
	assert_contains(error.message, why);
}

static void escapes_are_decoded(void **state)
{
	decoded("", "");
	decoded("Gent", "Gent");
	decoded("A%2FB", "A/B");
	decoded("a%2fb%25", "a/b%");
	decoded("%2Ehidden", ".hidden");
	decoded("Li%c3%a8ge é", "Liège é");
	decoded("%2e%2e", "..");
}

static void wrong_escapes_are_refused(void **state)
{
	refused("50%", "byte 3: \"%\" without two hexadecimal digits");
	refused("50%2", "byte 3:");
	refused("%zz", "byte 1:");
	refused("%-1", "byte 1:");
	refused("a%00b", "a NUL");
	refused("%ff", "byte 1 of the decoded text isn't UTF-8");
	refused("a\xc3", "byte 2 of the decoded text isn't UTF-8");
	refused("%ed%a0%80", "isn't UTF-8");
}

static void encoded(const char *text, size_t room, const char *expected)
{
	_cleanup_buffer_ struct buffer buffer = { 0 };

	percent_encode_cut(&buffer, text, room);
	buffer_append_char(&buffer, '\0');
	assert_string_equal(buffer.text, expected);
	assert_true(buffer.size - 1 <= room);
}

static void names_are_encoded(void **state)
{
	encoded("Azure Interior", 100, "Azure Interior");
	encoded("A/B", 100, "A%2FB");
	encoded(".a.b", 100, "%2Ea.b");
	encoded("50% \n", 100, "50%25 %0A");
	encoded("\x7f", 100, "%7F");
	encoded("", 100, "");
}

static void names_are_cut_behind_a_character(void **state)
{
	encoded("abcdefgh", 8, "abcdefgh");
	encoded("abcdefghi", 8, "abcde…");
	encoded("éééé", 8, "éééé");
	encoded("ééééé", 8, "éé…");
	encoded("a///", 7, "a%2F…");
	encoded("a///", 6, "a…");
	encoded("abc", 2, "");
}

static void what_was_encoded_decodes_to_itself(void **state)
{
	static const char text[] = "..%41/\001é\\ \"'";
	_cleanup_buffer_ struct buffer buffer = { 0 };
	_cleanup_free_ char *result = NULL;

	percent_encode_cut(&buffer, text, 255);
	assert_int_equal(percent_decode(buffer.text, buffer.size, &result, NULL), 0);
	assert_string_equal(result, text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(escapes_are_decoded),
		cmocka_unit_test(wrong_escapes_are_refused),
		cmocka_unit_test(names_are_encoded),
		cmocka_unit_test(names_are_cut_behind_a_character),
		cmocka_unit_test(what_was_encoded_decodes_to_itself),
	};

	return cmocka_run_group_tests_name("percent", tests, NULL, NULL);
}
