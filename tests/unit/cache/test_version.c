/* SPDX-License-Identifier: MIT */
/* A record's version moves exactly when its content does; times; and content that was replaced. */
#include "world.h"

#include "cache/record.h"
#include "cache/write.h"
#include "odoo/cleanup.h"

#include <errno.h>

static struct world *begin(void)
{
	return world_begin(&(struct world_options){ .records = 150 });
}

/* Read this version and no other: 0, or -errno. */
static int read_version(struct world *world, uint32_t id, uint32_t version, char **ret_text)
{
	struct cache_waiter waiter = { 0 };
	struct cache_content *content;
	const char *data;
	size_t size;
	int r = cache_record_read(world->cache, world->model, id, version, &content, &waiter);

	assert_int_not_equal(r, CACHE_WAIT);
	if (r == 0) {
		data = cache_content_bytes(content, &size);
		*ret_text = strndup(data, size);
		cache_content_release(world->cache, content);
	}
	return r;
}

static void what_stays_keeps_its_version(void **state)
{
	struct world *world = begin();
	struct cache_attr before = world_attr(world, 7), after;

	cache_refresh(world->cache, NULL);
	after = world_attr(world, 7);
	assert_memory_equal(&before, &after, sizeof(before));
	world_later();
	/* Read again and again in its first seconds, and the same. */
	cache_refresh(world->cache, world->model);
	after = world_attr(world, 7);
	assert_memory_equal(&before, &after, sizeof(before));
	world_destroy(world);
}

static void what_changes_moves_its_version(void **state)
{
	struct world *world = begin();
	struct cache_attr before = world_attr(world, 7), after;

	for (uint32_t round = 1; round <= 5; round++) {
		small_write(&world->odoo, world->table, 7);
		world_later();
		after = world_attr(world, 7);
		assert_int_equal(after.version, before.version + round);
	}
	/* Nobody else's. */
	assert_int_equal(world_attr(world, 8).version, 0);
	world_destroy(world);
}

/* Several changes that nobody looked at between them are one version. */
static void unseen_changes_are_one(void **state)
{
	struct world *world = begin();

	for (int round = 0; round < 5; round++) {
		small_write(&world->odoo, world->table, 7);
		stub_clock_move(1000);
	}
	world_later();
	assert_int_equal(world_attr(world, 7).version, 1);
	world_destroy(world);
}

static void versions_count_round(void **state)
{
	struct world *world = begin();

	for (uint32_t round = 1; round <= CACHE_VERSIONS + 5; round++) {
		small_find(world->table, 7)->revision++;
		cache_refresh(world->cache, world->model);
		assert_int_equal(world_attr(world, 7).version, round % CACHE_VERSIONS);
	}
	world_destroy(world);
}

/* ── Times ── */

static void times_begin_with_the_servers(void **state)
{
	struct world *world = begin();
	struct cache_attr attr = world_attr(world, 7);

	assert_int_equal(attr.mtime, small_find(world->table, 7)->write_date);
	assert_int_equal(attr.ctime, attr.mtime);
	world_destroy(world);
}

static void a_write_moves_both_times(void **state)
{
	struct world *world = begin();
	struct cache_attr attr;

	world_later();
	small_write(&world->odoo, world->table, 7);
	world_later();
	attr = world_attr(world, 7);
	assert_int_equal(attr.mtime, small_find(world->table, 7)->write_date);
	assert_int_equal(attr.ctime, stub_clock_wall());
	assert_true(attr.ctime > attr.mtime);
	world_destroy(world);
}

/* A change that left write_date alone (a computed field, a module's update by SQL). */
static void a_silent_change_has_the_time_it_was_noticed(void **state)
{
	struct world *world = begin();
	struct cache_attr attr;

	small_find(world->table, 7)->revision++;
	world_later();
	cache_refresh(world->cache, world->model);
	attr = world_attr(world, 7);
	assert_int_equal(attr.version, 1);
	assert_int_equal(attr.mtime, stub_clock_wall());
	assert_int_equal(attr.ctime, stub_clock_wall());
	world_destroy(world);
}

static void without_dates_it_is_the_mounts_time(void **state)
{
	struct world *world =
		world_begin(&(struct world_options){ .records = 10, .no_write_date = true });

	assert_int_equal(world_attr(world, 7).mtime, STUB_EPOCH);
	stub_clock_move(100 * 1000);
	assert_int_equal(world_attr(world, 7).mtime, STUB_EPOCH);
	small_write(&world->odoo, world->table, 7);
	world_later();
	assert_int_equal(world_attr(world, 7).mtime, stub_clock_wall());
	world_destroy(world);
}

static void a_time_that_is_not_kept_is_the_nearest(void **state)
{
	struct world *world = world_create(&(struct world_options){ .records = 10 });

	small_find(world->table, 3)->write_date = (int64_t)UINT32_MAX + 1;
	small_find(world->table, 4)->write_date = -1;
	assert_int_equal(world_attr(world, 3).mtime, UINT32_MAX);
	assert_int_equal(world_attr(world, 4).mtime, 0);
	world_destroy(world);
}

static void the_size_is_that_of_the_content(void **state)
{
	struct world *world = begin();
	_cleanup_free_ char *text = NULL;

	small_find(world->table, 7)->padding = 5000;
	small_write(&world->odoo, world->table, 7);
	world_later();
	assert_int_equal(world_cat(world, 7, &text), 0);
	assert_int_equal(world_attr(world, 7).size, strlen(text));
	assert_true(strlen(text) > 5000);
	world_destroy(world);
}

/* ── Content that was replaced ── */

static void a_reader_keeps_the_version_it_opened(void **state)
{
	struct world *world = begin();
	_cleanup_free_ char *old = NULL, *new = NULL, *again = NULL;

	small_write(&world->odoo, world->table, 7);
	world_later();
	assert_int_equal(world_attr(world, 7).version, 1);
	assert_int_equal(read_version(world, 7, 0, &old), 0);
	assert_contains(old, "revision 0");
	assert_int_equal(read_version(world, 7, 1, &new), 0);
	assert_contains(new, "revision 1");
	assert_int_equal(read_version(world, 7, 0, &again), 0);
	assert_string_equal(old, again);
	world_destroy(world);
}

static void until_the_kernel_forgets_it(void **state)
{
	struct world *world = begin();
	_cleanup_free_ char *text = NULL;

	small_write(&world->odoo, world->table, 7);
	world_later();
	assert_int_equal(world_attr(world, 7).version, 1);
	cache_record_forget(world->cache, world->model, 7, 1); /* of the one in use: nothing */
	cache_record_forget(world->cache, world->model, 8, 0);
	assert_int_equal(read_version(world, 7, 0, &text), 0);
	cache_record_forget(world->cache, world->model, 7, 0);
	free(steal(text));
	assert_int_equal(read_version(world, 7, 0, &text), -ESTALE);
	assert_int_equal(read_version(world, 7, 1, &text), 0);
	world_destroy(world);
}

/* What stat says of it, too. */
static void a_version_keeps_its_attributes(void **state)
{
	struct world *world = begin();
	struct cache_attr before = world_attr(world, 7), after;

	assert_int_equal(cache_version_stat(world->cache, world->model, 7, 0, &after), -ENOENT);
	small_write(&world->odoo, world->table, 7);
	world_later();
	assert_int_equal(world_attr(world, 7).version, 1);
	assert_int_equal(cache_version_stat(world->cache, world->model, 7, 0, &after), 0);
	assert_memory_equal(&before, &after, sizeof(before));
	cache_record_forget(world->cache, world->model, 7, 0);
	assert_int_equal(cache_version_stat(world->cache, world->model, 7, 0, &after), -ENOENT);
	world_destroy(world);
}

static void who_has_it_open_keeps_what_was_deleted(void **state)
{
	struct world *world = begin();
	struct cache_attr before = world_attr(world, 7), after;
	_cleanup_free_ char *text = NULL;

	small_unlink(&world->odoo, world->table, 7);
	world_later();
	assert_int_equal(world_stat(world, 7, &after), -ENOENT);
	assert_int_equal(read_version(world, 7, 0, &text), 0);
	assert_int_equal(cache_version_stat(world->cache, world->model, 7, 0, &after), 0);
	assert_memory_equal(&before, &after, sizeof(before));
	world_destroy(world);
}

static void unless_old_ones_are_not_kept(void **state)
{
	struct world *world =
		world_begin(&(struct world_options){ .records = 150, .forget_versions = true });
	_cleanup_free_ char *text = NULL;

	small_write(&world->odoo, world->table, 7);
	world_later();
	assert_int_equal(world_attr(world, 7).version, 1);
	assert_int_equal(read_version(world, 7, 0, &text), -ESTALE);
	world_destroy(world);
}

/* Who holds the content itself needs none of this. */
static void a_content_that_is_held_stays(void **state)
{
	struct world *world =
		world_begin(&(struct world_options){ .records = 150, .forget_versions = true });
	struct cache_waiter waiter = { 0 };
	struct cache_content *content;
	const char *data;
	size_t size;

	assert_int_equal(cache_record_read(world->cache, world->model, 7, 0, &content, &waiter), 0);
	small_write(&world->odoo, world->table, 7);
	world_later();
	assert_int_equal(world_attr(world, 7).version, 1);
	data = cache_content_bytes(content, &size);
	assert_non_null(memmem(data, size, "revision 0", 10));
	cache_content_release(world->cache, content);
	world_destroy(world);
}

static void a_version_that_never_was_is_stale(void **state)
{
	struct world *world = begin();
	char *text;

	assert_int_equal(read_version(world, 7, 5, &text), -ESTALE);
	assert_int_equal(read_version(world, 7, UINT32_MAX, &text), -ESTALE);
	world_destroy(world);
}

/* Kept contents are bounded by their number, however many change. */
static void old_versions_are_bounded(void **state)
{
	struct world *world = world_begin(&(struct world_options){ .records = 5000 });
	_cleanup_free_ char *text = NULL;
	unsigned kept = 0;

	for (uint32_t id = 1; id <= 5000; id++) {
		small_write(&world->odoo, world->table, id);
	}
	world_later();
	world_walk(world, 1, 5000);
	stub_answer_all(&world->client);
	for (uint32_t id = 1; id <= 5000; id++) {
		char *old = NULL;

		kept += read_version(world, id, 0, &old) == 0;
		free(old);
	}
	assert_true(kept > 0);
	assert_at_most(kept, 4096);
	assert_int_equal(read_version(world, 5000, 0, &text), 0); /* the newest are kept */
	world_destroy(world);
}

/* ── Numbers for the same content ── */

static void a_renewed_version_has_the_same_content(void **state)
{
	struct world *world = begin();
	struct cache_attr before = world_attr(world, 7), after;
	_cleanup_free_ char *old = NULL, *new = NULL;
	char *text;

	cache_record_renew(world->cache, world->model, 7);
	cache_record_renew(world->cache, world->model, 7);
	after = world_attr(world, 7);
	assert_int_equal(after.version, 2);
	assert_int_equal(after.size, before.size);
	assert_int_equal(after.mtime, before.mtime);
	assert_true(world_news(world, CACHE_NEWS_RECORD, 7) > 0);
	assert_int_equal(read_version(world, 7, 0, &old), 0);
	assert_int_equal(read_version(world, 7, 2, &new), 0);
	assert_string_equal(old, new);
	assert_int_equal(read_version(world, 7, 3, &text), -ESTALE);
	/* Of what came then they are no names. */
	small_write(&world->odoo, world->table, 7);
	world_later();
	assert_int_equal(world_attr(world, 7).version, 3);
	assert_int_equal(read_version(world, 7, 1, &text), -ESTALE);
	world_destroy(world);
}

static void renewing_counts_round(void **state)
{
	struct world *world = begin();
	char *text;

	for (int round = 0; round < CACHE_VERSIONS * 2; round++) {
		cache_record_renew(world->cache, world->model, 7);
	}
	assert_int_equal(world_attr(world, 7).version, 0);
	assert_int_equal(read_version(world, 7, 1, &text), -ESTALE);
	world_destroy(world);
}

/* ── Handing content ahead ── */

static size_t ahead(struct world *world, uint32_t id, bool pushed)
{
	struct cache_ahead contents[64];
	size_t n = cache_record_ahead(world->cache, world->model, id, contents, 64);

	for (size_t i = 0; i < n; i++) {
		assert_int_equal(contents[i].attr.id, id + 1 + i);
		if (pushed) {
			cache_record_pushed(world->cache, world->model, &contents[i].attr);
		}
		cache_content_release(world->cache, contents[i].content);
	}
	return n;
}

static void contents_are_handed_ahead_once(void **state)
{
	struct world *world = begin();

	assert_int_equal(ahead(world, 10, false), 64);
	assert_int_equal(ahead(world, 10, true), 64);
	assert_int_equal(ahead(world, 10, true), 0);
	assert_int_equal(ahead(world, 74, true), 64);
	assert_int_equal(ahead(world, 138, true), 12); /* the end */
	assert_int_equal(ahead(world, 150, true), 0);
	/* A new version is news. */
	small_write(&world->odoo, world->table, 12);
	world_later();
	assert_int_equal(ahead(world, 11, false), 0); /* not known to be new yet */
	world_attr(world, 12);
	assert_int_equal(ahead(world, 11, true), 1);
	/* What the kernel forgot it can't take, until it knows of it again. */
	cache_record_forget(world->cache, world->model, 13, 0);
	assert_int_equal(ahead(world, 12, false), 0);
	assert_false(cache_record_has_ahead(world->cache, world->model, 12));
	world_attr(world, 13);
	assert_true(cache_record_has_ahead(world->cache, world->model, 12));
	assert_int_equal(ahead(world, 12, false), 1);
	world_destroy(world);
}

static void what_is_stale_is_not_handed_ahead(void **state)
{
	struct world *world = begin();

	small_write(&world->odoo, world->table, 14);
	world_later();
	world_list(world, NULL);
	assert_int_equal(ahead(world, 10, false), 3);
	world_destroy(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_stays_keeps_its_version),
		cmocka_unit_test(what_changes_moves_its_version),
		cmocka_unit_test(unseen_changes_are_one),
		cmocka_unit_test(versions_count_round),
		cmocka_unit_test(times_begin_with_the_servers),
		cmocka_unit_test(a_write_moves_both_times),
		cmocka_unit_test(a_silent_change_has_the_time_it_was_noticed),
		cmocka_unit_test(without_dates_it_is_the_mounts_time),
		cmocka_unit_test(a_time_that_is_not_kept_is_the_nearest),
		cmocka_unit_test(the_size_is_that_of_the_content),
		cmocka_unit_test(a_reader_keeps_the_version_it_opened),
		cmocka_unit_test(until_the_kernel_forgets_it),
		cmocka_unit_test(a_version_keeps_its_attributes),
		cmocka_unit_test(who_has_it_open_keeps_what_was_deleted),
		cmocka_unit_test(unless_old_ones_are_not_kept),
		cmocka_unit_test(a_content_that_is_held_stays),
		cmocka_unit_test(a_version_that_never_was_is_stale),
		cmocka_unit_test(old_versions_are_bounded),
		cmocka_unit_test(a_renewed_version_has_the_same_content),
		cmocka_unit_test(renewing_counts_round),
		cmocka_unit_test(contents_are_handed_ahead_once),
		cmocka_unit_test(what_is_stale_is_not_handed_ahead),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
