/* SPDX-License-Identifier: MIT */
/* The table of models: which there are, and what the user may do with their records. */
#include "cache/load.h"
#include "cache/persist.h"
#include "cache/prefetch_private.h"

#include "odoo/limits.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* The list of models is looked at again after this time. Installing a module is rare. */
#define MODELS_TTL_MS (10 * 60 * 1000)

/* Far from filling the numbers that there are for them, or a free one would be long to find. */
#define MODELS_MAX 65536

static struct cache_model *find_by_name(struct cache *cache, const char *name)
{
	struct cache_model *model;

	HASH_FIND(by_name, cache->by_name, name, strlen(name), model);
	return model;
}

static struct cache_model *find_by_number(struct cache *cache, uint32_t number)
{
	struct cache_model *model;

	HASH_FIND(by_number, cache->by_number, &number, sizeof(number), model);
	return model;
}

/* Odoo's own rule for names, so that none can be a path, or hide among the dot files. */
static bool is_name(const char *name)
{
	size_t length = strlen(name);

	if (!length || length > ODOO_MAX_NAME || name[0] == '.' || name[0] == '-') {
		return false;
	}
	for (const char *c = name; *c; c++) {
		if (!isalnum((unsigned char)*c) && *c != '.' && *c != '_' && *c != '-') {
			return false;
		}
	}
	return true;
}

static bool is_wanted(const struct cache *cache, const char *name)
{
	for (size_t i = 0; i < cache->options.n_models; i++) {
		if (fnmatch(cache->options.models[i], name, 0) == 0) {
			return true;
		}
	}
	return cache->options.n_models == 0;
}

static uint32_t free_number(struct cache *cache, const char *name, uint32_t id)
{
	uint32_t number = id;

	if (!number || number > CACHE_MAX_MODEL) {
		number = (uint32_t)(XXH3_64bits(name, strlen(name)) % CACHE_MAX_MODEL) + 1;
	}
	while (find_by_number(cache, number)) {
		number = number % CACHE_MAX_MODEL + 1;
	}
	return number;
}

static struct cache_model *add_model(struct cache *cache, const char *name, uint32_t id)
{
	struct cache_model *model = NULL;

	if (HASH_CNT(by_name, cache->by_name) < MODELS_MAX) {
		model = calloc(1, sizeof(*model));
	}
	if (!model || !(model->name = strdup(name))) {
		free(model);
		return NULL;
	}
	model->cache = cache;
	model->records.index = &model->index;
	model->number = free_number(cache, name, id);
	model->mtime = persist_mtime(cache, name);
	if (!model->mtime) {
		model->mtime = cache->started;
	}
	HASH_ADD_KEYPTR(by_name, cache->by_name, model->name, strlen(model->name), model);
	if (model->by_name.tbl) {
		HASH_ADD(by_number, cache->by_number, number, sizeof(model->number), model);
		if (model->by_number.tbl) {
			return model;
		}
		HASH_DELETE(by_name, cache->by_name, model);
	}
	free(model->name);
	free(model);
	return NULL;
}

/* How much of a name is shown: no more than 80 bytes, and no half of a character. */
static int shown_size(const char *name)
{
	size_t size = strlen(name);

	if (size > 80) {
		for (size = 80; size && ((unsigned char)name[size] & 0xc0) == 0x80; size--) {
		}
	}
	return (int)size;
}

static void report_name(struct cache *cache, const char *name)
{
	struct odoo_error error;
	int size = shown_size(name);

	odoo_error_init(&error);
	odoo_error_set(&error, ODOO_FAULT_MALFORMED,
		"the server lists a model whose name can't be a directory: %.*s%s", size, name,
		name[size] ? "…" : "");
	post_failure(cache, NULL, 0, "list models", &error);
	odoo_error_finish(&error);
}

static void report_many(struct cache *cache, size_t n)
{
	struct odoo_error error;

	odoo_error_init(&error);
	odoo_error_set(&error, ODOO_FAULT_MALFORMED,
		"the server lists %zu models: no more than %d are shown", n, MODELS_MAX);
	post_failure(cache, NULL, 0, "list models", &error);
	odoo_error_finish(&error);
}

static void note_found(struct cache *cache, const struct found_model *found)
{
	struct cache_model *model;

	if (!is_name(found->name)) {
		report_name(cache, found->name);
		return;
	}
	model = find_by_name(cache, found->name);
	if (model || (model = add_model(cache, found->name, found->id))) {
		model->new_rights |= found->rights; /* it may be there twice */
	}
}

/* Returns whether anything that the kernel may remember moved. */
static bool apply_rights(struct cache_model *model)
{
	unsigned rights = model->new_rights;
	bool changed;

	if ((rights & RIGHTS_GUESSED) && model->rights && !(model->rights & RIGHTS_GUESSED)) {
		rights = model->rights; /* these were asked for since */
	}
	changed = rights != model->rights;

	model->rights = rights;
	model->new_rights = 0;
	model->listed = (rights & RIGHT_READ) && is_wanted(model->cache, model->name);
	return changed;
}

static bool is_outdated(const struct cache *cache)
{
	return cache->models_have != cache->models_wanted;
}

static int start_load(struct cache *cache)
{
	int r = models_load_start(cache);

	if (r == 0) {
		cache->models_state = LOAD_BUSY;
		cache->models_asked = cache->models_wanted;
	}
	return r;
}

static void end_load(struct cache *cache)
{
	cache->models_ms = clock_now_ms();
	cache->models_have = cache->models_asked;
	cache->models_state = cache->models_known && !is_outdated(cache) ? LOAD_DONE : LOAD_NONE;
}

void models_loaded(struct cache *cache, const struct found_model *found, size_t n, bool complete)
{
	struct cache_model *model, *next;
	bool changed = false, first = !cache->models_known;

	for (size_t i = 0; i < n; i++) {
		note_found(cache, &found[i]);
	}
	if (n > MODELS_MAX) {
		report_many(cache, n);
	}
	HASH_ITER (by_name, cache->by_name, model, next) {
		changed = apply_rights(model) || changed;
	}
	if (changed && cache->models_known) {
		post_news(cache, CACHE_NEWS_MODELS, NULL, 0);
	}
	cache->offline = false;
	cache->models_known = true;
	cache->models_complete = complete;
	end_load(cache);
	wake_all(cache, &cache->models_waiters, 0);
	if (first) {
		prefetch_begin(cache);
	}
}

void models_failed(struct cache *cache, const struct odoo_error *error)
{
	post_failure(cache, NULL, 0, "list models", error);
	cache->offline = is_offline_fault(error);
	end_load(cache);
	wake_all(cache, &cache->models_waiters, cache->models_known ? 0 : read_errno(error));
}

int models_ensure(struct cache *cache, struct cache_waiter *waiter)
{
	int64_t age = clock_now_ms() - cache->models_ms;
	int r;

	if (cache->models_state == LOAD_DONE && age < MODELS_TTL_MS) {
		return 0;
	}
	if (cache->models_state != LOAD_BUSY) {
		r = start_load(cache);
		if (r < 0) {
			return r;
		}
	}
	if (cache->models_known && !is_outdated(cache)) {
		return 0; /* an old list is good enough while the new one is fetched */
	}
	wait_on(&cache->models_waiters, waiter, 0);
	return CACHE_WAIT;
}

bool model_is_readable(struct cache *cache, const char *name)
{
	struct cache_model *model = find_by_name(cache, name);

	return model ? model->rights & RIGHT_READ : !cache->models_complete;
}

int cache_models_ensure(struct cache *cache, struct cache_waiter *waiter)
{
	int r;

	enter(cache);
	r = models_ensure(cache, waiter);
	leave(cache);
	return r;
}

void cache_models_renew(struct cache *cache)
{
	enter(cache);
	if (cache->models_known && cache->models_state == LOAD_DONE &&
		clock_now_ms() >= cache->models_ms + cache->options.ttl * 1000LL) {
		start_load(cache);
	}
	leave(cache);
}

struct cache_model *cache_model_next(struct cache *cache, uint32_t after)
{
	struct cache_model *model, *next, *best = NULL;

	enter(cache);
	HASH_ITER (by_name, cache->by_name, model, next) {
		if (model->listed && model->number > after &&
			(!best || model->number < best->number)) {
			best = model;
		}
	}
	leave(cache);
	return best;
}

static struct cache_model *listed(struct cache_model *model)
{
	return model && model->listed ? model : NULL;
}

struct cache_model *cache_model_find(struct cache *cache, const char *name)
{
	struct cache_model *model;

	enter(cache);
	model = listed(find_by_name(cache, name));
	leave(cache);
	return model;
}

struct cache_model *cache_model_by_number(struct cache *cache, uint32_t number)
{
	struct cache_model *model;

	enter(cache);
	model = listed(find_by_number(cache, number));
	leave(cache);
	return model;
}

const char *cache_model_name(const struct cache_model *model)
{
	return model->name;
}

uint32_t cache_model_number(const struct cache_model *model)
{
	return model->number;
}

int cache_model_stat(struct cache *cache, struct cache_model *model,
	struct cache_model_attr *ret_attr, struct cache_waiter *waiter)
{
	int r = 0;

	enter(cache);
	if (waiter) {
		model->asked_ms = clock_now_ms();
		r = fresh_ensure(model, waiter);
	}
	if (r == 0) {
		*ret_attr = (struct cache_model_attr){
			.mtime = model->mtime,
			.guessed = (model->rights & RIGHTS_GUESSED) || model->n_probes,
			.may_write = model->rights & RIGHT_WRITE,
			.may_populate = model->rights & (RIGHT_CREATE | RIGHT_UNLINK),
			.has_write_date = !model->schema || model->schema->has_write_date,
		};
	}
	leave(cache);
	return r;
}

uint64_t cache_model_changes(struct cache *cache, struct cache_model *model)
{
	uint64_t changes;

	enter(cache);
	changes = model->changes;
	leave(cache);
	return changes;
}
