/* SPDX-License-Identifier: MIT */
/* What changes without its write_date is found when the record is read again, and not before. */
#include "directory.h"
#include "world.h"

#include "odoo/cleanup.h"

#define READ WORLD_MODEL ".read"
#define GROUP WORLD_MODEL ".read_group"

#define MAX_AGE 3600

static struct world *begin_with(struct world_options options)
{
	struct world *world;

	options.max_age = MAX_AGE;
	world = world_begin(&options);
	world_forget(world);
	return world;
}

static struct world *begin(uint32_t records)
{
	return begin_with((struct world_options){ .records = records });
}

/* Another record's name, say, that is in this one's text. */
static void change_without_date(struct world *world, uint32_t id)
{
	small_find(world->table, id)->revision += 10;
}

static void assert_reads(struct world *world, uint32_t id, const char *words)
{
	_cleanup_free_ char *text = NULL;

	assert_int_equal(world_cat(world, id, &text), 0);
	assert_contains(text, words);
}

/* The time goes by, and the upkeep runs all the while. Returns the most reads of one step. */
static unsigned upkeep(struct world *world, int64_t seconds, int64_t step)
{
	unsigned most = 0;

	for (int64_t gone = 0; gone < seconds; gone += step) {
		unsigned before = stub_count(&world->client, READ), more;

		stub_clock_move(step * 1000);
		cache_poll(world->cache);
		more = stub_count(&world->client, READ) - before;
		most = more > most ? more : most;
		stub_answer_all(&world->client);
	}
	return most;
}

static void it_is_found_by_who_asks_after_max_age(void **state)
{
	struct world *world = begin(20);
	struct cache_attr before = world_attr(world, 5), after, other = world_attr(world, 6);

	change_without_date(world, 5);
	stub_clock_move((MAX_AGE - 100) * 1000LL);
	assert_reads(world, 5, "revision 0");
	stub_clock_move(300 * 1000);
	assert_reads(world, 5, "revision 10");
	after = world_attr(world, 5);
	assert_true(after.mtime > before.mtime);
	assert_true(after.ctime > before.ctime);
	assert_int_not_equal(after.version, before.version);
	assert_true(world_news(world, CACHE_NEWS_RECORD, 5) > 0);
	after = world_attr(world, 6);
	assert_memory_equal(&after, &other, sizeof(after));
	assert_int_equal(world_news(world, CACHE_NEWS_RECORD, 6), 0);
	world_destroy(world);
}

static void without_max_age_it_is_not(void **state)
{
	struct world *world = world_begin(&(struct world_options){ .records = 20 });

	change_without_date(world, 5);
	stub_clock_move(100LL * MAX_AGE * 1000);
	assert_reads(world, 5, "revision 0");
	world_destroy(world);
}

/* One call for many, as when they are read for the first time. */
static void who_walks_reads_in_batches(void **state)
{
	struct world *world = begin(3000);

	stub_clock_move((MAX_AGE + 100) * 1000LL);
	world_walk(world, 1, 3000);
	assert_int_equal(world->rendered, 3000);
	assert_at_most(stub_count(&world->client, READ), 12);
	world_walk(world, 1, 3000);
	assert_int_equal(world->rendered, 3000);
	assert_int_equal(world_news(world, CACHE_NEWS_RECORD, 0), 0);
	world_destroy(world);
}

/* What the kernel knows is read again before anybody has to wait for it, and told of. */
static void the_kernel_is_told_in_time(void **state)
{
	struct world *world = begin(20);

	change_without_date(world, 5);
	upkeep(world, MAX_AGE * 3 / 4 - 120, 60);
	assert_int_equal(stub_count(&world->client, READ), 0);
	upkeep(world, 240, 60);
	assert_int_equal(stub_count(&world->client, READ), 1);
	assert_true(world_news(world, CACHE_NEWS_RECORD, 5) > 0);
	assert_int_equal(
		world_news(world, CACHE_NEWS_RECORD, 0), world_news(world, CACHE_NEWS_RECORD, 5));
	upkeep(world, MAX_AGE / 4, 60);
	assert_int_equal(stub_count(&world->client, READ), 1);
	world_destroy(world);
}

/* Many are a batch now and then. */
static void many_are_spread(void **state)
{
	struct world *world = begin(20000);
	unsigned most;

	upkeep(world, MAX_AGE * 3 / 4 - 120, 60);
	assert_int_equal(stub_count(&world->client, READ), 0);
	world_attr(world, 1); /* the model stays in use */
	most = upkeep(world, MAX_AGE / 4 + 60, 5);
	assert_int_equal(most, 1);
	assert_int_equal(world->rendered, 20000);
	assert_int_equal(stub_count(&world->client, READ), 20);
	world_destroy(world);
}

/* Those that the kernel was never told of, or forgot, wait until somebody asks. */
static void what_nobody_knows_is_left_alone(void **state)
{
	struct world *world = begin(20);

	for (uint32_t id = 1; id <= 20; id++) {
		struct cache_attr attr = world_attr(world, id);

		if (id != 7) {
			cache_record_forget(world->cache, world->model, id, attr.version);
		}
	}
	world_forget(world);
	upkeep(world, MAX_AGE + 60, 60);
	assert_int_equal(world->rendered, 1);
	world_destroy(world);
}

/* Nor is a model that the kernel can't remember anything of any more. */
static void an_unused_model_is_left_alone(void **state)
{
	struct world *world = begin(20);

	stub_clock_move(2LL * 3600 * 1000);
	world_forget(world);
	upkeep(world, 2L * MAX_AGE, 60);
	assert_int_equal(world->client.calls, 0);
	world_destroy(world);
}

static void a_server_that_is_away_is_not_asked(void **state)
{
	struct world *world = begin(20);

	world->odoo.down = ODOO_FAULT_UNREACHABLE;
	world_later();
	assert_int_equal(world_touch(world, 3), 0); /* the check finds it away */
	world_forget(world);
	stub_clock_move((MAX_AGE + 100) * 1000LL);
	assert_int_equal(world_touch(world, 3), 0);
	assert_int_equal(stub_count(&world->client, READ), 0);
	world_destroy(world);
}

/* Their age is that of the reading, whichever mount did it. */
static void ages_are_stored(void **state)
{
	struct world *world =
		begin_with((struct world_options){ .records = 20, .store = directory });

	stub_clock_move(1800 * 1000);
	world_touch(world, 1); /* checked, as nothing moved */
	change_without_date(world, 5);
	world_remount(world);
	assert_reads(world, 5, "revision 0");
	assert_int_equal(stub_count(&world->client, READ), 0);
	stub_clock_move(1900 * 1000);
	assert_reads(world, 5, "revision 10");
	world_destroy(world);
}

/* Then nobody knows how old they are. */
static void a_clock_that_went_back_makes_all_too_old(void **state)
{
	struct world *world =
		begin_with((struct world_options){ .records = 20, .store = directory });

	change_without_date(world, 5);
	stub_clock_set_back(24 * 3600);
	world_remount(world);
	assert_reads(world, 5, "revision 10");
	assert_reads(world, 6, "revision 0");
	world_destroy(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_found_by_who_asks_after_max_age),
		cmocka_unit_test(without_max_age_it_is_not),
		cmocka_unit_test(who_walks_reads_in_batches),
		cmocka_unit_test(the_kernel_is_told_in_time),
		cmocka_unit_test(many_are_spread),
		cmocka_unit_test(what_nobody_knows_is_left_alone),
		cmocka_unit_test(an_unused_model_is_left_alone),
		cmocka_unit_test(a_server_that_is_away_is_not_asked),
		cmocka_unit_test_setup_teardown(
			ages_are_stored, directory_setup, directory_teardown),
		cmocka_unit_test_setup_teardown(a_clock_that_went_back_makes_all_too_old,
			directory_setup, directory_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
