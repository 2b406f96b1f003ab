/* SPDX-License-Identifier: MIT */
/*
 * Is what is stored whole? LMDB trusts the file that it maps: one that is damaged may crash it. A
 * store that was closed has a sum, which tells. One that wasn't may lack pages that a power failure
 * kept from the disk: so a child walks through all of it first, and a child that crashes is an
 * answer, too.
 */
#include "cache/disk_private.h"

#include "odoo/cleanup.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Of a data file that holds nothing at all: LMDB's two meta pages. */
#define SMALLEST_FILE 8192

#define TRIAL_SIZE ((size_t)256 * 1024)

/* What the child says, as its exit status. */
enum verdict {
	VERDICT_SOUND,
	VERDICT_DAMAGED,
	VERDICT_FORMAT,
	VERDICT_IDENTITY,
	VERDICT_ORIGIN,
	VERDICT_FAILED, /* nothing is wrong with the store, but with the machine */
};

static bool has_text(MDB_txn *txn, MDB_dbi table, const char *key, const char *text)
{
	MDB_val k = { .mv_size = strlen(key), .mv_data = (void *)key }, value;

	return mdb_get(txn, table, &k, &value) == 0 && value.mv_size == strlen(text) &&
	       memcmp(value.mv_data, text, value.mv_size) == 0;
}

/* Where either isn't known, nothing speaks against it. */
static bool is_of_origin(MDB_txn *txn, MDB_dbi table, const char *origin)
{
	MDB_val key = { .mv_size = strlen(DISK_KEY_ORIGIN), .mv_data = (void *)DISK_KEY_ORIGIN };
	MDB_val value;

	return !origin || mdb_get(txn, table, &key, &value) == MDB_NOTFOUND ||
	       has_text(txn, table, DISK_KEY_ORIGIN, origin);
}

/* Each entry is sound, and there are as many as the table says: a damaged one may go in circles. */
static bool table_is_sound(
	MDB_txn *txn, MDB_dbi table, bool (*is_sound)(const MDB_val *key, const MDB_val *value))
{
	MDB_cursor *cursor;
	MDB_val key, value;
	MDB_stat pages;
	size_t n = 0;
	int r;

	if (mdb_stat(txn, table, &pages) || mdb_cursor_open(txn, table, &cursor)) {
		return false;
	}
	while ((r = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == 0) {
		if (++n > pages.ms_entries || !is_sound(&key, &value)) {
			break;
		}
	}
	mdb_cursor_close(cursor);
	return r == MDB_NOTFOUND && n == pages.ms_entries;
}

/* How large the data file is; 0 where that can't be told. */
static size_t file_size(const char *path)
{
	_cleanup_free_ char *name = NULL;
	struct stat file;

	if (asprintf(&name, "%s/data.mdb", path) < 0) {
		name = NULL;
		return 0;
	}
	return stat(name, &file) == 0 ? (size_t)file.st_size : 0;
}

/* The pages that the store says it has are in the file: beyond its end there is only a signal. */
static bool file_is_long_enough(const char *path, MDB_env *env)
{
	MDB_envinfo info;
	MDB_stat pages;

	return mdb_env_info(env, &info) == 0 && mdb_env_stat(env, &pages) == 0 &&
	       file_size(path) >= (info.me_last_pgno + 1) * pages.ms_psize;
}

/* A change that takes pages, free ones and new ones, and is given up. */
static bool can_be_written(const struct disk_tables *tables)
{
	MDB_val key = { .mv_size = sizeof(DISK_KEY_FORMAT), .mv_data = (void *)DISK_KEY_FORMAT };
	MDB_val value = { .mv_size = TRIAL_SIZE };
	MDB_txn *txn;
	int r = mdb_txn_begin(tables->env, NULL, 0, &txn);

	if (r) {
		return false;
	}
	r = mdb_put(txn, tables->about, &key, &value, MDB_RESERVE);
	mdb_txn_abort(txn);
	return r == 0;
}

/* `closed`: its sum is right, which tells as much as a walk through all of it, and sooner. */
static enum verdict look(const struct disk_tables *tables, const char *path, const char *identity,
	const char *origin, bool closed)
{
	MDB_txn *txn;
	enum verdict verdict = VERDICT_DAMAGED;

	if (!file_is_long_enough(path, tables->env) ||
		mdb_txn_begin(tables->env, NULL, MDB_RDONLY, &txn)) {
		return VERDICT_DAMAGED;
	}
	if (!has_text(txn, tables->about, DISK_KEY_FORMAT, disk_format)) {
		verdict = VERDICT_FORMAT;
	} else if (!has_text(txn, tables->about, DISK_KEY_IDENTITY, identity)) {
		verdict = VERDICT_IDENTITY;
	} else if (!is_of_origin(txn, tables->about, origin)) {
		verdict = VERDICT_ORIGIN;
	} else if (closed || (table_is_sound(txn, tables->models, disk_model_is_sound) &&
				     table_is_sound(txn, tables->records, disk_record_is_sound) &&
				     can_be_written(tables))) {
		verdict = VERDICT_SOUND;
	}
	mdb_txn_abort(txn);
	return verdict;
}

static bool is_trouble_of_the_machine(int r)
{
	return r == -ENOMEM || r == -EMFILE || r == -ENFILE || r == -EACCES || r == -EIO;
}

/* In the child. It says nothing, leaves no core, and ends without running anybody's handlers. */
static void run_child(const char *path, const char *identity, const char *origin, bool closed)
{
	static const int crashes[] = { SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL };
	const struct rlimit no_core = { 0, 0 };
	struct disk_tables tables = { 0 };
	enum verdict verdict;
	int r;

	for (size_t i = 0; i < sizeof(crashes) / sizeof(crashes[0]); i++) {
		signal(crashes[i], SIG_DFL);
	}
	setrlimit(RLIMIT_CORE, &no_core);
	close_range(0, ~0u, 0); /* connections, and the lock, are the parent's */
	/* With room beyond its end, as it is written to there. */
	r = disk_tables_open(path, file_size(path), &tables);
	if (r < 0) {
		_exit(is_trouble_of_the_machine(r) ? VERDICT_FAILED : VERDICT_DAMAGED);
	}
	verdict = look(&tables, path, identity, origin, closed);
	_exit(verdict);
}

static int give(const char *why, char **ret_why)
{
	*ret_why = strdup(why);
	return -EBADMSG;
}

static int read_verdict(int status, char **ret_why)
{
	if (!WIFEXITED(status)) {
		return give("reading it crashes", ret_why);
	}
	switch (WEXITSTATUS(status)) {
	case VERDICT_SOUND:
		return 0;
	case VERDICT_FORMAT:
		return give("another version of odoofs made it, or none", ret_why);
	case VERDICT_IDENTITY:
		return give("it holds the records of something else", ret_why);
	case VERDICT_ORIGIN:
		return give("it is of another database, which had this name before", ret_why);
	case VERDICT_FAILED:
		return give("it can't be checked", ret_why);
	default:
		return give("it is damaged", ret_why);
	}
}

/* No file, or one in which nothing was ever written, is no store. */
static int find(const char *path, char **ret_why)
{
	_cleanup_free_ char *name = NULL;
	struct stat file;

	if (asprintf(&name, "%s/data.mdb", path) < 0) {
		name = NULL;
		return -ENOMEM;
	}
	if (lstat(name, &file) < 0) {
		return errno == ENOENT ? -ENOENT : give("it can't be read", ret_why);
	}
	if (!S_ISREG(file.st_mode) || file.st_nlink != 1) {
		return give("it isn't a plain file", ret_why);
	}
	if (file.st_uid != geteuid() || (file.st_mode & 077)) {
		return give("others can write or read it", ret_why);
	}
	return file.st_size < SMALLEST_FILE ? give("it is cut short", ret_why) : 0;
}

int disk_check(const char *path, const char *identity, const char *origin, char **ret_why)
{
	int r = find(path, ret_why), status;
	bool closed;
	pid_t child;

	if (r < 0) {
		return r;
	}
	r = disk_sum_check(path);
	if (r < 0 && r != -ENOENT) {
		return give("it was changed since it was closed", ret_why);
	}
	closed = r == 0;
	child = fork();
	if (child < 0) {
		return give("it can't be checked", ret_why);
	}
	if (child == 0) {
		run_child(path, identity, origin, closed);
	}
	while (waitpid(child, &status, 0) < 0) {
		if (errno != EINTR) {
			return give("it can't be checked", ret_why);
		}
	}
	return read_verdict(status, ret_why);
}
