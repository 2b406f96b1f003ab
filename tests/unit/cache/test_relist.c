/* SPDX-License-Identifier: MIT */
/* Records that come and go, and models that can't be checked. */
#include "world.h"

#include "odoo/cleanup.h"

#include <errno.h>

#define READ WORLD_MODEL ".read"
#define GROUP WORLD_MODEL ".read_group"
#define SEARCH WORLD_MODEL ".search"

static struct world *begin_with(const struct world_options *options)
{
	struct world *world = world_create(options);

	assert_int_equal(world_list(world, NULL), options->records);
	world_walk(world, 1, options->records);
	stub_answer_all(&world->client);
	stub_clock_move(3600 * 1000);
	world_list(world, NULL);
	world_walk(world, 1, options->records);
	stub_answer_all(&world->client);
	world_forget(world);
	return world;
}

static struct world *begin(uint32_t records)
{
	return begin_with(&(struct world_options){ .records = records });
}

static int64_t mtime(struct world *world)
{
	struct cache_model_attr attr;

	assert_int_equal(cache_model_stat(world->cache, world->model, &attr, NULL), 0);
	return attr.mtime;
}

static void a_record_is_created(void **state)
{
	struct world *world = begin(100);

	small_create(&world->odoo, world->table, 101);
	world_later();
	assert_int_equal(world_list(world, NULL), 101);
	assert_int_equal(world->client.calls, 2); /* the numbers agree */
	assert_int_equal(world_news(world, CACHE_NEWS_LISTING, 0), 1);
	assert_int_equal(world_news(world, CACHE_NEWS_RECORD, 101), 1);
	assert_int_equal(mtime(world), stub_clock_wall());
	assert_int_equal(world_touch(world, 101), 0);
	world_destroy(world);
}

/* It was asked for before it was there. */
static void a_missing_record_is_created(void **state)
{
	struct world *world = begin(100);

	assert_int_equal(world_touch(world, 101), -ENOENT);
	small_unlink(&world->odoo, world->table, 50);
	assert_int_equal(world_touch(world, 50), 0); /* from memory */
	world_later();
	assert_int_equal(world_touch(world, 50), -ENOENT);
	small_create(&world->odoo, world->table, 101);
	small_create(&world->odoo, world->table, 50);
	world_later();
	assert_int_equal(world_touch(world, 101), 0);
	assert_int_equal(world_touch(world, 50), 0);
	assert_int_equal(world_list(world, NULL), 101);
	world_destroy(world);
}

static void records_are_deleted(void **state)
{
	struct world *world = begin(100);
	int64_t before = mtime(world);
	uint32_t *ids;

	small_unlink(&world->odoo, world->table, 1);
	small_unlink(&world->odoo, world->table, 14);
	small_unlink(&world->odoo, world->table, 100);
	world_later();
	assert_int_equal(world_list(world, &ids), 97);
	assert_int_equal(ids[0], 2);
	assert_int_equal(ids[12], 15);
	assert_int_equal(ids[96], 99);
	free(ids);
	assert_int_equal(stub_count(&world->client, SEARCH), 1);
	assert_at_most(world->client.calls, 3);
	assert_true(world_news(world, CACHE_NEWS_LISTING, 0) > 0);
	assert_true(world_news(world, CACHE_NEWS_RECORD, 14) > 0);
	assert_int_equal(world_news(world, CACHE_NEWS_RECORD, 15), 0);
	assert_true(mtime(world) > before);
	world_forget(world);
	assert_int_equal(world_touch(world, 14), -ENOENT);
	assert_int_equal(world_touch(world, 15), 0);
	assert_int_equal(world->client.calls, 0);
	world_destroy(world);
}

static void as_many_come_as_go(void **state)
{
	struct world *world = begin(100);
	uint32_t *ids;

	small_unlink(&world->odoo, world->table, 14);
	small_create(&world->odoo, world->table, 101);
	world_later();
	assert_int_equal(world_list(world, &ids), 100);
	assert_int_equal(ids[13], 15);
	assert_int_equal(ids[99], 101);
	free(ids);
	assert_int_equal(world_touch(world, 14), -ENOENT);
	assert_int_equal(world_touch(world, 101), 0);
	world_destroy(world);
}

static void all_are_deleted(void **state)
{
	struct world *world = begin(50);

	for (uint32_t id = 1; id <= 50; id++) {
		small_unlink(&world->odoo, world->table, id);
	}
	world_later();
	assert_int_equal(world_list(world, NULL), 0);
	assert_int_equal(world_touch(world, 14), -ENOENT);
	small_create(&world->odoo, world->table, 51);
	world_later();
	assert_int_equal(world_list(world, NULL), 1);
	world_destroy(world);
}

static void a_hundred_thousand_are_deleted(void **state)
{
	struct world *world = world_create(&(struct world_options){ .records = 130000 });

	assert_int_equal(world_list(world, NULL), 130000);
	world->table->n_rows = 30000;
	world_later();
	assert_int_equal(world_list(world, NULL), 30000);
	assert_at_most(stub_count(&world->client, SEARCH), 5);
	world_destroy(world);
}

/* A rule hides a record, and shows it again: nothing was written. */
static void a_rule_hides_a_record(void **state)
{
	struct world *world = begin(100);
	struct small_row hidden = *small_find(world->table, 14);

	small_unlink(&world->odoo, world->table, 14);
	world_later();
	assert_int_equal(world_list(world, NULL), 99);
	small_create(&world->odoo, world->table, 14);
	*small_find(world->table, 14) = hidden;
	world_later();
	assert_int_equal(world_list(world, NULL), 100);
	assert_int_equal(world_touch(world, 14), 0);
	world_destroy(world);
}

/* The server counts what it doesn't list: it is listed again no more than twice for that. */
static void a_server_that_counts_too_many(void **state)
{
	struct world *world = world_create(&(struct world_options){ .records = 100 });
	unsigned relists;

	world->table->miscount = 3;
	world_list(world, NULL);
	for (int round = 0; round < 10; round++) {
		small_write(&world->odoo, world->table, 7);
		world_later();
		world_list(world, NULL);
	}
	relists = stub_count(&world->client, SEARCH) - 1;
	assert_at_most(relists, 2);
	/* And a deletion is still seen. */
	small_unlink(&world->odoo, world->table, 14);
	world_later();
	assert_int_equal(world_list(world, NULL), 99);
	world_destroy(world);
}

/* Created between the count and the listing, which then looks like a server that counts too few. */
static void a_record_comes_in_the_middle_of_a_check(void **state)
{
	struct world *world = begin(100);
	struct ask *ask;

	small_unlink(&world->odoo, world->table, 14);
	world_later();
	ask = ask_list(world, 0);
	stub_answer(&world->client); /* counted */
	stub_answer(&world->client); /* nothing was written */
	small_create(&world->odoo, world->table, 101);
	assert_int_equal(ask_finish(ask), 0);
	ask_free(ask);
	small_unlink(&world->odoo, world->table, 15);
	world_later();
	assert_int_equal(world_list(world, NULL), 99);
	assert_int_equal(world_touch(world, 15), -ENOENT);
	world_destroy(world);
}

/* Created behind the count, and gone before the next one, which is then the same as the last. */
static void a_record_comes_in_the_middle_of_a_check_and_goes(void **state)
{
	struct world *world = begin(100);
	struct ask *ask;

	small_write(&world->odoo, world->table, 7);
	stub_clock_move(3600 * 1000);
	ask = ask_list(world, 0);
	stub_answer(&world->client); /* counted */
	small_create(&world->odoo, world->table, 101);
	assert_int_equal(ask_finish(ask), 0);
	assert_int_equal(ask->n_ids, 101);
	ask_free(ask);
	small_unlink(&world->odoo, world->table, 101);
	world_later();
	assert_int_equal(world_list(world, NULL), 100);
	assert_int_equal(world_touch(world, 101), -ENOENT);
	world_forget(world);
	world_later();
	assert_int_equal(world_list(world, NULL), 100);
	assert_int_equal(world->client.calls, 1); /* and now it is believed */
	world_destroy(world);
}

/* A page was made before a record came, and is delivered after a check that counted it. */
static void a_record_comes_behind_a_page(void **state)
{
	struct world *world = world_create(&(struct world_options){ .records = 500 });
	struct stub_sent *page;
	struct ask *first, *second;

	world_walk(world, 1, 500);
	stub_answer_all(&world->client);
	first = ask_list(world, 0);
	page = stub_at(&world->client, 0);
	stub_make(&world->client, page);
	stub_clock_move(1000);
	small_create(&world->odoo, world->table, 501);
	world_later();
	second = ask_stat(world, 1);
	while (!second->done) {
		stub_deliver(&world->client, stub_at(&world->client, 1));
	}
	ask_free(second);
	stub_deliver(&world->client, page);
	assert_int_equal(ask_finish(first), 0);
	ask_free(first);
	stub_clock_move(3600 * 1000);
	assert_int_equal(world_list(world, NULL), 501);
	assert_int_equal(world_touch(world, 501), 0);
	world_destroy(world);
}

/* A batch that was made before its record went is delivered after the listing lost it. */
static void a_late_batch_does_not_bring_back_the_dead(void **state)
{
	struct world *world = begin(100);
	struct stub_sent *batch;
	struct ask *reader, *list;

	small_write(&world->odoo, world->table, 14);
	world_later();
	world_list(world, NULL);
	reader = ask_cat(world, 14);
	batch = stub_at(&world->client, 0);
	stub_make(&world->client, batch);
	small_unlink(&world->odoo, world->table, 14);
	world_later();
	list = ask_list(world, 0);
	while (!list->done) {
		stub_deliver(&world->client, stub_at(&world->client, 1));
	}
	ask_free(list);
	stub_deliver(&world->client, batch);
	assert_int_equal(ask_finish(reader), 0); /* it was there when it was asked for */
	ask_free(reader);
	assert_int_equal(world_touch(world, 14), -ENOENT);
	world_destroy(world);
}

/* ── A listing that fails half-way ── */

static void a_relist_out_of_order_is_not_believed(void **state)
{
	struct world *world = begin(100);
	struct ask *ask;

	small_unlink(&world->odoo, world->table, 14);
	world_later();
	ask = ask_list(world, 0);
	stub_answer(&world->client);
	stub_answer(&world->client);
	stub_answer_json(&world->client, "[1, 3, 2]");
	assert_int_equal(ask_finish(ask), 0);
	assert_int_equal(ask->n_ids, 99); /* all was listed again */
	assert_contains(world->failure, "isn't in the order of ids");
	ask_free(ask);
	assert_int_equal(world_touch(world, 99), 0);
	world_destroy(world);
}

static void a_check_that_fails(void **state)
{
	static const enum odoo_fault faults[] = { ODOO_FAULT_SERVER, ODOO_FAULT_ACCESS,
		ODOO_FAULT_MALFORMED, ODOO_FAULT_INTERNAL, ODOO_FAULT_DATABASE };

	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		struct world *world = begin(100);
		_cleanup_free_ char *text = NULL;

		small_write(&world->odoo, world->table, 14);
		small_create(&world->odoo, world->table, 101);
		small_can(&world->odoo, GROUP, NULL, faults[i]);
		world_later();
		assert_int_equal(world_cat(world, 14, &text), 0);
		assert_contains(text, "revision 1");
		assert_int_equal(world_list(world, NULL), 101);
		assert_int_equal(world->n_failures, 1);
		assert_contains(world->failure, "check for changes");
		world_destroy(world);
	}
}

/* A server that can't do the group call isn't asked for it each time; but again, some time. */
static void a_group_call_that_always_fails(void **state)
{
	struct world *world = begin(100);

	small_can(&world->odoo, GROUP, NULL, ODOO_FAULT_SERVER);
	for (int round = 0; round < 20; round++) {
		world_later();
		assert_int_equal(world_list(world, NULL), 100);
	}
	assert_int_equal(stub_count(&world->client, GROUP), 1);
	small_uncan(&world->odoo, GROUP);
	stub_clock_move(3600 * 1000);
	world_list(world, NULL);
	world_forget(world);
	world_later();
	world_list(world, NULL);
	assert_int_equal(world->client.calls, 1);
	world_destroy(world);
}

static void summaries_of_a_wrong_shape(void **state)
{
	static const char *const answers[] = { "{}", "false", "[7]", "[{\"__count\": -1}]",
		"[{\"__count\": \"x\"}]", "[{}, {}]",
		"[{\"__count\": 5, \"id\": 0, \"write_date\": false}]",
		"[{\"__count\": 5, \"id\": 5, \"write_date\": \"yesterday\"}]" };

	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		struct world *world = begin(100);

		small_can(&world->odoo, GROUP, answers[i], ODOO_FAULT_NONE);
		world_later();
		assert_int_equal(world_list(world, NULL), 100);
		assert_int_equal(world->n_failures, 1);
		assert_int_equal(world_touch(world, 14), 0);
		world_destroy(world);
	}
}

/* ── Without write_date ── */

static void a_model_without_write_date_is_read_again(void **state)
{
	struct world *world =
		begin_with(&(struct world_options){ .records = 50, .no_write_date = true });
	_cleanup_free_ char *text = NULL;
	struct cache_model_attr attr;

	assert_int_equal(cache_model_stat(world->cache, world->model, &attr, NULL), 0);
	assert_false(attr.has_write_date);
	small_write(&world->odoo, world->table, 14);
	small_create(&world->odoo, world->table, 51);
	assert_int_equal(world_touch(world, 14), 0);
	assert_int_equal(world->client.calls, 0);
	world_later();
	assert_int_equal(world_list(world, NULL), 51);
	assert_int_equal(world_cat(world, 14, &text), 0);
	assert_contains(text, "revision 1");
	/* One call to see that the server is there, one page, one record. */
	assert_at_most(world->client.calls, 3);
	world_forget(world);
	assert_int_equal(world_touch(world, 14), 0);
	assert_int_equal(world->client.calls, 0);
	world_destroy(world);
}

/* ── Listings that aren't complete ── */

static void changes_within_a_listing_that_is_under_way(void **state)
{
	struct world *world = world_create(&(struct world_options){ .records = 150000 });
	struct ask *ask = ask_list(world, 0);
	_cleanup_free_ char *text = NULL;

	assert_int_equal(ask_finish(ask), 0);
	assert_true(ask->n_ids < 150000);
	ask_free(ask);
	assert_int_equal(world_touch(world, 14), 0);
	assert_int_equal(world_touch(world, 15), 0);
	stub_clock_move(3600 * 1000);
	world_touch(world, 14);
	stub_clock_move(3600 * 1000);
	world_touch(world, 14);
	small_write(&world->odoo, world->table, 14);
	small_unlink(&world->odoo, world->table, 15);
	world_later();
	assert_int_equal(world_cat(world, 14, &text), 0);
	assert_contains(text, "revision 1");
	assert_int_equal(world_touch(world, 15), -ENOENT);
	assert_int_equal(world_list(world, NULL), 149999);
	world_destroy(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_is_created),
		cmocka_unit_test(a_missing_record_is_created),
		cmocka_unit_test(records_are_deleted),
		cmocka_unit_test(as_many_come_as_go),
		cmocka_unit_test(all_are_deleted),
		cmocka_unit_test(a_hundred_thousand_are_deleted),
		cmocka_unit_test(a_rule_hides_a_record),
		cmocka_unit_test(a_server_that_counts_too_many),
		cmocka_unit_test(a_record_comes_in_the_middle_of_a_check),
		cmocka_unit_test(a_record_comes_in_the_middle_of_a_check_and_goes),
		cmocka_unit_test(a_record_comes_behind_a_page),
		cmocka_unit_test(a_late_batch_does_not_bring_back_the_dead),
		cmocka_unit_test(a_relist_out_of_order_is_not_believed),
		cmocka_unit_test(a_check_that_fails),
		cmocka_unit_test(a_group_call_that_always_fails),
		cmocka_unit_test(summaries_of_a_wrong_shape),
		cmocka_unit_test(a_model_without_write_date_is_read_again),
		cmocka_unit_test(changes_within_a_listing_that_is_under_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
