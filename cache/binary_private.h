/* SPDX-License-Identifier: MIT */
/*
 * What the files of binary fields share. All functions are called with the cache's lock held unless
 * they say otherwise.
 *
 *	binary.c        the fields of a model, and what is asked of the table
 *	binary_table.c  which records have content: found by key, merged with answers
 *	binary_ask.c    the calls that tell
 *	binary_question.c  and what is read off their answers
 *	binary_batch.c  records that are rendered with it
 *	blob.c          contents that are kept, or on their way
 *	blob_stream.c   one that comes by itself, into a file
 *	blob_batch.c    small ones that come together, into memory
 *	blob_read.c     what is read of them
 *
 * A table is known for ids up to `covered`, as it was listed so far, and for some beyond; those in
 * `stale` are to be asked for again.
 */
#ifndef CACHE_BINARY_PRIVATE_H
#define CACHE_BINARY_PRIVATE_H

#include "cache/binary.h"
#include "cache/internal.h"
#include "cache/media.h"
#include "odoo/divert.h"

#include <nettle/base64.h>
#include <nettle/sha1.h>

struct binary_table {
	struct cache_model *model;
	const char *names[CACHE_BINARY_SLOTS]; /* of the fields, or NULL */
	uint32_t readonly;		       /* by slot, as is the next */
	unsigned n_names;
	struct cache_binary *entries; /* by id and slot */
	size_t n_entries;
	uint32_t covered;
	bool complete;
	struct cache_index loose, stale; /* sorted ids */
	bool by_content;		 /* the server doesn't tell of attachments: contents do */
	bool loading;
	uint64_t generation; /* of what is on its way */
	int64_t loaded_at;   /* by the server's clock: when what is covered was first asked for */
	struct cache_waiter *waiters;
	struct odoo_error failure; /* of the last call that failed */

	/* Contents are read one by one to learn of them */
	bool resolving;
	uint32_t resolve_first, resolve_last;

	struct stream_set *walks[CACHE_BINARY_SLOTS]; /* who reads small ones; NULL: nobody did */
};

/* One content as it comes: the client's thread's own. */
struct blob_stream {
	struct odoo_divert divert;
	struct base64_decode_ctx base64;
	struct sha1_ctx sha1;
	char head[CACHE_MEDIA_HEAD];
	size_t n_head;
	uint64_t arrived, told;
	const char *wrong; /* what is wrong with what came */
};

struct blob_key {
	struct cache_model *model;
	uint32_t id;
	uint16_t slot, version;
};

struct cache_blob {
	struct cache_blob *prev, *next; /* in cache->blobs, the last used first */
	UT_hash_handle hh;		/* in cache->blobs_by_key */
	struct cache *cache;		/* constant */
	struct blob_key key;		/* constant, but for the version */
	struct cache_binary expected;	/* what it was taken for; constant */
	unsigned refs;			/* the list's own included */
	bool done, listed;
	bool small;  /* it comes with others */
	bool marker; /* who reaches it wants the next ones, too */
	bool used;   /* it was read to its end */
	int error;   /* negative errno */
	uint64_t size;
	int fd;	     /* or -1, and all of it is in `bytes` */
	char *bytes; /* constant once it is done */
	struct blob_stream *stream;
	struct cache_waiter *waiters; /* `id`: so many KiB have to be there, or all */
};

/* ── binary_table.c ── */

/* NULL when there is none. */
struct cache_binary *table_find(struct binary_table *table, uint32_t id, unsigned slot);

/* The first at or behind (id, slot): its position; n_entries at the end. */
size_t table_position(const struct binary_table *table, uint32_t id, unsigned slot);

/* Whether it is known of this record what it has. */
bool table_knows(const struct binary_table *table, uint32_t id);

/* What an answer was about. */
struct binary_scope {
	const uint32_t *ids; /* ascending; NULL: a range */
	size_t n_ids;
	uint32_t after, last; /* the range, without the first */
};

bool binary_scope_has(const struct binary_scope *scope, uint32_t id);

/* The number of the version behind this one. */
uint8_t binary_next_version(uint64_t version);

/* Take over what is so of all records in a scope: rows by id and slot. 0 or -ENOMEM. */
int table_take(struct binary_table *table, const struct binary_scope *scope,
	const struct cache_binary *rows, size_t n_rows);

/* No version: who opened one hears that it is no more. */
#define BINARY_NO_VERSION CACHE_BINARY_VERSIONS

/*
 * A content was read that was expected to be another's: what it is, but for its type and dates.
 * Returns the version that it has, or BINARY_NO_VERSION when it is none that is known.
 */
unsigned table_take_content(struct binary_table *table, const struct cache_binary *expected,
	const struct cache_binary *found);

/* The server fails on it: it isn't read with others, until it is another. */
void table_part(struct binary_table *table, const struct cache_binary *expected);

/* Names of it mean something else now. */
void table_post(struct binary_table *table, const struct cache_binary *binary);

/* ── binary.c: hooks of the cache's other files; `model` may have no binary fields ── */

/* Whether the field has contents of its own: it is stored, and not made from another. */
bool binaries_has(const struct cache_model *model, const struct cache_field *field);

void binaries_choose(struct cache_model *model);	     /* its schema was loaded */
void binaries_doubt(struct cache_model *model, uint32_t id); /* the record may have changed */
void binaries_doubt_all(struct cache_model *model);
void binaries_lose(struct cache_model *model, uint32_t id); /* the record went */
void binaries_finish(struct cache_model *model);
struct binary_table *binaries_of(struct cache_model *model);	    /* NULL: it has none */
const char *binaries_intern(struct cache *cache, const char *text); /* NULL: out of memory */
void binaries_free_interned(struct cache *cache);

/* ── binary_ask.c ── */

/* Wait until it is known what these have: 0, CACHE_WAIT, or -errno. */
int binaries_ensure(
	struct binary_table *table, uint32_t first, uint32_t last, struct cache_waiter *waiter);
int binaries_ensure_ids(
	struct binary_table *table, const uint32_t *ids, size_t n_ids, struct cache_waiter *waiter);
int binaries_ensure_scope(struct binary_table *table, const struct cache_binary_scope *scope,
	struct cache_waiter *waiter);

/* Ask for what these have, without waiting: their batch is on its way, and will need it. */
void binaries_ask_early(struct cache_model *model, const uint32_t *ids, size_t n_ids);

/* A content that was read to learn of it has come, or not. */
void binaries_resolved(struct binary_table *table, const struct cache_binary *expected, int error);

/* ── binary_batch.c ── */

struct batch;

/*
 * Before a batch is rendered: whether it waits for the binary fields of its records, with the
 * answer, which is taken over then (NULL: it is to be repaired). Called without the lock.
 */
bool binaries_hold_batch(struct batch *batch, cJSON **result, int64_t server_time);

/* Put what a record has into what is rendered. Called without the lock. */
void binaries_add_members(struct cache_model *model, uint32_t id, cJSON *record);

/* ── blob.c ── */

/* One of this content, held; begun if need be. NULL when out of memory or descriptors. */
struct cache_blob *blob_get(
	struct binary_table *table, const struct cache_binary *binary, int *ret_error);
void blob_unref(struct cache_blob *blob);

/* One of this version that is kept, or on its way; NULL when there is none. */
struct cache_blob *blob_find(struct binary_table *table, const struct cache_binary *binary);

/* Put one on the list, which nobody has sent for: with two references, the list's and the answer's.
 * NULL when out of memory. */
struct cache_blob *blob_create(struct binary_table *table, const struct cache_binary *binary);

/* It was never sent for, or its answer is a failure: that reference goes. */
void blob_fail(struct cache_blob *blob, int r, const struct odoo_error *error);

/* All of it is there: it is as `found` says. The answer's reference goes. */
void blob_end(struct cache_blob *blob, const struct cache_binary *found);

void blobs_touch(struct cache_blob *blob, bool first); /* the first of the list, or the last */
void blobs_shrink(struct cache *cache);		       /* to what may be kept */
size_t blobs_room(const struct cache *cache);	       /* bytes of small ones in memory */
void blobs_forget(struct cache_model *model, uint32_t id);
void blobs_finish(struct cache *cache);

/* ── blob_stream.c ── */

/* Ask for it alone: 0 or -errno. */
int blob_send(struct cache_blob *blob);

/* ── blob_batch.c ── */

/* Ask for one that was created, and with it for small ones that its reader will want: 0, -errno. */
int blob_batch_send(struct binary_table *table, struct cache_blob *blob);

/* Its reader has come to the marker: the next ones are asked for. */
void blob_batch_reached(struct binary_table *table, struct cache_blob *blob);

#endif
