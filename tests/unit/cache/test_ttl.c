/* SPDX-License-Identifier: MIT */
/* A ttl that is shorter than an answer takes, or nothing at all: everybody still gets an answer. */
#include "world.h"

#include "odoo/cleanup.h"

static void a_ttl_of_zero_checks_each_time_and_ends(void **state)
{
	static const uint32_t counts[] = { 5, 500 };

	for (size_t i = 0; i < 2; i++) {
		struct world *world = world_create(
			&(struct world_options){ .records = counts[i], .no_ttl = true });
		_cleanup_free_ char *text = NULL;

		world_list(world, NULL);
		world_walk(world, 1, counts[i]);
		small_write(&world->odoo, world->table, 3);
		assert_int_equal(world_cat(world, 3, &text), 0);
		assert_contains(text, "revision 1");
		world_destroy(world);
	}
}

static void readers_with_a_ttl_of_zero_do_not_starve_each_other(void **state)
{
	struct world *world = world_create(
		&(struct world_options){ .records = 60, .no_ttl = true, .no_write_date = true });
	struct ask *asks[60];

	for (uint32_t n = 0; n < 60; n++) {
		asks[n] = ask_cat(world, n % 20 + 1);
		stub_clock_move(1);
		stub_answer(&world->client);
		stub_clock_move(1);
	}
	stub_answer_all(&world->client);
	for (uint32_t n = 0; n < 60; n++) {
		assert_true(asks[n]->done);
		assert_int_equal(asks[n]->result, 0);
		ask_free(asks[n]);
	}
	world_destroy(world);
}

/* Each answer takes longer than the ttl. */
static void a_server_slower_than_the_ttl(void **state)
{
	struct world *world = world_create(&(struct world_options){ .records = 500, .ttl = 1 });

	world_list(world, NULL);
	for (uint32_t id = 1; id <= 40; id++) {
		struct ask *ask = ask_cat(world, id * 10);

		while (!ask->done) {
			stub_clock_move(3000);
			assert_true(stub_answer(&world->client));
		}
		assert_int_equal(ask->result, 0);
		ask_free(ask);
	}
	world_destroy(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_ttl_of_zero_checks_each_time_and_ends),
		cmocka_unit_test(readers_with_a_ttl_of_zero_do_not_starve_each_other),
		cmocka_unit_test(a_server_slower_than_the_ttl),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
