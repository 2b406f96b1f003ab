/* SPDX-License-Identifier: MIT */
/* The cache as a whole: its lock and what is delivered after it, its making and its end. */
#include "cache/binary_private.h"
#include "cache/internal.h"
#include "cache/persist.h"
#include "cache/prefetch_private.h"

#include "odoo/cleanup.h"
#include "odoo/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <utlist.h>

struct news_item {
	struct cache_news news;
	struct news_item *prev, *next;
};

struct failure_item {
	const struct cache_model *model;
	uint32_t id;
	const char *operation;
	struct odoo_error error;
	struct failure_item *prev, *next;
};

int read_errno(const struct odoo_error *error)
{
	int r = odoo_error_errno(error);

	return r == -EINVAL ? -EIO : r;
}

int64_t server_now(const struct cache *cache)
{
	return clock_now_ms() / 1000 + cache->clock_offset;
}

void note_clock(struct cache *cache, int64_t server_time)
{
	if (server_time > 0) {
		cache->clock_offset = server_time - clock_now_ms() / 1000;
	}
}

void wait_on(struct cache_waiter **queue, struct cache_waiter *waiter, uint32_t id)
{
	if (!waiter) {
		return;
	}
	waiter->id = id;
	waiter->queue = queue;
	DL_APPEND(*queue, waiter);
}

void wake_one(struct cache *cache, struct cache_waiter *waiter, int error)
{
	DL_DELETE(*waiter->queue, waiter);
	waiter->queue = NULL;
	waiter->error = error;
	DL_APPEND(cache->woken, waiter);
}

void wake_all(struct cache *cache, struct cache_waiter **queue, int error)
{
	while (*queue) {
		wake_one(cache, *queue, error);
	}
}

static void post(struct cache *cache, const struct cache_news *news)
{
	struct news_item *item = malloc(sizeof(*item));

	if (!item) {
		log_error("out of memory: the kernel may show something old until its timeout");
		return;
	}
	item->news = *news;
	DL_APPEND(cache->news, item);
}

void post_news(
	struct cache *cache, enum cache_news_kind kind, struct cache_model *model, uint32_t id)
{
	if (model) {
		model->changes++;
	}
	post(cache, &(struct cache_news){ .kind = kind, .model = model, .id = id });
}

void post_binary_news(struct cache *cache, struct cache_model *model, uint32_t id,
	const char *field, const char *type)
{
	if (field) {
		post(cache, &(struct cache_news){ .kind = CACHE_NEWS_BINARY,
				    .model = model,
				    .id = id,
				    .field = field,
				    .type = type });
	}
}

void post_failure(struct cache *cache, const struct cache_model *model, uint32_t id,
	const char *operation, const struct odoo_error *error)
{
	struct failure_item *item = malloc(sizeof(*item));

	if (!item) {
		return;
	}
	item->model = model;
	item->id = id;
	item->operation = operation;
	odoo_error_copy(&item->error, error);
	DL_APPEND(cache->failures, item);
}

void enter(struct cache *cache)
{
	pthread_mutex_lock(&cache->mutex);
}

static void deliver_news(struct cache *cache, struct news_item *news)
{
	struct news_item *item, *next;

	DL_FOREACH_SAFE (news, item, next) {
		cache->options.hooks.changed(cache->options.data, &item->news);
		free(item);
	}
}

static void deliver_failures(struct cache *cache, struct failure_item *failures)
{
	struct failure_item *item, *next;

	DL_FOREACH_SAFE (failures, item, next) {
		cache->options.hooks.failed(cache->options.data, item->model, item->id,
			item->operation, read_errno(&item->error), &item->error);
		odoo_error_finish(&item->error);
		free(item);
	}
}

void leave(struct cache *cache)
{
	struct cache_waiter *woken = steal(cache->woken), *waiter, *next;
	struct news_item *news = steal(cache->news);
	struct failure_item *failures = steal(cache->failures);

	pthread_mutex_unlock(&cache->mutex);
	deliver_failures(cache, failures);
	deliver_news(cache, news);
	DL_FOREACH_SAFE (woken, waiter, next) {
		waiter->wake(waiter, waiter->error);
	}
}

bool cache_waiter_cancel(struct cache *cache, struct cache_waiter *waiter,
	int (*reason)(const struct cache_waiter *waiter, void *data), void *data)
{
	int error;

	enter(cache);
	error = waiter->queue ? reason(waiter, data) : 0;
	if (error) {
		DL_DELETE(*waiter->queue, waiter);
		waiter->queue = NULL;
		waiter->error = error;
	}
	leave(cache);
	return error != 0;
}

static int copy_globs(struct cache_options *options)
{
	char **copy = calloc(options->n_models + 1, sizeof(*copy));

	if (!copy) {
		return -ENOMEM;
	}
	for (size_t i = 0; i < options->n_models; i++) {
		copy[i] = strdup(options->models[i]);
		if (!copy[i]) {
			options->n_models = i;
			options->models = copy;
			return -ENOMEM;
		}
	}
	options->models = copy;
	return 0;
}

int cache_create(
	const struct cache_options *options, struct odoo_client *client, struct cache **ret_cache)
{
	struct cache *cache = calloc(1, sizeof(*cache));

	if (!cache) {
		return -ENOMEM;
	}
	pthread_mutex_init(&cache->mutex, NULL);
	cache->client = client;
	cache->options = *options;
	cache->contents.limit = options->size;
	cache->started = time(NULL);
	note_clock(cache, cache->started);
	if (copy_globs(&cache->options) < 0) {
		cache_destroy(cache);
		return -ENOMEM;
	}
	persist_open(cache);
	cache->options.store = NULL; /* borrowed until here */
	cache->options.store_identity = NULL;
	cache->options.store_origin = NULL;
	*ret_cache = cache;
	return 0;
}

static void detach_content(struct cache_record *record, void *data)
{
	struct cache *cache = data;

	if (record->content) {
		cache_content_detach(&cache->contents, record->content);
		record->content = NULL;
	}
}

static void model_destroy(struct cache *cache, struct cache_model *model)
{
	wake_all(cache, &model->schema_waiters, -ESHUTDOWN);
	wake_all(cache, &model->list_waiters, -ESHUTDOWN);
	wake_all(cache, &model->check_waiters, -ESHUTDOWN);
	batches_finish(model);
	cache_records_each(&model->records, detach_content, cache);
	cache_records_finish(&model->records);
	cache_index_finish(&model->index);
	binaries_finish(model);
	schema_finish(model);
}

void cache_destroy(struct cache *cache)
{
	struct cache_model *model, *next;

	if (!cache) {
		return;
	}
	persist_close(cache);
	enter(cache);
	wake_all(cache, &cache->models_waiters, -ESHUTDOWN);
	HASH_ITER (by_name, cache->by_name, model, next) {
		model_destroy(cache, model);
	}
	blobs_finish(cache);
	old_versions_finish(cache);
	binaries_free_interned(cache);
	leave(cache);
	prefetch_finish(cache);

	HASH_CLEAR(by_number, cache->by_number);
	HASH_ITER (by_name, cache->by_name, model, next) {
		HASH_DELETE(by_name, cache->by_name, model);
		free(model->name);
		free(model);
	}
	for (size_t i = 0; i < cache->options.n_models; i++) {
		free(cache->options.models[i]);
	}
	free((void *)cache->options.models);
	pthread_mutex_destroy(&cache->mutex);
	free(cache);
}

static void refresh_model(struct cache_model *model)
{
	mark_all_stale(model);
	listing_drop(model);
	schema_drop(model);
	model->has_baseline = false;
	model->offline = false;
	model->offline_ms = 0;
	model->unchecked_ms = 0;
	post_news(model->cache, CACHE_NEWS_LISTING, model, 0);
}

void cache_refresh(struct cache *cache, struct cache_model *model)
{
	struct cache_model *each, *next;

	enter(cache);
	if (model) {
		refresh_model(model);
	} else {
		HASH_ITER (by_name, cache->by_name, each, next) {
			refresh_model(each);
		}
		cache->models_wanted++;
		if (cache->models_state == LOAD_DONE) {
			cache->models_state = LOAD_NONE;
		}
		post_news(cache, CACHE_NEWS_MODELS, NULL, 0);
	}
	leave(cache);
}

void cache_get_stats(struct cache *cache, struct cache_stats *ret_stats)
{
	struct cache_model *model, *next;
	struct cache_stats stats;
	int64_t now = clock_now_ms();

	enter(cache);
	stats = cache->stats;
	stats.offline = cache->offline;
	stats.evictions = cache->contents.evictions;
	stats.content_bytes = cache->contents.bytes;
	persist_get_stats(cache, &stats);
	HASH_ITER (by_name, cache->by_name, model, next) {
		stats.records += model->records.n_known;
		stats.models_in_use += model_is_in_use(model, now);
	}
	leave(cache);
	*ret_stats = stats;
}
