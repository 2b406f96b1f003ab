/* SPDX-License-Identifier: MIT */
/* What the files of the store share. LMDB is known to them only. */
#ifndef CACHE_DISK_PRIVATE_H
#define CACHE_DISK_PRIVATE_H

#include "cache/disk.h"

#include <lmdb.h>
#include <zstd.h>

/* An environment and its tables. Constant once it is open. */
struct disk_tables {
	MDB_env *env;
	MDB_dbi about, models, records;
};

struct disk {
	struct disk_tables tables; /* constant */
	size_t limit;		   /* bytes; constant */
	char *path;		   /* of this store's directory; constant */
	char *aside;		   /* a sentence, or NULL; constant */
	int lock_fd;		   /* constant */

	/* The writer's own */
	MDB_txn *writing;
	ZSTD_CCtx *compressor;
};

/* The errno of LMDB's error, negative; 0 for MDB_SUCCESS. */
int disk_errno(int r);

/*
 * Open the environment in a directory, and all tables, which are made where they aren't there. The
 * map is large enough to remove and replace in a store that is full. Returns 0 or -errno.
 */
int disk_tables_open(const char *path, size_t limit, struct disk_tables *ret_tables);
void disk_tables_close(struct disk_tables *tables);

/*
 * Look at what is stored: 0 when it is whole and made by this version for this identity and origin,
 * -ENOENT when there is none, else -EBADMSG and a sentence about it, which the caller frees. A
 * store that was closed is compared with its sum; then, in a process of its own, all of it is
 * walked through. Blocks.
 */
int disk_check(const char *path, const char *identity, const char *origin, char **ret_why);

/*
 * The sum of a closed store: written behind it, and removed before it is written to. Each returns
 * 0 or -errno; checking, -ENOENT where there is none and -EBADMSG where it is another's. They
 * block.
 */
int disk_sum_write(const char *path);
int disk_sum_check(const char *path);
int disk_sum_remove(const char *path);

/* What the tables have to say of themselves. */
extern const char disk_format[];
#define DISK_KEY_FORMAT "format"
#define DISK_KEY_IDENTITY "identity"
#define DISK_KEY_ORIGIN "origin" /* where it was known */

/* Whether an entry of `models` or of `records` is one that this version wrote. */
bool disk_model_is_sound(const MDB_val *key, const MDB_val *value);
bool disk_record_is_sound(const MDB_val *key, const MDB_val *value);

#endif
