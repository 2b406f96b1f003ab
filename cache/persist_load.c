/* SPDX-License-Identifier: MIT */
/* What is taken from the store: a model at its first use, and contents when they are wanted. */
#include "cache/age.h"
#include "cache/persist_private.h"

#include "odoo/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <xxhash.h>

/* Due since ever: what was stored is checked before any of it is served. */
#define NEVER_CHECKED (INT64_MIN / 2)

uint64_t persist_schema_digest(const struct cache_model *model)
{
	uint64_t digest = 0;

	for (size_t i = 0; i < model->n_read_fields; i++) {
		const struct cache_field *field =
			cache_schema_find(model->schema, model->read_fields[i]);
		const char *relation = field->relation ? field->relation : "";

		digest = XXH3_64bits_withSeed(field->name, strlen(field->name) + 1, digest);
		digest = XXH3_64bits_withSeed(
			relation, strlen(relation) + 1, digest + (uint64_t)field->type);
	}
	return digest;
}

struct seed {
	struct cache_model *model;
	int64_t since;
};

static int add_record(const struct disk_record *stored, void *data)
{
	const struct seed *seed = data;
	struct cache_model *model = seed->model;
	struct cache_record *record = cache_records_find(&model->records, stored->id);

	if (record && record->state != RECORD_UNKNOWN) {
		return 0; /* it was read meanwhile */
	}
	record = cache_records_add(&model->records, stored->id);
	if (!record || record->loading) {
		return record ? 0 : -ENOMEM;
	}
	record->state = RECORD_KNOWN;
	record->size = stored->size;
	record->digest = stored->digest;
	record->write_date = stored->write_date;
	record->mtime = cache_record_time(stored->mtime);
	record->ctime = cache_record_time(stored->ctime);
	record->unsettled = stored->unsettled;
	age_begin(model, record, (int64_t)time(NULL) - stored->read_at);
	model->records.n_known++;
	if (stored->write_date && stored->write_date >= seed->since) {
		record->doubtful = true;
		model->n_doubtful++;
	}
	return 0;
}

static void take_state(
	struct cache_model *model, const struct disk_model *state, uint32_t *ids, size_t n_ids)
{
	model->baseline = state->summary;
	model->has_baseline = state->has_summary;
	model->settled = state->settled;
	model->since = state->since;
	model->count_skew = state->skew;
	model->checked_ms = NEVER_CHECKED;
	model->seeded = true;
	if (state->complete && !model->index.n_ids && !model->listing) {
		cache_index_append(&model->index, ids, n_ids);
		model->index.complete = model->index.n_ids == n_ids;
		model->mtime = state->mtime;
	}
}

static void load(struct persist *persist, struct cache_model *model)
{
	struct seed seed = { .model = model };
	struct disk_model state;
	uint32_t *ids;
	size_t n_ids;
	int r = disk_read_model(persist->disk, model->name, &state, &ids, &n_ids);

	if (r < 0) {
		if (r != -ENOENT) {
			log_warning("%s: what is stored of it can't be read: %s", model->name,
				strerror(-r));
		}
		return;
	}
	model->persist_known = true;
	seed.since = state.since;
	if (state.schema != persist_schema_digest(model)) {
		persist_forget_model(model); /* its fields aren't what they were */
	} else {
		r = disk_each_record(persist->disk, model->name, add_record, &seed);
		if (r == 0) {
			take_state(model, &state, ids, n_ids);
		} else {
			log_warning("%s: what is stored of it can't be read: %s", model->name,
				strerror(-r));
			mark_all_stale(model);
		}
	}
	free(ids);
}

int persist_ensure(struct cache_model *model, struct cache_waiter *waiter)
{
	struct persist *persist = model->cache->persist;
	int r;

	if (!persist || model->persist_loaded) {
		return 0;
	}
	r = schema_ensure(model, waiter);
	if (r != 0) {
		return r;
	}
	model->persist_loaded = true;
	if (!persist->off) {
		load(persist, model);
	}
	return 0;
}

int64_t persist_mtime(struct cache *cache, const char *name)
{
	struct persist *persist = cache->persist;
	struct disk_model state;

	if (!persist || persist->off ||
		disk_read_model(persist->disk, name, &state, NULL, NULL) < 0) {
		return 0;
	}
	return state.mtime;
}

/* The text of a known record, from the queue to the disk or from the disk; the caller frees it. */
static char *read_text(struct cache_model *model, const struct cache_record *record)
{
	const struct persist *persist = model->cache->persist;
	const struct disk_record wanted = {
		.id = record->id, .size = record->size, .digest = record->digest
	};
	const struct persist_op *waiting = persist_waiting(persist, model, record->id);
	char *text;

	if (waiting && waiting->record.size == record->size &&
		waiting->record.digest == record->digest) {
		return strndup(waiting->content->data, record->size);
	}
	return disk_read_text(persist->disk, model->name, &wanted, &text) == 0 ? text : NULL;
}

bool persist_read(struct cache_model *model, struct cache_record *record)
{
	struct persist *persist = model->cache->persist;
	char *text;

	if (!persist || persist->off || !model->persist_known ||
		!(text = read_text(model, record))) {
		return false;
	}
	record->content = cache_content_create(
		&model->cache->contents, model, record->id, text, record->size);
	if (!record->content) {
		free(text);
		return false;
	}
	persist->hits++;
	return true;
}
