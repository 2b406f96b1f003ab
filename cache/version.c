/* SPDX-License-Identifier: MIT */
/*
 * Contents that were replaced. They are kept for readers in the kernel, who have the number of a
 * version, and for writers, whose text is based on one: that has the write_date in it.
 *
 * write_date has whole seconds, so that several versions may have the same. A version is
 *
 *	shown	 when somebody opened it: else no text can be based on it
 *	crowded	 when one that was shown, and has the same write_date, came before it
 *	lost	 when one of those isn't kept any more
 */
#include "cache/internal.h"
#include "cache/write.h"

#include <errno.h>
#include <stdlib.h>

/* Past it the oldest go, and reading them is ESTALE. */
#define OLD_VERSIONS_MAX 1024

static uint64_t version_key(const struct cache_model *model, uint32_t id, uint32_t version)
{
	return (uint64_t)model->number << 42 | (uint64_t)version << 32 | id;
}

static struct old_version *find_old(struct cache *cache, uint64_t key)
{
	struct old_version *old;

	HASH_FIND(hh, cache->old_versions, &key, sizeof(key), old);
	return old;
}

static bool is_alike(const struct old_version *old, const struct old_version *other)
{
	return old->model == other->model && old->attr.id == other->attr.id &&
	       old->write_date == other->write_date;
}

/* Another version of the same content stands for it as well. */
static bool is_kept_elsewhere(struct cache *cache, const struct old_version *lost)
{
	const struct cache_record *record =
		cache_records_find(&lost->model->records, lost->attr.id);
	struct old_version *old, *next;

	if (record && record->write_date == lost->write_date && record->digest == lost->digest) {
		return true;
	}
	HASH_ITER (hh, cache->old_versions, old, next) {
		if (old != lost && is_alike(old, lost) && old->digest == lost->digest) {
			return true;
		}
	}
	return false;
}

static void note_lost(struct cache *cache, const struct old_version *lost)
{
	struct cache_record *record = cache_records_find(&lost->model->records, lost->attr.id);
	struct old_version *old, *next;

	HASH_ITER (hh, cache->old_versions, old, next) {
		old->lost = old->lost || is_alike(old, lost);
	}
	if (record && record->write_date == lost->write_date) {
		record->lost = true;
	}
}

static void drop_old(struct cache *cache, struct old_version *old)
{
	if (old->shown && !is_kept_elsewhere(cache, old)) {
		note_lost(cache, old);
	}
	HASH_DEL(cache->old_versions, old);
	cache->n_old_versions--;
	cache_content_unref(old->content);
	free(old);
}

bool version_keep(struct cache_model *model, const struct cache_record *record)
{
	struct cache *cache = model->cache;
	uint64_t key = version_key(model, record->id, record->version);
	struct old_version *old, *before = find_old(cache, key);

	if (!record->content) {
		return before != NULL; /* it was kept when it went */
	}
	if (!cache->options.keep_versions || !(old = malloc(sizeof(*old)))) {
		return false;
	}
	if (before) {
		drop_old(cache, before);
	} else if (cache->n_old_versions == OLD_VERSIONS_MAX) {
		drop_old(cache, cache->old_versions); /* uthash iterates in the order of adding */
	}
	*old = (struct old_version){
		.model = model,
		.key = key,
		.write_date = record->write_date,
		.digest = record->digest,
		.content = cache_content_ref(record->content),
		.shown = record->shown,
		.lost = record->lost,
	};
	attr_of(record, &old->attr);
	HASH_ADD(hh, cache->old_versions, key, sizeof(old->key), old);
	if (!old->hh.tbl) {
		cache_content_unref(old->content);
		free(old);
		return false;
	}
	cache->n_old_versions++;
	return true;
}

static void next_version(struct cache_model *model, struct cache_record *record)
{
	uint32_t next = (record->version + 1) % CACHE_VERSIONS;
	struct old_version *old = find_old(model->cache, version_key(model, record->id, next));

	if (old) { /* counted round: what had this number before is not it */
		drop_old(model->cache, old);
	}
	record->version = (uint16_t)next;
	record->aliases = 0;
	record->known = false;
	record->pushed = false;
}

void version_replace(struct cache_model *model, struct cache_record *record, int64_t write_date)
{
	bool same = write_date == record->write_date;
	bool kept = version_keep(model, record);

	record->crowded = same && (record->shown || record->crowded);
	record->lost = same && (record->lost || (record->shown && !kept));
	record->shown = false;
	next_version(model, record);
}

struct cache_content *old_version_find(
	const struct cache_model *model, uint32_t id, uint32_t version)
{
	struct old_version *old = find_old(model->cache, version_key(model, id, version));

	return old ? old->content : NULL;
}

int cache_version_stat(struct cache *cache, struct cache_model *model, uint32_t id,
	uint32_t version, struct cache_attr *ret_attr)
{
	const struct old_version *old;

	enter(cache);
	old = find_old(cache, version_key(model, id, version));
	if (old) {
		*ret_attr = old->attr;
	}
	leave(cache);
	return old ? 0 : -ENOENT;
}

void old_versions_finish(struct cache *cache)
{
	struct old_version *old, *next;

	HASH_ITER (hh, cache->old_versions, old, next) {
		HASH_DEL(cache->old_versions, old);
		cache_content_unref(old->content);
		free(old);
	}
}

void cache_record_forget(
	struct cache *cache, struct cache_model *model, uint32_t id, uint32_t version)
{
	struct cache_record *record;
	struct old_version *old;

	enter(cache);
	old = find_old(cache, version_key(model, id, version));
	if (old) {
		drop_old(cache, old);
	}
	record = cache_records_find(&model->records, id);
	if (record && record->version == version) {
		record->known = false;
		record->pushed = false;
	}
	leave(cache);
}

/* So many versions are one content at most: others' numbers have to be told from them. */
#define ALIASES_MAX (CACHE_VERSIONS / 2)

static void renew(struct cache_model *model, struct cache_record *record)
{
	uint16_t aliases = record->aliases;

	next_version(model, record);
	record->aliases = aliases < ALIASES_MAX ? aliases + 1 : aliases;
	post_news(model->cache, CACHE_NEWS_RECORD, model, record->id);
}

void cache_record_renew(struct cache *cache, struct cache_model *model, uint32_t id)
{
	struct cache_record *record;

	enter(cache);
	record = cache_records_find(&model->records, id);
	if (record && record->state == RECORD_KNOWN) {
		renew(model, record);
	}
	leave(cache);
}

int cache_record_peek_content(struct cache *cache, struct cache_model *model, uint32_t id,
	struct cache_content **ret_content)
{
	const struct cache_record *record;
	int r = -ENODATA;

	enter(cache);
	record = cache_records_find(&model->records, id);
	if (record && record->state == RECORD_KNOWN && record->content) {
		*ret_content = cache_content_ref(record->content);
		r = 0;
	}
	leave(cache);
	return r;
}

/* ── What a text may be based on ── */

void cache_record_show(struct cache *cache, struct cache_model *model, uint32_t id,
	uint32_t version, struct cache_showing *ret_showing)
{
	struct cache_record *record;
	struct old_version *old;

	*ret_showing = (struct cache_showing){ 0 };
	enter(cache);
	record = cache_records_find(&model->records, id);
	old = find_old(cache, version_key(model, id, version));
	if (record && record->state == RECORD_KNOWN && cache_record_is(record, version)) {
		*ret_showing = (struct cache_showing){
			.digest = record->digest,
			.alike = !record->write_date || record->unsettled || record->crowded,
			.again = record->shown,
		};
		record->shown = true;
	} else if (old) {
		*ret_showing = (struct cache_showing){
			.digest = old->digest, .alike = true, .again = old->shown
		};
		old->shown = true;
	}
	leave(cache);
}

/* Versions that are being collected. */
struct collection {
	struct cache_version *versions;
	size_t n, max;
	bool complete;
};

static void collect(struct collection *collection, struct cache_content *content, uint64_t digest,
	bool shown, bool lost)
{
	collection->complete = collection->complete && !lost;
	for (size_t i = 0; i < collection->n; i++) {
		if (collection->versions[i].digest == digest) {
			collection->versions[i].shown = collection->versions[i].shown || shown;
			return;
		}
	}
	if (collection->n == collection->max) {
		collection->complete = false;
		return;
	}
	collection->versions[collection->n++] = (struct cache_version){
		.content = cache_content_ref(content), .digest = digest, .shown = shown
	};
}

/* uthash's last is what was added last. */
static struct old_version *newest_old(struct cache *cache)
{
	UT_hash_table *table = cache->old_versions ? cache->old_versions->hh.tbl : NULL;

	return table ? ELMT_FROM_HH(table, table->tail) : NULL;
}

static void collect_all(
	struct cache_model *model, uint32_t id, int64_t write_date, struct collection *collection)
{
	const struct cache_record *record = cache_records_find(&model->records, id);
	struct old_version *old;

	if (record && record->state == RECORD_KNOWN && record->write_date == write_date) {
		if (record->content) {
			collect(collection, record->content, record->digest, record->shown,
				record->lost);
		} else {
			collection->complete = collection->complete && !record->shown;
		}
	}
	for (old = newest_old(model->cache); old; old = old->hh.prev) {
		if (old->model == model && old->attr.id == id && old->write_date == write_date) {
			collect(collection, old->content, old->digest, old->shown, old->lost);
		}
	}
}

size_t cache_record_versions(struct cache *cache, struct cache_model *model, uint32_t id,
	int64_t write_date, struct cache_version *versions, size_t max, bool *ret_complete)
{
	struct collection collection = { .versions = versions, .max = max, .complete = true };

	enter(cache);
	collect_all(model, id, write_date, &collection);
	leave(cache);
	*ret_complete = collection.complete;
	return collection.n;
}
