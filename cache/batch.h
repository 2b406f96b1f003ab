/* SPDX-License-Identifier: MIT */
/*
 * A batch: records that are fetched together, and who waits for them.
 *
 *	batch.c   which records, and what happens to an answer
 *	repair.c  a batch that the server fails on: which record, which field
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
	int64_t sent_at; /* by the server's clock, UNIX seconds */
	bool sent;
	bool ahead;   /* nobody waited for it when it was sent */
	bool starved; /* somebody waited for it before it came */
	bool alone;   /* of a record that is read without some fields: nobody joins it */
};

/* Whether an answer is a list of records; else its error says why there is none. */
bool batch_has_records(struct odoo_reply *reply);

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
void repair_start(struct batch *batch, const struct odoo_error *error);

#endif
