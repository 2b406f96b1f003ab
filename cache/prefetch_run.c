/* SPDX-License-Identifier: MIT */
/* A prefetch under way: one model after the other, listed and read. */
#include "cache/prefetch_private.h"

#include "cache/persist.h"

#include <errno.h>
#include <stdlib.h>
#include <utlist.h>

/* A server that was away is tried again so often. */
#define RETRY_MS 10000

/* So many are read to learn how large they are. */
#define FIRST 64

/* So many records are looked at with the lock held, before others have their turn. */
#define LOOK_MAX 50000

static void step(struct prefetch *prefetch);
static void wake(struct cache_waiter *waiter, int error);

/* ── One after the other ── */

struct prefetch *prefetch_find_state(
	struct cache *cache, enum cache_prefetch_state first, enum cache_prefetch_state last)
{
	struct prefetch *prefetch;

	DL_FOREACH (cache->prefetches, prefetch) {
		if (prefetch->state >= first && prefetch->state <= last) {
			return prefetch;
		}
	}
	return NULL;
}

static struct prefetch *find_running(struct cache *cache)
{
	return prefetch_find_state(cache, PREFETCH_LISTING, PREFETCH_READING);
}

void prefetch_start_next(struct cache *cache)
{
	struct prefetch *next = prefetch_find_state(cache, PREFETCH_WAITING, PREFETCH_WAITING);

	if (!next || cache->prefetch_ended || find_running(cache) ||
		clock_now_ms() < cache->prefetch_retry_ms) {
		return;
	}
	next->state = PREFETCH_LISTING;
	next->waiter = (struct cache_waiter){ .wake = wake };
	next->after = 0;
	step(next);
}

static void end(struct prefetch *prefetch, enum cache_prefetch_state state)
{
	prefetch->state = state;
	prefetch_start_next(prefetch->model->cache);
}

/* What went wrong was told by whoever asked. */
static void fail(struct prefetch *prefetch, int r)
{
	struct cache *cache = prefetch->model->cache;

	if (r == -EHOSTUNREACH || r == -ETIMEDOUT) {
		cache->prefetch_retry_ms = clock_now_ms() + RETRY_MS;
		prefetch->state = PREFETCH_WAITING;
	} else {
		end(prefetch, PREFETCH_FAILED);
	}
}

/* ── Listing ── */

static void wake(struct cache_waiter *waiter, int error)
{
	struct prefetch *prefetch = (struct prefetch *)waiter;
	struct cache *cache = prefetch->model->cache;

	enter(cache);
	if (error == -ESHUTDOWN) {
		cache->prefetch_ended = true;
	}
	if (error) {
		fail(prefetch, error);
	} else {
		step(prefetch);
	}
	leave(cache);
}

/* All that is needed to know which records there are, and which of them are fresh. */
static int make_ready(struct prefetch *prefetch)
{
	struct cache_model *model = prefetch->model;
	struct cache_waiter *waiter = &prefetch->waiter;
	int r = schema_ensure(model, waiter);

	r = r ? r : persist_ensure(model, waiter);
	r = r ? r : fresh_ensure(model, waiter);
	return r || model->index.complete ? r : listing_page(model, waiter);
}

/* ── Reading ── */

/* How many may be read at once; 0 when there is no room for more. */
static size_t room(const struct prefetch *prefetch, bool stored)
{
	const struct cache *cache = prefetch->model->cache;
	size_t at_once = cache_contents_room(&cache->contents), most = BATCH_MAX;

	if (!cache->contents.usual) {
		return prefetch->n_in_flight ? 0 : FIRST;
	}
	if (!stored) {
		size_t share = cache_contents_share(&cache->contents);

		most = share > cache->prefetched ? share - cache->prefetched : 0;
	}
	if (most > at_once) {
		most = at_once ? at_once : 1;
	}
	return most < BATCH_MAX ? most : BATCH_MAX;
}

/*
 * The next batch, or NULL; `ret_more` says whether there is something left to look at. What goes to
 * the disk needn't be in memory.
 */
static struct batch *next_batch(struct prefetch *prefetch, bool stored, size_t n, bool *ret_more)
{
	struct cache_model *model = prefetch->model;
	const struct cache_index *index = &model->index;
	size_t i = cache_index_after(index, prefetch->after);
	size_t end = index->n_ids - i < LOOK_MAX ? index->n_ids : i + LOOK_MAX;
	struct batch *batch = batch_create(model);

	for (; batch && i < end && batch->n_ids < n; i++) {
		if (batch_wants(model, index->ids[i], !stored) &&
			!batch_add(batch, index->ids[i])) {
			break;
		}
		prefetch->after = index->ids[i];
	}
	*ret_more = i < index->n_ids;
	if (batch && !batch->n_ids) {
		batch_destroy(batch);
		return NULL;
	}
	return batch;
}

static void send(struct prefetch *prefetch, struct batch *batch)
{
	batch->ahead = true;
	batch->prefetch = prefetch;
	prefetch->n_in_flight += batch->n_ids;
	prefetch->model->cache->prefetched += batch->n_ids;
	batch_send(batch);
}

static void count(struct prefetch *prefetch)
{
	const struct cache_index *index = &prefetch->model->index;

	prefetch->total = index->n_ids;
	prefetch->done = cache_index_after(index, prefetch->after) - prefetch->n_in_flight;
}

/* As many batches as there are connections, while nobody else wants them. */
static void read_on(struct prefetch *prefetch)
{
	struct cache_model *model = prefetch->model;
	struct cache *cache = model->cache;
	bool stored = persist_keeps(model), more = true;
	struct batch *batch;

	while (more && model->n_batches < cache->options.connections && !model->pending) {
		if (stored && persist_is_behind(cache)) {
			break;
		}
		batch = next_batch(prefetch, stored, room(prefetch, stored), &more);
		if (!batch) {
			break;
		}
		send(prefetch, batch);
	}
	count(prefetch);
	if (!prefetch->n_in_flight && !more) {
		end(prefetch, PREFETCH_DONE);
	} else if (!prefetch->n_in_flight && !room(prefetch, stored)) {
		end(prefetch, PREFETCH_FULL);
	}
}

static void step(struct prefetch *prefetch)
{
	int r;

	if (prefetch->state == PREFETCH_READING && !prefetch->model->index.complete) {
		prefetch->state = PREFETCH_LISTING; /* all was dropped meanwhile */
		prefetch->after = 0;
		prefetch->waiter = (struct cache_waiter){ .wake = wake };
	}
	if (prefetch->state == PREFETCH_LISTING) {
		r = make_ready(prefetch);
		if (r == CACHE_WAIT) {
			return;
		}
		if (r < 0) {
			fail(prefetch, r);
			return;
		}
		prefetch->state = PREFETCH_READING;
	}
	read_on(prefetch);
}

void prefetch_batch_failed(struct batch *batch, const struct odoo_error *error)
{
	struct prefetch *prefetch = batch->prefetch;

	if (!prefetch) {
		return;
	}
	if (error->fault == ODOO_FAULT_CANCELLED) {
		prefetch->model->cache->prefetch_ended = true;
	}
	if (prefetch->state == PREFETCH_READING) {
		fail(prefetch, read_errno(error));
	}
}

void prefetch_batch_done(struct batch *batch)
{
	struct prefetch *prefetch = batch->prefetch;

	if (!prefetch) {
		return;
	}
	prefetch->n_in_flight -= batch->n_ids;
	if (prefetch->state == PREFETCH_READING) {
		step(prefetch);
	}
}

void prefetch_poll(struct cache *cache, int64_t now_ms)
{
	struct prefetch *running = find_running(cache);

	if (running && running->state == PREFETCH_READING) {
		step(running);
	} else if (!running && now_ms >= cache->prefetch_retry_ms) {
		prefetch_start_next(cache);
	}
}
