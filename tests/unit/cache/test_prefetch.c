/* SPDX-License-Identifier: MIT */
/* Whole models in advance: read once, in batches, as far as there is room. */
#include "cache/prefetch.h"
#include "directory.h"
#include "world.h"

#include "odoo/cleanup.h"

#include <errno.h>

#define READ WORLD_MODEL ".read"
#define SEARCH WORLD_MODEL ".search"

#define RECORDS 3000

static struct cache_prefetch report_of(struct world *world)
{
	_cleanup_free_ struct cache_prefetch *all = NULL;
	size_t n;

	assert_int_equal(cache_prefetch_report(world->cache, &all, &n), 0);
	assert_int_equal(n, 1);
	assert_string_equal(all[0].model, WORLD_MODEL);
	return all[0];
}

static void assert_state(struct world *world, enum cache_prefetch_state wanted)
{
	assert_int_equal(report_of(world).state, wanted);
}

/* Answer what is asked; the upkeep goes on meanwhile. */
static void answer_all(struct world *world)
{
	do {
		stub_answer_all(&world->client);
		stub_clock_move(500);
		cache_poll(world->cache);
	} while (world->client.n_queued);
}

static void prefetch(struct world *world)
{
	assert_int_equal(cache_prefetch(world->cache, "res.part*"), 0);
	answer_all(world);
}

static void all_is_there_then(void **state)
{
	struct world *world = world_create(&(struct world_options){ .records = RECORDS });
	struct cache_prefetch report;

	prefetch(world);
	report = report_of(world);
	assert_int_equal(report.state, PREFETCH_DONE);
	assert_int_equal(report.done, RECORDS);
	assert_int_equal(report.total, RECORDS);
	assert_at_most(stub_count(&world->client, READ), RECORDS / 1000 + 1);
	assert_int_equal(stub_count(&world->client, SEARCH), 1);
	world_forget(world);
	world_list(world, NULL);
	world_walk(world, 1, RECORDS);
	assert_int_equal(stub_count(&world->client, READ), 0);
	assert_int_equal(stub_count(&world->client, SEARCH), 0);
	world_destroy(world);
}

static void progress_is_told(void **state)
{
	struct world *world = world_create(&(struct world_options){ .records = RECORDS });
	size_t before = 0;

	assert_int_equal(cache_prefetch(world->cache, WORLD_MODEL), 0);
	assert_state(world, PREFETCH_LISTING);
	while (report_of(world).state != PREFETCH_DONE) {
		struct cache_prefetch report = report_of(world);

		assert_true(report.done >= before && report.done <= RECORDS);
		before = report.done;
		assert_true(world->client.n_queued <= 2); /* as there are connections */
		assert_true(stub_answer(&world->client));
	}
	assert_true(before > 0);
	world_destroy(world);
}

static void what_is_there_is_not_read_again(void **state)
{
	struct world *world = world_begin(&(struct world_options){ .records = RECORDS });

	small_write(&world->odoo, world->table, 1234);
	world_later();
	world_forget(world);
	prefetch(world);
	assert_state(world, PREFETCH_DONE);
	assert_int_equal(world->rendered, 1);
	world_destroy(world);
}

static void twice_is_once_while_it_is_under_way(void **state)
{
	struct world *world = world_create(&(struct world_options){ .records = RECORDS });

	assert_int_equal(cache_prefetch(world->cache, WORLD_MODEL), 0);
	stub_answer(&world->client);
	prefetch(world);
	assert_state(world, PREFETCH_DONE);
	assert_int_equal(world->rendered, RECORDS);
	prefetch(world); /* and again when it is over: all is there */
	assert_state(world, PREFETCH_DONE);
	assert_int_equal(world->rendered, RECORDS);
	world_destroy(world);
}

static void what_is_dropped_meanwhile_is_read_again(void **state)
{
	struct world *world = world_create(&(struct world_options){ .records = RECORDS });

	assert_int_equal(cache_prefetch(world->cache, WORLD_MODEL), 0);
	while (report_of(world).done < 1000) {
		assert_true(stub_answer(&world->client));
	}
	cache_refresh(world->cache, world->model);
	answer_all(world);
	assert_state(world, PREFETCH_DONE);
	world_list(world, NULL);
	world_forget(world);
	world_walk(world, 1, RECORDS);
	assert_int_equal(stub_count(&world->client, READ), 0);
	world_destroy(world);
}

static void memory_is_bounded(void **state)
{
	struct world *world =
		world_create(&(struct world_options){ .records = RECORDS, .size = 20000 });
	struct cache_stats stats;

	prefetch(world);
	assert_state(world, PREFETCH_FULL);
	cache_get_stats(world->cache, &stats);
	assert_at_most(stats.content_bytes, 20000);
	assert_true(world->rendered > 50 && world->rendered < RECORDS / 2);
	assert_int_equal(report_of(world).done, world->rendered);
	world_destroy(world);
}

static void the_store_takes_what_memory_cannot(void **state)
{
	struct world *world = world_create(
		&(struct world_options){ .records = RECORDS, .size = 20000, .store = directory });
	struct cache_stats stats;

	prefetch(world);
	assert_state(world, PREFETCH_DONE);
	assert_int_equal(world->rendered, RECORDS);
	cache_get_stats(world->cache, &stats);
	assert_at_most(stats.content_bytes, 20000);
	stub_clock_move(24LL * 3600 * 1000);
	world_remount(world);
	prefetch(world);
	assert_state(world, PREFETCH_DONE);
	world_walk(world, 1, RECORDS);
	assert_int_equal(stub_count(&world->client, READ), 0);
	world_destroy(world);
}

static void what_is_not_there_is_said(void **state)
{
	struct world *world = world_create(&(struct world_options){ .records = 5 });
	struct ask *ask;

	assert_int_equal(cache_prefetch(world->cache, "res.partne"), -ENOENT);
	world_destroy(world);
	world = world_create(&(struct world_options){ .records = 5, .unloaded = true });
	assert_int_equal(cache_prefetch(world->cache, "sale.*"), 0);
	assert_int_equal(cache_prefetch(world->cache, "*"), 0);
	world_can_models(&world->odoo);
	ask = ask_models(world);
	assert_int_equal(ask_finish(ask), 0);
	ask_free(ask);
	answer_all(world);
	assert_contains(world->failure, "prefetch=sale.*: there is no such model");
	assert_int_equal(world->failure_number, -ENOENT);
	assert_state(world, PREFETCH_DONE);
	world_destroy(world);
}

static void it_goes_on_when_the_server_is_back(void **state)
{
	struct world *world = world_create(&(struct world_options){ .records = RECORDS });

	assert_int_equal(cache_prefetch(world->cache, WORLD_MODEL), 0);
	while (report_of(world).done < 1000) {
		assert_true(stub_answer(&world->client));
	}
	world->odoo.down = ODOO_FAULT_UNREACHABLE;
	stub_answer_all(&world->client);
	assert_state(world, PREFETCH_WAITING);
	world->odoo.down = ODOO_FAULT_NONE;
	stub_clock_move(60 * 1000);
	cache_poll(world->cache);
	answer_all(world);
	assert_state(world, PREFETCH_DONE);
	assert_at_most(world->rendered, RECORDS);
	world_destroy(world);
}

static void a_refusal_ends_it(void **state)
{
	struct world *world = world_create(&(struct world_options){ .records = 50 });

	small_can(&world->odoo, SEARCH, NULL, ODOO_FAULT_ACCESS);
	prefetch(world);
	assert_state(world, PREFETCH_FAILED);
	assert_true(world->n_failures > 0);
	world_destroy(world);
}

static void records_that_fail_do_not_end_it(void **state)
{
	struct world *world = world_create(&(struct world_options){ .records = 50 });

	small_fail(world->table, NULL, 7, ODOO_FAULT_SERVER);
	prefetch(world);
	assert_state(world, PREFETCH_DONE);
	assert_true(world->n_failures > 0);
	assert_int_equal(world_touch(world, 7), 0); /* without what fails */
	assert_int_equal(world_touch(world, 8), 0);
	world_destroy(world);
}

/* Whoever unmounts doesn't wait for it. */
static void the_end_ends_it(void **state)
{
	struct world *world = world_create(&(struct world_options){ .records = RECORDS });

	assert_int_equal(cache_prefetch(world->cache, WORLD_MODEL), 0);
	while (report_of(world).done < 1000) {
		assert_true(stub_answer(&world->client));
	}
	stub_finish(&world->client);
	assert_int_equal(world->client.n_queued, 0);
	assert_state(world, PREFETCH_FAILED);
	world_free(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_is_there_then),
		cmocka_unit_test(progress_is_told),
		cmocka_unit_test(what_is_there_is_not_read_again),
		cmocka_unit_test(twice_is_once_while_it_is_under_way),
		cmocka_unit_test(what_is_dropped_meanwhile_is_read_again),
		cmocka_unit_test(memory_is_bounded),
		cmocka_unit_test_setup_teardown(
			the_store_takes_what_memory_cannot, directory_setup, directory_teardown),
		cmocka_unit_test(what_is_not_there_is_said),
		cmocka_unit_test(it_goes_on_when_the_server_is_back),
		cmocka_unit_test(a_refusal_ends_it),
		cmocka_unit_test(records_that_fail_do_not_end_it),
		cmocka_unit_test(the_end_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
