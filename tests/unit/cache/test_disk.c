/* SPDX-License-Identifier: MIT */
/* The store on disk: what goes in comes out. */
#include "disk_unit.h"

#include "odoo/cleanup.h"
#include "unit.h"

#include <errno.h>

static int count_one(const struct disk_record *record, void *data)
{
	uint32_t *last = data;

	assert_true(record->id > *last);
	assert_int_equal(record->write_date, 1700000000 + record->id);
	assert_int_equal(record->mtime, 1700000001 + record->id);
	assert_int_equal(record->ctime, 1700000002 + record->id);
	*last = record->id;
	return 0;
}

static void keeps_records(void **state)
{
	struct disk_unit *f = *state;
	uint32_t last = 0;

	disk_unit_put_many(f->disk, "res.partner", 300);
	disk_unit_put_many(f->disk, "res.partner.bank", 10);
	disk_unit_close(f);
	disk_unit_open(f, IDENTITY);
	assert_null(disk_aside(f->disk));
	assert_int_equal(disk_each_record(f->disk, "res.partner", count_one, &last), 0);
	assert_int_equal(last, 300);
	last = 0;
	assert_int_equal(disk_each_record(f->disk, "res.partner.bank", count_one, &last), 0);
	assert_int_equal(last, 10);
	assert_int_equal(disk_each_record(f->disk, "res", count_one, &last), 0);
	assert_int_equal(disk_unit_read(f->disk, "res.partner", 256, 0), 0);
	assert_int_equal(disk_unit_read(f->disk, "res.partner", 256, 1), -ENOENT);
	assert_int_equal(disk_unit_read(f->disk, "res.partner", 301, 0), -ENOENT);
}

static void stops_where_told(void **state)
{
	struct disk_unit *f = *state;

	disk_unit_put_many(f->disk, "res.partner", 9);
	assert_int_equal(
		disk_each_record(f->disk, "res.partner", disk_unit_stop, NULL), -ECANCELED);
}

static void replaces_and_removes(void **state)
{
	struct disk_unit *f = *state;

	disk_unit_put_many(f->disk, "res.partner", 9);
	assert_int_equal(disk_begin(f->disk), 0);
	assert_int_equal(disk_unit_put(f->disk, "res.partner", 5, 1), 0);
	assert_int_equal(disk_remove_record(f->disk, "res.partner", 6), 0);
	assert_int_equal(disk_remove_record(f->disk, "res.partner", 60), 0);
	assert_int_equal(disk_unit_read(f->disk, "res.partner", 5, 0), 0);
	assert_int_equal(disk_commit(f->disk), 0);
	assert_int_equal(disk_unit_read(f->disk, "res.partner", 5, 0), -ENOENT);
	assert_int_equal(disk_unit_read(f->disk, "res.partner", 5, 1), 0);
	assert_int_equal(disk_unit_read(f->disk, "res.partner", 6, 0), -ENOENT);
}

static void gives_up_what_was_not_committed(void **state)
{
	struct disk_unit *f = *state;

	disk_unit_put_many(f->disk, "res.partner", 9);
	assert_int_equal(disk_begin(f->disk), 0);
	assert_int_equal(disk_unit_put(f->disk, "res.partner", 5, 1), 0);
	disk_unit_close(f);
	disk_unit_open(f, IDENTITY);
	assert_int_equal(disk_unit_read(f->disk, "res.partner", 5, 0), 0);
}

static void keeps_a_model(void **state)
{
	const struct disk_model model = { .summary = { "2026-11-20 08:12:44", 9, 3 },
		.since = 1700000000,
		.mtime = 1700000005,
		.skew = -2,
		.schema = UINT64_MAX };
	const uint32_t ids[] = { 2, 5, 9 };
	_cleanup_free_ uint32_t *stored_ids = NULL;
	struct disk_unit *f = *state;
	struct disk_model stored;
	size_t n;

	assert_int_equal(disk_begin(f->disk), 0);
	assert_int_equal(disk_put_model(f->disk, "res.partner", &model, ids, 3), 0);
	assert_int_equal(disk_commit(f->disk), 0);
	disk_unit_close(f);
	disk_unit_open(f, IDENTITY);
	assert_int_equal(disk_read_model(f->disk, "res.partner", &stored, &stored_ids, &n), 0);
	assert_int_equal(n, 3);
	assert_memory_equal(stored_ids, ids, sizeof(ids));
	assert_string_equal(stored.summary.write_date, model.summary.write_date);
	assert_int_equal(stored.summary.max_id, 9);
	assert_int_equal(stored.summary.count, 3);
	assert_int_equal(stored.since, model.since);
	assert_int_equal(stored.mtime, model.mtime);
	assert_int_equal(stored.skew, -2);
	assert_true(stored.schema == UINT64_MAX);
	assert_int_equal(disk_read_model(f->disk, "res.users", &stored, &stored_ids, &n), -ENOENT);
}

static void removes_a_model_alone(void **state)
{
	const struct disk_model model = { .since = 1 };
	struct disk_unit *f = *state;
	uint32_t *ids, last = 0;
	struct disk_model stored;
	size_t n;

	disk_unit_put_many(f->disk, "res.partner", 200);
	disk_unit_put_many(f->disk, "res.partner.bank", 10);
	assert_int_equal(disk_begin(f->disk), 0);
	assert_int_equal(disk_put_model(f->disk, "res.partner", &model, NULL, 0), 0);
	assert_int_equal(disk_commit(f->disk), 0);
	assert_int_equal(disk_begin(f->disk), 0);
	assert_int_equal(disk_remove_model(f->disk, "res.partner"), 0);
	assert_int_equal(disk_remove_model(f->disk, "res.users"), 0);
	assert_int_equal(disk_commit(f->disk), 0);
	assert_int_equal(disk_each_record(f->disk, "res.partner", disk_unit_stop, NULL), 0);
	assert_int_equal(disk_each_record(f->disk, "res.partner.bank", count_one, &last), 0);
	assert_int_equal(last, 10);
	assert_int_equal(disk_read_model(f->disk, "res.partner", &stored, &ids, &n), -ENOENT);
}

static void refuses_names_that_no_model_has(void **state)
{
	struct disk_unit *f = *state;
	char name[512];

	memset(name, 'x', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(disk_unit_read(f->disk, name, 1, 0), -EINVAL);
	assert_int_equal(disk_unit_read(f->disk, "", 1, 0), -EINVAL);
}

static void says_when_it_is_full(void **state)
{
	struct disk_unit *f = *state;
	char junk[4096];
	uint32_t id = 1;

	assert_false(disk_is_full(f->disk));
	while (!disk_is_full(f->disk)) {
		assert_int_equal(disk_begin(f->disk), 0);
		for (uint32_t end = id + 500; id < end; id++) {
			for (size_t i = 0; i < sizeof(junk) - 1; i++) {
				junk[i] = (char)(rand() % 95 + ' ');
			}
			junk[sizeof(junk) - 1] = '\0';
			struct disk_record record = disk_unit_describe(id, junk);
			assert_int_equal(disk_put_record(f->disk, "res.partner", &record, junk), 0);
		}
		assert_int_equal(disk_commit(f->disk), 0);
	}
	assert_true(disk_used(f->disk) < LIMIT + LIMIT / 2);
	assert_int_equal(disk_begin(f->disk), 0); /* and can still be emptied */
	assert_int_equal(disk_remove_model(f->disk, "res.partner"), 0);
	assert_int_equal(disk_commit(f->disk), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(keeps_records),
		TEST(stops_where_told),
		TEST(replaces_and_removes),
		TEST(gives_up_what_was_not_committed),
		TEST(keeps_a_model),
		TEST(removes_a_model_alone),
		TEST(refuses_names_that_no_model_has),
		TEST(says_when_it_is_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
