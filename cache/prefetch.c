/* SPDX-License-Identifier: MIT */
/* Which models are to be read in advance, and what there is to say of them. */
#include "cache/prefetch_private.h"

#include "odoo/cleanup.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

/* A glob of before the list of models was there. */
struct prefetch_wish {
	char *glob;
	struct prefetch_wish *prev, *next;
};

static struct prefetch *find(const struct cache_model *model)
{
	struct prefetch *prefetch;

	DL_SEARCH_SCALAR(model->cache->prefetches, prefetch, model, model);
	return prefetch;
}

/* One that is under way, or will be, is enough. */
static int want(struct cache_model *model)
{
	struct cache *cache = model->cache;
	struct prefetch *prefetch = find(model);

	if (prefetch && prefetch->state <= PREFETCH_READING) {
		return 0;
	}
	if (!prefetch_find_state(cache, PREFETCH_WAITING, PREFETCH_READING)) {
		cache->prefetched = 0;
	}
	if (prefetch) {
		DL_DELETE(cache->prefetches, prefetch);
	} else if (!(prefetch = calloc(1, sizeof(*prefetch)))) {
		return -ENOMEM;
	}
	prefetch->model = model;
	prefetch->state = PREFETCH_WAITING;
	DL_APPEND(cache->prefetches, prefetch);
	return 0;
}

static int want_all(struct cache *cache, const char *glob)
{
	struct cache_model *model, *next;
	int r = -ENOENT;

	HASH_ITER (by_name, cache->by_name, model, next) {
		if (model->listed && fnmatch(glob, model->name, 0) == 0) {
			r = want(model);
			if (r < 0) {
				return r;
			}
		}
	}
	return r;
}

static void report_unknown(struct cache *cache, const char *glob)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };

	odoo_error_set(&error, ODOO_FAULT_UNKNOWN_MODEL,
		"prefetch=%s: there is no such model among those that are shown", glob);
	post_failure(cache, NULL, 0, "prefetch", &error);
}

void prefetch_begin(struct cache *cache)
{
	struct prefetch_wish *wish, *next;

	DL_FOREACH_SAFE (cache->prefetch_wishes, wish, next) {
		if (want_all(cache, wish->glob) == -ENOENT) {
			report_unknown(cache, wish->glob);
		}
		DL_DELETE(cache->prefetch_wishes, wish);
		free(wish->glob);
		free(wish);
	}
	prefetch_start_next(cache);
}

static int wish_for(struct cache *cache, const char *glob)
{
	struct prefetch_wish *wish = calloc(1, sizeof(*wish));

	if (!wish || !(wish->glob = strdup(glob))) {
		free(wish);
		return -ENOMEM;
	}
	DL_APPEND(cache->prefetch_wishes, wish);
	return 0;
}

int cache_prefetch(struct cache *cache, const char *glob)
{
	int r;

	enter(cache);
	if (cache->models_known) {
		r = want_all(cache, glob);
		prefetch_start_next(cache);
	} else {
		r = wish_for(cache, glob);
	}
	leave(cache);
	return r;
}

static size_t count_all(const struct cache *cache)
{
	const struct prefetch *prefetch;
	size_t n = 0;

	DL_COUNT(cache->prefetches, prefetch, n);
	return n;
}

int cache_prefetch_report(
	struct cache *cache, struct cache_prefetch **ret_reports, size_t *ret_n_reports)
{
	struct cache_prefetch *reports = NULL;
	const struct prefetch *prefetch;
	size_t n = 0, size;

	enter(cache);
	size = count_all(cache);
	if (size) {
		reports = calloc(size, sizeof(*reports));
	}
	DL_FOREACH (cache->prefetches, prefetch) {
		if (reports) {
			reports[n++] = (struct cache_prefetch){
				.model = prefetch->model->name,
				.state = prefetch->state,
				.done = prefetch->done,
				.total = prefetch->total,
			};
		}
	}
	leave(cache);
	if (size && !reports) {
		return -ENOMEM;
	}
	*ret_reports = reports;
	*ret_n_reports = n;
	return 0;
}

void prefetch_finish(struct cache *cache)
{
	struct prefetch *prefetch, *next;
	struct prefetch_wish *wish, *next_wish;

	DL_FOREACH_SAFE (cache->prefetches, prefetch, next) {
		free(prefetch);
	}
	DL_FOREACH_SAFE (cache->prefetch_wishes, wish, next_wish) {
		free(wish->glob);
		free(wish);
	}
	cache->prefetches = NULL;
	cache->prefetch_wishes = NULL;
}
