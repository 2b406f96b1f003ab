/* SPDX-License-Identifier: MIT */
/* What the server fails on is found, left out, named, and costs no more calls than it must. */
#include "world.h"

#include "odoo/cleanup.h"

#include <errno.h>

#define READ WORLD_MODEL ".read"
#define EXTRA 60
#define SCATTERED 8

/* The records of a listing, of which the first few were read, so that batches are large. */
static struct world *begin(uint32_t records)
{
	struct world *world =
		world_create(&(struct world_options){ .records = records, .extra = EXTRA });

	assert_int_equal(world_list(world, NULL), records);
	return world;
}

/* Calls that halving n things down to one of them takes at most, each half asked for. */
static unsigned halvings(unsigned n)
{
	unsigned steps = 0;

	for (; n > 1; n = (n + 1) / 2) {
		steps += 2;
	}
	return steps;
}

static void assert_whole(struct world *world, uint32_t id)
{
	_cleanup_free_ char *text = NULL;

	assert_int_equal(world_cat(world, id, &text), 0);
	assert_contains(text, "name=");
	assert_contains(text, "extra_00=");
	assert_contains(text, "extra_59=");
}

static void assert_whole_but(
	struct world *world, uint32_t id, const char *first, const char *second)
{
	_cleanup_free_ char *text = NULL;

	assert_int_equal(world_cat(world, id, &text), 0);
	assert_lacks(text, first);
	assert_lacks(text, second);
	assert_contains(text, "name=");
	assert_contains(text, "extra_59=");
}

static void one_field_of_one_record(void **state)
{
	struct world *world = begin(4000);
	_cleanup_free_ char *text = NULL;

	small_fail(world->table, "extra_17", 2345, ODOO_FAULT_SERVER);
	world_walk(world, 1, 4000);
	stub_answer_all(&world->client);
	assert_int_equal(world->n_failures, 1);
	assert_contains(world->failure, "/2345: read: field extra_17 is left out of this record");
	assert_contains(world->failure, "extra_17 of 2345 fails");
	assert_int_equal(world_cat(world, 2345, &text), 0);
	assert_lacks(text, "extra_17=");
	assert_contains(text, "extra_16=");
	assert_contains(text, "name=record 2345");
	assert_contains(text, "write_date=");
	assert_whole(world, 2344);
	assert_whole(world, 2346);
	assert_at_most(stub_count(&world->client, READ),
		4000 / 900 + 15 + 2 + halvings(1000) + halvings(EXTRA + 3));
	world_destroy(world);
}

static void one_record_of_a_thousand(void **state)
{
	struct world *world = begin(4000);
	_cleanup_free_ char *text = NULL;

	/* All of it fails but the id. */
	small_fail(world->table, NULL, 1777, ODOO_FAULT_SERVER);
	world_walk(world, 1, 4000);
	stub_answer_all(&world->client);
	assert_int_equal(world_cat(world, 1777, &text), 0);
	assert_string_equal(text, "id=1777\n");
	assert_whole(world, 1776);
	assert_whole(world, 1778);
	/* Its own fields cost two calls each, and nobody else's any. */
	assert_at_most(stub_count(&world->client, READ),
		4000 / 900 + 15 + 2 + halvings(1000) + 2 * (EXTRA + 3));
	world_destroy(world);
}

static void a_field_of_all_records(void **state)
{
	struct world *world = begin(10000);
	_cleanup_free_ char *text = NULL;

	small_fail(world->table, "extra_30", 0, ODOO_FAULT_SERVER);
	world_walk(world, 1, 10000);
	stub_answer_all(&world->client);
	assert_contains(world->failure, "extra_30 is left out of every record of " WORLD_MODEL);
	/* Some five records tell that it is all of them, and one that is looked into meanwhile. */
	assert_at_most(world->n_failures, 6);
	assert_at_most(stub_count(&world->client, READ),
		10000 / 900 + 15 + 6 * (halvings(EXTRA + 3) + 4) + halvings(16));
	assert_int_equal(world_cat(world, 7000, &text), 0);
	assert_lacks(text, "extra_30=");
	assert_contains(text, "extra_31=");
	world_destroy(world);
}

static void a_field_that_nobody_may_read(void **state)
{
	struct world *world = begin(5000);
	_cleanup_free_ char *text = NULL;

	small_fail(world->table, "extra_05", 0, ODOO_FAULT_ACCESS);
	world_walk(world, 1, 5000);
	stub_answer_all(&world->client);
	assert_int_equal(world->n_failures, 1);
	assert_int_equal(world->failure_number, -EACCES);
	assert_contains(world->failure, "extra_05 is left out of every record");
	/* One record tells, and two are looked into at a time. */
	assert_at_most(
		stub_count(&world->client, READ), 5000 / 900 + 15 + 2 * (halvings(EXTRA + 3) + 6));
	assert_int_equal(world_cat(world, 1, &text), 0);
	assert_lacks(text, "extra_05=");
	world_destroy(world);
}

static void two_fields_of_all_records(void **state)
{
	struct world *world = begin(2000);

	small_fail(world->table, "extra_05", 0, ODOO_FAULT_SERVER);
	small_fail(world->table, "extra_44", 0, ODOO_FAULT_SERVER);
	world_walk(world, 1, 2000);
	stub_answer_all(&world->client);
	assert_at_most(stub_count(&world->client, READ),
		2000 / 900 + 15 + 6 * (2 * halvings(EXTRA + 3) + 4));
	assert_whole_but(world, 1500, "extra_05=", "extra_44=");
	world_destroy(world);
}

/* Some bad records among many good ones don't cost the good ones their field. */
static void a_field_of_scattered_records(void **state)
{
	struct world *world = begin(3000);

	for (uint32_t i = 0; i < SCATTERED; i++) {
		small_fail(world->table, "extra_30", 100 + i * 350, ODOO_FAULT_SERVER);
	}
	world_walk(world, 1, 3000);
	stub_answer_all(&world->client);
	assert_int_equal(world->n_failures, SCATTERED);
	for (uint32_t id = 1; id <= 3000; id++) {
		if (id % 350 != 100) {
			assert_whole(world, id);
		}
	}
	world_destroy(world);
}

/* What failed once is known: it is read by itself, and doesn't fail its batch again. */
static void a_bad_record_is_read_alone(void **state)
{
	struct world *world = begin(1000);

	small_fail(world->table, "extra_17", 500, ODOO_FAULT_SERVER);
	world_walk(world, 1, 1000);
	stub_answer_all(&world->client);
	world_forget(world);
	cache_refresh(world->cache, NULL);
	/* The refresh forgets it, as it should. */
	world_walk(world, 1, 1000);
	stub_answer_all(&world->client);
	assert_int_equal(world->n_failures, 1);
	world_destroy(world);
}

static void a_bad_record_that_changes_is_tried_whole(void **state)
{
	struct world *world = begin(1000);

	small_fail(world->table, "extra_17", 500, ODOO_FAULT_SERVER);
	assert_int_equal(world_touch(world, 500), 0);
	world->table->n_rules = 0;
	stub_clock_move(11000);
	small_write(&world->odoo, world->table, 500);
	assert_whole(world, 500);
	world_destroy(world);
}

/* Another of its fields fails later: what was learned before isn't learned again. */
static void a_bad_record_gets_worse(void **state)
{
	struct world *world =
		world_create(&(struct world_options){ .records = 1000, .extra = EXTRA, .size = 1 });
	_cleanup_free_ char *text = NULL;

	small_fail(world->table, "extra_17", 500, ODOO_FAULT_SERVER);
	assert_int_equal(world_touch(world, 500), 0);
	assert_int_equal(world_touch(world, 3), 0); /* in its place: the cache holds one */
	world_forget(world);
	small_fail(world->table, "extra_40", 500, ODOO_FAULT_SERVER);
	assert_int_equal(world_cat(world, 500, &text), 0);
	assert_lacks(text, "extra_17=");
	assert_lacks(text, "extra_40=");
	assert_contains(text, "extra_41=");
	assert_int_equal(world->n_failures, 1);
	assert_contains(world->failure, "extra_40");
	assert_at_most(stub_count(&world->client, READ), 3 + halvings(EXTRA + 2));
	world_destroy(world);
}

static void a_model_that_cannot_be_read(void **state)
{
	struct world *world = begin(3000);
	unsigned calls;

	small_can(&world->odoo, READ, NULL, ODOO_FAULT_SERVER);
	for (uint32_t id = 1; id <= 3000; id++) {
		assert_int_equal(world_touch(world, id), -EIO);
	}
	stub_answer_all(&world->client);
	calls = stub_count(&world->client, READ);
	assert_at_most(calls, 2 * (3000 / 900 + 15));
	assert_contains(world->failure, "res.partner.read fails");
	assert_int_equal(world_list(world, NULL), 3000);
	/* It is remembered … */
	assert_int_equal(world_touch(world, 2000), -EIO);
	assert_int_equal(stub_count(&world->client, READ), calls);
	/* … and tried again, once what is held is checked. */
	small_uncan(&world->odoo, READ);
	stub_clock_move(11000);
	world_walk(world, 1, 3000);
	world_destroy(world);
}

static void a_refused_model_is_eacces(void **state)
{
	struct world *world = begin(100);

	small_can(&world->odoo, READ, NULL, ODOO_FAULT_ACCESS);
	assert_int_equal(world_touch(world, 14), -EACCES);
	assert_int_equal(stub_count(&world->client, READ), 2);
	world_destroy(world);
}

/* Faults that fewer records wouldn't mend end the batch at once. */
static void faults_that_are_not_about_data(void **state)
{
	static const struct {
		enum odoo_fault fault;
		int number;
	} cases[] = {
		{ ODOO_FAULT_DENIED, -EACCES },
		{ ODOO_FAULT_UNKNOWN_MODEL, -ENOENT },
		{ ODOO_FAULT_DATABASE, -EIO },
		{ ODOO_FAULT_UNREACHABLE, -EHOSTUNREACH },
		{ ODOO_FAULT_TIMEOUT, -ETIMEDOUT },
		{ ODOO_FAULT_BUSY, -EHOSTUNREACH },
		{ ODOO_FAULT_NOT_ODOO, -EHOSTUNREACH },
		{ ODOO_FAULT_INTERNAL, -EIO },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct world *world = begin(100);

		small_can(&world->odoo, READ, NULL, cases[i].fault);
		assert_int_equal(world_touch(world, 14), cases[i].number);
		assert_int_equal(stub_count(&world->client, READ), 1);
		assert_int_equal(world->failure_number, cases[i].number);
		/* Nothing of it is remembered. */
		small_uncan(&world->odoo, READ);
		assert_whole(world, 14);
		world_destroy(world);
	}
}

static void an_answer_that_is_too_large_is_halved(void **state)
{
	struct world *world = begin(4000);

	world->table->most_records = 100;
	world_walk(world, 1, 4000);
	stub_answer_all(&world->client);
	assert_int_equal(world->n_failures, 0);
	/* Each batch of 1,000 costs itself, a probe that is too large, … */
	assert_at_most(stub_count(&world->client, READ), 200);
	world_destroy(world);
}

/* In the middle of a search the server goes away: who waits for what isn't found gets an error. */
static void the_server_goes_in_the_middle(void **state)
{
	for (unsigned after = 1; after < 12; after++) {
		struct world *world = begin(100);
		struct ask *ask;

		small_fail(world->table, "extra_17", 50, ODOO_FAULT_SERVER);
		assert_int_equal(world_touch(world, 1), 0);
		ask = ask_cat(world, 50);
		for (unsigned i = 0; i < after; i++) {
			stub_answer(&world->client);
		}
		world->odoo.down = ODOO_FAULT_UNREACHABLE;
		assert_int_equal(ask_finish(ask), -EHOSTUNREACH);
		ask_free(ask);
		stub_answer_all(&world->client);
		world->odoo.down = ODOO_FAULT_NONE;
		stub_clock_move(11000);
		assert_int_equal(world_touch(world, 50), 0);
		world_destroy(world);
	}
}

static void a_record_goes_while_its_fields_are_searched(void **state)
{
	struct world *world = begin(100);
	struct ask *ask;

	small_fail(world->table, "extra_17", 50, ODOO_FAULT_SERVER);
	assert_int_equal(world_touch(world, 1), 0);
	ask = ask_cat(world, 50);
	for (unsigned i = 0; i < 5; i++) {
		stub_answer(&world->client);
	}
	small_unlink(&world->odoo, world->table, 50);
	assert_int_equal(ask_finish(ask), -ENOENT);
	ask_free(ask);
	assert_int_equal(world_list(world, NULL), 99);
	world_destroy(world);
}

/* In a search field by field, another record, none of the shape, or two: never shown as this one.
 */
static void strange_answers_to_a_part(void **state)
{
	static const char *const answers[] = { "{}", "[{\"id\": 51, \"name\": \"another\"}]",
		"[{\"name\": \"another\"}]", "[7]",
		"[{\"id\": 50, \"extra_01\": 1}, {\"id\": 51, \"name\": \"another\"}]" };

	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		struct world *world = begin(100);
		struct ask *ask;

		small_fail(world->table, "extra_17", 50, ODOO_FAULT_SERVER);
		assert_int_equal(world_touch(world, 1), 0);
		ask = ask_cat(world, 50);
		stub_answer(&world->client); /* fails */
		stub_answer(&world->client); /* the probes */
		stub_answer(&world->client);
		stub_answer_json(&world->client, answers[i]);
		assert_int_equal(ask_finish(ask), 0);
		assert_lacks(ask->text, "another");
		assert_contains(ask->text, "name=record 50,");
		assert_lacks(ask->text, "extra_17=");
		ask_free(ask);
		world_destroy(world);
	}
}

/* Two readers of a record that fails: both get the same. */
static void a_second_reader_joins_the_search(void **state)
{
	struct world *world = begin(100);
	struct ask *first, *second;

	small_fail(world->table, "extra_17", 50, ODOO_FAULT_SERVER);
	assert_int_equal(world_touch(world, 1), 0);
	first = ask_cat(world, 50);
	for (unsigned i = 0; i < 4; i++) {
		stub_answer(&world->client);
	}
	second = ask_cat(world, 50);
	assert_int_equal(ask_finish(first), 0);
	assert_int_equal(ask_finish(second), 0);
	assert_string_equal(first->text, second->text);
	ask_free(first);
	ask_free(second);
	world_destroy(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_field_of_one_record),
		cmocka_unit_test(one_record_of_a_thousand),
		cmocka_unit_test(a_field_of_all_records),
		cmocka_unit_test(a_field_that_nobody_may_read),
		cmocka_unit_test(two_fields_of_all_records),
		cmocka_unit_test(a_field_of_scattered_records),
		cmocka_unit_test(a_bad_record_is_read_alone),
		cmocka_unit_test(a_bad_record_that_changes_is_tried_whole),
		cmocka_unit_test(a_bad_record_gets_worse),
		cmocka_unit_test(a_model_that_cannot_be_read),
		cmocka_unit_test(a_refused_model_is_eacces),
		cmocka_unit_test(faults_that_are_not_about_data),
		cmocka_unit_test(an_answer_that_is_too_large_is_halved),
		cmocka_unit_test(the_server_goes_in_the_middle),
		cmocka_unit_test(a_record_goes_while_its_fields_are_searched),
		cmocka_unit_test(strange_answers_to_a_part),
		cmocka_unit_test(a_second_reader_joins_the_search),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
