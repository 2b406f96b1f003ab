/* SPDX-License-Identifier: MIT */
/*
 * The store on disk: rendered records that outlive the daemon, in LMDB, compressed by zstd.
 *
 *	DIRECTORY/                     0700, must be ours
 *	  3f9c…/                       one for each identity: server, database, user, what is shown
 *	    lock                       held by the mount that writes
 *	    sum                        of data.mdb, while no mount has it open
 *	    data.mdb, lock.mdb         LMDB: three tables
 *	                                 about    "format", "identity", "origin"
 *	                                 models   name           → what a check found, and all ids
 *	                                 records  name, \0, id   → times, size, digest, text
 *	  3f9c….aside/                 what was found damaged or foreign
 *
 * A store that can't be trusted is set aside and begun anew. Each write is part of a transaction,
 * and what a transaction holds is there whole or not at all, whatever ends the process. A store of
 * before a write can be seen again after a power failure, never one in between.
 *
 * Reading is for any thread; writing is for one thread, which may be another. No locks are needed
 * for either. Reading waits for the disk, never for the network or for the writer.
 */
#ifndef CACHE_DISK_H
#define CACHE_DISK_H

#include "odoo/request.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct disk;

/*
 * Open the store for `identity`, a text that names all that its contents depend on, below
 * `directory`, which is made when it isn't there. `origin` tells two databases apart that have the
 * same name, one after the other; NULL: it isn't known. No more than `limit` bytes are used. Blocks
 * for the disk, and for as long as it takes to walk through all that is stored, in a process of its
 * own: a damaged file may crash who reads it. Returns 0, or -errno and a sentence in `ret_why`
 * (which the caller frees): there is no store then, and nothing was changed.
 */
int disk_open(const char *directory, const char *identity, const char *origin, size_t limit,
	struct disk **ret_disk, char **ret_why);

/* Why an old store was set aside: a sentence; NULL when none was. Lives with `disk`. */
const char *disk_aside(const struct disk *disk);

/* Close it; a transaction under way is given up. When no thread reads any more. NULL is allowed. */
void disk_close(struct disk *disk);

/* ── What is stored ── */

/* A record, but for its text. */
struct disk_record {
	uint32_t id;
	uint32_t size;	 /* of the text, bytes */
	uint64_t digest; /* XXH3 of the text */
	int64_t write_date, mtime, ctime;
	uint32_t read_at; /* UNIX seconds */
	bool unsettled;	  /* written in the second in which it was read */
};

/* A model, as a check found it. */
struct disk_model {
	struct odoo_summary summary;
	bool has_summary;
	bool settled;	 /* no transaction of before the summary was under way */
	bool complete;	 /* the ids are all there are */
	int64_t since;	 /* changes before this server time are in the records */
	int64_t mtime;	 /* of the directory */
	int64_t skew;	 /* what the server counts more than it lists */
	uint64_t schema; /* digest of what the texts were made by */
};

/*
 * A model and its ids, ascending, which the caller frees; NULL for who doesn't want them. Returns
 * 0, -ENOENT, or -errno when it can't be read.
 */
int disk_read_model(struct disk *disk, const char *name, struct disk_model *ret_model,
	uint32_t **ret_ids, size_t *ret_n_ids);

/*
 * Call `fn` for each record of a model, ascending by id, until it returns other than 0, which is
 * what is returned then; else 0 or -errno.
 */
int disk_each_record(struct disk *disk, const char *name,
	int (*fn)(const struct disk_record *record, void *data), void *data);

/*
 * The text of a record, NUL-terminated behind its size; the caller frees it. Returns 0; -ENOENT
 * when it isn't there, or isn't the one with this size and digest any more; or -errno.
 */
int disk_read_text(
	struct disk *disk, const char *name, const struct disk_record *record, char **ret_text);

/* ── Writing, on the writer's thread ── */

/*
 * Begin and end a transaction. Between them the functions below write; each returns 0 or -errno,
 * and after an error the transaction can only be given up. -ENOSPC is a full disk, or a full store.
 */
int disk_begin(struct disk *disk);
int disk_commit(struct disk *disk); /* blocks until it is on the disk */
void disk_abort(struct disk *disk);

/* Whether the store has reached its limit: removing and replacing is still possible. */
bool disk_is_full(const struct disk *disk);

int disk_put_record(
	struct disk *disk, const char *name, const struct disk_record *record, const char *text);
int disk_remove_record(struct disk *disk, const char *name, uint32_t id); /* it may be gone */
int disk_put_model(struct disk *disk, const char *name, const struct disk_model *model,
	const uint32_t *ids, size_t n_ids);
int disk_remove_model(struct disk *disk, const char *name); /* and all of its records */

/* Bytes of the file that are in use. Any thread. */
size_t disk_used(const struct disk *disk);

#endif
