/* SPDX-License-Identifier: MIT */
/* Versions by their write_date: what a text that is saved may be based on. */
#include "world.h"

#include "cache/write.h"

#include <stdio.h>

static struct world *begin(void)
{
	return world_begin(&(struct world_options){ .records = 150 });
}

/* The versions with this date, as their revisions, newest first: "2 1 0"; those shown have a '. */
static void assert_versions(
	struct world *world, int64_t date, const char *expected, bool expected_complete)
{
	struct cache_version versions[8];
	bool complete;
	char found[80] = "", *end = found;
	size_t n =
		cache_record_versions(world->cache, world->model, 7, date, versions, 8, &complete);

	for (size_t i = 0; i < n; i++) {
		size_t size;
		const char *data = cache_content_bytes(versions[i].content, &size);
		const char *revision = memmem(data, size, "revision ", 9);

		assert_non_null(revision);
		end += sprintf(end, "%s%d%s", i ? " " : "", atoi(revision + 9),
			versions[i].shown ? "'" : "");
		cache_content_release(world->cache, versions[i].content);
	}
	assert_string_equal(found, expected);
	assert_int_equal(complete, expected_complete);
}

/* Whether it is to be remembered who opened it. */
static bool show(struct world *world)
{
	struct cache_showing showing;

	cache_record_show(world->cache, world->model, 7, world_attr(world, 7).version, &showing);
	return showing.alike;
}

/* A write within the same second as the one before; the record is read again. */
static void write_at_once(struct world *world)
{
	small_find(world->table, 7)->revision++;
	cache_refresh(world->cache, world->model);
	world_attr(world, 7);
}

static void versions_are_found_by_their_date(void **state)
{
	struct world *world = begin();
	int64_t first = small_find(world->table, 7)->write_date, second;

	assert_false(show(world)); /* its second is over: no other has this date */
	small_write(&world->odoo, world->table, 7);
	world_later();
	world_attr(world, 7);
	second = small_find(world->table, 7)->write_date;
	assert_versions(world, first, "0'", true);
	assert_versions(world, second, "1", true);
	assert_versions(world, first + 1, "", true);
	world_destroy(world);
}

static void several_have_the_same_date(void **state)
{
	struct world *world = begin();
	struct cache_showing showing;
	int64_t date;

	small_write(&world->odoo, world->table, 7);
	date = small_find(world->table, 7)->write_date;
	cache_refresh(world->cache, world->model);
	assert_true(show(world)); /* another may come within its second */
	write_at_once(world);
	write_at_once(world);
	assert_versions(world, date, "3 2 1'", true);
	world_later();
	cache_refresh(world->cache, world->model);
	assert_true(show(world)); /* another came within its second */
	assert_versions(world, date, "3' 2 1'", true);
	cache_record_show(world->cache, world->model, 7, 2, &showing);
	assert_true(showing.alike);
	assert_false(showing.again);
	cache_record_show(world->cache, world->model, 7, 1, &showing);
	assert_true(showing.again);
	assert_versions(world, date, "3' 2' 1'", true);
	world_destroy(world);
}

/* That one which may be meant is missing is told; not of one that nobody opened. */
static void lost_versions_are_missed(void **state)
{
	struct world *world = begin();
	int64_t date;

	small_write(&world->odoo, world->table, 7);
	date = small_find(world->table, 7)->write_date;
	cache_refresh(world->cache, world->model);
	show(world);
	write_at_once(world);
	write_at_once(world);
	cache_record_forget(world->cache, world->model, 7, 2); /* not opened */
	assert_versions(world, date, "3 1'", true);
	cache_record_forget(world->cache, world->model, 7, 1);
	assert_versions(world, date, "3", false);
	/* The next second is another matter. */
	world_later();
	small_write(&world->odoo, world->table, 7);
	cache_refresh(world->cache, world->model);
	world_attr(world, 7);
	assert_versions(world, small_find(world->table, 7)->write_date, "4", true);
	assert_versions(world, date, "3", false);
	world_destroy(world);
}

static void more_versions_than_fit_are_missed(void **state)
{
	struct world *world = begin();
	int64_t date;

	small_write(&world->odoo, world->table, 7);
	date = small_find(world->table, 7)->write_date;
	cache_refresh(world->cache, world->model);
	for (int i = 0; i < 9; i++) {
		write_at_once(world);
	}
	assert_versions(world, date, "10 9 8 7 6 5 4 3", false);
	world_destroy(world);
}

static void without_dates_all_are_alike(void **state)
{
	struct world *world =
		world_begin(&(struct world_options){ .records = 10, .no_write_date = true });

	assert_true(show(world));
	write_at_once(world);
	world_later();
	write_at_once(world);
	assert_versions(world, 0, "2 1 0'", true);
	world_destroy(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(versions_are_found_by_their_date),
		cmocka_unit_test(several_have_the_same_date),
		cmocka_unit_test(lost_versions_are_missed),
		cmocka_unit_test(more_versions_than_fit_are_missed),
		cmocka_unit_test(without_dates_all_are_alike),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
