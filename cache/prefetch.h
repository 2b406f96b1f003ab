/* SPDX-License-Identifier: MIT */
/*
 * Whole models in advance: read before anybody asks, into the store on disk, or, without one, into
 * memory as far as `size` goes.
 *
 *	waiting ──▶ listing ──▶ reading ──▶ done
 *	   ▲           │           ├──────▶ full      (four fifths of `size` are ahead of everybody)
 *	   └───────────┴───────────┴──────▶ failed    (waiting again, where the server is just away)
 *
 * One model at a time, in batches over all connections; who reads by himself goes first. A model
 * that is asked for while it is under way is read once. Its end is the client's.
 */
#ifndef CACHE_PREFETCH_H
#define CACHE_PREFETCH_H

#include "cache/cache.h"

enum cache_prefetch_state {
	PREFETCH_WAITING,
	PREFETCH_LISTING,
	PREFETCH_READING,
	PREFETCH_DONE,
	PREFETCH_FULL,
	PREFETCH_FAILED,
};

/* What there is to say of a model. */
struct cache_prefetch {
	const char *model; /* its name, which lives with the cache */
	enum cache_prefetch_state state;
	size_t done, total; /* records; both 0 while they aren't known */
};

/*
 * Read the models that match a glob. Where the list of models isn't there yet, it is done as soon
 * as it is, and a glob that matches none is a failure then. Any thread; doesn't block. Returns 0,
 * -ENOENT where there is no such model, or -ENOMEM.
 */
int cache_prefetch(struct cache *cache, const char *glob);

/*
 * All that was asked for, in that order: an array to be freed, NULL where there is nothing. Any
 * thread. Returns 0 or -ENOMEM.
 */
int cache_prefetch_report(
	struct cache *cache, struct cache_prefetch **ret_reports, size_t *ret_n_reports);

#endif
