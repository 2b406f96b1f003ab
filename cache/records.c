/* SPDX-License-Identifier: MIT */
/* Records as the layer above asks for them: attributes, contents, and what to push ahead. */
#include "cache/internal.h"
#include "cache/persist.h"

#include <errno.h>

static void reached(struct cache_model *model, struct cache_record *record)
{
	model->cache->stats.hits++;
	if (record->marker) {
		batch_reached(model, record);
	}
}

/* Never read, as far as is known, but there may be one: whether others changed it is no matter. */
static bool is_new(const struct cache_model *model, const struct cache_record *record, uint32_t id)
{
	return (!record || record->state == RECORD_UNKNOWN) &&
	       cache_index_may_have(&model->index, id);
}

/* Find a record that can be served. Schema and freshness come before it. */
static int find(struct cache_model *model, uint32_t id, bool content,
	struct cache_record **ret_record, struct cache_waiter *waiter)
{
	struct cache_record *record;
	int r = schema_ensure(model, waiter);

	r = r ? r : persist_ensure(model, waiter);
	if (r != 0) {
		return r;
	}
	if (is_new(model, cache_records_find(&model->records, id), id)) {
		return batch_miss(model, id, content, waiter);
	}
	r = fresh_ensure(model, waiter);
	if (r != 0) {
		return r;
	}
	record = cache_records_find(&model->records, id);
	if (record && record->state == RECORD_GONE) {
		return -ENOENT;
	}
	if (record && record->state == RECORD_BROKEN) {
		return -record->error;
	}
	if (record && record->state == RECORD_KNOWN &&
		(waiter->fetched || !fresh_is_stale(model, record)) &&
		(record->content || !content || persist_read(model, record))) {
		*ret_record = record;
		return 0;
	}
	/* One that was read by number may be newer than the listing. */
	if ((!record || record->state != RECORD_KNOWN) &&
		!cache_index_may_have(&model->index, id)) {
		return -ENOENT;
	}
	return batch_miss(model, id, content, waiter);
}

int cache_record_stat(struct cache *cache, struct cache_model *model, uint32_t id,
	struct cache_attr *ret_attr, struct cache_waiter *waiter)
{
	struct cache_record *record;
	int r;

	enter(cache);
	model->asked_ms = clock_now_ms();
	r = find(model, id, false, &record, waiter);
	if (r == 0) {
		attr_of(record, ret_attr);
		record->known = true;
		reached(model, record);
	}
	leave(cache);
	return r;
}

void cache_record_peek(struct cache *cache, struct cache_model *model, const uint32_t *ids,
	size_t n, struct cache_attr *ret_attrs)
{
	enter(cache);
	for (size_t i = 0; i < n; i++) {
		struct cache_record *record = cache_records_find(&model->records, ids[i]);

		if (record && record->state == RECORD_KNOWN && !fresh_is_stale(model, record)) {
			attr_of(record, &ret_attrs[i]);
			record->known = true;
		} else {
			ret_attrs[i] = (struct cache_attr){ 0 };
		}
	}
	leave(cache);
}

static int read_now(struct cache_model *model, uint32_t id, uint32_t version,
	struct cache_content **ret_content, struct cache_waiter *waiter)
{
	struct cache_content *old = old_version_find(model, id, version);
	struct cache_record *record = cache_records_find(&model->records, id);
	int r;

	if (old) {
		*ret_content = cache_content_ref(old);
		return 0;
	}
	/* What was opened stays readable, whether it is stale by now or not. */
	if (!record || record->state != RECORD_KNOWN || !cache_record_is(record, version) ||
		!record->content) {
		r = find(model, id, true, &record, waiter);
		if (r != 0) {
			return r;
		}
	}
	if (!cache_record_is(record, version)) {
		return -ESTALE;
	}
	cache_content_touch(&model->cache->contents, record->content);
	*ret_content = cache_content_ref(record->content);
	reached(model, record);
	return 0;
}

int cache_record_read(struct cache *cache, struct cache_model *model, uint32_t id, uint32_t version,
	struct cache_content **ret_content, struct cache_waiter *waiter)
{
	int r;

	enter(cache);
	model->asked_ms = clock_now_ms();
	r = read_now(model, id, version, ret_content, waiter);
	if (cache->persist) {
		evict(cache); /* what was taken from the disk is one more */
	}
	leave(cache);
	return r;
}

const char *cache_content_bytes(const struct cache_content *content, size_t *ret_size)
{
	*ret_size = content->size;
	return content->data;
}

void cache_content_release(struct cache *cache, struct cache_content *content)
{
	enter(cache);
	cache_content_unref(content);
	leave(cache);
}

/* Worth handing to the kernel: it knows the node, and wasn't given what is in it. */
static bool can_be_pushed(const struct cache_model *model, const struct cache_record *record)
{
	return record && record->state == RECORD_KNOWN && record->content && record->known &&
	       !record->pushed && !fresh_is_stale(model, record);
}

bool cache_record_has_ahead(struct cache *cache, struct cache_model *model, uint32_t id)
{
	const struct cache_index *index = &model->index;
	bool has = false;
	size_t i;

	enter(cache);
	i = cache_index_after(index, id);
	if (i < index->n_ids) {
		has = can_be_pushed(model, cache_records_find(&model->records, index->ids[i]));
	}
	leave(cache);
	return has;
}

size_t cache_record_ahead(struct cache *cache, struct cache_model *model, uint32_t id,
	struct cache_ahead *ret_ahead, size_t max)
{
	const struct cache_index *index = &model->index;
	size_t n = 0;

	enter(cache);
	for (size_t i = cache_index_after(index, id); i < index->n_ids && n < max; i++) {
		struct cache_record *record = cache_records_find(&model->records, index->ids[i]);

		if (!can_be_pushed(model, record)) {
			break;
		}
		attr_of(record, &ret_ahead[n].attr);
		ret_ahead[n++].content = cache_content_ref(record->content);
	}
	leave(cache);
	return n;
}

void cache_record_pushed(
	struct cache *cache, struct cache_model *model, const struct cache_attr *attr)
{
	struct cache_record *record;

	enter(cache);
	record = cache_records_find(&model->records, attr->id);
	if (record && record->version == attr->version) {
		record->pushed = true;
	}
	leave(cache);
}
