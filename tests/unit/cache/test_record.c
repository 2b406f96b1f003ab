/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "cache/record.h"

static void what_was_added_is_found(void **state)
{
	static const uint32_t ids[] = { 64, 1, 63, 2147483647, 65, 128, 2, 127, 1000000 };
	struct cache_records records = { 0 };
	struct cache_record *record;

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		record = cache_records_add(&records, ids[i]);
		assert_non_null(record);
		assert_int_equal(record->id, ids[i]);
		assert_int_equal(record->state, RECORD_UNKNOWN);
		assert_null(record->content);
		record->size = ids[i] ^ 5;
	}
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		record = cache_records_find(&records, ids[i]);
		assert_non_null(record);
		assert_int_equal(record->id, ids[i]);
		assert_int_equal(record->size, ids[i] ^ 5);
	}
	assert_null(cache_records_find(&records, 3));
	assert_null(cache_records_find(&records, 0));
	assert_null(cache_records_find(&records, 66));
	assert_null(cache_records_find(&records, 2147483646));
	cache_records_finish(&records);
	assert_null(cache_records_find(&records, 1));
}

static void adding_twice_finds_the_first(void **state)
{
	struct cache_records records = { 0 };

	cache_records_add(&records, 14)->version = 7;
	assert_int_equal(cache_records_add(&records, 14)->version, 7);
	cache_records_finish(&records);
}

static void count(struct cache_record *record, void *data)
{
	unsigned *seen = data;

	seen[record->id]++;
}

static void each_is_visited_once(void **state)
{
	struct cache_records records = { 0 };
	unsigned seen[5001] = { 0 }, seed = 3;

	for (int i = 0; i < 20000; i++) {
		uint32_t id = (uint32_t)rand_r(&seed) % 2500 * 2 + 1;

		assert_non_null(cache_records_add(&records, id));
	}
	cache_records_each(&records, count, seen);
	for (uint32_t id = 0; id <= 5000; id++) {
		assert_int_equal(seen[id], cache_records_find(&records, id) != NULL);
	}
	cache_records_finish(&records);
	cache_records_each(&records, count, seen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_added_is_found),
		cmocka_unit_test(adding_twice_finds_the_first),
		cmocka_unit_test(each_is_visited_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
