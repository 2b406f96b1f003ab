/* SPDX-License-Identifier: MIT */
/* A cache that is smaller than what is read: content goes, attributes stay. */
#include "world.h"

#include "odoo/cleanup.h"

#include <errno.h>

#define READ WORLD_MODEL ".read"

static struct cache_stats stats_of(struct world *world)
{
	struct cache_stats stats;

	cache_get_stats(world->cache, &stats);
	return stats;
}

/* A content of these tests takes some 150 bytes. The cache keeps one, however small it is. */
#define ONE_CONTENT 300

static struct world *begin(uint32_t records, size_t size)
{
	struct world *world =
		world_create(&(struct world_options){ .records = records, .size = size });

	assert_int_equal(world_list(world, NULL), records);
	world_forget(world);
	return world;
}

static void content_is_bounded(void **state)
{
	struct world *world = begin(5000, 100000);

	for (uint32_t id = 1; id <= 5000; id++) {
		assert_int_equal(world_touch(world, id), 0);
		stub_answer_all(&world->client);
		assert_at_most(stats_of(world).content_bytes, 100000);
	}
	assert_true(stats_of(world).evictions > 4000);
	assert_int_equal(stats_of(world).records, 5000);
	world_destroy(world);
}

static void attributes_stay(void **state)
{
	struct world *world = begin(5000, 100000);
	struct cache_attr attr;

	world_walk(world, 1, 5000);
	stub_answer_all(&world->client);
	world_forget(world);
	for (uint32_t id = 1; id <= 5000; id++) {
		assert_int_equal(world_stat(world, id, &attr), 0);
		assert_int_equal(attr.id, id);
		assert_true(attr.size > 50);
		assert_int_equal(attr.mtime, small_find(world->table, id)->write_date);
	}
	assert_int_equal(world->client.calls, 0);
	world_destroy(world);
}

static void content_comes_back_in_batches(void **state)
{
	struct world *world = begin(5000, 400000);
	struct cache_attr before, after;
	unsigned first;

	world_walk(world, 1, 5000);
	stub_answer_all(&world->client);
	first = stub_count(&world->client, READ);
	assert_int_equal(world_stat(world, 14, &before), 0);
	world_forget(world);
	world_walk(world, 1, 5000);
	stub_answer_all(&world->client);
	assert_at_most(stub_count(&world->client, READ), first + 5);
	assert_int_equal(world_stat(world, 14, &after), 0);
	assert_memory_equal(&before, &after, sizeof(before));
	assert_int_equal(world_news(world, CACHE_NEWS_RECORD, 0), 0);
	world_destroy(world);
}

/* The next batch of contents is on its way before it is asked for, as with attributes. */
static void content_is_read_ahead(void **state)
{
	struct world *world = begin(5000, 400000);
	unsigned waits = 0;

	world_walk(world, 1, 5000);
	stub_answer_all(&world->client);
	for (uint32_t id = 1; id <= 5000; id++) {
		struct ask *ask = ask_cat(world, id);

		waits += !ask->done;
		stub_answer_all(&world->client);
		assert_int_equal(ask_finish(ask), 0);
		ask_free(ask);
	}
	assert_at_most(waits, 10);
	world_destroy(world);
}

/* Reads a model of records of some 2.5 kB from end to end; returns the reads that it took. */
static unsigned walk(size_t size, unsigned connections, bool slow)
{
	struct world *world = world_create(&(struct world_options){
		.records = 2000, .size = size, .connections = connections });
	unsigned reads;

	for (uint32_t id = 1; id <= 2000; id++) {
		small_find(world->table, id)->padding = 1500 + id * 7919 % 2000;
	}
	assert_int_equal(world_list(world, NULL), 2000);
	for (uint32_t id = 1; id <= 2000; id++) {
		assert_int_equal(world_touch(world, id), 0);
		if (slow) {
			stub_answer_all(&world->client);
		}
	}
	stub_answer_all(&world->client);
	assert_int_equal(stats_of(world).batch_records, 2000);
	reads = stub_count(&world->client, READ);
	world_destroy(world);
	return reads;
}

/*
 * What is read ahead isn't thrown away for what was read before: each record is fetched once,
 * whether the reader is faster than the server or slower.
 */
static void a_walk_through_a_small_cache(void **state)
{
	static const size_t sizes[] = { 200000, 400000, 1000000, 2000000, 4000000 };
	static const unsigned connections[] = { 1, 2, 4, 16 };

	for (size_t i = 0; i < 5; i++) {
		size_t batch = sizes[i] / 2560 / 4; /* a quarter of the cache */

		for (size_t j = 0; j < 4; j++) {
			assert_at_most(walk(sizes[i], connections[j], false), 2000 / batch + 12);
			assert_at_most(walk(sizes[i], connections[j], true), 2000 / batch + 12);
		}
	}
}

/* However small it is: what was asked for is there when it comes, and is read once. */
static void a_tiny_cache_serves_its_waiters(void **state)
{
	static const size_t sizes[] = { 1, 100, 1000, 10000 };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct world *world = begin(1000, sizes[i]);

		for (uint32_t id = 1; id <= 1000; id++) {
			struct ask *ask = ask_cat(world, id);

			assert_int_equal(ask_finish(ask), 0);
			assert_at_most(ask->runs, 4);
			ask_free(ask);
			assert_at_most(stats_of(world).content_bytes,
				sizes[i] > ONE_CONTENT ? sizes[i] : ONE_CONTENT);
		}
		/* No record is fetched many times over. */
		assert_at_most(stats_of(world).batch_records, 4000);
		world_destroy(world);
	}
}

static void many_waiters_of_a_tiny_cache(void **state)
{
	struct world *world = begin(1000, 1);
	struct ask *asks[200];

	for (uint32_t n = 0; n < 200; n++) {
		asks[n] = ask_cat(world, n * 5 + 1);
	}
	stub_answer_all(&world->client);
	for (uint32_t n = 0; n < 200; n++) {
		assert_true(asks[n]->done);
		assert_int_equal(asks[n]->result, 0);
		assert_at_most(asks[n]->runs, 5);
		ask_free(asks[n]);
	}
	assert_at_most(stats_of(world).content_bytes, ONE_CONTENT);
	world_destroy(world);
}

/* A few contents of a megabyte among small ones. */
static void large_contents(void **state)
{
	struct world *world = begin(200, 3000000);

	for (uint32_t id = 20; id <= 200; id += 20) {
		small_find(world->table, id)->padding = 1000000;
	}
	for (int round = 0; round < 2; round++) {
		for (uint32_t id = 1; id <= 200; id++) {
			_cleanup_free_ char *text = NULL;

			assert_int_equal(world_cat(world, id, &text), 0);
			assert_int_equal(strlen(text) > 1000000, id % 20 == 0);
			assert_at_most(stats_of(world).content_bytes, 3000000);
		}
	}
	assert_at_most(stats_of(world).batch_records, 1500);
	world_destroy(world);
}

/* It is there for all its parts, until something else is read. */
static void a_content_larger_than_the_cache(void **state)
{
	struct world *world = begin(20, 10000);

	small_find(world->table, 14)->padding = 50000;
	for (int part = 0; part < 5; part++) {
		_cleanup_free_ char *text = NULL;

		assert_int_equal(world_cat(world, 14, &text), 0);
		assert_true(strlen(text) > 50000);
	}
	assert_int_equal(stub_count(&world->client, READ), 1);
	assert_int_equal(world_touch(world, 3), 0);
	assert_at_most(stats_of(world).content_bytes, 10000);
	world_destroy(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(content_is_bounded),
		cmocka_unit_test(attributes_stay),
		cmocka_unit_test(content_comes_back_in_batches),
		cmocka_unit_test(content_is_read_ahead),
		cmocka_unit_test(a_walk_through_a_small_cache),
		cmocka_unit_test(a_tiny_cache_serves_its_waiters),
		cmocka_unit_test(many_waiters_of_a_tiny_cache),
		cmocka_unit_test(large_contents),
		cmocka_unit_test(a_content_larger_than_the_cache),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
