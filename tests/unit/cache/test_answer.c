/* SPDX-License-Identifier: MIT */
/* What an answer may hold, and what becomes of it. */
#include "world.h"

#include "odoo/cleanup.h"

#include <errno.h>

static struct world *begin(uint32_t records)
{
	struct world *world = world_create(&(struct world_options){ .records = records });

	assert_int_equal(world_list(world, NULL), records);
	small_create(&world->odoo, world->table, 1000000);
	assert_int_equal(world_stat(world, 3, &(struct cache_attr){ 0 }), 0);
	stub_clock_move(1000);
	world_forget(world);
	return world;
}

static void a_missing_record_is_lost_by_the_listing(void **state)
{
	struct world *world = begin(20);
	struct ask *model;
	uint32_t *ids;

	small_unlink(&world->odoo, world->table, 14);
	assert_int_equal(world_touch(world, 14), -ENOENT);
	assert_int_equal(world->client.calls, 1);
	assert_int_equal(world_news(world, CACHE_NEWS_LISTING, 0), 1);
	assert_int_equal(world_list(world, &ids), 19);
	assert_int_equal(ids[13], 15);
	free(ids);
	/* It is remembered, and the directory's time moved. */
	assert_int_equal(world_touch(world, 14), -ENOENT);
	assert_int_equal(world->client.calls, 1);
	model = ask_model(world);
	assert_int_equal(model->model_attr.mtime, stub_clock_wall());
	ask_free(model);
	assert_int_equal(world->n_failures, 0);
	world_destroy(world);
}

static void a_whole_batch_may_be_missing(void **state)
{
	struct world *world = begin(3000);

	for (uint32_t id = 100; id <= 2900; id++) {
		small_unlink(&world->odoo, world->table, id);
	}
	for (uint32_t id = 2; id <= 3000; id++) {
		assert_int_equal(world_touch(world, id), id < 100 || id > 2900 ? 0 : -ENOENT);
	}
	stub_answer_all(&world->client);
	assert_int_equal(world_list(world, NULL), 199);
	/* One notice a batch, not one a record. */
	assert_at_most(world_news(world, CACHE_NEWS_LISTING, 0), 20);
	world_destroy(world);
}

static void what_is_not_listed_is_not_asked_for(void **state)
{
	struct world *world = begin(20);

	assert_int_equal(world_touch(world, 21), -ENOENT);
	assert_int_equal(world_touch(world, 2147483647), -ENOENT);
	assert_int_equal(world->client.calls, 0);
	world_destroy(world);
}

static void an_unlisted_record_is_remembered_as_missing(void **state)
{
	struct world *world = world_create(&(struct world_options){ .records = 5 });

	assert_int_equal(world_touch(world, 99), -ENOENT);
	world_forget(world);
	assert_int_equal(world_touch(world, 99), -ENOENT);
	assert_int_equal(world->client.calls, 0);
	/* But not for ever. */
	small_create(&world->odoo, world->table, 99);
	stub_clock_move(11000);
	assert_int_equal(world_touch(world, 99), 0);
	world_destroy(world);
}

static const char name_of_2[] = "{\"id\": 2, \"name\": \"two\", \"create_date\": false, "
				"\"write_date\": \"2026-01-02 03:04:05\"}";

/* An answer with such things in it proves nothing of the records that it lacks. */
static void strange_answers(void **state)
{
	static const char *const answers[] = {
		"[{\"id\": 0, \"name\": \"x\"}]",
		"[{\"id\": -1, \"name\": \"x\"}]",
		"[{\"id\": 2147483648, \"name\": \"x\"}]",
		"[{\"id\": 2.5, \"name\": \"x\"}]",
		"[{\"id\": \"2\", \"name\": \"x\"}]",
		"[{\"id\": 7, \"name\": \"not asked for\"}]",
		"[{\"name\": \"no id\"}]",
		"[2]",
		"[null]",
		"[[{\"id\": 2}]]",
		"[false, \"x\", {}]",
	};

	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		struct world *world = begin(20);
		struct ask *ask = ask_stat(world, 2);

		stub_answer_json(&world->client, answers[i]);
		assert_int_equal(ask_finish(ask), -EIO);
		ask_free(ask);
		assert_int_equal(world->n_failures, 1);
		assert_contains(world->failure, "wasn't asked for");
		assert_int_equal(world_list(world, NULL), 20);
		/* The one that it names wrongly isn't there either. */
		assert_int_equal(world_touch(world, 7), 0);
		world_destroy(world);
	}
}

static void a_record_that_comes_twice_is_taken_once(void **state)
{
	struct world *world = begin(20);
	_cleanup_free_ char *json = NULL;
	struct ask *ask = ask_cat(world, 2);

	assert_true(asprintf(&json, "[%s, {\"id\": 2, \"name\": \"second\"}]", name_of_2) > 0);
	stub_answer_json(&world->client, json);
	assert_int_equal(ask_finish(ask), 0);
	assert_contains(ask->text, "name=two\n");
	assert_int_equal(world->n_failures, 1);
	ask_free(ask);
	world_destroy(world);
}

static void records_in_any_order_are_taken(void **state)
{
	struct world *world = begin(20);
	struct ask *asks[] = { ask_cat(world, 9), ask_cat(world, 11), ask_cat(world, 5),
		ask_cat(world, 17) };

	stub_answer(&world->client);
	stub_answer(&world->client);
	stub_answer_json(&world->client,
		"[{\"id\": 17, \"name\": \"seventeen\", \"create_date\": false, "
		"\"write_date\": false}, {\"id\": 5, \"name\": \"five\", \"create_date\": false, "
		"\"write_date\": false}]");
	assert_int_equal(ask_finish(asks[2]), 0);
	assert_contains(asks[2]->text, "five");
	assert_int_equal(ask_finish(asks[3]), 0);
	assert_contains(asks[3]->text, "seventeen");
	assert_int_equal(world->n_failures, 0);
	for (size_t i = 0; i < 4; i++) {
		ask_free(asks[i]);
	}
	world_destroy(world);
}

/* Not a list: looked into as a failure of the data, which ends. */
static void answers_of_another_shape(void **state)
{
	static const char *const answers[] = { "{}", "false", "null", "\"x\"", "14" };

	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		struct world *world = begin(20);
		struct ask *ask;

		small_can(&world->odoo, WORLD_MODEL ".read", answers[i], ODOO_FAULT_NONE);
		ask = ask_stat(world, 9);
		assert_int_equal(ask_finish(ask), -EIO);
		ask_free(ask);
		stub_answer_all(&world->client);
		assert_at_most(world->client.calls, 3);
		assert_contains(world->failure, "isn't a list");
		world_destroy(world);
	}
}

/* ── The renderer ── */

static void a_field_that_cannot_be_shown_is_left_out(void **state)
{
	struct world *world = begin(20);
	_cleanup_free_ char *text = NULL;

	world->table->strange = "strange";
	world->table->strange_id = 2;
	assert_int_equal(world_cat(world, 2, &text), 0);
	assert_lacks(text, "name=");
	assert_contains(text, "write_date=");
	assert_int_equal(world->n_failures, 1);
	assert_contains(world->failure, "/2: read: field name is left out of this record");
	assert_int_equal(world_touch(world, 3), 0);
	assert_int_equal(world->n_failures, 1);
	world_destroy(world);
}

static void a_field_that_can_never_be_shown(void **state)
{
	struct world *world = begin(2000);
	_cleanup_free_ char *text = NULL;

	world->table->strange = "strange";
	world->table->strange_all = true;
	world_walk(world, 2, 2000);
	assert_contains(world->failure, "field name is left out of every record");
	assert_at_most(world->n_failures, 60);
	assert_int_equal(world_cat(world, 1500, &text), 0);
	assert_lacks(text, "name=");
	world_destroy(world);
}

/* Three in a row say nothing of the others; and they are read with the others. */
static void a_few_fields_that_cannot_be_shown(void **state)
{
	struct world *world =
		world_create(&(struct world_options){ .records = 3000, .size = 400000 });

	world->table->strange = "strange";
	world->table->strange_id = 1700;
	world->table->strange_last = 1720;
	world_walk(world, 1, 3000);
	assert_int_equal(world->n_failures, 21);
	world_forget(world);
	for (uint32_t id = 1; id <= 3000; id++) {
		_cleanup_free_ char *text = NULL;

		assert_int_equal(world_cat(world, id, &text), 0);
		assert_int_equal(!strstr(text, "name="), id >= 1700 && id <= 1720);
	}
	assert_at_most(world->client.calls, 50);
	assert_int_equal(world->n_failures, 0);
	world_destroy(world);
}

static void a_record_that_got_well_is_whole_again(void **state)
{
	struct world *world = begin(20);
	_cleanup_free_ char *text = NULL;

	world->table->strange = "strange";
	world->table->strange_id = 2;
	assert_int_equal(world_touch(world, 2), 0);
	world->table->strange = NULL;
	stub_clock_move(11000);
	small_write(&world->odoo, world->table, 2);
	assert_int_equal(world_cat(world, 2, &text), 0);
	assert_contains(text, "name=record 2");
	world_destroy(world);
}

/* ── The listing ── */

static void listings_with_impossible_ids(void **state)
{
	struct world *world = world_create(&(struct world_options){ 0 });
	struct ask *ask = ask_list(world, 0);

	stub_answer_json(&world->client, "[0, -1, 3, 2147483648, 1e300, 7.5, \"9\", null, 11]");
	assert_int_equal(ask_finish(ask), 0);
	assert_int_equal(ask->n_ids, 2);
	assert_int_equal(ask->ids[0], 3);
	assert_int_equal(ask->ids[1], 11);
	assert_int_equal(world->n_failures, 1);
	assert_contains(world->failure, "no record can have");
	ask_free(ask);
	world_destroy(world);
}

static void listings_that_cannot_be_believed(void **state)
{
	static const char *const answers[] = { "[3, 2]", "[3, 3]", "{}", "false", "\"x\"" };

	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		struct world *world = world_create(&(struct world_options){ .records = 5 });
		struct ask *ask = ask_list(world, 0);

		stub_answer_json(&world->client, answers[i]);
		assert_int_equal(ask_finish(ask), -EIO);
		assert_int_equal(world->n_failures, 1);
		ask_free(ask);
		/* Nothing of it stays. */
		assert_int_equal(world_list(world, NULL), 5);
		world_destroy(world);
	}
}

static void an_empty_model_is_listed(void **state)
{
	struct world *world = world_create(&(struct world_options){ 0 });

	assert_int_equal(world_list(world, NULL), 0);
	assert_int_equal(world_list(world, NULL), 0);
	assert_int_equal(world->client.calls, 1);
	assert_int_equal(world_touch(world, 1), -ENOENT);
	world_destroy(world);
}

static void a_long_listing_comes_in_pages(void **state)
{
	struct world *world = world_create(&(struct world_options){ .records = 150000 });
	uint32_t *ids;

	assert_int_equal(world_list(world, &ids), 150000);
	for (uint32_t i = 0; i < 150000; i++) {
		assert_int_equal(ids[i], i + 1);
	}
	free(ids);
	assert_at_most(world->client.calls, 6);
	world_destroy(world);
}

static void a_listing_goes_on_where_it_stood(void **state)
{
	struct world *world = world_create(&(struct world_options){ .records = 5000 });
	struct ask *ask = ask_list(world, 4990);

	assert_int_equal(ask_finish(ask), 0);
	assert_int_equal(ask->n_ids, 10);
	assert_int_equal(ask->ids[0], 4991);
	ask_free(ask);
	ask = ask_list(world, 5000);
	assert_int_equal(ask_finish(ask), 0);
	assert_int_equal(ask->n_ids, 0);
	ask_free(ask);
	world_destroy(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_missing_record_is_lost_by_the_listing),
		cmocka_unit_test(a_whole_batch_may_be_missing),
		cmocka_unit_test(what_is_not_listed_is_not_asked_for),
		cmocka_unit_test(an_unlisted_record_is_remembered_as_missing),
		cmocka_unit_test(strange_answers),
		cmocka_unit_test(a_record_that_comes_twice_is_taken_once),
		cmocka_unit_test(records_in_any_order_are_taken),
		cmocka_unit_test(answers_of_another_shape),
		cmocka_unit_test(a_field_that_cannot_be_shown_is_left_out),
		cmocka_unit_test(a_field_that_can_never_be_shown),
		cmocka_unit_test(a_few_fields_that_cannot_be_shown),
		cmocka_unit_test(a_record_that_got_well_is_whole_again),
		cmocka_unit_test(listings_with_impossible_ids),
		cmocka_unit_test(listings_that_cannot_be_believed),
		cmocka_unit_test(an_empty_model_is_listed),
		cmocka_unit_test(a_long_listing_comes_in_pages),
		cmocka_unit_test(a_listing_goes_on_where_it_stood),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
