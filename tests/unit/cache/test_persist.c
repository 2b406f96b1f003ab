/* SPDX-License-Identifier: MIT */
/* One mount after the other over the same store: what is read again, and that it is the truth. */
#include "directory.h"
#include "world.h"

#include "odoo/cleanup.h"

#include <errno.h>
#include <sys/stat.h>

#define READ WORLD_MODEL ".read"
#define GROUP WORLD_MODEL ".read_group"
#define SEARCH WORLD_MODEL ".search"
#define WRITTEN WORLD_MODEL ".search_read"
#define FIELDS WORLD_MODEL ".fields_get"

#define RECORDS 300

static void night(void)
{
	stub_clock_move(24 * 3600 * 1000);
}

static void read_all(struct world *world, uint32_t last)
{
	world_list(world, NULL);
	world_walk(world, 1, last);
	stub_answer_all(&world->client);
}

/* All is read, and stored; then a night goes by, and the next mount begins. */
static struct world *second_mount_of(const struct world_options *options)
{
	struct world_options all = *options;
	struct world *world;

	all.store = directory;
	all.records = all.records ? all.records : RECORDS;
	world = world_create(&all);
	read_all(world, all.records);
	night();
	world_remount(world);
	return world;
}

static struct world *second_mount(void)
{
	return second_mount_of(&(struct world_options){ 0 });
}

static void assert_reads(struct world *world, uint32_t id, const char *words)
{
	_cleanup_free_ char *text = NULL;

	assert_int_equal(world_cat(world, id, &text), 0);
	assert_contains(text, words);
}

static void nothing_is_read_again(void **state)
{
	struct world *world = second_mount();

	assert_int_equal(world_list(world, NULL), RECORDS);
	world_walk(world, 1, RECORDS);
	assert_int_equal(stub_count(&world->client, READ), 0);
	assert_int_equal(stub_count(&world->client, SEARCH), 0);
	assert_int_equal(stub_count(&world->client, GROUP), 1);
	assert_int_equal(stub_count(&world->client, WRITTEN), 1);
	assert_reads(world, 17, "record 17, revision 0");
	night();
	world_remount(world); /* by now it is known that nothing was under way */
	assert_int_equal(world_list(world, NULL), RECORDS);
	world_walk(world, 1, RECORDS);
	assert_int_equal(stub_count(&world->client, GROUP), 1);
	assert_int_equal(stub_count(&world->client, FIELDS), 1);
	assert_at_most(world->client.calls, 2);
	world_destroy(world);
}

static void only_what_changed_is_read(void **state)
{
	struct world *world = second_mount();
	struct cache_attr attr;

	small_write(&world->odoo, world->table, 17);
	small_unlink(&world->odoo, world->table, 18);
	small_unlink(&world->odoo, world->table, RECORDS);
	small_create(&world->odoo, world->table, RECORDS + 1);
	stub_clock_move(5000);
	assert_int_equal(world_list(world, NULL), RECORDS - 1);
	world_forget(world);
	world_walk(world, 1, 17);
	world_walk(world, 19, RECORDS - 1);
	assert_int_equal(stub_count(&world->client, READ), 1);
	assert_reads(world, 17, "revision 1");
	assert_reads(world, RECORDS + 1, "revision 0");
	assert_int_equal(world_stat(world, 18, &attr), -ENOENT);
	assert_int_equal(world_stat(world, RECORDS, &attr), -ENOENT);
	assert_int_equal(stub_count(&world->client, READ), 2);
	world_destroy(world);
}

/* The index isn't needed for it: a program may open what it knows. */
static void a_record_is_checked_without_a_listing(void **state)
{
	struct world *world = second_mount();

	small_write(&world->odoo, world->table, 17);
	stub_clock_move(5000);
	assert_reads(world, 17, "revision 1");
	assert_reads(world, 16, "revision 0");
	assert_int_equal(stub_count(&world->client, READ), 1);
	world_destroy(world);
}

/* What came after the last check of a mount, and before its end, is for the next one to find. */
static void what_the_last_mount_did_not_see_is_found(void **state)
{
	struct world *world = second_mount();

	read_all(world, RECORDS);
	small_write(&world->odoo, world->table, 20);
	stub_clock_move(2000);
	world_remount(world);
	assert_reads(world, 20, "revision 1");
	world_destroy(world);
}

static void times_are_kept(void **state)
{
	struct world *world = second_mount();
	struct cache_attr before, after;

	small_write(&world->odoo, world->table, 5);
	stub_clock_move(5000);
	assert_int_equal(world_stat(world, 5, &before), 0);
	night();
	world_remount(world);
	assert_int_equal(world_stat(world, 5, &after), 0);
	assert_int_equal(after.mtime, before.mtime);
	assert_int_equal(after.ctime, before.ctime);
	assert_int_equal(after.size, before.size);
	world_destroy(world);
}

/* An old dump is put back, and work goes on with it: dates and ids look newer than before. */
static void a_database_that_went_back_is_compared(void **state)
{
	struct world *world = second_mount();
	struct small_row *row;

	small_write(&world->odoo, world->table, 30);
	stub_clock_move(5000);
	assert_reads(world, 30, "revision 1");
	stub_clock_move(3600 * 1000);
	world_list(world, NULL);
	row = small_find(world->table, 30);
	row->revision = 0;
	row->write_date -= 24 * 3600;
	row = small_find(world->table, 31);
	row->revision = 7; /* as it was long ago, when it was last written to … */
	row->write_date -= 24 * 3600;
	small_write(&world->odoo, world->table, 40);
	stub_clock_move(5000);
	world_remount(world);
	assert_reads(world, 30, "revision 0");
	assert_reads(world, 31, "revision 7");
	assert_reads(world, 40, "revision 1");
	assert_reads(world, 41, "revision 0");
	assert_at_most(stub_count(&world->client, READ), 3);
	world_destroy(world);
}

static void what_lacks_a_field_is_read_again(void **state)
{
	struct world_options options = { .store = directory, .records = 20, .extra = 2 };
	struct world *world = world_create(&options);

	small_fail(world->table, "extra_01", 7, ODOO_FAULT_SERVER);
	read_all(world, 20);
	night();
	world_remount(world);
	read_all(world, 20);
	assert_true(world->n_failures > 0); /* it is told again */
	assert_reads(world, 7, "revision 0");
	world_destroy(world);
}

static void other_fields_are_another_store(void **state)
{
	struct world *world = second_mount();

	world->table->n_extra = 1;
	read_all(world, RECORDS);
	assert_reads(world, 7, "extra_00");
	assert_true(stub_count(&world->client, READ) > 0);
	night();
	world_remount(world);
	read_all(world, RECORDS);
	assert_int_equal(stub_count(&world->client, READ), 0);
	assert_reads(world, 7, "extra_00");
	world_destroy(world);
}

static void refresh_drops_what_is_stored(void **state)
{
	struct world *world = second_mount();

	read_all(world, RECORDS);
	small_find(world->table, 9)->revision = 5; /* its write_date doesn't tell */
	cache_refresh(world->cache, world->model);
	world_remount(world);
	assert_reads(world, 9, "revision 5");
	world_destroy(world);
}

/* Contents are on disk, so memory can be small. */
static void evicted_contents_come_from_the_disk(void **state)
{
	struct world *world = second_mount_of(&(struct world_options){ .size = 2000 });
	struct cache_stats stats;

	world_list(world, NULL);
	world_walk(world, 1, RECORDS);
	world_walk(world, 1, RECORDS);
	cache_get_stats(world->cache, &stats);
	assert_int_equal(stub_count(&world->client, READ), 0);
	assert_at_most(stats.content_bytes, 2000);
	assert_true(stats.store_hits >= 2 * RECORDS - 50);
	assert_true(stats.store_works);
	assert_true(stats.store_bytes > 0);
	world_destroy(world);
}

/* Until they are, they come from the queue: the writer's wait for more ends in many years here. */
static void evicted_contents_come_from_the_queue(void **state)
{
	struct world *world = world_create(
		&(struct world_options){ .store = directory, .records = RECORDS, .size = 2000 });

	stub_clock_move((int64_t)1000 * 1000 * 1000 * 1000);
	world_list(world, NULL);
	for (uint32_t id = 1; id <= RECORDS; id++) {
		world_touch(world, id);
		stub_answer_all(&world->client);
	}
	world_forget(world);
	world_walk(world, 1, RECORDS);
	assert_int_equal(stub_count(&world->client, READ), 0);
	small_write(&world->odoo, world->table, 9);
	stub_clock_move(11000);
	assert_reads(world, 9, "revision 1");
	world_destroy(world);
}

static void without_write_date_nothing_is_stored(void **state)
{
	struct world *world =
		second_mount_of(&(struct world_options){ .no_write_date = true, .records = 50 });

	small_find(world->table, 9)->revision = 5;
	assert_reads(world, 9, "revision 5");
	world_destroy(world);
}

static void a_full_store_serves_what_it_has(void **state)
{
	struct world *world = second_mount_of(&(struct world_options){ .store_size = 16384 });

	small_write(&world->odoo, world->table, 9);
	stub_clock_move(5000);
	read_all(world, RECORDS);
	assert_reads(world, 9, "revision 1");
	night();
	world_remount(world);
	read_all(world, RECORDS);
	assert_reads(world, 9, "revision 1");
	assert_reads(world, 10, "revision 0");
	world_destroy(world);
}

/* A directory that can't be used is no reason to fail. */
static void without_a_store_all_goes_on(void **state)
{
	struct world *world;

	assert_int_equal(chmod(directory, 0755), 0);
	world = second_mount();
	read_all(world, RECORDS);
	assert_true(stub_count(&world->client, READ) > 0);
	world_destroy(world);
	assert_int_equal(chmod(directory, 0700), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, directory_setup, directory_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_is_read_again),
		TEST(only_what_changed_is_read),
		TEST(a_record_is_checked_without_a_listing),
		TEST(what_the_last_mount_did_not_see_is_found),
		TEST(times_are_kept),
		TEST(a_database_that_went_back_is_compared),
		TEST(what_lacks_a_field_is_read_again),
		TEST(other_fields_are_another_store),
		TEST(refresh_drops_what_is_stored),
		TEST(evicted_contents_come_from_the_disk),
		TEST(evicted_contents_come_from_the_queue),
		TEST(without_write_date_nothing_is_stored),
		TEST(a_full_store_serves_what_it_has),
		TEST(without_a_store_all_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
