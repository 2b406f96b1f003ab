/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "cache/index.h"

#include <errno.h>

static void fill(struct cache_index *index, uint32_t first, uint32_t last, uint32_t step)
{
	for (uint32_t id = first; id <= last; id += step) {
		assert_int_equal(cache_index_append(index, &id, 1), 0);
	}
}

static bool gone(struct cache_index *index, uint32_t id)
{
	return cache_index_remove(index, &id, 1) == 1;
}

static void an_empty_one_knows_nothing(void **state)
{
	struct cache_index index = { 0 };

	assert_int_equal(cache_index_after(&index, 0), 0);
	assert_false(cache_index_has(&index, 0));
	assert_false(cache_index_has(&index, 1));
	assert_false(cache_index_knows(&index, 1));
	assert_false(gone(&index, 1));
	assert_int_equal(cache_index_append(&index, NULL, 0), 0);
	index.complete = true;
	assert_true(cache_index_knows(&index, 1));
	assert_false(cache_index_has(&index, 1));
	cache_index_finish(&index);
}

static void pages_are_appended(void **state)
{
	static const uint32_t first[] = { 1, 2, 5, 7 }, second[] = { 8, 9, 14, 2147483647 };
	struct cache_index index = { 0 };

	assert_int_equal(cache_index_append(&index, first, 4), 0);
	assert_int_equal(index.covered, 7);
	assert_true(cache_index_knows(&index, 6));
	assert_false(cache_index_has(&index, 6));
	assert_false(cache_index_knows(&index, 8));
	assert_int_equal(cache_index_append(&index, second, 4), 0);
	assert_int_equal(index.covered, 2147483647);
	assert_int_equal(index.n_ids, 8);
	assert_true(cache_index_has(&index, 14));
	assert_true(cache_index_has(&index, 2147483647));
	cache_index_finish(&index);
	assert_null(index.ids);
	assert_int_equal(index.covered, 0);
}

static void the_next_is_found(void **state)
{
	struct cache_index index = { 0 };

	fill(&index, 10, 1000, 10);
	assert_int_equal(cache_index_after(&index, 0), 0);
	assert_int_equal(cache_index_after(&index, 9), 0);
	assert_int_equal(cache_index_after(&index, 10), 1);
	assert_int_equal(cache_index_after(&index, 15), 1);
	assert_int_equal(cache_index_after(&index, 990), 99);
	assert_int_equal(cache_index_after(&index, 1000), 100);
	assert_int_equal(cache_index_after(&index, UINT32_MAX), 100);
	cache_index_finish(&index);
}

static void ids_are_inserted_where_they_belong(void **state)
{
	static const uint32_t expected[] = { 5, 10, 15, 20, 30, 40 };
	struct cache_index index = { 0 };

	fill(&index, 10, 40, 10);
	assert_int_equal(cache_index_insert(&index, 15), 0);
	assert_int_equal(cache_index_insert(&index, 5), 0);
	assert_int_equal(cache_index_insert(&index, 20), 0); /* is there */
	assert_int_equal(cache_index_insert(&index, 41), 0); /* isn't covered */
	assert_int_equal(index.n_ids, 6);
	assert_memory_equal(index.ids, expected, sizeof(expected));
	index.complete = true;
	assert_int_equal(cache_index_insert(&index, 41), 0);
	assert_int_equal(index.n_ids, 7);
	assert_int_equal(index.covered, 41);
	cache_index_finish(&index);
}

static void ids_are_removed(void **state)
{
	struct cache_index index = { 0 };

	fill(&index, 1, 5, 1);
	assert_true(gone(&index, 1));
	assert_true(gone(&index, 5));
	assert_true(gone(&index, 3));
	assert_false(gone(&index, 3));
	assert_false(gone(&index, 0));
	assert_int_equal(index.n_ids, 2);
	assert_int_equal(index.ids[0], 2);
	assert_int_equal(index.ids[1], 4);
	assert_true(cache_index_knows(&index, 5)); /* that it isn't there */
	assert_int_equal(index.covered, 5);
	cache_index_finish(&index);
}

static void many_are_removed_at_once(void **state)
{
	static const uint32_t ids[] = { 0, 5, 10, 20, 25, 90, 95, 100, 101, 2000000000 };
	struct cache_index index = { 0 };

	fill(&index, 10, 100, 10);
	assert_int_equal(cache_index_remove(&index, NULL, 0), 0);
	assert_int_equal(cache_index_remove(&index, ids, 2), 0);
	assert_int_equal(cache_index_remove(&index, ids + 8, 2), 0);
	assert_int_equal(index.n_ids, 10);
	assert_int_equal(cache_index_remove(&index, ids, 10), 4);
	assert_int_equal(index.n_ids, 6);
	for (uint32_t i = 0; i < 6; i++) {
		assert_int_equal(index.ids[i], 30 + i * 10);
	}
	cache_index_finish(&index);
}

/* Against an array of flags, which can't be wrong. */
static void a_random_walk_agrees_with_flags(void **state)
{
	struct cache_index index = { .complete = true };
	bool there[512] = { false };
	unsigned seed = 1;

	for (int step = 0; step < 20000; step++) {
		uint32_t id = (uint32_t)rand_r(&seed) % 511 + 1;

		if (rand_r(&seed) % 2) {
			assert_int_equal(cache_index_insert(&index, id), 0);
			there[id] = true;
		} else {
			assert_int_equal(gone(&index, id), there[id]);
			there[id] = false;
		}
	}
	for (uint32_t id = 1, n = 0; id < 512; id++) {
		assert_int_equal(cache_index_has(&index, id), there[id]);
		if (there[id]) {
			assert_int_equal(index.ids[n++], id);
		}
	}
	cache_index_finish(&index);
}

static void ids_are_compared_without_overflow(void **state)
{
	static const uint32_t ids[] = { 0, 1, 2147483647, 2147483648u, UINT32_MAX };

	for (size_t i = 0; i < 5; i++) {
		for (size_t j = 0; j < 5; j++) {
			int r = cache_compare_ids(&ids[i], &ids[j]);

			assert_int_equal(r, (i > j) - (i < j));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_one_knows_nothing),
		cmocka_unit_test(pages_are_appended),
		cmocka_unit_test(the_next_is_found),
		cmocka_unit_test(ids_are_inserted_where_they_belong),
		cmocka_unit_test(ids_are_removed),
		cmocka_unit_test(many_are_removed_at_once),
		cmocka_unit_test(a_random_walk_agrees_with_flags),
		cmocka_unit_test(ids_are_compared_without_overflow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
