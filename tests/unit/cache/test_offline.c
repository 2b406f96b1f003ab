/* SPDX-License-Identifier: MIT */
/* The server is away: what is held is served, the rest fails, and all is well when it is back. */
#include "world.h"

#include "odoo/cleanup.h"

#include <errno.h>

#define GROUP WORLD_MODEL ".read_group"

static bool is_offline(struct world *world)
{
	struct cache_stats stats;

	cache_get_stats(world->cache, &stats);
	return stats.offline;
}

/* All listed and checked, the first half read. */
static struct world *begin_with(const struct world_options *options)
{
	struct world *world = world_create(options);

	assert_int_equal(world_list(world, NULL), options->records);
	world_walk(world, 1, options->records / 2);
	stub_answer_all(&world->client);
	stub_clock_move(3600 * 1000);
	world_list(world, NULL);
	world_walk(world, 1, options->records / 2);
	stub_answer_all(&world->client);
	world_forget(world);
	assert_false(is_offline(world));
	return world;
}

static struct world *begin(uint32_t records)
{
	return begin_with(&(struct world_options){ .records = records });
}

static void what_is_held_is_served(void **state)
{
	static const enum odoo_fault faults[] = { ODOO_FAULT_UNREACHABLE, ODOO_FAULT_TIMEOUT,
		ODOO_FAULT_BUSY, ODOO_FAULT_TLS, ODOO_FAULT_NOT_ODOO, ODOO_FAULT_REDIRECT };

	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		struct world *world = begin(100);

		world->odoo.down = faults[i];
		for (int round = 0; round < 5; round++) {
			world_later();
			assert_int_equal(world_list(world, NULL), 100);
			world_walk(world, 1, 50);
			assert_true(is_offline(world));
		}
		stub_answer_all(&world->client);
		assert_at_most(world->client.calls, 5);
		assert_int_equal(world->n_news, 0);
		world_destroy(world);
	}
}

static void what_is_not_held_fails(void **state)
{
	struct world *world = begin(10000);

	world->odoo.down = ODOO_FAULT_UNREACHABLE;
	assert_int_equal(world_touch(world, 9900), -EHOSTUNREACH);
	assert_true(is_offline(world));
	world->odoo.down = ODOO_FAULT_TIMEOUT;
	assert_int_equal(world_touch(world, 9900), -ETIMEDOUT);
	assert_int_equal(world_touch(world, 7), 0);
	stub_answer_all(&world->client);
	world_destroy(world);
}

static void a_model_never_looked_at_fails(void **state)
{
	struct world *world = world_create(&(struct world_options){ .records = 10 });
	struct ask *ask;

	world->odoo.down = ODOO_FAULT_UNREACHABLE;
	ask = ask_list(world, 0);
	assert_int_equal(ask_finish(ask), -EHOSTUNREACH);
	ask_free(ask);
	assert_int_equal(world_touch(world, 7), -EHOSTUNREACH);
	world->odoo.down = ODOO_FAULT_NONE;
	assert_int_equal(world_list(world, NULL), 10);
	assert_int_equal(world_touch(world, 7), 0);
	assert_false(is_offline(world));
	world_destroy(world);
}

/* After the first check that failed nobody waits for the others, which may take a long time. */
static void nobody_waits_for_a_server_that_is_gone(void **state)
{
	struct world *world = begin(100);
	struct ask *ask;

	world->odoo.down = ODOO_FAULT_TIMEOUT;
	world_later();
	assert_int_equal(world_touch(world, 7), 0);
	world_later();
	ask = ask_cat(world, 7);
	assert_true(ask->done);
	assert_int_equal(ask->result, 0);
	ask_free(ask);
	ask = ask_list(world, 0);
	assert_true(ask->done);
	ask_free(ask);
	assert_int_equal(world->client.n_queued, 1); /* it is tried all the same */
	world_destroy(world);
}

static void it_comes_back(void **state)
{
	struct world *world = begin(100);
	_cleanup_free_ char *text = NULL;

	world->odoo.down = ODOO_FAULT_UNREACHABLE;
	world_later();
	world_touch(world, 7);
	small_write(&world->odoo, world->table, 7);
	small_create(&world->odoo, world->table, 101);
	world_later();
	world_touch(world, 7);
	stub_answer_all(&world->client);
	world->odoo.down = ODOO_FAULT_NONE;
	world_later();
	/* The first one finds that it is back, behind who asks. */
	world_touch(world, 7);
	stub_answer_all(&world->client);
	assert_false(is_offline(world));
	assert_true(world_news(world, CACHE_NEWS_RECORD, 7) > 0);
	assert_int_equal(world_cat(world, 7, &text), 0);
	assert_contains(text, "revision 1");
	assert_int_equal(world_list(world, NULL), 101);
	world_destroy(world);
}

/* A poll finds it, when nobody asks. */
static void a_poll_finds_that_it_is_back(void **state)
{
	struct world *world = begin(100);

	world->odoo.down = ODOO_FAULT_UNREACHABLE;
	world_later();
	cache_poll(world->cache);
	stub_answer_all(&world->client);
	assert_true(is_offline(world));
	world->odoo.down = ODOO_FAULT_NONE;
	small_write(&world->odoo, world->table, 7);
	cache_poll(world->cache);
	assert_int_equal(world->client.n_queued, 0); /* not so soon */
	world_later();
	cache_poll(world->cache);
	stub_answer_all(&world->client);
	assert_false(is_offline(world));
	assert_true(world_news(world, CACHE_NEWS_RECORD, 7) > 0);
	world_destroy(world);
}

/*
 * Known to be stale, served as it is, and so in the kernel with a long timeout: when the server is
 * back, the kernel is told.
 */
static void what_was_served_stale_is_told(void **state)
{
	struct world *world = begin(100);
	_cleanup_free_ char *stale = NULL, *fresh = NULL;

	small_write(&world->odoo, world->table, 7);
	world_later();
	assert_int_equal(world_list(world, NULL), 100); /* found out */
	world->odoo.down = ODOO_FAULT_UNREACHABLE;
	assert_int_equal(world_cat(world, 7, &stale), 0);
	assert_contains(stale, "revision 0");
	world_forget(world);
	world->odoo.down = ODOO_FAULT_NONE;
	world_later();
	cache_poll(world->cache);
	stub_answer_all(&world->client);
	assert_true(world_news(world, CACHE_NEWS_RECORD, 7) > 0);
	assert_int_equal(world_cat(world, 7, &fresh), 0);
	assert_contains(fresh, "revision 1");
	world_destroy(world);
}

/* Evicted content can't be served, though its attributes can. */
static void evicted_content_fails(void **state)
{
	struct world *world = begin_with(&(struct world_options){ .records = 100, .size = 1 });
	struct cache_attr attr;

	world->odoo.down = ODOO_FAULT_UNREACHABLE;
	world_later();
	assert_int_equal(world_stat(world, 7, &attr), 0);
	assert_int_equal(world_touch(world, 7), -EHOSTUNREACH);
	world_destroy(world);
}

static void a_success_of_any_kind_ends_it(void **state)
{
	struct world *world = begin(10000);

	world->odoo.down = ODOO_FAULT_UNREACHABLE;
	assert_int_equal(world_touch(world, 9900), -EHOSTUNREACH);
	stub_answer_all(&world->client);
	assert_true(is_offline(world));
	world->odoo.down = ODOO_FAULT_NONE;
	assert_int_equal(world_touch(world, 9901), 0);
	assert_false(is_offline(world));
	world_destroy(world);
}

/* There is nothing to compare with, but a listing that is at hand is better than none. */
static void models_without_write_date_keep_their_listing(void **state)
{
	struct world *world =
		begin_with(&(struct world_options){ .records = 100, .no_write_date = true });

	world->odoo.down = ODOO_FAULT_UNREACHABLE;
	for (int round = 0; round < 5; round++) {
		world_later();
		assert_int_equal(world_list(world, NULL), 100);
		world_walk(world, 1, 50);
	}
	world->odoo.down = ODOO_FAULT_NONE;
	small_create(&world->odoo, world->table, 101);
	world_later();
	world_list(world, NULL);
	stub_answer_all(&world->client);
	assert_int_equal(world_list(world, NULL), 101);
	world_destroy(world);
}

/* A few records, of which no listing is held. */
static void a_few_records_are_served_too(void **state)
{
	struct world *world = world_create(&(struct world_options){ .records = 100 });
	_cleanup_free_ char *text = NULL;

	assert_int_equal(world_touch(world, 7), 0);
	world->odoo.down = ODOO_FAULT_UNREACHABLE;
	for (int round = 0; round < 3; round++) {
		world_later();
		assert_int_equal(world_touch(world, 7), 0);
	}
	world->odoo.down = ODOO_FAULT_NONE;
	small_write(&world->odoo, world->table, 7);
	world_later();
	assert_int_equal(world_cat(world, 7, &text), 0);
	assert_contains(text, "revision 1");
	world_destroy(world);
}

/* A refused password is no outage: what is held isn't served past the ttl. */
static void a_refused_password_is_no_outage(void **state)
{
	struct world *world = begin(100);

	world->odoo.down = ODOO_FAULT_DENIED;
	world_later();
	assert_int_equal(world_touch(world, 7), -EACCES);
	assert_false(is_offline(world));
	world->odoo.down = ODOO_FAULT_NONE;
	assert_int_equal(world_touch(world, 7), 0);
	world_destroy(world);
}

/* The list of models, too. */
static void the_models_are_remembered(void **state)
{
	struct world *world = begin(10);
	struct ask *ask;

	world->odoo.down = ODOO_FAULT_UNREACHABLE;
	stub_clock_move(20 * 60 * 1000);
	ask = ask_models(world);
	assert_true(ask->done);
	assert_int_equal(ask->result, 0);
	ask_free(ask);
	stub_answer_all(&world->client);
	assert_true(is_offline(world));
	assert_non_null(cache_model_find(world->cache, WORLD_MODEL));
	assert_int_equal(world_news(world, CACHE_NEWS_MODELS, 0), 0);
	world_destroy(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_held_is_served),
		cmocka_unit_test(what_is_not_held_fails),
		cmocka_unit_test(a_model_never_looked_at_fails),
		cmocka_unit_test(nobody_waits_for_a_server_that_is_gone),
		cmocka_unit_test(it_comes_back),
		cmocka_unit_test(a_poll_finds_that_it_is_back),
		cmocka_unit_test(what_was_served_stale_is_told),
		cmocka_unit_test(evicted_content_fails),
		cmocka_unit_test(a_success_of_any_kind_ends_it),
		cmocka_unit_test(models_without_write_date_keep_their_listing),
		cmocka_unit_test(a_few_records_are_served_too),
		cmocka_unit_test(a_refused_password_is_no_outage),
		cmocka_unit_test(the_models_are_remembered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
