/* SPDX-License-Identifier: MIT */
/* Readers who don't walk upwards from 1, one by one. */
#include "world.h"

#include "odoo/cleanup.h"

#define READ WORLD_MODEL ".read"

static int by_text(const void *a, const void *b)
{
	char left[16], right[16];

	snprintf(left, sizeof(left), "%u.json", *(const uint32_t *)a);
	snprintf(right, sizeof(right), "%u.json", *(const uint32_t *)b);
	return strcmp(left, right);
}

/* Read them in this order, each as soon as the one before is there; returns the calls. */
static unsigned read_all(struct world *world, const uint32_t *ids, size_t n)
{
	world_forget(world);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(world_touch(world, ids[i]), 0);
	}
	stub_answer_all(&world->client);
	return world->client.calls;
}

static uint32_t *ascending(uint32_t n)
{
	uint32_t *ids = calloc(n, sizeof(*ids));

	for (uint32_t i = 0; i < n; i++) {
		ids[i] = i + 1;
	}
	return ids;
}

static struct world *begin(uint32_t records)
{
	struct world *world = world_create(&(struct world_options){ .records = records });

	assert_int_equal(world_list(world, NULL), records);
	return world;
}

/* What a shell makes of *.json: 1, 10, 100, 1000, 1001, … */
static void a_glob_is_read_in_batches(void **state)
{
	struct world *world = begin(10000);
	_cleanup_free_ uint32_t *ids = ascending(10000);

	qsort(ids, 10000, sizeof(*ids), by_text);
	assert_at_most(read_all(world, ids, 10000), 10000 / 900 + 50);
	world_destroy(world);
}

static void a_small_glob_is_read_in_few_calls(void **state)
{
	struct world *world = begin(300);
	_cleanup_free_ uint32_t *ids = ascending(300);

	qsort(ids, 300, sizeof(*ids), by_text);
	assert_at_most(read_all(world, ids, 300), 25);
	world_destroy(world);
}

static void random_order_takes_neighbours_along(void **state)
{
	struct world *world = begin(10000);
	_cleanup_free_ uint32_t *ids = ascending(10000);
	unsigned seed = 5;

	for (uint32_t i = 9999; i > 0; i--) {
		uint32_t j = (uint32_t)rand_r(&seed) % (i + 1), id = ids[i];

		ids[i] = ids[j];
		ids[j] = id;
	}
	assert_at_most(read_all(world, ids, 10000), 900);
	world_destroy(world);
}

static void descending_order_takes_those_below_along(void **state)
{
	struct world *world = begin(10000);
	_cleanup_free_ uint32_t *ids = ascending(10000);

	for (uint32_t i = 0; i < 5000; i++) {
		uint32_t id = ids[i];

		ids[i] = ids[9999 - i];
		ids[9999 - i] = id;
	}
	assert_at_most(read_all(world, ids, 10000), 10000 / 64 + 100);
	world_destroy(world);
}

/* A few files here and there cost a record each, not a batch. */
static void few_strays_read_nothing_else(void **state)
{
	static const uint32_t ids[] = { 4711, 13, 9000, 2500, 77, 6000 };
	struct world *world = begin(10000);
	struct cache_stats stats;

	assert_int_equal(read_all(world, ids, 6), 6);
	cache_get_stats(world->cache, &stats);
	assert_int_equal(stats.batch_records, 6);
	world_destroy(world);
}

static void every_tenth_id_is_a_walk(void **state)
{
	struct world *world = world_create(&(struct world_options){ 0 });
	uint32_t *ids = NULL;
	size_t n;

	for (uint32_t id = 10; id <= 50000; id += 10) {
		small_create(&world->odoo, world->table, id);
	}
	n = world_list(world, &ids);
	assert_int_equal(n, 5000);
	assert_at_most(read_all(world, ids, n), 5000 / 900 + 15);
	free(ids);
	world_destroy(world);
}

static void eight_readers_side_by_side(void **state)
{
	struct world *world = begin(16000);
	unsigned calls;

	world_forget(world);
	for (uint32_t i = 0; i < 2000; i++) {
		for (uint32_t reader = 0; reader < 8; reader++) {
			assert_int_equal(world_touch(world, reader * 2000 + i + 1), 0);
		}
	}
	calls = stub_count(&world->client, READ);
	assert_at_most(calls, 8 * (2000 / 900 + 15));
	world_destroy(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_glob_is_read_in_batches),
		cmocka_unit_test(a_small_glob_is_read_in_few_calls),
		cmocka_unit_test(random_order_takes_neighbours_along),
		cmocka_unit_test(descending_order_takes_those_below_along),
		cmocka_unit_test(few_strays_read_nothing_else),
		cmocka_unit_test(every_tenth_id_is_a_walk),
		cmocka_unit_test(eight_readers_side_by_side),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
