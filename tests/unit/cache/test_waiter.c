/* SPDX-License-Identifier: MIT */
/* Who waits: taken back, sent away at the end; and refresh, poll and peek, which never wait. */
#include "world.h"

#include "odoo/cleanup.h"

#include <errno.h>

#define READ WORLD_MODEL ".read"
#define GROUP WORLD_MODEL ".read_group"

static struct world *begin(uint32_t records)
{
	struct world *world = world_create(&(struct world_options){ .records = records });

	assert_int_equal(world_list(world, NULL), records);
	assert_int_equal(world_touch(world, 1), 0);
	world_forget(world);
	return world;
}

/* ── Cancelling ── */

static int timed_out(const struct cache_waiter *waiter, void *data)
{
	return waiter == data ? -ETIMEDOUT : 0;
}

static bool cancel(struct world *world, struct ask *ask, struct ask *reason)
{
	return cache_waiter_cancel(world->cache, &ask->waiter, timed_out, &reason->waiter);
}

static void a_waiter_is_taken_back(void **state)
{
	struct world *world = begin(100);
	struct ask *first = ask_cat(world, 14), *second = ask_cat(world, 14);

	assert_false(cancel(world, second, first)); /* no reason */
	assert_true(cancel(world, first, first));
	assert_int_equal(first->waiter.error, -ETIMEDOUT);
	assert_false(cancel(world, first, first)); /* it is nobody's any more */
	stub_answer_all(&world->client);
	assert_false(first->done);
	assert_true(second->done);
	assert_int_equal(second->result, 0);
	assert_false(cancel(world, second, second)); /* it was woken */
	first->done = true;
	ask_free(first);
	ask_free(second);
	/* What it had asked for is there. */
	world_forget(world);
	assert_int_equal(world_touch(world, 14), 0);
	assert_int_equal(world->client.calls, 0);
	world_destroy(world);
}

static void whatever_it_waits_for(void **state)
{
	struct world *world = world_create(&(struct world_options){ .records = 3000 });
	struct ask *asks[5];

	asks[0] = ask_cat(world, 14); /* for the schema */
	assert_true(cancel(world, asks[0], asks[0]));
	asks[1] = ask_list(world, 0);
	assert_true(cancel(world, asks[1], asks[1]));
	stub_answer_all(&world->client);
	assert_int_equal(world_touch(world, 1), 0);
	asks[2] = ask_cat(world, 1000);
	asks[3] = ask_cat(world, 2000);
	asks[4] = ask_cat(world, 2500); /* in line */
	for (int i = 2; i < 5; i++) {
		assert_true(cancel(world, asks[i], asks[i]));
	}
	stub_answer_all(&world->client);
	for (int i = 0; i < 5; i++) {
		assert_false(asks[i]->done);
		asks[i]->done = true;
		ask_free(asks[i]);
	}
	world_later();
	asks[0] = ask_model(world); /* for a check */
	assert_true(cancel(world, asks[0], asks[0]));
	stub_answer_all(&world->client);
	asks[0]->done = true;
	ask_free(asks[0]);
	world_destroy(world);
}

/* ── Refreshing ── */

static void a_refresh_reads_again_what_is_asked_for(void **state)
{
	struct world *world = begin(100);
	_cleanup_free_ char *text = NULL;

	world_walk(world, 1, 100);
	small_find(world->table, 14)->revision = 9; /* in silence */
	cache_refresh(world->cache, world->model);
	assert_true(world_news(world, CACHE_NEWS_RECORD, 14) > 0);
	assert_int_equal(world_news(world, CACHE_NEWS_LISTING, 0), 1);
	assert_int_equal(world_news(world, CACHE_NEWS_MODELS, 0), 0);
	world_forget(world);
	assert_int_equal(world_cat(world, 14, &text), 0);
	assert_contains(text, "revision 9");
	assert_int_equal(stub_count(&world->client, READ), 1);
	assert_int_equal(stub_count(&world->client, WORLD_MODEL ".fields_get"), 1);
	world_destroy(world);
}

static void a_refresh_of_all_reads_the_models_too(void **state)
{
	struct world *world = begin(100);
	struct ask *ask;

	cache_refresh(world->cache, NULL);
	assert_int_equal(world_news(world, CACHE_NEWS_MODELS, 0), 1);
	ask = ask_models(world);
	assert_false(ask->done); /* the old list may lack what was refreshed for */
	assert_int_equal(stub_count(&world->client, "ir.model.search_read"), 1);
	assert_int_equal(ask_finish(ask), 0);
	ask_free(ask);
	stub_answer_all(&world->client);
	world_destroy(world);
}

static void a_refresh_while_all_is_under_way(void **state)
{
	struct world *world = begin(20000);
	struct ask *asks[4];

	world_later();
	asks[0] = ask_list(world, 0); /* a check */
	asks[1] = ask_cat(world, 14);
	stub_answer(&world->client);
	asks[2] = ask_cat(world, 700);
	cache_refresh(world->cache, NULL);
	asks[3] = ask_list(world, 0);
	cache_refresh(world->cache, world->model);
	while (stub_answer(&world->client)) {
		cache_refresh(world->cache, world->model);
		if (world->client.calls > 60) {
			break; /* each time again, for who asks again each time */
		}
	}
	stub_answer_all(&world->client);
	for (int i = 0; i < 4; i++) {
		assert_true(asks[i]->done);
		assert_int_equal(asks[i]->result, 0);
		ask_free(asks[i]);
	}
	world_destroy(world);
}

static void many_refreshes_keep_no_schemas(void **state)
{
	struct world *world = begin(10);

	for (int round = 0; round < 500; round++) {
		cache_refresh(world->cache, NULL);
		assert_int_equal(world_touch(world, 1), 0);
		stub_answer_all(&world->client);
	}
	world_destroy(world);
}

/* ── Polling ── */

static void a_poll_tells_the_kernel_of_changes(void **state)
{
	struct world *world = begin(200);

	world_walk(world, 1, 200);
	stub_answer_all(&world->client);
	small_write(&world->odoo, world->table, 14);
	world_forget(world);
	cache_poll(world->cache);
	assert_int_equal(world->client.calls, 0); /* isn't due */
	world_later();
	cache_poll(world->cache);
	cache_poll(world->cache);
	assert_int_equal(world->client.calls, 1);
	stub_answer_all(&world->client);
	assert_true(world_news(world, CACHE_NEWS_RECORD, 14) > 0);
	assert_int_equal(world_news(world, CACHE_NEWS_RECORD, 15), 0);
	world_destroy(world);
}

static void what_the_kernel_forgot_is_not_polled(void **state)
{
	struct world *world = begin(200);

	stub_clock_move(3700 * 1000); /* past its timeouts */
	cache_poll(world->cache);
	assert_int_equal(world->client.calls, 0);
	world_destroy(world);
}

static void nothing_is_polled_of_a_model_never_used(void **state)
{
	struct world *world = world_create(&(struct world_options){ .records = 10 });

	world_later();
	cache_poll(world->cache);
	assert_int_equal(world->client.calls, 0);
	world_destroy(world);
}

/* A listing of a model whose schema can't be had: asked once a ttl, not with each poll. */
static void a_poll_does_not_hammer(void **state)
{
	struct world *world = world_create(&(struct world_options){ .records = 10 });

	small_can(&world->odoo, WORLD_MODEL ".fields_get", NULL, ODOO_FAULT_SERVER);
	assert_int_equal(world_list(world, NULL), 10);
	world_later();
	for (int i = 0; i < 100; i++) {
		cache_poll(world->cache);
		stub_answer_all(&world->client);
		stub_clock_move(500);
	}
	assert_at_most(stub_count(&world->client, WORLD_MODEL ".fields_get"), 6);
	world_destroy(world);
}

static void without_a_ttl_nothing_is_polled(void **state)
{
	struct world *world =
		world_create(&(struct world_options){ .records = 200, .no_ttl = true });

	world_list(world, NULL);
	world_forget(world);
	for (int i = 0; i < 10; i++) {
		stub_clock_move(500);
		cache_poll(world->cache);
	}
	assert_int_equal(world->client.calls, 0);
	world_destroy(world);
}

/* A single record is forgotten, and then there is nothing to poll until it is asked for again. */
static void one_record_is_polled_once(void **state)
{
	struct world *world = world_create(&(struct world_options){ .records = 200 });

	assert_int_equal(world_touch(world, 14), 0);
	world_forget(world);
	for (int i = 0; i < 20; i++) {
		world_later();
		cache_poll(world->cache);
	}
	assert_int_equal(world->client.calls, 0);
	assert_int_equal(world_news(world, CACHE_NEWS_RECORD, 14), 1);
	world_destroy(world);
}

/* ── Peeking ── */

static void a_peek_shows_what_is_there(void **state)
{
	static const uint32_t ids[] = { 1, 2, 3, 2999, 3000, 3001 };
	struct world *world = begin(3000);
	struct cache_attr attrs[6];

	world_walk(world, 2, 3);
	small_write(&world->odoo, world->table, 3);
	world_later();
	world_list(world, NULL);
	stub_answer_all(&world->client);
	world_forget(world);
	cache_record_peek(world->cache, world->model, ids, 6, attrs);
	assert_int_equal(attrs[0].id, 1);
	assert_int_equal(attrs[1].id, 2);
	assert_int_equal(attrs[2].id, 0); /* stale */
	assert_int_equal(attrs[3].id, 0);
	assert_int_equal(attrs[5].id, 0);
	assert_int_equal(world->client.calls, 0);
	world_destroy(world);
}

/* ── The end ── */

/* Everything that can be under way is, when the client is destroyed, or when it never answers. */
static void everything_under_way(struct world *world, struct ask *asks[static 9])
{
	small_fail(world->table, "name", 40, ODOO_FAULT_SERVER);
	asks[0] = ask_cat(world, 40);
	stub_answer(&world->client); /* a search for what fails */
	asks[1] = ask_cat(world, 500);
	asks[2] = ask_cat(world, 700); /* in line */
	asks[3] = ask_cat(world, 900);
	world_later();
	asks[4] = ask_list(world, 0); /* a check */
	asks[5] = ask_cat(world, 1);  /* waits for it */
	cache_refresh(world->cache, NULL);
	asks[6] = ask_list(world, 0); /* a page */
	asks[7] = ask_cat(world, 2);  /* a schema */
	asks[8] = ask_models(world);  /* the models */
}

static void the_client_is_destroyed_first(void **state)
{
	struct world *world = begin(1000);
	struct ask *asks[9];

	everything_under_way(world, asks);
	stub_finish(&world->client);
	for (int i = 0; i < 9; i++) {
		assert_true(asks[i]->done);
		ask_free(asks[i]);
	}
	world_free(world);
}

static void nobody_is_left_waiting(void **state)
{
	struct world *world = begin(1000);
	struct ask *asks[3];

	asks[0] = ask_cat(world, 500);
	asks[1] = ask_cat(world, 700);
	asks[2] = ask_cat(world, 900);
	/* Their answers never come: who waits is sent away all the same. */
	cache_destroy(steal(world->cache));
	for (int i = 0; i < 3; i++) {
		assert_true(asks[i]->done);
		assert_int_equal(asks[i]->result, -ESHUTDOWN);
		ask_free(asks[i]);
	}
	stub_drop(&world->client);
	world_destroy(world);
}

static void nothing_was_ever_asked(void **state)
{
	struct world *world = world_create(&(struct world_options){ .unloaded = true });

	world_destroy(world);
	cache_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_waiter_is_taken_back),
		cmocka_unit_test(whatever_it_waits_for),
		cmocka_unit_test(a_refresh_reads_again_what_is_asked_for),
		cmocka_unit_test(a_refresh_of_all_reads_the_models_too),
		cmocka_unit_test(a_refresh_while_all_is_under_way),
		cmocka_unit_test(many_refreshes_keep_no_schemas),
		cmocka_unit_test(a_poll_tells_the_kernel_of_changes),
		cmocka_unit_test(what_the_kernel_forgot_is_not_polled),
		cmocka_unit_test(nothing_is_polled_of_a_model_never_used),
		cmocka_unit_test(a_poll_does_not_hammer),
		cmocka_unit_test(without_a_ttl_nothing_is_polled),
		cmocka_unit_test(one_record_is_polled_once),
		cmocka_unit_test(a_peek_shows_what_is_there),
		cmocka_unit_test(the_client_is_destroyed_first),
		cmocka_unit_test(nobody_is_left_waiting),
		cmocka_unit_test(nothing_was_ever_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
