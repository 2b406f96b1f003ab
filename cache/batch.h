/* SPDX-License-Identifier: MIT */
/*
 * A batch: records that are fetched together, and who waits for them.
 *
 *	fill.c          which records
 *	batch.c         sending it, and what happens to an answer
 *	ahead.c         batches that nobody waits for yet
 *	batch_repair.c  one that the server fails on: which record, which field
 *
 * A batch belongs to one of its model's lists: of those that wait for a connection, then of those
 *on their way. Its ids and fields are constant from then on; its waiters are protected by the
 *cache's lock.
 */
#ifndef CACHE_BATCH_H
#define CACHE_BATCH_H

#include "cache/internal.h"

struct batch {
	struct cache_model *model;
	struct batch *prev, *next;
	uint32_t *ids; /* ascending */
	size_t n_ids;
	const char **fields; /* borrowed from the schema */
	size_t n_fields;
	const struct cache_schema *schema;
	struct cache_waiter *waiters;
	int64_t sent_at;	   /* by the server's clock, UNIX seconds */
	struct prefetch *prefetch; /* that it is a part of; NULL: of none */
	bool sent;
	bool ahead;    /* nobody waited for it when it was sent */
	bool starved;  /* somebody waited for it before it came */
	bool alone;    /* of a record that is read without some fields: nobody joins it */
	bool in_parts; /* of records and fields, since the server fails on the whole */
};

/* ── batch.c; with the lock held ── */

/* NULL when out of memory. */
struct batch *batch_create(struct cache_model *model);
void batch_destroy(struct batch *batch); /* one that wasn't sent */
void batch_send(struct batch *batch);

/* ── fill.c; with the lock held ── */

/* Who walks through a model, and whether he reads contents. */
struct batch_walk {
	struct cache_model *model;
	bool content;
};

/* The first id at or after `next` that he'll miss, as far as is known; `data` is the walk. */
uint32_t batch_successor(void *data, uint32_t next);

/* Whether the record is missing, and in no batch yet. */
bool batch_wants(struct cache_model *model, uint32_t id, bool content);

/* Returns false when the batch is full, or memory. */
bool batch_add(struct batch *batch, uint32_t id);

/* Add up to `n` records from `id` on that are missing. */
void batch_fill_upwards(struct batch *batch, uint32_t id, size_t n, bool content);

/* Add `id` and as many of its neighbours as the stream's window says, those behind it first. */
void batch_fill_around(struct batch *batch, struct stream *stream, uint32_t id, bool content);

/* ── ahead.c; with the lock held ── */

/* Make the stream's window no larger than what the cache can hold. */
void ahead_limit_window(struct cache_model *model, struct stream *stream);

/* Send the stream's next batch, if there is any and room for it; returns whether. */
bool ahead_send(struct cache_model *model, struct stream *stream);

/* A batch is done, and its connection free. */
void ahead_use_connection(struct cache_model *model, const struct batch *done);

/* What streams had to wait for may be there now: a connection, a page of the listing. */
void ahead_feed(struct cache_model *model);

/* ── Answers ── */

/*
 * Take the records of an answer for `ids`, which is part of the batch: store those that are there,
 * and the others as gone; wake who waited for them. Called without the lock; `result` is a list.
 */
void batch_take(
	struct batch *batch, const uint32_t *ids, size_t n_ids, cJSON *result, int64_t server_time);

/* Nothing came for these ids, because of `error`: wake who waits. Called without the lock. */
void batch_fail(
	struct batch *batch, const uint32_t *ids, size_t n_ids, const struct odoo_error *error);

/* These records can't be read at all: remember it and wake who waits. Called without the lock. */
void batch_break(
	struct batch *batch, const uint32_t *ids, size_t n_ids, const struct odoo_error *error);

/* All its ids are dealt with: free it, and send what waited for its place. Without the lock. */
void batch_done(struct batch *batch);

/* Find out what the server fails on; ends with batch_done. Called without the lock. */
void batch_repair(struct batch *batch);

#endif
