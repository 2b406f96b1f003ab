/* SPDX-License-Identifier: MIT */
/*
 * What the cache's other files have to do with prefetching, and its own share. The cache's lock
 * protects it, and is held.
 *
 *	prefetch.c      which models
 *	prefetch_run.c  the one that is under way
 */
#ifndef CACHE_PREFETCH_PRIVATE_H
#define CACHE_PREFETCH_PRIVATE_H

#include "cache/batch.h"
#include "cache/prefetch.h"

struct prefetch {
	struct cache_waiter waiter; /* must be first */
	struct cache_model *model;  /* constant */
	enum cache_prefetch_state state;
	uint32_t after;	    /* ids up to this one were looked at */
	size_t n_in_flight; /* records in batches */
	size_t done, total; /* records, when it last went on */
	struct prefetch *prev, *next;
};

/* The first of those whose state is one of these, or NULL. */
struct prefetch *prefetch_find_state(
	struct cache *cache, enum cache_prefetch_state first, enum cache_prefetch_state last);

/* Begin with the next that waits, unless one is under way. */
void prefetch_start_next(struct cache *cache);

/* The list of models is there for the first time. */
void prefetch_begin(struct cache *cache);

/* Go on where something was waited for that tells nobody: the writer, a server that was away. */
void prefetch_poll(struct cache *cache, int64_t now_ms);

/* A batch of it, or a part of one, wasn't answered. */
void prefetch_batch_failed(struct batch *batch, const struct odoo_error *error);

/* A batch of it has ended. */
void prefetch_batch_done(struct batch *batch);

void prefetch_finish(struct cache *cache);

#endif
