/* SPDX-License-Identifier: MIT */
/* Who read which state of a record, and whether somebody who did may still come. */
#include "unit.h"

#include "fs/reading.h"

static const struct process anna = { .id = 100, .started = 1 };
static const struct process bert = { .id = 200, .started = 2 };
static const struct process sponge = { .id = 300, .started = 3 };

static const struct reading_state first = { .model_number = 7, .id = 14, .digest = 1 };
static const struct reading_state second = { .model_number = 7, .id = 14, .digest = 2 };

static int begin(void **state)
{
	*state = calloc(1, sizeof(struct fs));
	return *state ? 0 : -1;
}

static int end(void **state)
{
	readings_finish(*state);
	free(*state);
	return 0;
}

static void what_is_not_known_is_open(void **state)
{
	assert_true(reading_is_open(*state, &first));
	assert_int_equal(reading_moment(*state, &first, &anna), 0);
	reading_spend(*state, &first, &anna);
	assert_true(reading_is_open(*state, &first));
}

static void who_read_writes_once(void **state)
{
	struct fs *fs = *state;

	reading_note(fs, &first, &anna, false);
	assert_true(reading_is_open(fs, &first));
	assert_true(reading_moment(fs, &first, &anna) > 0);
	assert_int_equal(reading_moment(fs, &first, &bert), 0);
	assert_int_equal(reading_moment(fs, &second, &anna), 0);
	reading_spend(fs, &first, &anna);
	assert_false(reading_is_open(fs, &first));
	assert_true(reading_moment(fs, &first, &anna) > 0);
}

/* jq reads, and sponge writes. */
static void another_may_write(void **state)
{
	struct fs *fs = *state;

	reading_note(fs, &first, &anna, false);
	reading_note(fs, &first, &bert, false);
	reading_spend(fs, &first, &sponge);
	assert_true(reading_is_open(fs, &first));
	reading_spend(fs, &first, &sponge);
	assert_false(reading_is_open(fs, &first));
	/* Whoever comes next is a new one. */
	reading_note(fs, &first, &anna, true);
	assert_true(reading_is_open(fs, &first));
}

static void who_reads_again_has_come(void **state)
{
	struct fs *fs = *state;

	reading_note(fs, &first, &anna, false);
	reading_note(fs, &first, &anna, true);
	reading_note(fs, &first, &bert, true);
	reading_note(fs, &second, &anna, false);
	assert_true(reading_is_open(fs, &first)); /* for Bert */
	assert_int_equal(reading_moment(fs, &first, &anna), 0);
	assert_true(reading_moment(fs, &second, &anna) > reading_moment(fs, &first, &bert));
	reading_note(fs, &second, &bert, true);
	assert_false(reading_is_open(fs, &first));
	assert_true(reading_is_open(fs, &second));
}

/* Writing and reading again is one way to come, not two. */
static void nobody_comes_twice(void **state)
{
	struct fs *fs = *state;

	reading_note(fs, &first, &anna, false);
	reading_note(fs, &first, &bert, true);
	reading_spend(fs, &first, &anna);
	reading_spend(fs, &first, &anna);
	reading_note(fs, &second, &anna, false);
	assert_true(reading_is_open(fs, &first));
}

static void strangers_never_come(void **state)
{
	struct fs *fs = *state;

	reading_note(fs, &first, &anna, true);
	reading_spend(fs, &first, &anna);
	assert_true(reading_is_open(fs, &first));
}

static void other_records_are_others(void **state)
{
	struct reading_state other = first, foreign = first;
	struct fs *fs = *state;

	other.id = 15;
	foreign.model_number = 8;
	reading_note(fs, &first, &anna, false);
	reading_note(fs, &other, &anna, false);
	reading_note(fs, &foreign, &anna, false);
	assert_true(reading_moment(fs, &first, &anna) > 0);
	reading_spend(fs, &other, &anna);
	assert_true(reading_is_open(fs, &first));
	assert_true(reading_is_open(fs, &foreign));
}

static void it_is_bounded(void **state)
{
	struct fs *fs = *state;

	for (uint32_t id = 1; id <= 5000; id++) {
		struct reading_state each = { .model_number = 7, .id = id, .digest = id };
		reading_note(fs, &each, &anna, false);
		reading_spend(fs, &each, &anna);
	}
	assert_true(fs->n_readings <= 1024);
	/* What is forgotten is open. */
	assert_true(reading_is_open(
		fs, &(struct reading_state){ .model_number = 7, .id = 1, .digest = 1 }));
	assert_false(reading_is_open(
		fs, &(struct reading_state){ .model_number = 7, .id = 5000, .digest = 5000 }));
}

static void many_readers_of_one_state(void **state)
{
	struct fs *fs = *state;

	for (int i = 0; i < 100; i++) {
		struct process each = { .id = 1000 + i, .started = 1 };
		reading_note(fs, &first, &each, i > 0);
	}
	for (int i = 0; i < 99; i++) {
		reading_spend(fs, &first, &sponge);
	}
	assert_true(reading_is_open(fs, &first));
	reading_spend(fs, &first, &sponge);
	assert_false(reading_is_open(fs, &first));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_not_known_is_open, begin, end),
		cmocka_unit_test_setup_teardown(who_read_writes_once, begin, end),
		cmocka_unit_test_setup_teardown(another_may_write, begin, end),
		cmocka_unit_test_setup_teardown(who_reads_again_has_come, begin, end),
		cmocka_unit_test_setup_teardown(nobody_comes_twice, begin, end),
		cmocka_unit_test_setup_teardown(strangers_never_come, begin, end),
		cmocka_unit_test_setup_teardown(other_records_are_others, begin, end),
		cmocka_unit_test_setup_teardown(it_is_bounded, begin, end),
		cmocka_unit_test_setup_teardown(many_readers_of_one_state, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
