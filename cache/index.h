/* SPDX-License-Identifier: MIT */
/*
 * The ids of a model's records in ascending order, four bytes each, as far as they are known.
 *
 *	known up to here ─────────────┐
 *	ids     1  2  5  7  8  9  14  │  (unknown)
 *	                       covered = 14
 *
 * The index grows at its end, page by page, until the server has no more ids: then it is complete.
 * Pure; the cache's lock protects it.
 */
#ifndef CACHE_INDEX_H
#define CACHE_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cache_index {
	uint32_t *ids;
	size_t n_ids, capacity;
	uint32_t covered; /* every id up to and including this one that exists is in ids */
	bool complete;	  /* there is no id past `covered` */
};

/* Compare two ids for qsort(3) and bsearch(3). */
int cache_compare_ids(const void *a, const void *b);

void cache_index_finish(struct cache_index *index);

/* The position of the first id greater than `after`; n_ids when there is none. */
size_t cache_index_after(const struct cache_index *index, uint32_t after);

bool cache_index_has(const struct cache_index *index, uint32_t id);

/* Whether the index can tell if this id exists. */
bool cache_index_knows(const struct cache_index *index, uint32_t id);

/* Whether there may be a record of this id: it is listed, or past what is known. */
bool cache_index_may_have(const struct cache_index *index, uint32_t id);

/* Append a page: ascending ids past `covered`. Returns 0 or -ENOMEM. */
int cache_index_append(struct cache_index *index, const uint32_t *ids, size_t n_ids);

/* Insert an id within what is covered; nothing where it is there or past it. 0 or -ENOMEM. */
int cache_index_insert(struct cache_index *index, uint32_t id);

/* Remove these ids, which ascend; returns how many of them were there. */
size_t cache_index_remove(struct cache_index *index, const uint32_t *ids, size_t n_ids);

#endif
