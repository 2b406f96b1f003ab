/* SPDX-License-Identifier: MIT */
/* What a record costs when its content was evicted. Sanitizers have an allocator of their own. */
#include "world.h"

#include <malloc.h>

#define RECORDS 100000

/* Bytes that the program has from malloc(3). */
static size_t in_use(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

static bool can_measure(void)
{
	size_t before = in_use();
	void *volatile block = malloc(10000);
	size_t used = in_use() - before;

	free(block);
	return used >= 10000 && used < 11000;
}

/* Every record is read, and none of their contents fits. Returns the bytes that stay. */
static size_t read_all(struct world *world)
{
	size_t before = in_use();

	for (size_t i = 0; i < world->table->n_rows; i++) {
		struct cache_attr attr;

		assert_int_equal(world_stat(world, world->table->rows[i].id, &attr), 0);
	}
	stub_answer_all(&world->client);
	return in_use() - before;
}

static void evicted_records_take_little(void **state)
{
	struct world *world = world_create(
		&(struct world_options){ .records = RECORDS, .size = 1000000 });
	struct cache_stats stats;
	size_t bytes;

	if (!can_measure()) {
		world_destroy(world);
		skip();
	}
	assert_int_equal(world_list(world, NULL), RECORDS);
	bytes = read_all(world);
	cache_get_stats(world->cache, &stats);
	assert_int_equal(stats.records, RECORDS);
	assert_at_most(stats.content_bytes, 1000000);
	assert_at_most((bytes - stats.content_bytes) / RECORDS, 64);
	print_message("%zu bytes a record\n", (bytes - stats.content_bytes) / RECORDS);
	world_destroy(world);
}

/* One in three was deleted over the years. */
static void holes_cost_a_little_more(void **state)
{
	struct world *world = world_create(&(struct world_options){ .size = 1000000 });
	struct cache_stats stats;
	size_t bytes;

	if (!can_measure()) {
		world_destroy(world);
		skip();
	}
	for (uint32_t id = 1; id <= RECORDS; id++) {
		if (id * 2654435761u % 3) {
			small_create(&world->odoo, world->table, id);
		}
	}
	assert_int_equal(world_list(world, NULL), world->table->n_rows);
	bytes = read_all(world);
	cache_get_stats(world->cache, &stats);
	assert_at_most((bytes - stats.content_bytes) / world->table->n_rows, 72);
	print_message("%zu bytes a record\n",
		(bytes - stats.content_bytes) / world->table->n_rows);
	world_destroy(world);
}

static void a_listing_takes_four_bytes_an_id(void **state)
{
	struct world *world = world_create(&(struct world_options){ .records = RECORDS });
	size_t before = in_use();

	if (!can_measure()) {
		world_destroy(world);
		skip();
	}
	assert_int_equal(world_list(world, NULL), RECORDS);
	assert_at_most((in_use() - before) * 10 / RECORDS, 65);
	world_destroy(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(evicted_records_take_little),
		cmocka_unit_test(holes_cost_a_little_more),
		cmocka_unit_test(a_listing_takes_four_bytes_an_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
