/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "cache/index.h"
#include "cache/record.h"

static void what_was_added_is_found(void **state)
{
	static const uint32_t ids[] = { 256, 1, 255, 2147483647, 257, 512, 2, 511, 1000000 };
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
	assert_null(cache_records_find(&records, 258));
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

/* More of them may come than are listed, and others. */
static void what_is_listed_has_room(void **state)
{
	static const uint32_t listed[] = { 1, 2, 3, 256, 258, 511, UINT32_MAX - 1, UINT32_MAX };
	struct cache_index index = { 0 };
	struct cache_records records = { .index = &index };
	unsigned seen[301] = { 0 };

	assert_int_equal(cache_index_append(&index, listed, sizeof(listed) / sizeof(*listed)), 0);
	assert_non_null(cache_records_add(&records, UINT32_MAX));
	assert_non_null(cache_records_add(&records, UINT32_MAX - 1));
	assert_int_equal(cache_records_find(&records, UINT32_MAX)->id, UINT32_MAX);
	assert_int_equal(cache_records_find(&records, UINT32_MAX - 1)->id, UINT32_MAX - 1);
	cache_records_finish(&records);
	for (uint32_t id = 300; id > 0; id--) {
		assert_int_equal(cache_records_add(&records, id)->id, id);
	}
	cache_records_each(&records, count, seen);
	for (uint32_t id = 1; id <= 300; id++) {
		assert_int_equal(seen[id], 1);
	}
	cache_records_finish(&records);
	cache_index_finish(&index);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_added_is_found),
		cmocka_unit_test(adding_twice_finds_the_first),
		cmocka_unit_test(each_is_visited_once),
		cmocka_unit_test(what_is_listed_has_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
