/* SPDX-License-Identifier: MIT */
/* What others change on the server, found with as few calls as can be. */
#include "world.h"

#include "odoo/cleanup.h"

#include <errno.h>

#define READ WORLD_MODEL ".read"
#define GROUP WORLD_MODEL ".read_group"
#define SEARCH WORLD_MODEL ".search"

/* All listed and read, and checked for the first time. */
static struct world *begin_with(const struct world_options *options)
{
	struct world *world = world_create(options);

	assert_int_equal(world_list(world, NULL), options->records);
	if (options->records) {
		world_walk(world, 1, options->records);
	}
	stub_answer_all(&world->client);
	stub_clock_move(3600 * 1000);
	world_list(world, NULL);
	world_forget(world);
	return world;
}

static struct world *begin(uint32_t records)
{
	return begin_with(&(struct world_options){ .records = records });
}

static void within_the_ttl_nothing_is_asked(void **state)
{
	struct world *world = begin(500);

	stub_clock_move(9000);
	world_list(world, NULL);
	world_walk(world, 1, 500);
	assert_int_equal(world->client.calls, 0);
	world_destroy(world);
}

static void nothing_moved_is_one_call(void **state)
{
	struct world *world = begin(500);

	for (unsigned round = 1; round <= 3; round++) {
		world_later();
		world_list(world, NULL);
		world_walk(world, 1, 500);
		assert_int_equal(world->client.calls, round);
		assert_int_equal(stub_count(&world->client, GROUP), round);
	}
	assert_int_equal(world->n_news, 0);
	world_destroy(world);
}

/* Who walks by all of them needs a few that changed here and there: they come together. */
static void what_changed_is_read_in_batches(void **state)
{
	struct world *world = begin(10000);

	for (uint32_t id = 45; id <= 10000; id += 90) {
		small_write(&world->odoo, world->table, id);
	}
	world_later();
	world_list(world, NULL);
	world_forget(world);
	world_walk(world, 1, 10000);
	stub_answer_all(&world->client);
	assert_at_most(stub_count(&world->client, READ), 5);
	world_destroy(world);
}

/* Everybody who comes while it runs waits for the same check. */
static void one_check_for_all(void **state)
{
	struct world *world = begin(10);
	struct ask *asks[] = { NULL, NULL, NULL, NULL };

	world_later();
	asks[0] = ask_list(world, 0);
	asks[1] = ask_cat(world, 3);
	asks[2] = ask_model(world);
	asks[3] = ask_stat(world, 7);
	assert_int_equal(world->client.n_queued, 1);
	stub_answer(&world->client);
	for (size_t i = 0; i < 4; i++) {
		assert_true(asks[i]->done);
		assert_int_equal(asks[i]->result, 0);
		ask_free(asks[i]);
	}
	assert_int_equal(world->client.calls, 1);
	world_destroy(world);
}

static void only_what_changed_is_read_again(void **state)
{
	struct world *world = begin(3000);
	_cleanup_free_ char *text = NULL;

	small_write(&world->odoo, world->table, 1234);
	world_later();
	world_walk(world, 1, 3000);
	assert_int_equal(world_cat(world, 1234, &text), 0);
	assert_contains(text, "revision 1");
	assert_int_equal(world->rendered, 1);
	assert_int_equal(stub_count(&world->client, GROUP), 1);
	assert_int_equal(stub_count(&world->client, WORLD_MODEL ".search_read"), 1); /* which, */
	assert_int_equal(stub_count(&world->client, READ), 1);			     /* and it */
	assert_int_equal(stub_count(&world->client, SEARCH), 0);
	assert_true(world_news(world, CACHE_NEWS_RECORD, 1234) > 0);
	assert_int_equal(world_news(world, CACHE_NEWS_RECORD, 0),
		world_news(world, CACHE_NEWS_RECORD, 1234));
	assert_int_equal(world_news(world, CACHE_NEWS_LISTING, 0), 0);
	world_destroy(world);
}

static void many_changes_come_in_pages(void **state)
{
	struct world *world = begin(25000);

	for (uint32_t id = 1; id <= 24500; id++) {
		small_write(&world->odoo, world->table, id);
	}
	world_later();
	world_walk(world, 1, 25000);
	assert_int_equal(world->rendered, 24500);
	/* The group call, three pages of changes, and the records. */
	assert_at_most(world->client.calls, 4 + 25000 / 900 + 15);
	world_destroy(world);
}

/* Two writes in one second: the first of them is seen, and the second must not be missed. */
static void a_second_that_is_not_over(void **state)
{
	struct world *world = begin(50);
	_cleanup_free_ char *first = NULL, *second = NULL;

	world_later();
	small_write(&world->odoo, world->table, 7);
	assert_int_equal(world_cat(world, 7, &first), 0);
	assert_contains(first, "revision 1");
	small_write(&world->odoo, world->table, 7);
	world_later();
	assert_int_equal(world_cat(world, 7, &second), 0);
	assert_contains(second, "revision 2");
	world_destroy(world);
}

/* The same with an answer that takes longer than the second: when it was asked for is what counts.
 */
static void a_slow_answer_does_not_settle_its_second(void **state)
{
	struct world *world = begin(50);
	_cleanup_free_ char *first = NULL, *second = NULL;
	struct stub_sent *sent;
	struct ask *ask;

	world_later();
	small_write(&world->odoo, world->table, 7);
	ask = ask_cat(world, 7);
	stub_answer(&world->client); /* something moved */
	stub_answer(&world->client); /* it is 7 */
	sent = stub_at(&world->client, 0);
	stub_make(&world->client, sent);
	small_write(&world->odoo, world->table, 7);
	stub_clock_move(8000);
	sent->reply.server_time = stub_clock_wall();
	stub_deliver(&world->client, sent);
	assert_int_equal(ask_finish(ask), 0);
	first = steal(ask->text);
	ask_free(ask);
	assert_contains(first, "revision 1");
	world_later();
	assert_int_equal(world_cat(world, 7, &second), 0);
	assert_contains(second, "revision 2");
	world_destroy(world);
}

/* A transaction that began before another one's write, and commits after it was seen. */
static void a_long_transaction_is_not_missed(void **state)
{
	struct world *world = begin(50);
	_cleanup_free_ char *text = NULL;
	struct small_row *row = small_find(world->table, 9);
	int64_t began;

	world_later();
	began = stub_clock_wall();
	stub_clock_move(5000);
	small_write(&world->odoo, world->table, 7);
	stub_clock_move(6000);
	assert_int_equal(world_touch(world, 7), 0);
	row->revision = 1;
	row->write_date = began;
	world_later();
	assert_int_equal(world_cat(world, 9, &text), 0);
	assert_contains(text, "revision 1");
	world_destroy(world);
}

static void a_quiet_server_is_settled(void **state)
{
	struct world *world = begin(50);

	small_write(&world->odoo, world->table, 7);
	world_later();
	world_walk(world, 1, 50);
	stub_clock_move(3600 * 1000);
	world_walk(world, 1, 50);
	world_forget(world);
	for (unsigned round = 1; round <= 3; round++) {
		world_later();
		world_walk(world, 1, 50);
		assert_int_equal(world->client.calls, round);
	}
	world_destroy(world);
}

static void a_date_of_the_future_hides_nothing(void **state)
{
	struct world *world = begin(50);
	_cleanup_free_ char *text = NULL;

	small_write(&world->odoo, world->table, 3);
	small_find(world->table, 3)->write_date += 1000000000;
	world_later();
	world_walk(world, 1, 50);
	small_write(&world->odoo, world->table, 7);
	world_later();
	assert_int_equal(world_cat(world, 7, &text), 0);
	assert_contains(text, "revision 1");
	world_destroy(world);
}

/* Its clock is another: only its own times are compared. */
static void the_servers_clock_may_be_wrong(void **state)
{
	static const int64_t skews[] = { -7200, 7200, -90, 90 };

	for (size_t i = 0; i < sizeof(skews) / sizeof(skews[0]); i++) {
		struct world *world =
			world_create(&(struct world_options){ .records = 200, .skew = skews[i] });
		_cleanup_free_ char *text = NULL;

		world_list(world, NULL);
		world_walk(world, 1, 200);
		stub_clock_move(3000);
		small_write(&world->odoo, world->table, 7);
		world_later();
		assert_int_equal(world_cat(world, 7, &text), 0);
		assert_contains(text, "revision 1");
		stub_clock_move(3600 * 1000);
		world_walk(world, 1, 200);
		world_forget(world);
		world_later();
		world_walk(world, 1, 200);
		assert_int_equal(world->client.calls, 1);
		world_destroy(world);
	}
}

/* ── While a batch is on its way ── */

static void a_change_while_its_batch_is_in_flight(void **state)
{
	struct world *world = begin(50);
	_cleanup_free_ char *text = NULL;
	struct stub_sent *batch;
	struct ask *reader;

	/* A record that isn't in memory, read before it changed, and delivered after. */
	small_create(&world->odoo, world->table, 51);
	world_later();
	assert_int_equal(world_list(world, NULL), 51);
	reader = ask_cat(world, 51);
	batch = stub_at(&world->client, 0);
	stub_make(&world->client, batch);
	stub_clock_move(5000);
	small_write(&world->odoo, world->table, 51);
	world_later();
	/* A check is over before the batch comes. */
	struct ask *list = ask_list(world, 0);
	while (!list->done) {
		stub_deliver(&world->client, stub_at(&world->client, 1));
	}
	ask_free(list);
	stub_deliver(&world->client, batch);
	/* Who asked before the change gets what was then. */
	assert_true(reader->done);
	assert_int_equal(reader->result, 0);
	assert_contains(reader->text, "revision 0");
	ask_free(reader);
	/* Who asks now doesn't. */
	assert_int_equal(world_cat(world, 51, &text), 0);
	assert_contains(text, "revision 1");
	world_destroy(world);
}

/* Two who asked after the change share the second fetch; nobody is left behind with the first. */
static void late_readers_of_a_stale_batch(void **state)
{
	struct world *world = begin(50);
	struct ask *first, *late[3], *list;
	struct stub_sent *batch;

	small_create(&world->odoo, world->table, 51);
	world_later();
	world_list(world, NULL);
	first = ask_cat(world, 51);
	batch = stub_at(&world->client, 0);
	stub_make(&world->client, batch);
	stub_clock_move(5000);
	small_write(&world->odoo, world->table, 51);
	world_later();
	list = ask_list(world, 0);
	while (!list->done) {
		stub_deliver(&world->client, stub_at(&world->client, 1));
	}
	ask_free(list);
	for (size_t i = 0; i < 3; i++) {
		late[i] = ask_cat(world, 51);
	}
	world_forget(world);
	stub_deliver(&world->client, batch);
	stub_answer_all(&world->client);
	assert_int_equal(world->client.calls, 1);
	assert_true(first->done);
	ask_free(first);
	for (size_t i = 0; i < 3; i++) {
		assert_true(late[i]->done);
		assert_int_equal(late[i]->result, 0);
		assert_contains(late[i]->text, "revision 1");
		ask_free(late[i]);
	}
	world_destroy(world);
}

/* ── Without a baseline, or without a listing ── */

static void changes_since_the_first_use_are_seen_by_the_first_check(void **state)
{
	struct world *world = world_create(&(struct world_options){ .records = 200, .ttl = 600 });
	_cleanup_free_ char *text = NULL;

	world_list(world, NULL);
	world_walk(world, 1, 100);
	stub_clock_move(200 * 1000);
	small_write(&world->odoo, world->table, 7);
	stub_clock_move(200 * 1000);
	world_walk(world, 101, 200);
	stub_answer_all(&world->client);
	stub_clock_move(300 * 1000);
	world_forget(world);
	assert_int_equal(world_cat(world, 7, &text), 0);
	assert_contains(text, "revision 1");
	assert_int_equal(world->rendered, 1);
	assert_int_equal(world->client.calls, 3);
	world_destroy(world);
}

/* The first request is on its way when the second asks: the time before it isn't forgotten. */
static void two_first_users(void **state)
{
	struct world *world = world_create(&(struct world_options){ .records = 200, .ttl = 600 });
	_cleanup_free_ char *text = NULL;
	struct ask *first = ask_cat(world, 7), *second = NULL;

	stub_answer(&world->client); /* the schema */
	stub_clock_move(100);
	second = ask_cat(world, 7);
	assert_int_equal(ask_finish(first), 0);
	assert_int_equal(ask_finish(second), 0);
	ask_free(first);
	ask_free(second);
	stub_clock_move(100 * 1000);
	small_write(&world->odoo, world->table, 7);
	stub_clock_move(100 * 1000);
	world_list(world, NULL);
	world_walk(world, 1, 200);
	stub_answer_all(&world->client);
	stub_clock_move(600 * 1000);
	world_forget(world);
	assert_int_equal(world_cat(world, 7, &text), 0);
	assert_contains(text, "revision 1");
	assert_at_most(world->rendered, 1); /* not all that was written since 1970 */
	world_destroy(world);
}

static void few_records_are_just_read_again(void **state)
{
	struct world *world = world_create(&(struct world_options){ .records = 50 });
	_cleanup_free_ char *text = NULL;

	assert_int_equal(world_touch(world, 7), 0);
	small_write(&world->odoo, world->table, 7);
	world_forget(world);
	world_later();
	assert_int_equal(world_cat(world, 7, &text), 0);
	assert_contains(text, "revision 1");
	assert_int_equal(world->client.calls, 1);
	assert_int_equal(stub_count(&world->client, READ), 1);
	world_destroy(world);
}

static void many_records_that_were_never_listed(void **state)
{
	struct world *world = world_create(&(struct world_options){ .records = 1000 });
	_cleanup_free_ char *text = NULL;

	world_walk(world, 1, 1000);
	stub_answer_all(&world->client);
	small_write(&world->odoo, world->table, 7);
	small_unlink(&world->odoo, world->table, 8);
	world_later();
	assert_int_equal(world_cat(world, 7, &text), 0);
	assert_contains(text, "revision 1");
	assert_int_equal(world_touch(world, 8), -ENOENT);
	/* And from then on it costs what it should. */
	stub_clock_move(3600 * 1000);
	world_walk(world, 9, 1000);
	world_forget(world);
	world_later();
	world_walk(world, 9, 1000);
	assert_int_equal(world->client.calls, 1);
	world_destroy(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(within_the_ttl_nothing_is_asked),
		cmocka_unit_test(nothing_moved_is_one_call),
		cmocka_unit_test(what_changed_is_read_in_batches),
		cmocka_unit_test(one_check_for_all),
		cmocka_unit_test(only_what_changed_is_read_again),
		cmocka_unit_test(many_changes_come_in_pages),
		cmocka_unit_test(a_second_that_is_not_over),
		cmocka_unit_test(a_slow_answer_does_not_settle_its_second),
		cmocka_unit_test(a_long_transaction_is_not_missed),
		cmocka_unit_test(a_quiet_server_is_settled),
		cmocka_unit_test(a_date_of_the_future_hides_nothing),
		cmocka_unit_test(the_servers_clock_may_be_wrong),
		cmocka_unit_test(a_change_while_its_batch_is_in_flight),
		cmocka_unit_test(late_readers_of_a_stale_batch),
		cmocka_unit_test(changes_since_the_first_use_are_seen_by_the_first_check),
		cmocka_unit_test(two_first_users),
		cmocka_unit_test(few_records_are_just_read_again),
		cmocka_unit_test(many_records_that_were_never_listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
