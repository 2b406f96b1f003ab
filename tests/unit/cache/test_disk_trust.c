/* SPDX-License-Identifier: MIT */
/* The store on disk: what isn't whole, or is another's, is set aside, and nothing ends the process.
 */
#include "disk_unit.h"

#include "odoo/cleanup.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void assert_refused(struct disk_unit *f, int error, const char *words)
{
	_cleanup_free_ char *why = NULL;
	struct disk *disk;

	assert_int_equal(disk_open(f->directory, IDENTITY, NULL, LIMIT, &disk, &why), error);
	assert_non_null(why);
	assert_non_null(strstr(why, words));
}

static void another_mount_goes_without(void **state)
{
	struct disk_unit *f = *state;
	struct disk_unit other = *f;

	assert_refused(f, -EBUSY, "in use by another mount");
	disk_unit_open(&other, "another identity");
	disk_unit_close(&other);
}

static void others_may_not_enter(void **state)
{
	struct disk_unit *f = *state;

	disk_unit_close(f);
	chmod(f->directory, 0755);
	assert_refused(f, -EPERM, "chmod 700");
	chmod(f->directory, 0700);
	if (geteuid() == 0) {
		assert_int_equal(chown(f->directory, 12345, 12345), 0);
		assert_refused(f, -EPERM, "belongs to user 12345");
		assert_int_equal(chown(f->directory, 0, 0), 0);
	}
	disk_unit_open(f, IDENTITY);
}

static void assert_set_aside(struct disk_unit *f, const char *words)
{
	disk_unit_open(f, IDENTITY);
	assert_non_null(disk_aside(f->disk));
	assert_non_null(strstr(disk_aside(f->disk), words));
	assert_int_equal(disk_each_record(f->disk, "res.partner", disk_unit_stop, NULL), 0);
	disk_unit_put_many(f->disk, "res.partner", 2);
	disk_unit_close(f);
	disk_unit_open(f, IDENTITY);
	assert_null(disk_aside(f->disk));
	disk_unit_close(f);
}

static void sets_aside_what_is_cut_short(void **state)
{
	struct disk_unit *f = *state;
	struct stat whole;

	disk_unit_put_many(f->disk, "res.partner", 500);
	disk_unit_close(f);
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
	struct disk_unit *f = *state;
	int fd;

	disk_unit_close(f);
	fd = open(f->file, O_WRONLY | O_TRUNC);
	for (int i = 0; i < 2000; i++) {
		assert_int_equal(write(fd, "not a database at all ", 22), 22);
	}
	close(fd);
	assert_set_aside(f, "changed since");
}

static void sets_aside_what_others_can_read(void **state)
{
	struct disk_unit *f = *state;

	disk_unit_close(f);
	chmod(f->file, 0644);
	assert_set_aside(f, "others can");
}

/* A digest names the directory; should two identities share it, the text inside tells. */
static void sets_aside_what_is_of_another(void **state)
{
	struct disk_unit *f = *state;
	struct disk_unit other = { 0 };
	_cleanup_free_ char *target = NULL;

	disk_unit_put_many(f->disk, "res.partner", 5);
	disk_unit_close(f);
	strcpy(other.directory, f->directory);
	disk_unit_open(&other, "somebody else");
	disk_unit_close(&other);
	unlink(f->file);
	target = disk_unit_find_file(f);
	assert_int_equal(rename(target, f->file), 0);
	assert_set_aside(f, "changed since");
}

/* An old one that doesn't say, or a server that doesn't tell, is no reason. */
static void sets_aside_what_is_of_another_database(void **state)
{
	struct disk_unit *f = *state;
	static const char *const good[] = { "uuid 1", NULL, "uuid 1" };

	disk_unit_put_many(f->disk, "res.partner", 5);
	disk_unit_close(f);
	for (size_t i = 0; i < 3; i++) {
		disk_unit_open_of(f, IDENTITY, good[i]);
		assert_null(disk_aside(f->disk));
		assert_int_equal(disk_unit_read(f->disk, "res.partner", 5, 0), 0);
		disk_unit_close(f);
	}
	disk_unit_open_of(f, IDENTITY, "uuid 2");
	assert_non_null(disk_aside(f->disk));
	assert_non_null(strstr(disk_aside(f->disk), "of another database"));
	assert_int_equal(disk_unit_read(f->disk, "res.partner", 5, 0), -ENOENT);
}

static int lock_error; /* of the filesystem, if it has no locks */

int __real_flock(int fd, int operation);
int __wrap_flock(int fd, int operation);

int __wrap_flock(int fd, int operation)
{
	if (lock_error) {
		errno = lock_error;
		return -1;
	}
	return __real_flock(fd, operation);
}

static void needs_locks(void **state)
{
	static const int errors[] = { ENOLCK, EOPNOTSUPP };
	struct disk_unit *f = *state;

	disk_unit_close(f);
	for (size_t i = 0; i < 2; i++) {
		lock_error = errors[i];
		assert_refused(f, -errors[i], "on a filesystem that has locks");
		lock_error = 0;
	}
	disk_unit_open(f, IDENTITY);
	assert_null(disk_aside(f->disk));
}

/* The path of its sum; the caller frees it. */
static char *sum_of(const struct disk_unit *f)
{
	char *path;

	assert_true(
		asprintf(&path, "%.*s/sum", (int)(strrchr(f->file, '/') - f->file), f->file) > 0);
	return path;
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

/* One that an older odoofs, say, has closed in order. */
static void sets_aside_what_another_version_made(void **state)
{
	static const char mine[] = "odoofs 1 ";
	struct disk_unit *f = *state;
	_cleanup_free_ char *whole = NULL, *sum_path = NULL;
	unsigned n_found = 0;
	size_t size;

	disk_unit_put_many(f->disk, "res.partner", 5);
	disk_unit_close(f);
	whole = read_file(f->file, &size);
	for (char *at = whole; (at = memmem(at, size - (size_t)(at - whole), mine, strlen(mine)));
		at++) {
		at[strlen("odoofs ")] = '0';
		n_found++;
	}
	assert_true(n_found > 0);
	write_file(f->file, whole, size);
	sum_path = sum_of(f);
	unlink(sum_path);
	assert_set_aside(f, "another version of odoofs");
}

/* Any bit, wherever it is. */
static void sets_aside_what_was_changed(void **state)
{
	struct disk_unit *f = *state;
	_cleanup_free_ char *whole = NULL, *sum = NULL, *sum_path = NULL;
	size_t size, sum_size;
	unsigned seed = 1;

	disk_unit_put_many(f->disk, "res.partner", 60);
	disk_unit_close(f);
	whole = read_file(f->file, &size);
	sum_path = sum_of(f);
	sum = read_file(sum_path, &sum_size);
	for (int round = 0; round < 100; round++) {
		size_t at = (size_t)rand_r(&seed) % size;

		whole[at] ^= (char)(1 << round % 8);
		write_file(f->file, whole, size);
		write_file(sum_path, sum, sum_size);
		whole[at] ^= (char)(1 << round % 8);
		disk_unit_open(f, IDENTITY);
		assert_non_null(disk_aside(f->disk));
		assert_non_null(strstr(disk_aside(f->disk), "changed since"));
		disk_unit_close(f);
	}
	write_file(f->file, whole, size);
	write_file(sum_path, sum, sum_size);
	disk_unit_open(f, IDENTITY);
	assert_null(disk_aside(f->disk));
	assert_int_equal(disk_unit_read(f->disk, "res.partner", 60, 0), 0);
}

/* The check writes, too, and not beyond what it has mapped of the file. */
static void takes_a_large_one_for_sound(void **state)
{
	struct disk_unit *f = *state;
	_cleanup_free_ char *path = NULL;
	const size_t size = (size_t)1024 * 1024, limit = 256 * size;
	char *text = malloc(size + 1);
	uint32_t seed = 1, n = 100;

	disk_unit_close(f);
	for (int opened = 0; opened < 3; opened++) {
		_cleanup_free_ char *why = NULL;

		assert_int_equal(disk_open(f->directory, IDENTITY, NULL, limit, &f->disk, &why), 0);
		assert_null(disk_aside(f->disk));
		assert_int_equal(disk_begin(f->disk), 0);
		for (uint32_t id = 1; opened == 0 && id <= n; id++) {
			for (size_t i = 0; i < size; i++) { /* nothing that could be compressed */
				seed = seed * 1664525 + 1013904223;
				text[i] = (char)(' ' + (seed >> 24) % 90);
			}
			text[size] = '\0';
			struct disk_record record = disk_unit_describe(id, text);
			assert_int_equal(disk_put_record(f->disk, "res.partner", &record, text), 0);
		}
		assert_int_equal(disk_commit(f->disk), 0);
		assert_true(disk_used(f->disk) > 70 * size);
		disk_unit_close(f);
		if (opened == 1) { /* as after a crash */
			assert_true(asprintf(&path, "%.*s/sum",
					    (int)(strrchr(f->file, '/') - f->file), f->file) > 0);
			assert_int_equal(unlink(path), 0);
		}
	}
	free(text);
}

/* After a power failure a page may be missing: then what is given is what was put in, or nothing.
 */
static void survives_pages_that_are_missing(void **state)
{
	struct disk_unit *f = *state;
	_cleanup_free_ char *whole = NULL, *sum_path = NULL, *broken = NULL;
	unsigned n_aside = 0;
	size_t size;

	disk_unit_put_many(f->disk, "res.partner", 60);
	disk_unit_put_many(f->disk, "res.partner", 40);
	disk_unit_close(f);
	whole = read_file(f->file, &size);
	broken = malloc(size);
	sum_path = sum_of(f);
	for (size_t page = 0; page < size / 4096; page++) {
		memcpy(broken, whole, size);
		memset(broken + page * 4096, 0, 4096);
		write_file(f->file, broken, size);
		unlink(sum_path);
		disk_unit_open(f, IDENTITY);
		n_aside += disk_aside(f->disk) != NULL;
		for (uint32_t id = 1; id <= 60; id++) {
			disk_unit_read(f->disk, "res.partner", id, 0);
		}
		disk_unit_close(f);
	}
	assert_true(n_aside > 2); /* or nothing was tried */
}

/* A transaction is there whole or not at all: all of its texts are of the same turn. */
static void survives_being_killed(void **state)
{
	struct disk_unit *f = *state;

	disk_unit_put_many(f->disk, "res.partner", 40);
	disk_unit_close(f);
	for (int round = 0; round < 20; round++) {
		pid_t child = fork();
		unsigned turn;

		if (child == 0) {
			disk_unit_open(f, IDENTITY);
			for (turn = 1;; turn++) {
				disk_begin(f->disk);
				for (uint32_t id = 1; id <= 40; id++) {
					disk_unit_put(f->disk, "res.partner", id, turn);
				}
				disk_commit(f->disk);
			}
		}
		usleep(20000 + (useconds_t)round * 3000);
		kill(child, SIGKILL);
		assert_int_equal(waitpid(child, NULL, 0), child);
		disk_unit_open(f, IDENTITY);
		assert_null(disk_aside(f->disk));
		for (turn = 0; disk_unit_read(f->disk, "res.partner", 1, turn) != 0; turn++) {
			assert_true(turn < 100000);
		}
		for (uint32_t id = 2; id <= 40; id++) {
			assert_int_equal(disk_unit_read(f->disk, "res.partner", id, turn), 0);
		}
		disk_unit_close(f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(another_mount_goes_without),
		TEST(others_may_not_enter),
		TEST(sets_aside_what_is_cut_short),
		TEST(sets_aside_what_is_no_store),
		TEST(sets_aside_what_others_can_read),
		TEST(sets_aside_what_is_of_another),
		TEST(sets_aside_what_is_of_another_database),
		TEST(needs_locks),
		TEST(sets_aside_what_another_version_made),
		TEST(sets_aside_what_was_changed),
		TEST(takes_a_large_one_for_sound),
		TEST(survives_pages_that_are_missing),
		TEST(survives_being_killed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
