/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "fs/number.h"

#include <errno.h>
#include <math.h>

typedef int append_fn(struct buffer *buffer, double number);

static void check(append_fn *append, double number, const char *expected)
{
	_cleanup_buffer_ struct buffer buffer = { 0 };

	assert_int_equal(append(&buffer, number), 0);
	buffer_append_char(&buffer, '\0');
	assert_string_equal(buffer.text, expected);
}

static void refused(append_fn *append, double number)
{
	_cleanup_buffer_ struct buffer buffer = { 0 };

	assert_int_equal(append(&buffer, number), -ERANGE);
	assert_int_equal(buffer.size, 0);
}

static void whole(void **state)
{
	check(number_append_whole, 0, "0");
	check(number_append_whole, -0.0, "0");
	check(number_append_whole, 7, "7");
	check(number_append_whole, -10, "-10");
	check(number_append_whole, 2147483648.0, "2147483648");
	check(number_append_whole, 9007199254740991.0, "9007199254740991");
	check(number_append_whole, -9007199254740991.0, "-9007199254740991");
	refused(number_append_whole, 9007199254740992.0);
	refused(number_append_whole, -9007199254740994.0);
	refused(number_append_whole, 0.5);
	refused(number_append_whole, 1e300);
	refused(number_append_whole, INFINITY);
	refused(number_append_whole, NAN);
}

static void floats(void **state)
{
	check(number_append_float, 5, "5.0");
	check(number_append_float, 0, "0.0");
	check(number_append_float, -0.0, "-0.0");
	check(number_append_float, -1, "-1.0");
	check(number_append_float, 0.1, "0.1");
	check(number_append_float, 0.05, "0.05");
	check(number_append_float, -0.07, "-0.07");
	check(number_append_float, 0.1 + 0.2, "0.30000000000000004");
	check(number_append_float, 1.0 / 3, "0.3333333333333333");
	check(number_append_float, 1234567.89, "1234567.89");
	check(number_append_float, 1234567.8, "1234567.8");
	check(number_append_float, 0.125, "0.125");
	check(number_append_float, 1e-5, "1e-05");
	check(number_append_float, 1e22, "1e+22");
	check(number_append_float, 1e15, "1e+15");
	check(number_append_float, 123456789012345.0, "123456789012345.0");
	check(number_append_float, 9007199254740993.0, "9007199254740992.0");
	check(number_append_float, 5e-324, "4.94065645841247e-324");
	check(number_append_float, 1.7976931348623157e308, "1.7976931348623157e+308");
	refused(number_append_float, INFINITY);
	refused(number_append_float, -INFINITY);
	refused(number_append_float, NAN);
}

static void any(void **state)
{
	check(number_append_any, 5, "5");
	check(number_append_any, -0.0, "-0.0");
	check(number_append_any, 2.5, "2.5");
	check(number_append_any, 1e-7, "1e-07");
	refused(number_append_any, 1e16);
	refused(number_append_any, NAN);
}

/* What the quick way for amounts writes is what printf's shortest would be. */
static void round_trip(void **state)
{
	uint64_t seed = 88172645463325252u;

	for (int i = 0; i < 300000; i++) {
		_cleanup_buffer_ struct buffer buffer = { 0 };
		char expected[40];
		double number;

		seed ^= seed << 13;
		seed ^= seed >> 7;
		seed ^= seed << 17;
		if (i % 3 == 0) {
			memcpy(&number, &seed, sizeof(number));
		} else {
			number = (double)((int64_t)seed >> (11 + seed % 50)) /
				 (i % 3 == 1 ? 100 : 1000);
		}
		if (!isfinite(number)) {
			continue;
		}
		assert_int_equal(number_append_float(&buffer, number), 0);
		buffer_append_char(&buffer, '\0');
		double back = strtod(buffer.text, NULL);
		assert_memory_equal(&back, &number, sizeof(number));
		for (int precision = 15; precision <= 17; precision++) {
			snprintf(expected, sizeof(expected), "%.*g", precision, number);
			back = strtod(expected, NULL);
			if (memcmp(&back, &number, sizeof(number)) == 0) {
				break;
			}
		}
		if (!strpbrk(expected, ".e")) {
			strcat(expected, ".0");
		}
		assert_string_equal(buffer.text, expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole),
		cmocka_unit_test(floats),
		cmocka_unit_test(any),
		cmocka_unit_test(round_trip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
