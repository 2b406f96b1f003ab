/* SPDX-License-Identifier: MIT */
/* The store on disk: what goes in comes out, and what isn't whole is set aside. */
#include "cache/disk.h"

#include "odoo/cleanup.h"
#include "tests/unit/cache/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xxhash.h>

#define LIMIT ((size_t)16 * 1024 * 1024)
#define IDENTITY "https://erp.example.com production 2 stored"

struct fixture {
	char directory[64];
	char *file; /* data.mdb */
	struct disk *disk;
};

static int remove_one(const char *path, const struct stat *found, int type, struct FTW *where)
{
	return remove(path);
}

static void open_again(struct fixture *f, const char *identity)
{
	_cleanup_free_ char *why = NULL;

	assert_int_equal(disk_open(f->directory, identity, LIMIT, &f->disk, &why), 0);
	assert_null(why);
}

static void close_it(struct fixture *f)
{
	disk_close(f->disk);
	f->disk = NULL;
}

static int find_file(const char *path, const struct stat *found, int type, struct FTW *where)
{
	extern char *found_file;

	if (strcmp(path + where->base, "data.mdb") == 0 && !strstr(path, ".aside")) {
		free(found_file);
		found_file = strdup(path);
	}
	return 0;
}

char *found_file;

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	strcpy(f->directory, TEST_DIRECTORY);
	assert_non_null(mkdtemp(f->directory));
	open_again(f, IDENTITY);
	nftw(f->directory, find_file, 8, FTW_PHYS);
	f->file = found_file;
	found_file = NULL;
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	close_it(f);
	nftw(f->directory, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(f->file);
	free(f);
	return 0;
}

/* A text that names its record, of some 2,000 bytes, alike but not the same as the others. */
static char *make_text(uint32_t id, unsigned turn)
{
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);

	fprintf(file, "{\n  \"id\": %u,\n", id);
	for (unsigned i = 0; i < 60; i++) {
		fprintf(file, "  \"field_%u\": \"value %u of %u\",\n", i, i * id, turn);
	}
	fprintf(file, "  \"write_date\": \"2026-11-20 08:12:44\"\n}\n");
	fclose(file);
	return text;
}

static struct disk_record describe(uint32_t id, const char *text)
{
	return (struct disk_record){ .id = id,
		.size = (uint32_t)strlen(text),
		.digest = XXH3_64bits(text, strlen(text)),
		.write_date = 1700000000 + id,
		.mtime = 1700000001 + id,
		.ctime = 1700000002 + id };
}

static int put(struct disk *disk, const char *model, uint32_t id, unsigned turn)
{
	_cleanup_free_ char *text = make_text(id, turn);
	struct disk_record record = describe(id, text);

	return disk_put_record(disk, model, &record, text);
}

static void put_many(struct disk *disk, const char *model, uint32_t n)
{
	assert_int_equal(disk_begin(disk), 0);
	for (uint32_t id = 1; id <= n; id++) {
		assert_int_equal(put(disk, model, id, 0), 0);
	}
	assert_int_equal(disk_commit(disk), 0);
}

static int read_text(struct disk *disk, const char *model, uint32_t id, unsigned turn)
{
	_cleanup_free_ char *text = make_text(id, turn);
	_cleanup_free_ char *stored = NULL;
	struct disk_record record = describe(id, text);
	int r = disk_read_text(disk, model, &record, &stored);

	if (r == 0) {
		assert_string_equal(stored, text);
	}
	return r;
}

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
	struct fixture *f = *state;
	uint32_t last = 0;

	put_many(f->disk, "res.partner", 300);
	put_many(f->disk, "res.partner.bank", 10);
	close_it(f);
	open_again(f, IDENTITY);
	assert_null(disk_aside(f->disk));
	assert_int_equal(disk_each_record(f->disk, "res.partner", count_one, &last), 0);
	assert_int_equal(last, 300);
	last = 0;
	assert_int_equal(disk_each_record(f->disk, "res.partner.bank", count_one, &last), 0);
	assert_int_equal(last, 10);
	assert_int_equal(disk_each_record(f->disk, "res", count_one, &last), 0);
	assert_int_equal(read_text(f->disk, "res.partner", 256, 0), 0);
	assert_int_equal(read_text(f->disk, "res.partner", 256, 1), -ENOENT);
	assert_int_equal(read_text(f->disk, "res.partner", 301, 0), -ENOENT);
}

static int stop(const struct disk_record *record, void *data)
{
	return record->id == 3 ? -ECANCELED : 0;
}

static void stops_where_told(void **state)
{
	struct fixture *f = *state;

	put_many(f->disk, "res.partner", 9);
	assert_int_equal(disk_each_record(f->disk, "res.partner", stop, NULL), -ECANCELED);
}

static void replaces_and_removes(void **state)
{
	struct fixture *f = *state;

	put_many(f->disk, "res.partner", 9);
	assert_int_equal(disk_begin(f->disk), 0);
	assert_int_equal(put(f->disk, "res.partner", 5, 1), 0);
	assert_int_equal(disk_remove_record(f->disk, "res.partner", 6), 0);
	assert_int_equal(disk_remove_record(f->disk, "res.partner", 60), 0);
	assert_int_equal(read_text(f->disk, "res.partner", 5, 0), 0);
	assert_int_equal(disk_commit(f->disk), 0);
	assert_int_equal(read_text(f->disk, "res.partner", 5, 0), -ENOENT);
	assert_int_equal(read_text(f->disk, "res.partner", 5, 1), 0);
	assert_int_equal(read_text(f->disk, "res.partner", 6, 0), -ENOENT);
}

static void gives_up_what_was_not_committed(void **state)
{
	struct fixture *f = *state;

	put_many(f->disk, "res.partner", 9);
	assert_int_equal(disk_begin(f->disk), 0);
	assert_int_equal(put(f->disk, "res.partner", 5, 1), 0);
	close_it(f);
	open_again(f, IDENTITY);
	assert_int_equal(read_text(f->disk, "res.partner", 5, 0), 0);
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
	struct fixture *f = *state;
	struct disk_model stored;
	size_t n;

	assert_int_equal(disk_begin(f->disk), 0);
	assert_int_equal(disk_put_model(f->disk, "res.partner", &model, ids, 3), 0);
	assert_int_equal(disk_commit(f->disk), 0);
	close_it(f);
	open_again(f, IDENTITY);
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
	struct fixture *f = *state;
	uint32_t *ids, last = 0;
	struct disk_model stored;
	size_t n;

	put_many(f->disk, "res.partner", 200);
	put_many(f->disk, "res.partner.bank", 10);
	assert_int_equal(disk_begin(f->disk), 0);
	assert_int_equal(disk_put_model(f->disk, "res.partner", &model, NULL, 0), 0);
	assert_int_equal(disk_commit(f->disk), 0);
	assert_int_equal(disk_begin(f->disk), 0);
	assert_int_equal(disk_remove_model(f->disk, "res.partner"), 0);
	assert_int_equal(disk_remove_model(f->disk, "res.users"), 0);
	assert_int_equal(disk_commit(f->disk), 0);
	assert_int_equal(disk_each_record(f->disk, "res.partner", stop, NULL), 0);
	assert_int_equal(disk_each_record(f->disk, "res.partner.bank", count_one, &last), 0);
	assert_int_equal(last, 10);
	assert_int_equal(disk_read_model(f->disk, "res.partner", &stored, &ids, &n), -ENOENT);
}

static void refuses_names_that_no_model_has(void **state)
{
	struct fixture *f = *state;
	char name[512];

	memset(name, 'x', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(read_text(f->disk, name, 1, 0), -EINVAL);
	assert_int_equal(read_text(f->disk, "", 1, 0), -EINVAL);
}

static void says_when_it_is_full(void **state)
{
	struct fixture *f = *state;
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
			struct disk_record record = describe(id, junk);
			assert_int_equal(disk_put_record(f->disk, "res.partner", &record, junk), 0);
		}
		assert_int_equal(disk_commit(f->disk), 0);
	}
	assert_true(disk_used(f->disk) < LIMIT + LIMIT / 2);
	assert_int_equal(disk_begin(f->disk), 0); /* and can still be emptied */
	assert_int_equal(disk_remove_model(f->disk, "res.partner"), 0);
	assert_int_equal(disk_commit(f->disk), 0);
}

/* ── What isn't to be trusted ── */

static void assert_refused(struct fixture *f, int error, const char *words)
{
	_cleanup_free_ char *why = NULL;
	struct disk *disk;

	assert_int_equal(disk_open(f->directory, IDENTITY, LIMIT, &disk, &why), error);
	assert_non_null(why);
	assert_non_null(strstr(why, words));
}

static void another_mount_goes_without(void **state)
{
	struct fixture *f = *state;
	struct fixture other = *f;

	assert_refused(f, -EBUSY, "in use by another mount");
	open_again(&other, "another identity");
	close_it(&other);
}

static void others_may_not_enter(void **state)
{
	struct fixture *f = *state;

	close_it(f);
	chmod(f->directory, 0755);
	assert_refused(f, -EPERM, "chmod 700");
	chmod(f->directory, 0700);
	if (geteuid() == 0) {
		assert_int_equal(chown(f->directory, 12345, 12345), 0);
		assert_refused(f, -EPERM, "belongs to user 12345");
		assert_int_equal(chown(f->directory, 0, 0), 0);
	}
	open_again(f, IDENTITY);
}

static void assert_set_aside(struct fixture *f, const char *words)
{
	open_again(f, IDENTITY);
	assert_non_null(disk_aside(f->disk));
	assert_non_null(strstr(disk_aside(f->disk), words));
	assert_int_equal(disk_each_record(f->disk, "res.partner", stop, NULL), 0);
	put_many(f->disk, "res.partner", 2);
	close_it(f);
	open_again(f, IDENTITY);
	assert_null(disk_aside(f->disk));
	close_it(f);
}

static void sets_aside_what_is_cut_short(void **state)
{
	struct fixture *f = *state;
	struct stat whole;

	put_many(f->disk, "res.partner", 500);
	close_it(f);
	assert_int_equal(stat(f->file, &whole), 0);
	assert_int_equal(truncate(f->file, whole.st_size / 2), 0);
	assert_set_aside(f, "");
	assert_int_equal(truncate(f->file, 100), 0);
	assert_set_aside(f, "cut short");
	assert_int_equal(truncate(f->file, 0), 0);
	assert_set_aside(f, "cut short");
}

static void sets_aside_what_is_no_store(void **state)
{
	struct fixture *f = *state;
	int fd;

	close_it(f);
	fd = open(f->file, O_WRONLY | O_TRUNC);
	for (int i = 0; i < 2000; i++) {
		assert_int_equal(write(fd, "not a database at all ", 22), 22);
	}
	close(fd);
	assert_set_aside(f, "changed since");
}

static void sets_aside_what_others_can_read(void **state)
{
	struct fixture *f = *state;

	close_it(f);
	chmod(f->file, 0644);
	assert_set_aside(f, "others can");
}

/* A digest names the directory; should two identities share it, the text inside tells. */
static void sets_aside_what_is_of_another(void **state)
{
	struct fixture *f = *state;
	struct fixture other = { 0 };
	_cleanup_free_ char *target = NULL;

	put_many(f->disk, "res.partner", 5);
	close_it(f);
	strcpy(other.directory, f->directory);
	open_again(&other, "somebody else");
	close_it(&other);
	unlink(f->file);
	nftw(f->directory, find_file, 8, FTW_PHYS);
	target = found_file;
	found_file = NULL;
	assert_int_equal(rename(target, f->file), 0);
	assert_set_aside(f, "changed since");
}

static char *read_file(const char *path, size_t *ret_size)
{
	FILE *file = fopen(path, "r");
	struct stat found;
	char *whole;

	assert_non_null(file);
	assert_int_equal(fstat(fileno(file), &found), 0);
	whole = malloc((size_t)found.st_size);
	*ret_size = fread(whole, 1, (size_t)found.st_size, file);
	assert_int_equal(*ret_size, found.st_size);
	fclose(file);
	return whole;
}

static void write_file(const char *path, const char *bytes, size_t size)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	fclose(file);
	chmod(path, 0600);
}

/* Any bit, wherever it is. */
static void sets_aside_what_was_changed(void **state)
{
	struct fixture *f = *state;
	_cleanup_free_ char *whole = NULL, *sum = NULL, *sum_path = NULL;
	size_t size, sum_size;
	unsigned seed = 1;

	put_many(f->disk, "res.partner", 60);
	close_it(f);
	whole = read_file(f->file, &size);
	assert_true(asprintf(&sum_path, "%.*s/sum", (int)(strrchr(f->file, '/') - f->file),
			    f->file) > 0);
	sum = read_file(sum_path, &sum_size);
	for (int round = 0; round < 100; round++) {
		size_t at = (size_t)rand_r(&seed) % size;

		whole[at] ^= (char)(1 << round % 8);
		write_file(f->file, whole, size);
		write_file(sum_path, sum, sum_size);
		whole[at] ^= (char)(1 << round % 8);
		open_again(f, IDENTITY);
		assert_non_null(disk_aside(f->disk));
		assert_non_null(strstr(disk_aside(f->disk), "changed since"));
		close_it(f);
	}
	write_file(f->file, whole, size);
	write_file(sum_path, sum, sum_size);
	open_again(f, IDENTITY);
	assert_null(disk_aside(f->disk));
	assert_int_equal(read_text(f->disk, "res.partner", 60, 0), 0);
}

/* After a power failure a page may be missing: then what is given is what was put in, or nothing.
 */
static void survives_pages_that_are_missing(void **state)
{
	struct fixture *f = *state;
	_cleanup_free_ char *whole = NULL, *sum_path = NULL, *broken = NULL;
	unsigned n_aside = 0;
	size_t size;

	put_many(f->disk, "res.partner", 60);
	put_many(f->disk, "res.partner", 40);
	close_it(f);
	whole = read_file(f->file, &size);
	broken = malloc(size);
	assert_true(asprintf(&sum_path, "%.*s/sum", (int)(strrchr(f->file, '/') - f->file),
			    f->file) > 0);
	for (size_t page = 0; page < size / 4096; page++) {
		memcpy(broken, whole, size);
		memset(broken + page * 4096, 0, 4096);
		write_file(f->file, broken, size);
		unlink(sum_path);
		open_again(f, IDENTITY);
		n_aside += disk_aside(f->disk) != NULL;
		for (uint32_t id = 1; id <= 60; id++) {
			read_text(f->disk, "res.partner", id, 0);
		}
		close_it(f);
	}
	assert_true(n_aside > 2); /* or nothing was tried */
}

/* A transaction is there whole or not at all: all of its texts are of the same turn. */
static void survives_being_killed(void **state)
{
	struct fixture *f = *state;

	put_many(f->disk, "res.partner", 40);
	close_it(f);
	for (int round = 0; round < 20; round++) {
		pid_t child = fork();
		unsigned turn;

		if (child == 0) {
			open_again(f, IDENTITY);
			for (turn = 1;; turn++) {
				disk_begin(f->disk);
				for (uint32_t id = 1; id <= 40; id++) {
					put(f->disk, "res.partner", id, turn);
				}
				disk_commit(f->disk);
			}
		}
		usleep(20000 + (useconds_t)round * 3000);
		kill(child, SIGKILL);
		assert_int_equal(waitpid(child, NULL, 0), child);
		open_again(f, IDENTITY);
		assert_null(disk_aside(f->disk));
		for (turn = 0; read_text(f->disk, "res.partner", 1, turn) != 0; turn++) {
			assert_true(turn < 100000);
		}
		for (uint32_t id = 2; id <= 40; id++) {
			assert_int_equal(read_text(f->disk, "res.partner", id, turn), 0);
		}
		close_it(f);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

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
		TEST(another_mount_goes_without),
		TEST(others_may_not_enter),
		TEST(sets_aside_what_is_cut_short),
		TEST(sets_aside_what_is_no_store),
		TEST(sets_aside_what_others_can_read),
		TEST(sets_aside_what_is_of_another),
		TEST(sets_aside_what_was_changed),
		TEST(survives_pages_that_are_missing),
		TEST(survives_being_killed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
