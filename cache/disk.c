/* SPDX-License-Identifier: MIT */
/* The store's directory: made, locked, checked, set aside, opened and closed. */
#include "cache/disk_private.h"

#include "odoo/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

/* Changes with the layout of tables or values. Numbers are as the machine has them. */
const char disk_format[] = "odoofs 1 "
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
			   "little";
#else
			   "big";
#endif

/* Room in the map above the limit: a full store still has to free pages, which takes new ones. */
#define HEADROOM ((size_t)64 * 1024 * 1024)

/* Of LMDB's file of readers: what it takes for 126 of them, as many as it has by default. */
#define READERS_SIZE 8192

int disk_errno(int r)
{
	switch (r) {
	case MDB_SUCCESS:
		return 0;
	case MDB_NOTFOUND:
		return -ENOENT;
	case MDB_MAP_FULL:
		return -ENOSPC;
	case MDB_READERS_FULL:
	case MDB_TXN_FULL:
		return -EBUSY;
	default:
		return r > 0 ? -r : -EBADMSG; /* LMDB's own are negative: a file that isn't sound */
	}
}

__attribute__((format(printf, 2, 3))) static void say(char **ret_why, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	if (vasprintf(ret_why, format, arguments) < 0) {
		*ret_why = NULL;
	}
	va_end(arguments);
}

/* ── Directories ── */

/* A directory that is ours alone, made when it isn't there. */
static int check_directory(const char *path, char **ret_why)
{
	struct stat found;

	if (mkdir(path, 0700) < 0 && errno != EEXIST) {
		int r = -errno;

		say(ret_why, "%s can't be made: %s", path, strerror(-r));
		return r;
	}
	if (lstat(path, &found) < 0 || !S_ISDIR(found.st_mode)) {
		say(ret_why, "%s isn't a directory", path);
		return -ENOTDIR;
	}
	if (found.st_uid != geteuid()) {
		say(ret_why, "%s belongs to user %u, not to the one who mounts", path,
			(unsigned)found.st_uid);
		return -EPERM;
	}
	if (found.st_mode & 077) {
		say(ret_why, "%s can be entered by others: chmod 700 it", path);
		return -EPERM;
	}
	return 0;
}

static int take_lock(const char *path, int *ret_fd, char **ret_why)
{
	_cleanup_free_ char *name = NULL;
	_cleanup_fd_ int fd = -1;

	if (asprintf(&name, "%s/lock", path) < 0) {
		name = NULL;
		return -ENOMEM;
	}
	fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0) {
		int r = -errno;

		say(ret_why, "%s can't be opened: %s", name, strerror(-r));
		return r;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		int r = -errno;

		if (r == -EWOULDBLOCK) {
			say(ret_why, "%s is in use by another mount of the same", path);
			return -EBUSY;
		}
		say(ret_why,
			"%s can't be locked: %s: a store has to be on a filesystem that has locks",
			name, strerror(-r));
		return r;
	}
	*ret_fd = fd;
	fd = -1;
	return 0;
}

/*
 * LMDB keeps its readers in a file that it maps: where the disk has no block for it, who writes
 * there gets a signal instead of an error. So it has its blocks before LMDB sees it.
 */
static int reserve_readers(const char *path, char **ret_why)
{
	_cleanup_free_ char *name = NULL;
	_cleanup_fd_ int fd = -1;
	int r;

	if (asprintf(&name, "%s/lock.mdb", path) < 0) {
		name = NULL;
		return -ENOMEM;
	}
	fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	r = fd < 0 ? -errno : -posix_fallocate(fd, 0, READERS_SIZE);
	if (r < 0) {
		say(ret_why, "%s can't be made: %s", name, strerror(-r));
	}
	return r;
}

static int remove_one(const char *path, const struct stat *found, int type, struct FTW *where)
{
	return remove(path);
}

static void remove_tree(const char *path)
{
	nftw(path, remove_one, 4, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

/* One is kept, for whoever wants to know. */
static int set_aside(const char *path)
{
	_cleanup_free_ char *aside = NULL;

	if (asprintf(&aside, "%s.aside", path) < 0) {
		aside = NULL;
		return -ENOMEM;
	}
	remove_tree(aside);
	return rename(path, aside) < 0 ? -errno : 0;
}

/* ── The environment ── */

static int open_tables(MDB_env *env, struct disk_tables *tables)
{
	MDB_txn *txn;
	int r = mdb_txn_begin(env, NULL, 0, &txn);

	if (r) {
		return r;
	}
	r = mdb_dbi_open(txn, "about", MDB_CREATE, &tables->about);
	r = r ? r : mdb_dbi_open(txn, "models", MDB_CREATE, &tables->models);
	r = r ? r : mdb_dbi_open(txn, "records", MDB_CREATE, &tables->records);
	if (r) {
		mdb_txn_abort(txn);
		return r;
	}
	return mdb_txn_commit(txn);
}

int disk_tables_open(const char *path, size_t limit, struct disk_tables *ret_tables)
{
	struct disk_tables tables = { 0 };
	int r = mdb_env_create(&tables.env);

	if (r) {
		return disk_errno(r);
	}
	r = mdb_env_set_mapsize(tables.env, limit + HEADROOM);
	r = r ? r : mdb_env_set_maxdbs(tables.env, 3);
	/* A transaction belongs to no thread. No readahead: who reads follows ids, not pages. */
	r = r ? r : mdb_env_open(tables.env, path, MDB_NOTLS | MDB_NORDAHEAD, 0600);
	r = r ? r : open_tables(tables.env, &tables);
	if (r) {
		mdb_env_close(tables.env);
		return disk_errno(r);
	}
	*ret_tables = tables;
	return 0;
}

void disk_tables_close(struct disk_tables *tables)
{
	mdb_env_close(tables->env);
	tables->env = NULL;
}

static int put_text(MDB_txn *txn, MDB_dbi table, const char *key, const char *text)
{
	MDB_val k = { .mv_size = strlen(key), .mv_data = (void *)key };
	MDB_val v = { .mv_size = strlen(text), .mv_data = (void *)text };

	return mdb_put(txn, table, &k, &v, 0);
}

/* Say what it is, which a check looks for. */
static int sign(struct disk *disk, const char *identity, const char *origin)
{
	MDB_txn *txn;
	int r = mdb_txn_begin(disk->tables.env, NULL, 0, &txn);

	if (r) {
		return disk_errno(r);
	}
	r = put_text(txn, disk->tables.about, DISK_KEY_FORMAT, disk_format);
	r = r ? r : put_text(txn, disk->tables.about, DISK_KEY_IDENTITY, identity);
	if (!r && origin) {
		r = put_text(txn, disk->tables.about, DISK_KEY_ORIGIN, origin);
	}
	if (r) {
		mdb_txn_abort(txn);
		return disk_errno(r);
	}
	return disk_errno(mdb_txn_commit(txn));
}

/* ── Opening ── */

/* The identity holds names of people and servers: a digest of it names the directory. */
static char *path_of(const char *directory, const char *identity)
{
	XXH128_hash_t hash = XXH3_128bits(identity, strlen(identity));
	char *path;

	if (asprintf(&path, "%s/%016llx%016llx", directory, (unsigned long long)hash.high64,
		    (unsigned long long)hash.low64) < 0) {
		return NULL;
	}
	return path;
}

/* Hold the store's directory and its lock. */
static int hold(struct disk *disk, char **ret_why)
{
	int r = check_directory(disk->path, ret_why);

	r = r ? r : take_lock(disk->path, &disk->lock_fd, ret_why);
	return r ? r : reserve_readers(disk->path, ret_why);
}

/* What is there is set aside, and an empty store held. */
static int begin_anew(struct disk *disk, const char *wrong, char **ret_why)
{
	int r = set_aside(disk->path);

	if (r < 0) {
		say(ret_why, "%s: %s, and it can't be set aside: %s", disk->path, wrong,
			strerror(-r));
		return r;
	}
	free(disk->aside);
	say(&disk->aside, "%s: %s; it was set aside as %s.aside, and a new one begun", disk->path,
		wrong, disk->path);
	close(disk->lock_fd);
	disk->lock_fd = -1;
	return hold(disk, ret_why);
}

static int open_checked(struct disk *disk, const char *identity, const char *origin)
{
	int r = disk_sum_remove(disk->path);

	r = r ? r : disk_tables_open(disk->path, disk->limit, &disk->tables);
	r = r ? r : sign(disk, identity, origin);
	if (r < 0 && disk->tables.env) {
		disk_tables_close(&disk->tables);
	}
	return r;
}

/* What a check didn't see may still fail here. */
static int open_store(struct disk *disk, const char *directory, const char *identity,
	const char *origin, char **ret_why)
{
	_cleanup_free_ char *wrong = NULL;
	int r = check_directory(directory, ret_why);

	r = r ? r : hold(disk, ret_why);
	if (r < 0) {
		return r;
	}
	r = disk_check(disk->path, identity, origin, &wrong);
	r = r == -ENOENT || r == 0 ? open_checked(disk, identity, origin) : r;
	if (r == -EBADMSG) {
		r = begin_anew(disk, wrong ? wrong : "it is damaged", ret_why);
		if (r < 0) {
			return r;
		}
		r = open_checked(disk, identity, origin);
	}
	if (r < 0) {
		say(ret_why, "%s can't be opened: %s", disk->path, strerror(-r));
	}
	return r;
}

int disk_open(const char *directory, const char *identity, const char *origin, size_t limit,
	struct disk **ret_disk, char **ret_why)
{
	struct disk *disk = calloc(1, sizeof(*disk));
	int r = -ENOMEM;

	*ret_why = NULL;
	if (!disk) {
		return r;
	}
	disk->lock_fd = -1;
	disk->limit = limit;
	disk->path = path_of(directory, identity);
	disk->compressor = ZSTD_createCCtx();
	if (disk->path && disk->compressor) {
		r = open_store(disk, directory, identity, origin, ret_why);
	}
	if (r < 0) {
		disk_close(disk);
		return r;
	}
	*ret_disk = disk;
	return 0;
}

const char *disk_aside(const struct disk *disk)
{
	return disk->aside;
}

void disk_close(struct disk *disk)
{
	if (!disk) {
		return;
	}
	disk_abort(disk);
	if (disk->tables.env) {
		disk_tables_close(&disk->tables);
		disk_sum_write(disk->path);
	}
	if (disk->lock_fd >= 0) {
		close(disk->lock_fd);
	}
	ZSTD_freeCCtx(disk->compressor);
	free(disk->aside);
	free(disk->path);
	free(disk);
}
