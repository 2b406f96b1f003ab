/* SPDX-License-Identifier: MIT */
/* Which records a batch is of: those that are missing, on from where somebody reads. */
#include "cache/batch.h"

#include "odoo/limits.h"

#include <stdlib.h>

/* So many records that are there already are passed over for one that isn't, at most. */
#define LOOK_MAX 16384

bool batch_wants(struct cache_model *model, uint32_t id, bool content)
{
	const struct cache_record *record = cache_records_find(&model->records, id);

	if (is_read_alone(model, id)) {
		return false;
	}
	if (!record || record->state == RECORD_UNKNOWN) {
		return !record || !record->loading;
	}
	if (record->state != RECORD_KNOWN || record->loading) {
		return false;
	}
	return fresh_is_stale(model, record) || (content && !record->content);
}

uint32_t batch_successor(void *data, uint32_t next)
{
	const struct batch_walk *walk = data;
	const struct cache_index *index = &walk->model->index;
	size_t first = cache_index_after(index, next - 1), position = first;

	for (; position < index->n_ids && position - first < LOOK_MAX; position++) {
		if (batch_wants(walk->model, index->ids[position], walk->content)) {
			return index->ids[position];
		}
	}
	if (position < index->n_ids) {
		return index->ids[position];
	}
	return position > first ? index->ids[position - 1] + 1 : next; /* take ids to be dense */
}

bool batch_add(struct batch *batch, uint32_t id)
{
	struct cache_record *record = NULL;

	if (batch->n_ids < BATCH_MAX) {
		record = cache_records_add(&batch->model->records, id);
	}
	if (!record) {
		return false;
	}
	record->loading = true;
	record->again = false;
	batch->ids[batch->n_ids++] = id;
	return true;
}

/*
 * The id that follows in the listing; 0 at the end of what is known of it. Where nobody asked for a
 * listing, ids are taken to be dense.
 */
static uint32_t id_after(const struct cache_model *model, uint32_t id)
{
	const struct cache_index *index = &model->index;
	size_t position = cache_index_after(index, id);

	if (position < index->n_ids) {
		return index->ids[position];
	}
	return index->covered || index->complete || id >= ODOO_MAX_ID ? 0 : id + 1;
}

void batch_fill_upwards(struct batch *batch, uint32_t id, size_t n, bool content)
{
	struct cache_model *model = batch->model;
	size_t end = batch->n_ids + n;

	for (size_t looked = 0; id && batch->n_ids < end && looked < n + LOOK_MAX; looked++) {
		if (batch_wants(model, id, content) && !batch_add(batch, id)) {
			return;
		}
		id = id_after(model, id);
	}
}

static void fill_downwards(struct batch *batch, uint32_t id, size_t n, bool content)
{
	const struct cache_index *index = &batch->model->index;
	size_t position = id ? cache_index_after(index, id - 1) : 0;
	size_t end = batch->n_ids + n;

	for (size_t looked = 0; position > 0 && batch->n_ids < end && looked < n * 4; looked++) {
		uint32_t below = index->ids[--position];

		if (batch_wants(batch->model, below, content) && !batch_add(batch, below)) {
			return;
		}
	}
}

void batch_fill_around(struct batch *batch, struct stream *stream, uint32_t id, bool content)
{
	size_t first = batch->n_ids;

	batch_add(batch, id);
	batch_fill_upwards(batch, id_after(batch->model, id), stream->window - 1, content);
	stream_fetched(stream, id, batch->ids[batch->n_ids - 1]);
	if (batch->n_ids - first < stream->window) {
		fill_downwards(batch, id, stream->window - (batch->n_ids - first), content);
	}
	qsort(batch->ids, batch->n_ids, sizeof(*batch->ids), cache_compare_ids);
}
