/* SPDX-License-Identifier: MIT */
/* Some fields of some records, as an export asks for them, less those that the server fails on. */
#include "world.h"

#include "cache/question.h"
#include "odoo/cleanup.h"
#include "odoo/json.h"

#include <errno.h>

#define READ WORLD_MODEL ".read"
#define EXTRA 40
#define RECORDS 1000

static const char *const columns[] = { "name", "extra_05", "extra_17", "extra_30" };
#define N_COLUMNS (sizeof(columns) / sizeof(columns[0]))

static uint32_t all_ids[RECORDS];

static struct world *begin(void)
{
	struct world *world =
		world_create(&(struct world_options){ .records = RECORDS, .extra = EXTRA });

	assert_int_equal(world_touch(world, 1), 0); /* the schema is there */
	world_forget(world);
	return world;
}

static void end(struct world *world)
{
	stub_answer_all(&world->client);
	world_destroy(world);
}

static void woken(struct cache_waiter *waiter, int error)
{
}

static struct cache_ask *start(struct world *world)
{
	struct cache_ask *ask = cache_ask_create(world->cache, world->model, false);

	cache_ask_keep(ask);
	assert_int_equal(
		cache_ask_records_ahead(ask, all_ids, RECORDS, columns, N_COLUMNS, false), 0);
	return ask;
}

/* What comes of it, and the answer, to be released. */
static int finish(struct world *world, struct cache_ask *ask, struct cache_answer **ret_answer)
{
	struct cache_waiter waiter = { .wake = woken };
	int r;

	stub_answer_all(&world->client);
	r = cache_ask_get(ask, ret_answer, &waiter);
	cache_ask_destroy(ask);
	return r;
}

/* All of it; how many calls it took. */
static unsigned read_all(struct world *world, struct cache_answer **ret_answer)
{
	unsigned before = stub_count(&world->client, READ);

	assert_int_equal(finish(world, start(world), ret_answer), 0);
	return stub_count(&world->client, READ) - before;
}

static const cJSON *find(const struct cache_answer *answer, uint32_t id)
{
	const cJSON *record;
	uint32_t found;

	cJSON_ArrayForEach (record, answer->json) {
		if (odoo_json_get_id(odoo_json_get(record, "id"), &found) == 0 && found == id) {
			return record;
		}
	}
	return NULL;
}

/* Every record is there once, with every column, but for `id` (0: all of them) and `column`. */
static void assert_all_but(const struct cache_answer *answer, uint32_t id, const char *column)
{
	assert_int_equal(cJSON_GetArraySize(answer->json), RECORDS);
	for (uint32_t each = 1; each <= RECORDS; each += each == id - 1 || each == id ? 1 : 37) {
		const cJSON *record = find(answer, each);

		assert_non_null(record);
		for (size_t i = 0; i < N_COLUMNS; i++) {
			bool is_left_out =
				column && strcmp(columns[i], column) == 0 && (!id || each == id);

			assert_int_equal(!odoo_json_get(record, columns[i]), is_left_out);
		}
	}
}

static void a_page_is_one_call(void **state)
{
	struct world *world = begin();
	_cleanup_answer_ struct cache_answer *answer = NULL;

	assert_int_equal(read_all(world, &answer), 1);
	assert_all_but(answer, 0, NULL);
	assert_int_equal(world->n_failures, 0);
	end(world);
}

static void a_field_of_a_record_is_left_out(void **state)
{
	struct world *world = begin();
	_cleanup_answer_ struct cache_answer *first = NULL, *second = NULL;

	small_fail(world->table, "extra_17", 345, ODOO_FAULT_SERVER);
	assert_in_range(read_all(world, &first), 2, 40);
	assert_all_but(first, 345, "extra_17");
	assert_int_equal(world->n_failures, 1);
	assert_contains(world->failure, "/345: read: field extra_17 is left out of this record");
	/* It is known from then on, and reported once. */
	assert_int_equal(read_all(world, &second), 2);
	assert_all_but(second, 345, "extra_17");
	assert_int_equal(world->n_failures, 1);
	end(world);
}

/* What an export learned is known to who reads the record, and the reverse. */
static void it_is_known_to_readers(void **state)
{
	struct world *world = begin();
	_cleanup_answer_ struct cache_answer *answer = NULL;
	_cleanup_free_ char *text = NULL;

	small_fail(world->table, "extra_17", 345, ODOO_FAULT_SERVER);
	small_fail(world->table, "extra_05", 600, ODOO_FAULT_SERVER);
	assert_int_equal(world_touch(world, 600), 0);
	read_all(world, &answer);
	assert_all_but(answer, 345, "extra_17");
	assert_null(odoo_json_get(find(answer, 600), "extra_05"));
	assert_int_equal(world->n_failures, 2);
	world_forget(world);
	assert_int_equal(world_cat(world, 345, &text), 0);
	assert_lacks(text, "extra_17=");
	assert_int_equal(stub_count(&world->client, READ), 1);
	end(world);
}

static void a_field_of_all_records_is_left_out(void **state)
{
	static const enum odoo_fault faults[] = { ODOO_FAULT_SERVER, ODOO_FAULT_ACCESS };

	for (size_t i = 0; i < 2; i++) {
		struct world *world = begin();
		_cleanup_answer_ struct cache_answer *first = NULL, *second = NULL;

		small_fail(world->table, "extra_30", 0, faults[i]);
		assert_in_range(read_all(world, &first), 2, 100);
		assert_all_but(first, 0, "extra_30");
		assert_contains(world->failure, "extra_30 is left out of every record");
		assert_at_most(world->n_failures, 6);
		assert_int_equal(read_all(world, &second), 1);
		assert_all_but(second, 0, "extra_30");
		end(world);
	}
}

/* As many as there may be in a page: each is read by itself. */
static void many_bad_records(void **state)
{
	struct world *world = begin();
	_cleanup_answer_ struct cache_answer *first = NULL, *second = NULL;

	for (uint32_t i = 0; i < SMALL_RULES; i++) {
		small_fail(world->table, "extra_17", 3 + i * 7, ODOO_FAULT_SERVER);
	}
	read_all(world, &first);
	assert_int_equal(cJSON_GetArraySize(first->json), RECORDS);
	assert_int_equal(read_all(world, &second), 1 + SMALL_RULES);
	assert_int_equal(cJSON_GetArraySize(second->json), RECORDS);
	assert_int_equal(world->n_failures, SMALL_RULES);
	for (uint32_t id = 1; id <= RECORDS; id++) {
		bool bad = id >= 3 && id % 7 == 3 && (id - 3) / 7 < SMALL_RULES;

		assert_int_equal(!odoo_json_get(find(second, id), "extra_17"), bad);
		assert_non_null(odoo_json_get(find(second, id), "extra_30"));
	}
	end(world);
}

static void what_cannot_be_read_at_all_is_an_error(void **state)
{
	struct world *world = begin();
	struct cache_answer *answer;

	small_can(&world->odoo, READ, NULL, ODOO_FAULT_SERVER);
	assert_int_equal(finish(world, start(world), &answer), -EIO);
	assert_at_most(stub_count(&world->client, READ), 3);
	small_can(&world->odoo, READ, NULL, ODOO_FAULT_ACCESS);
	assert_int_equal(finish(world, start(world), &answer), -EACCES);
	end(world);
}

static void the_server_goes_in_the_middle(void **state)
{
	for (unsigned after = 0; after < 12; after++) {
		struct world *world = begin();
		struct cache_answer *answer;
		struct cache_ask *ask;

		small_fail(world->table, "extra_17", 345, ODOO_FAULT_SERVER);
		ask = start(world);
		for (unsigned i = 0; i < after; i++) {
			stub_answer(&world->client);
		}
		world->odoo.down = ODOO_FAULT_UNREACHABLE;
		assert_int_equal(finish(world, ask, &answer), -EHOSTUNREACH);
		end(world);
	}
}

/* Who waits hears that it goes on, and when nobody does it ends. */
static void it_stops_when_nobody_wants_it(void **state)
{
	struct world *world = begin();
	struct cache_ask *ask;

	small_fail(world->table, "extra_17", 345, ODOO_FAULT_SERVER);
	ask = start(world);
	assert_int_equal(cache_ask_steps(ask), 0);
	for (unsigned i = 0; i < 5; i++) {
		stub_answer(&world->client);
	}
	assert_int_equal(cache_ask_steps(ask), 5);
	cache_ask_destroy(ask);
	world_forget(world);
	stub_answer_all(&world->client);
	assert_int_equal(stub_count(&world->client, READ), 0); /* but for the one on its way */
	end(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_page_is_one_call),
		cmocka_unit_test(a_field_of_a_record_is_left_out),
		cmocka_unit_test(it_is_known_to_readers),
		cmocka_unit_test(a_field_of_all_records_is_left_out),
		cmocka_unit_test(many_bad_records),
		cmocka_unit_test(what_cannot_be_read_at_all_is_an_error),
		cmocka_unit_test(the_server_goes_in_the_middle),
		cmocka_unit_test(it_stops_when_nobody_wants_it),
	};

	for (uint32_t i = 0; i < RECORDS; i++) {
		all_ids[i] = i + 1;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
