/* SPDX-License-Identifier: MIT */
/*
 * Rows: which records of a model a question finds, and in which order.
 *
 * Only ids are kept, four bytes each. They come in pages as a reader gets on, all of them by one
 * question: by `id > last` where the order is by id, else by offset, where a page begins within the
 * one before, so that what came or went meanwhile is noticed, and nothing is lost or listed twice.
 * What is held is good for the ttl, or until a record of the model is known to have changed; then
 * the next reader who begins gets a new edition, and those who are in the middle finish the old
 * one.
 */
#ifndef CACHE_ROWS_H
#define CACHE_ROWS_H

#include "cache/cache.h"

struct cache_rows;

enum cache_slice_kind {
	SLICE_FIRST,  /* the first n */
	SLICE_LAST,   /* the last n */
	SLICE_OFFSET, /* all but the first n */
	SLICE_SAMPLE, /* n of them, the same as long as they are there */
};

struct cache_slice {
	enum cache_slice_kind kind;
	uint32_t n;
};

struct cache_rows_spec {
	cJSON *domain; /* a list whose operators have all their operands */
	char *name;    /* what the records' names hold, as Odoo looks for names; NULL: anything */
	char *order;   /* "amount_total desc, id", unique; NULL: by id */
	uint32_t offset;
	bool limited;
	uint32_t limit;
	bool reversed; /* the rows are what the server gives, from its last to its first */
	bool strict;   /* what the server can't make of it is the asker's fault: EINVAL, not EIO */
	struct cache_slice *slices; /* cut from all that came, one after the other */
	size_t n_slices;
};

void cache_rows_spec_finish(struct cache_rows_spec *spec);

/* Make one of a spec, which it takes over. NULL when out of memory. No call is made yet. */
struct cache_rows *cache_rows_create(
	struct cache *cache, struct cache_model *model, struct cache_rows_spec *spec);

/* Who waits for it is woken with -ESTALE. NULL is allowed. */
void cache_rows_destroy(struct cache_rows *rows);

/*
 * Begin reading: `ret_edition` is what is to be read, 1 to 2^22. 0, CACHE_WAIT, or -errno.
 */
int cache_rows_begin(struct cache_rows *rows, uint32_t *ret_edition, struct cache_waiter *waiter);

/*
 * Up to `max` ids from `position` on; none at the end. 0, CACHE_WAIT, -ESTALE when that edition is
 * gone, or -errno.
 */
int cache_rows_get(struct cache_rows *rows, uint32_t edition, uint32_t position, uint32_t *ids,
	size_t max, size_t *ret_n, struct cache_waiter *waiter);

/* Keep an edition until it is given back, or the rows are destroyed. False: it is gone. */
bool cache_rows_pin(struct cache_rows *rows, uint32_t edition);
void cache_rows_unpin(struct cache_rows *rows, uint32_t edition);

/* Whether they ascend by id, as far as they were read. Constant. */
bool cache_rows_are_by_id(const struct cache_rows *rows);

/*
 * Of rows by id: up to `max` ids greater than `after`, whatever edition they are of; none at the
 * end. `after` 0 begins. 0, CACHE_WAIT, or -errno.
 */
int cache_rows_get_after(struct cache_rows *rows, uint32_t after, uint32_t *ids, size_t max,
	size_t *ret_n, struct cache_waiter *waiter);

/* How many there are. 0, CACHE_WAIT, or -errno. */
int cache_rows_count(struct cache_rows *rows, uint32_t *ret_count, struct cache_waiter *waiter);

/* Whether a record is among them: 0, -ENOENT, CACHE_WAIT, or -errno. */
int cache_rows_has(struct cache_rows *rows, uint32_t id, struct cache_waiter *waiter);

/*
 * Up to `max` ids from a record's own on, as far as they are known: how many; the record alone
 * where nothing is.
 */
size_t cache_rows_following(struct cache_rows *rows, uint32_t id, uint32_t *ids, size_t max);

/*
 * The attributes of a record that is among them, as cache_record_stat; when it isn't in memory,
 * those that follow it here are read with it.
 */
int cache_rows_stat(struct cache_rows *rows, uint32_t id, struct cache_attr *ret_attr,
	struct cache_waiter *waiter);

/* Copy why the last call for it that failed did. */
void cache_rows_failure(struct cache_rows *rows, struct odoo_error *ret_error);

#endif
