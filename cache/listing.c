/* SPDX-License-Identifier: MIT */
/*
 * Listings: the index of a model grows by pages of `id > covered order by id`, and the next one is
 * on its way before the reader gets there.
 */
#include "cache/batch.h"
#include "cache/persist.h"

#include "odoo/json.h"
#include "odoo/limits.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <xxhash.h>

struct page {
	struct cache_model *model;
	uint32_t generation;
	uint32_t after;
};

int listing_read_ids(
	const cJSON *result, uint32_t after, uint32_t *ids, size_t *ret_n, struct odoo_error *error)
{
	uint32_t last = after;
	const cJSON *each;
	size_t n = 0;

	cJSON_ArrayForEach (each, result) {
		uint32_t id;

		if (odoo_json_get_id(each, &id) < 0) {
			odoo_error_set(error, ODOO_FAULT_MALFORMED,
				"the server lists an id that no record can have: a whole number "
				"from 1 to %d is right",
				ODOO_MAX_ID);
			continue;
		}
		if (id <= last) {
			odoo_error_set(error, ODOO_FAULT_MALFORMED,
				"the server's listing isn't in the order of ids: %u after %u", id,
				last);
			return -EIO;
		}
		ids[n++] = last = id;
	}
	*ret_n = n;
	return 0;
}

static uint64_t digest_of(const struct cache_index *index)
{
	return XXH3_64bits(index->ids, index->n_ids * sizeof(*index->ids));
}

void listing_complete(struct cache_model *model)
{
	model->index.complete = true;
	/* A directory's mtime moves when its listing does, not when it was merely read again. */
	if (model->listing_digest && model->listing_digest != digest_of(&model->index)) {
		model->mtime = time(NULL);
	}
	/* What came or went between a check and the pages: the next check looks closely. */
	if ((int64_t)model->index.n_ids + model->count_skew != (int64_t)model->baseline.count) {
		model->has_baseline = false;
	}
	if (!model->check) {
		persist_model(model);
	}
}

struct doubt {
	struct cache_model *model;
	uint32_t after, last;
};

static void doubt(struct cache_record *record, void *data)
{
	const struct doubt *d = data;

	if (record->state == RECORD_KNOWN && record->id > d->after && record->id <= d->last &&
		!cache_index_has(&d->model->index, record->id)) {
		make_stale(d->model, record);
	}
}

/*
 * Records that were read by number, and aren't in the listing that came since: they went before it,
 * or came after it. Reading them again tells.
 */
void listing_doubt(struct cache_model *model, uint32_t after, uint32_t last)
{
	struct doubt d = { .model = model, .after = after, .last = last };

	cache_records_each(&model->records, doubt, &d);
}

static int take_page(struct page *page, const cJSON *result, struct odoo_error *error)
{
	struct cache_model *model = page->model;
	size_t n = 0, size = (size_t)cJSON_GetArraySize(result);
	uint32_t *ids = calloc(size ? size : 1, sizeof(*ids));
	int r;

	if (!ids) {
		return -ENOMEM;
	}
	r = listing_read_ids(result, page->after, ids, &n, error);
	if (r == 0) {
		r = cache_index_append(&model->index, ids, n);
	}
	free(ids);
	if (r < 0) {
		return r;
	}
	/* A page of nothing but impossible ids can't move on: it ends the listing, and is named. */
	if (size < LISTING_PAGE || n == 0) {
		listing_complete(model);
	}
	listing_doubt(
		model, page->after, model->index.complete ? UINT32_MAX : model->index.covered);
	return 0;
}

static int start_page(struct cache_model *model);

static void on_page(struct odoo_reply *reply, void *data)
{
	struct page *page = data;
	struct cache_model *model = page->model;
	struct cache *cache = model->cache;
	int r = 0;

	enter(cache);
	note_clock(cache, reply->server_time);
	note_reply(model, &reply->error);
	if (page->generation == model->listing_generation) {
		model->listing = false;
		if (cJSON_IsArray(reply->result)) {
			r = take_page(page, reply->result, &reply->error);
		} else if (!reply->error.fault) {
			odoo_error_set(&reply->error, ODOO_FAULT_MALFORMED,
				"the server's listing isn't a list");
		}
		if (reply->error.fault) {
			post_failure(cache, model, 0, "search", &reply->error);
			r = r < 0 || !cJSON_IsArray(reply->result) ? read_errno(&reply->error) : 0;
		}
		/* A reader who was here before the second page will be before the third, too. */
		if (r == 0 && model->list_waiters && page->after && !model->index.complete) {
			start_page(model);
		}
		wake_all(cache, &model->list_waiters, r);
		if (r == 0) {
			ahead_feed(model);
		}
	}
	leave(cache);
	free(page);
}

static int start_page(struct cache_model *model)
{
	struct page *page = malloc(sizeof(*page));

	if (!page) {
		return -ENOMEM;
	}
	*page = (struct page){
		.model = model,
		.generation = model->listing_generation,
		.after = model->index.covered,
	};
	note_first_use(model);
	model->listing = true;
	odoo_client_send(model->cache->client,
		odoo_request_search_after(model->name, NULL, page->after, LISTING_PAGE), on_page,
		page);
	return 0;
}

int listing_page(struct cache_model *model, struct cache_waiter *waiter)
{
	int r = model->listing || model->index.complete ? 0 : start_page(model);

	if (r < 0 || !waiter) {
		return r;
	}
	waiter->checked = true;
	wait_on(&model->list_waiters, waiter, 0);
	return CACHE_WAIT;
}

void listing_drop(struct cache_model *model)
{
	if (model->index.complete) {
		model->listing_digest = digest_of(&model->index);
	}
	cache_index_finish(&model->index);
	model->listing_generation++;
	if (model->listing) { /* the page on its way is of the old listing */
		model->listing = false;
		wake_all(model->cache, &model->list_waiters, 0);
	}
}

void listing_lose(struct cache_model *model, const uint32_t *ids, size_t n_ids)
{
	if (cache_index_remove(&model->index, ids, n_ids)) {
		model->mtime = time(NULL);
		post_news(model->cache, CACHE_NEWS_LISTING, model, 0);
	}
}

static size_t copy_ids(const struct cache_index *index, uint32_t after, uint32_t *ids, size_t max)
{
	size_t position = cache_index_after(index, after);
	size_t n = index->n_ids - position < max ? index->n_ids - position : max;

	if (n) {
		memcpy(ids, index->ids + position, n * sizeof(*ids));
	}
	return n;
}

static int list(struct cache_model *model, uint32_t after, uint32_t *ids, size_t max, size_t *ret_n,
	struct cache_waiter *waiter)
{
	struct cache_index *index = &model->index;
	size_t n;
	int r = persist_ensure(model, waiter);

	if (r == 0 && after == 0) {
		r = fresh_ensure(model, waiter);
	}
	if (r != 0) {
		return r;
	}
	n = copy_ids(index, after, ids, max);
	if (n == 0 && !index->complete) {
		return listing_page(model, waiter);
	}
	if (n == 0 && index->n_ids > BATCH_MAX) {
		schema_ensure(model, NULL); /* who listed so many looks at them next */
	}
	/* Near the end of what is known, the next page starts. */
	if (!index->complete && !model->listing && n &&
		index->n_ids - cache_index_after(index, ids[n - 1]) < LISTING_PAGE / 4) {
		listing_page(model, NULL);
	}
	*ret_n = n;
	return 0;
}

int cache_list(struct cache *cache, struct cache_model *model, uint32_t after, uint32_t *ids,
	size_t max, size_t *ret_n, struct cache_waiter *waiter)
{
	int r;

	enter(cache);
	model->asked_ms = clock_now_ms();
	r = list(model, after, ids, max, ret_n, waiter);
	leave(cache);
	return r;
}
