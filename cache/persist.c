/* SPDX-License-Identifier: MIT */
/* The writer's thread, its queue, and what is put into it. */
#include "cache/persist_private.h"

#include "odoo/cleanup.h"
#include "odoo/log.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <utlist.h>

/* Texts that wait for the disk are held in memory: past so many bytes they aren't stored. */
#define QUEUE_MAX ((size_t)64 * 1024 * 1024)

/* Waiting a little makes one transaction of many records. */
#define GATHER_MS 500

/* ── Texts that wait for the disk ── */

struct persist_op *persist_waiting(
	const struct persist *persist, struct cache_model *model, uint32_t id)
{
	const struct persist_key key = { .model = model, .id = id };
	struct persist_op *op;

	/* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): it has no padding */
	HASH_FIND(hh, persist->waiting, &key, sizeof(key), op);
	return op;
}

static void forget_waiting(struct persist *persist, struct persist_op *op)
{
	if (op && op->newest) {
		HASH_DEL(persist->waiting, op);
		op->newest = false;
	}
}

/* ── The writer ── */

static void op_destroy(struct persist *persist, struct persist_op *op)
{
	forget_waiting(persist, op);
	cache_content_unref(op->content);
	free(op->ids);
	free(op);
}

static int apply(struct disk *disk, const struct persist_op *op)
{
	const char *name = op->model->name;

	switch (op->kind) {
	case PERSIST_PUT:
		return disk_put_record(disk, name, &op->record, op->content->data);
	case PERSIST_REMOVE:
		return disk_remove_record(disk, name, op->record.id);
	case PERSIST_MODEL:
		return disk_put_model(disk, name, &op->state, op->ids, op->n_ids);
	default:
		return disk_remove_model(disk, name);
	}
}

/* All of it, or nothing. The disk is waited for; no lock is held. */
static int write_all(struct disk *disk, const struct persist_op *ops)
{
	const struct persist_op *op;
	int r = disk_begin(disk);

	if (r < 0) {
		return r;
	}
	DL_FOREACH (ops, op) {
		r = apply(disk, op);
		if (r < 0) {
			disk_abort(disk);
			return r;
		}
	}
	return disk_commit(disk);
}

static void report(struct cache *cache)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };
	const char *why = cache->persist->why;

	odoo_error_set(&error, ODOO_FAULT_INTERNAL, "%s", why ? why : "the store can't be written");
	post_failure(cache, NULL, 0, "store", &error);
}

/* The mount goes on without it: what was stored stays as it is, and is checked by the next. */
static void give_up(struct cache *cache, int r)
{
	struct persist *persist = cache->persist;

	persist->off = true;
	free(persist->why);
	if (asprintf(&persist->why,
		    "the store in %s can't be written: %s; this mount goes on without it",
		    persist->directory, strerror(-r)) < 0) {
		persist->why = NULL;
	}
	report(cache);
}

/* It has its size: what it holds is served, and whoever frees some of it may go on. */
static void note_full(struct cache *cache, bool full)
{
	struct persist *persist = cache->persist;

	if (full && !persist->full && !persist->off) {
		free(persist->why);
		if (asprintf(&persist->why,
			    "the store in %s has reached its size: what is read from here on "
			    "isn't kept (cache_dir_size= allows more)",
			    persist->directory) < 0) {
			persist->why = NULL;
		}
		report(cache);
	}
	persist->full = full;
}

static struct persist_op *take_queue(struct persist *persist)
{
	struct persist_op *ops = steal(persist->queue);

	persist->taken_bytes = persist->queued_bytes;
	persist->queued_bytes = 0;
	return ops;
}

static void free_all(struct persist *persist, struct persist_op *ops)
{
	struct persist_op *op, *next;

	DL_FOREACH_SAFE (ops, op, next) {
		op_destroy(persist, op);
	}
}

/* With the lock, which is given up while the disk works. */
static void write_queue(struct cache *cache, struct persist *persist)
{
	struct persist_op *ops = take_queue(persist);
	bool full;
	int r;

	pthread_mutex_unlock(&cache->mutex);
	r = write_all(persist->disk, ops);
	full = disk_is_full(persist->disk);
	pthread_mutex_lock(&cache->mutex);
	free_all(persist, ops);
	persist->taken_bytes = 0;
	if (r < 0) {
		give_up(cache, r);
	}
	note_full(cache, full);
}

static void wait_for_more(struct cache *cache, struct persist *persist)
{
	struct timespec until = clock_after_ms(GATHER_MS);

	while (!persist->stopping && persist->queued_bytes < QUEUE_MAX / 4) {
		if (pthread_cond_timedwait(&persist->changed, &cache->mutex, &until)) {
			return;
		}
	}
}

static void *run(void *data)
{
	struct cache *cache = data;
	struct persist *persist = cache->persist;

	pthread_mutex_lock(&cache->mutex);
	while (!persist->off && (!persist->stopping || persist->queue)) {
		if (!persist->queue) {
			pthread_cond_wait(&persist->changed, &cache->mutex);
			continue;
		}
		wait_for_more(cache, persist);
		write_queue(cache, persist);
	}
	free_all(persist, take_queue(persist));
	pthread_mutex_unlock(&cache->mutex);
	return NULL;
}

/* ── The queue ── */

static struct persist *usable(const struct cache_model *model)
{
	struct persist *persist = model->cache->persist;

	return persist && !persist->off ? persist : NULL;
}

/* What can't be queued would be missing in the order of things: there is no store then. */
static struct persist_op *add(
	struct persist *persist, struct cache_model *model, enum persist_kind kind)
{
	struct persist_op *op = calloc(1, sizeof(*op));

	if (!op) {
		give_up(model->cache, -ENOMEM);
		return NULL;
	}
	op->kind = kind;
	op->model = model;
	/* Who gathers isn't woken for each, but when it may be enough. */
	if (!persist->queue || persist->queued_bytes > QUEUE_MAX / 4) {
		pthread_cond_signal(&persist->changed);
	}
	DL_APPEND(persist->queue, op);
	persist->queued_bytes += sizeof(*op);
	return op;
}

/* A text that some fields are missing in would hide from the next mount that they are. */
static bool is_whole(struct cache_model *model, uint32_t id)
{
	return !model->lacks_field && !bad_record_find(model, id);
}

bool persist_keeps(const struct cache_model *model)
{
	const struct persist *persist = usable(model);

	return persist && !persist->full && model->persist_loaded && model->schema &&
	       model->schema->has_write_date;
}

bool persist_is_behind(const struct cache *cache)
{
	const struct persist *persist = cache->persist;

	return persist && persist->queued_bytes + persist->taken_bytes > QUEUE_MAX / 2;
}

void persist_put(struct cache_model *model, const struct cache_record *record)
{
	struct persist *persist = usable(model);
	struct persist_op *op;

	if (!persist || !model->persist_loaded || !record->content ||
		!model->schema->has_write_date) {
		return;
	}
	if (persist->full || !is_whole(model, record->id) ||
		persist->queued_bytes + persist->taken_bytes > QUEUE_MAX) {
		persist_forget(model, record->id);
		return;
	}
	if (!model->persist_known) {
		persist_model(model);
	}
	op = add(persist, model, PERSIST_PUT);
	if (op) {
		forget_waiting(persist, persist_waiting(persist, model, record->id));
		op->key = (struct persist_key){ .model = model, .id = record->id };
		HASH_ADD(hh, persist->waiting, key, sizeof(op->key), op);
		op->newest = op->hh.tbl != NULL; /* else it is found when it is on the disk */
		op->record = (struct disk_record){ .id = record->id,
			.size = record->size,
			.digest = record->digest,
			.write_date = record->write_date,
			.mtime = record->mtime,
			.ctime = record->ctime,
			.read_at = (uint32_t)time(NULL),
			.unsettled = record->unsettled };
		op->content = cache_content_ref(record->content);
		persist->queued_bytes += record->size;
	}
}

void persist_forget(struct cache_model *model, uint32_t id)
{
	struct persist *persist = usable(model);
	struct persist_op *op;

	if (persist && model->persist_known && (op = add(persist, model, PERSIST_REMOVE))) {
		forget_waiting(persist, persist_waiting(persist, model, id));
		op->record.id = id;
	}
}

void persist_forget_model(struct cache_model *model)
{
	struct persist *persist = usable(model);

	if (persist && model->persist_known) {
		add(persist, model, PERSIST_REMOVE_MODEL);
		model->persist_known = false;
	}
}

void persist_model(struct cache_model *model)
{
	struct persist *persist = usable(model);
	struct persist_op *op;

	if (!persist || !model->persist_loaded || !model->schema->has_write_date ||
		!(op = add(persist, model, PERSIST_MODEL))) {
		return;
	}
	model->persist_known = true;
	op->state = (struct disk_model){ .summary = model->baseline,
		.has_summary = model->has_baseline,
		.settled = model->settled,
		.complete = model->index.complete,
		.since = model->since,
		.mtime = model->mtime,
		.skew = model->count_skew,
		.schema = persist_schema_digest(model) };
	if (model->index.complete && model->index.n_ids) {
		op->ids = malloc(model->index.n_ids * sizeof(*op->ids));
		op->state.complete = op->ids != NULL;
	}
	if (op->ids) {
		op->n_ids = model->index.n_ids;
		memcpy(op->ids, model->index.ids, op->n_ids * sizeof(*op->ids));
		persist->queued_bytes += op->n_ids * sizeof(*op->ids);
	}
}

/* ── Opening and closing ── */

static int start_thread(struct cache *cache, struct persist *persist)
{
	sigset_t all, before;
	int r;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = -pthread_create(&persist->thread, NULL, run, cache);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	persist->runs = r == 0;
	return r;
}

static void start(struct cache *cache, struct persist *persist)
{
	const struct cache_options *options = &cache->options;
	_cleanup_free_ char *why = NULL;
	int r = disk_open(persist->directory, persist->identity, persist->origin,
		options->store_size, &persist->disk, &why);

	if (r == 0) {
		if (disk_aside(persist->disk)) {
			log_warning("%s", disk_aside(persist->disk));
		}
		r = start_thread(cache, persist);
	}
	if (r < 0) {
		persist->off = true;
		if (asprintf(&persist->why, "there is no store on disk: %s",
			    why ? why : strerror(-r)) < 0) {
			persist->why = NULL;
		}
		report(cache);
	}
}

void persist_open(struct cache *cache)
{
	const struct cache_options *options = &cache->options;
	struct persist *persist;

	if (!options->store || !(persist = calloc(1, sizeof(*persist)))) {
		return;
	}
	clock_cond_init(&persist->changed);
	cache->persist = persist;
	persist->directory = strdup(options->store);
	persist->identity = strdup(options->store_identity);
	if (options->store_origin) {
		persist->origin = strdup(options->store_origin);
	}
	if (persist->directory && persist->identity) {
		start(cache, persist);
	} else {
		persist->off = true;
	}
}

void persist_close(struct cache *cache)
{
	struct persist *persist = cache->persist;

	if (!persist) {
		return;
	}
	if (persist->runs) {
		pthread_mutex_lock(&cache->mutex);
		persist->stopping = true;
		pthread_cond_signal(&persist->changed);
		pthread_mutex_unlock(&cache->mutex);
		pthread_join(persist->thread, NULL);
	}
	free_all(persist, steal(persist->queue));
	disk_close(persist->disk);
	pthread_cond_destroy(&persist->changed);
	free(persist->directory);
	free(persist->identity);
	free(persist->origin);
	free(persist->why);
	free(steal(cache->persist));
}

enum cache_store_state cache_store_report(struct cache *cache, char **ret_why)
{
	const struct persist *persist = cache->persist;
	enum cache_store_state state = CACHE_STORE_OFF;
	const char *why = NULL;

	enter(cache);
	if (persist && !persist->off) {
		state = persist->full ? CACHE_STORE_FULL : CACHE_STORE_USED;
	}
	if (persist) {
		why = state == CACHE_STORE_USED ? disk_aside(persist->disk) : persist->why;
	}
	*ret_why = why ? strdup(why) : NULL;
	leave(cache);
	return state;
}

void persist_get_stats(struct cache *cache, struct cache_stats *ret_stats)
{
	const struct persist *persist = cache->persist;

	if (persist && persist->disk) {
		ret_stats->store_bytes = disk_used(persist->disk);
		ret_stats->store_hits = persist->hits;
	}
	ret_stats->store_works = persist && !persist->off;
}
