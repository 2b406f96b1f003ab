/* SPDX-License-Identifier: MIT */
/* One fetch for many: which records go together, and when. */
#include "world.h"

#include "odoo/json.h"

#include <errno.h>

#define READ WORLD_MODEL ".read"

static const cJSON *ids_of(const struct stub_sent *sent)
{
	return odoo_json_get(sent->request->params, "ids");
}

static unsigned size_of(const struct stub_sent *sent)
{
	return (unsigned)cJSON_GetArraySize(ids_of(sent));
}

static uint32_t first_of(const struct stub_sent *sent)
{
	return (uint32_t)ids_of(sent)->child->valuedouble;
}

/* The schema comes first, and isn't what these tests are about. */
static struct world *begin(const struct world_options *options)
{
	struct world *world = world_create(options);

	small_create(&world->odoo, world->table, 2000000000);
	world_stat(world, 2000000000, &(struct cache_attr){ 0 });
	stub_clock_move(5000);
	world_forget(world);
	return world;
}

static void a_first_miss_reads_one_record(void **state)
{
	struct world *world = begin(&(struct world_options){ .records = 100 });
	struct ask *ask = ask_stat(world, 14);

	assert_int_equal(world->client.n_queued, 1);
	assert_int_equal(size_of(stub_at(&world->client, 0)), 1);
	assert_int_equal(ask_finish(ask), 0);
	assert_int_equal(ask->attr.id, 14);
	assert_int_equal(world->client.calls, 1);
	ask_free(ask);
	world_destroy(world);
}

static void misses_in_a_row_make_batches_larger(void **state)
{
	static const unsigned sizes[] = { 1, 32, 1000, 1000 };
	struct world *world = begin(&(struct world_options){ .records = 5000 });
	unsigned n = 0;

	for (uint32_t id = 1; n < sizeof(sizes) / sizeof(sizes[0]); id++) {
		struct ask *ask = ask_cat(world, id);

		while (!ask->done) {
			struct stub_sent *sent = stub_at(&world->client, 0);

			assert_int_equal(size_of(sent), sizes[n++]);
			stub_deliver(&world->client, sent);
		}
		assert_int_equal(ask->result, 0);
		ask_free(ask);
	}
	stub_answer_all(&world->client);
	world_destroy(world);
}

/* Who lists a directory and begins with its first file reads them all, most likely. */
static void a_walk_is_known_by_where_it_begins(void **state)
{
	struct world *world = begin(&(struct world_options){ .records = 5000 });
	struct ask *ask;

	assert_int_equal(world_list(world, NULL), 5001);
	ask = ask_cat(world, 2);
	assert_int_equal(world->client.n_queued, 1);
	assert_int_equal(ask_finish(ask), 0);
	ask_free(ask);
	ask = ask_cat(world, 1);
	assert_int_equal(world->client.n_queued, 2);
	assert_int_equal(size_of(stub_at(&world->client, 0)), 1);
	assert_int_equal(size_of(stub_at(&world->client, 1)), 32);
	assert_true(stub_at(&world->client, 1)->request->ahead);
	assert_int_equal(ask_finish(ask), 0);
	ask_free(ask);
	stub_answer_all(&world->client);
	world_destroy(world);
}

/*
 * A reader who is faster than the server: each time that he has to wait, there is a request for
 * each connection, and another, for the one that will be free. The last batches are smaller, so
 * that the connections end together.
 */
static void the_server_always_has_a_request(void **state)
{
	struct world *world = begin(&(struct world_options){ .records = 20000 });
	unsigned last = 0, total = 0;

	assert_int_equal(world_list(world, NULL), 20001);
	for (uint32_t id = 1; id <= 20000; id++) {
		struct ask *ask = ask_cat(world, id);

		while (!ask->done) {
			struct stub_sent *sent = stub_at(&world->client, 0);

			if (total > 2000 && total < 15000) {
				assert_int_equal(world->client.n_queued, 3);
				assert_int_equal(size_of(sent), 1000);
			}
			last = size_of(sent);
			total += last;
			stub_deliver(&world->client, sent);
		}
		ask_free(ask);
	}
	assert_at_most(last, 250);
	assert_at_most(stub_count(&world->client, READ), 20000 / 900 + 10);
	world_destroy(world);
}

static void ten_thousand_in_sequence(void **state)
{
	struct world *world = begin(&(struct world_options){ .records = 10000 });

	assert_int_equal(world_list(world, NULL), 10001);
	world_forget(world);
	world_walk(world, 1, 10000);
	assert_at_most(stub_count(&world->client, READ), 10000 / 1000 + 10);
	assert_int_equal(world->client.calls, stub_count(&world->client, READ));
	/* And again: nothing. */
	world_forget(world);
	world_walk(world, 1, 10000);
	assert_int_equal(world->client.calls, 0);
	world_destroy(world);
}

static void ten_thousand_that_were_never_listed(void **state)
{
	struct world *world = begin(&(struct world_options){ .records = 10000 });

	world_walk(world, 1, 10000);
	/* Nobody knows where it ends, so some are asked for in vain. */
	assert_at_most(world->client.calls, 10000 / 900 + 15);
	world_destroy(world);
}

static void the_next_batch_is_in_flight_before_it_is_asked_for(void **state)
{
	struct world *world = begin(&(struct world_options){ .records = 10000 });
	unsigned waits = 0;

	world_list(world, NULL);
	for (uint32_t id = 1; id <= 10000; id++) {
		struct ask *ask = ask_stat(world, id);

		/* What lies in the queue has had time to arrive. */
		waits += !ask->done;
		stub_answer_all(&world->client);
		assert_true(ask->done);
		ask_free(ask);
	}
	/* The first record, and the second, which shows that it is a walk. */
	assert_at_most(waits, 2);
	world_destroy(world);
}

/* One for each, one ahead that waits for the next that is free, one that goes before it. */
static void few_more_batches_are_sent_than_connections(void **state)
{
	static const unsigned connections[] = { 1, 2, 3, 8 };

	for (size_t i = 0; i < sizeof(connections) / sizeof(connections[0]); i++) {
		struct world *world = begin(
			&(struct world_options){ .records = 8000, .connections = connections[i] });
		struct ask *asks[400];

		/* Four walks and a crowd of single ones. */
		for (uint32_t n = 0; n < 400; n++) {
			asks[n] = ask_cat(
				world, n % 2 ? n * 17 % 8000 + 1 : n % 8 / 2 * 2000 + n / 8 + 1);
			if (n % 10 == 0) {
				stub_answer(&world->client);
			}
		}
		stub_answer_all(&world->client);
		for (uint32_t n = 0; n < 400; n++) {
			assert_true(asks[n]->done);
			assert_int_equal(asks[n]->result, 0);
			ask_free(asks[n]);
		}
		assert_at_most(world->client.most_queued, connections[i] + 2);
		world_destroy(world);
	}
}

/* More than one batch may hold wait for two connections. */
static void a_full_pending_batch_starts_another(void **state)
{
	struct world *world = begin(&(struct world_options){ .records = 30000 });
	struct ask *asks[2600];

	for (uint32_t n = 0; n < 2600; n++) {
		asks[n] = ask_stat(world, n * 11 + 1);
	}
	assert_at_most(world->client.n_queued, 2);
	stub_answer_all(&world->client);
	for (uint32_t n = 0; n < 2600; n++) {
		assert_true(asks[n]->done);
		assert_int_equal(asks[n]->result, 0);
		assert_int_equal(asks[n]->attr.id, n * 11 + 1);
		ask_free(asks[n]);
	}
	assert_at_most(world->client.most_queued, 4);
	assert_at_most(world->client.calls, 40);
	world_destroy(world);
}

static void misses_while_busy_go_together(void **state)
{
	struct world *world = begin(&(struct world_options){ .records = 5000 });
	struct ask *asks[12];

	for (uint32_t n = 0; n < 12; n++) {
		asks[n] = ask_stat(world, 1 + n * 400);
	}
	assert_int_equal(world->client.n_queued, 2);
	assert_int_equal(size_of(stub_at(&world->client, 0)), 1);
	assert_int_equal(size_of(stub_at(&world->client, 1)), 1);
	stub_answer(&world->client);
	assert_int_equal(world->client.n_queued, 2);
	assert_int_equal(size_of(stub_at(&world->client, 1)), 10);
	stub_answer_all(&world->client);
	assert_int_equal(world->client.calls, 3);
	for (uint32_t n = 0; n < 12; n++) {
		assert_true(asks[n]->done);
		ask_free(asks[n]);
	}
	world_destroy(world);
}

static void two_readers_share_one_fetch(void **state)
{
	struct world *world = begin(&(struct world_options){ .records = 100 });
	struct ask *first = ask_cat(world, 14), *second = ask_stat(world, 14),
		   *third = ask_cat(world, 14);

	assert_int_equal(world->client.n_queued, 1);
	stub_answer(&world->client);
	assert_true(first->done && second->done && third->done);
	assert_string_equal(first->text, third->text);
	assert_int_equal(world->client.calls, 1);
	assert_int_equal(world->rendered, 1);
	ask_free(first);
	ask_free(second);
	ask_free(third);
	world_destroy(world);
}

/* So does one whose record waits in the pending batch. */
static void a_pending_record_is_shared_too(void **state)
{
	struct world *world = begin(&(struct world_options){ .records = 1000 });
	struct ask *asks[] = { ask_stat(world, 1), ask_stat(world, 300), ask_stat(world, 600),
		ask_stat(world, 600), ask_stat(world, 600) };

	stub_answer_all(&world->client);
	assert_int_equal(world->client.calls, 3);
	for (size_t i = 0; i < 5; i++) {
		ask_free(asks[i]);
	}
	world_destroy(world);
}

static void one_model_reads_on_while_another_waits(void **state)
{
	struct world *world = begin(&(struct world_options){ .records = 100 });
	struct ask *first = ask_stat(world, 1), *second;

	second = ask_stat(world, 50);
	stub_deliver(&world->client, stub_at(&world->client, 1));
	assert_true(second->done);
	assert_false(first->done);
	stub_answer_all(&world->client);
	ask_free(first);
	ask_free(second);
	world_destroy(world);
}

static void a_batch_ends_where_the_listing_does(void **state)
{
	struct world *world = begin(&(struct world_options){ .records = 20 });

	assert_int_equal(world_list(world, NULL), 21);
	small_unlink(&world->odoo, world->table, 2000000000);
	world_walk(world, 1, 20);
	stub_answer_all(&world->client);
	assert_at_most(stub_count(&world->client, READ), 6);
	world_destroy(world);
}

static void the_greatest_id_can_be_read(void **state)
{
	struct world *world = begin(&(struct world_options){ .records = 3 });
	struct cache_attr attr;

	small_create(&world->odoo, world->table, 2147483646);
	small_create(&world->odoo, world->table, 2147483647);
	assert_int_equal(world_stat(world, 2147483646, &attr), 0);
	assert_int_equal(world_stat(world, 2147483647, &attr), 0);
	assert_int_equal(attr.id, 2147483647);
	stub_answer_all(&world->client);
	world_destroy(world);
}

static void a_stale_marker_starts_nothing_twice(void **state)
{
	struct world *world = begin(&(struct world_options){ .records = 2000 });
	uint32_t asked[2001] = { 0 };

	world_list(world, NULL);
	for (uint32_t id = 1; id <= 2000; id++) {
		struct ask *ask = ask_stat(world, id), *twice = ask_stat(world, id);

		while (!ask->done || world->client.n_queued > 1) {
			struct stub_sent *sent = stub_at(&world->client, 0);
			const cJSON *each;

			cJSON_ArrayForEach (each, ids_of(sent)) {
				if (each->valuedouble <= 2000) {
					assert_int_equal(asked[(int)each->valuedouble]++, 0);
				}
			}
			assert_true(first_of(sent) > 0);
			stub_deliver(&world->client, sent);
		}
		ask_free(ask);
		ask_free(twice);
	}
	world_destroy(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_first_miss_reads_one_record),
		cmocka_unit_test(misses_in_a_row_make_batches_larger),
		cmocka_unit_test(a_walk_is_known_by_where_it_begins),
		cmocka_unit_test(the_server_always_has_a_request),
		cmocka_unit_test(ten_thousand_in_sequence),
		cmocka_unit_test(ten_thousand_that_were_never_listed),
		cmocka_unit_test(the_next_batch_is_in_flight_before_it_is_asked_for),
		cmocka_unit_test(few_more_batches_are_sent_than_connections),
		cmocka_unit_test(a_full_pending_batch_starts_another),
		cmocka_unit_test(misses_while_busy_go_together),
		cmocka_unit_test(two_readers_share_one_fetch),
		cmocka_unit_test(a_pending_record_is_shared_too),
		cmocka_unit_test(one_model_reads_on_while_another_waits),
		cmocka_unit_test(a_batch_ends_where_the_listing_does),
		cmocka_unit_test(the_greatest_id_can_be_read),
		cmocka_unit_test(a_stale_marker_starts_nothing_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
