/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "fs/nearest.h"

static size_t distance(const char *a, const char *b)
{
	return nearest_distance(a, strlen(a), b);
}

static void distances(void **state)
{
	assert_int_equal(distance("", ""), 0);
	assert_int_equal(distance("ttl", ""), 3);
	assert_int_equal(distance("", "ttl"), 3);
	assert_int_equal(distance("ttl", "ttl"), 0);
	assert_int_equal(distance("tlt", "ttl"), 1);
	assert_int_equal(distance("tl", "ttl"), 1);
	assert_int_equal(distance("xttl", "ttl"), 1);
	assert_int_equal(distance("tty", "ttl"), 1);
	assert_int_equal(distance("kitten", "sitting"), 3);
	assert_int_equal(nearest_distance("timeout=7", 7, "timeout"), 0);
}

static void long_names_are_cut(void **state)
{
	char text[1000];

	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(distance(text, text), 0);
	assert_int_equal(distance(text, ""), 40);
}

static void the_first_of_the_nearest_is_found(void **state)
{
	struct nearest nearest = { .wanted = "modles", .size = 6 };

	nearest_offer(&nearest, "ro");
	assert_string_equal(nearest.found, "ro");
	nearest_offer(&nearest, "models");
	nearest_offer(&nearest, "modale");
	assert_string_equal(nearest.found, "models");
	assert_int_equal(nearest.distance, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(distances),
		cmocka_unit_test(long_names_are_cut),
		cmocka_unit_test(the_first_of_the_nearest_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
