/* SPDX-License-Identifier: MIT */
/*
 * Batches: one fetch for many records.
 *
 *	miss ──▶ on its way already? ──▶ wait for that batch
 *	     ──▶ all connections busy? ──▶ join a pending batch, which goes when one is free
 *	     ──▶ a new batch: the record and, as its stream says, those behind it
 *
 * A batch that a stream sends ahead carries a marker on its first record: who reaches it starts
 * the next one.
 */
#include "cache/batch.h"

#include "odoo/cleanup.h"
#include "odoo/limits.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

/* ── Which records ── */

static uint32_t successor(void *data, uint32_t next)
{
	const struct cache_model *model = data;
	const struct cache_index *index = &model->index;
	size_t position = cache_index_after(index, next - 1);

	if (position < index->n_ids) {
		return index->ids[position];
	}
	return next; /* not listed: take ids to be dense */
}

static bool is_wanted(struct cache_model *model, uint32_t id, bool content)
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

static bool add_id(struct batch *batch, uint32_t id)
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

/* The id that follows in the listing; 0 at the end of what is known of it. */
static uint32_t id_after(const struct cache_model *model, uint32_t id)
{
	const struct cache_index *index = &model->index;
	size_t position = cache_index_after(index, id);

	if (position < index->n_ids) {
		return index->ids[position];
	}
	return cache_index_knows(index, id + 1) || id >= ODOO_MAX_ID ? 0 : id + 1;
}

/* Add up to `n` records from `id` on. Looks at no more than a few times as many. */
static void fill_upwards(struct batch *batch, uint32_t id, size_t n, bool content)
{
	struct cache_model *model = batch->model;
	size_t end = batch->n_ids + n;

	for (size_t looked = 0; id && batch->n_ids < end && looked < n * 4 + 16; looked++) {
		if (is_wanted(model, id, content) && !add_id(batch, id)) {
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

		if (is_wanted(batch->model, below, content) && !add_id(batch, below)) {
			return;
		}
	}
}

static void fill_around(struct batch *batch, struct stream *stream, uint32_t id, bool content)
{
	size_t first = batch->n_ids;

	add_id(batch, id);
	fill_upwards(batch, id_after(batch->model, id), stream->window - 1, content);
	stream_fetched(stream, id, batch->ids[batch->n_ids - 1]);
	if (batch->n_ids - first < stream->window) {
		fill_downwards(batch, id, stream->window - (batch->n_ids - first), content);
	}
	qsort(batch->ids, batch->n_ids, sizeof(*batch->ids), cache_compare_ids);
}

/* ── Sending ── */

static struct batch *batch_create(struct cache_model *model)
{
	struct batch *batch = calloc(1, sizeof(*batch));

	if (!batch) {
		return NULL;
	}
	batch->model = model;
	batch->ids = calloc(BATCH_MAX, sizeof(*batch->ids));
	if (!batch->ids) {
		free(batch);
		return NULL;
	}
	return batch;
}

static void batch_destroy(struct batch *batch)
{
	free(batch->ids);
	free(batch->fields);
	free(batch);
}

static int choose_fields(struct batch *batch)
{
	struct cache_model *model = batch->model;
	const struct bad_record *bad = batch->alone ? bad_record_find(model, batch->ids[0]) : NULL;

	batch->schema = model->schema;
	batch->fields = calloc(model->n_read_fields + 1, sizeof(*batch->fields));
	if (!batch->fields) {
		return -ENOMEM;
	}
	for (size_t i = 0; i < model->n_read_fields; i++) {
		if (!is_left_out(bad, model->read_fields[i])) {
			batch->fields[batch->n_fields++] = model->read_fields[i];
		}
	}
	if (!batch->n_fields) {
		batch->fields[batch->n_fields++] = "id"; /* none would be all */
	}
	return 0;
}

static void on_batch(struct odoo_reply *reply, void *data);

static bool is_busy(const struct cache_model *model)
{
	return model->n_batches >= model->cache->options.connections;
}

static void send_batch(struct batch *batch)
{
	struct cache_model *model = batch->model;
	struct cache *cache = model->cache;
	struct odoo_request *request = NULL;

	if (choose_fields(batch) == 0) {
		request = odoo_request_read_ids(
			model->name, batch->ids, batch->n_ids, batch->fields, batch->n_fields);
	}
	if (request) {
		request->ahead = batch->ahead;
	}
	note_first_use(model);
	batch->sent = true;
	batch->sent_at = server_now(cache);
	DL_APPEND(model->batches, batch);
	model->n_batches++;
	cache->stats.batches++;
	cache->stats.batch_records += batch->n_ids;
	odoo_client_send(cache->client, request, on_batch, batch);
}

static bool has_more(struct cache_model *model, uint32_t id)
{
	return !cache_index_knows(&model->index, id) || cache_index_has(&model->index, id);
}

/* Those in line go in their order, as far as there are connections. */
static void send_pending(struct cache_model *model)
{
	while (model->pending && !is_busy(model)) {
		struct batch *batch = model->pending;

		DL_DELETE(model->pending, batch);
		send_batch(batch);
	}
}

/* More at a time than the cache holds would be thrown away before it is read. */
static void limit_window(struct cache_model *model, struct stream *stream)
{
	size_t room = cache_contents_room(&model->cache->contents);

	if (stream->window > room) {
		stream->window = room ? (uint32_t)room : 1;
	}
}

static void send_ahead(struct cache_model *model, struct stream *stream)
{
	uint32_t first = successor(model, stream->next);
	struct batch *batch;

	stream->hungry = is_busy(model) || model->pending;
	if (stream->hungry || !has_more(model, first) || !(batch = batch_create(model))) {
		return;
	}
	stream_advance(&model->streams, stream);
	limit_window(model, stream);
	fill_upwards(batch, first, stream->window, stream->content);
	if (!batch->n_ids) {
		batch_destroy(batch);
		return;
	}
	cache_records_find(&model->records, batch->ids[0])->marker = true;
	stream_fetched(stream, batch->ids[0], batch->ids[batch->n_ids - 1]);
	batch->ahead = true;
	send_batch(batch);
}

void batch_reached(struct cache_model *model, struct cache_record *record)
{
	struct stream *stream = stream_at(&model->streams, record->id);

	record->marker = false;
	if (stream) {
		send_ahead(model, stream);
	}
}

/*
 * A connection is free. A reader who had to wait for this batch is faster than the server: the next
 * batch but one goes now, rather than when the reader gets to the next one.
 */
static void use_free_connection(struct cache_model *model, const struct batch *done)
{
	struct stream *own = stream_at(&model->streams, done->ids[0]);

	if (model->offline) {
		return;
	}
	if (own && done->starved && own->window > 1) {
		send_ahead(model, own);
	}
	for (struct stream *s = model->streams.streams; s < model->streams.streams + STREAMS; s++) {
		if (s->next && s->hungry) {
			send_ahead(model, s);
		}
	}
}

static bool has_id(const struct batch *batch, uint32_t id)
{
	return bsearch(&id, batch->ids, batch->n_ids, sizeof(id), cache_compare_ids);
}

/* The newest that has it: an older one may be done with it, and not yet with the others. */
static struct batch *find_loading(struct cache_model *model, uint32_t id)
{
	struct batch *batch, *found = NULL;

	DL_FOREACH (model->batches, batch) {
		found = has_id(batch, id) ? batch : found;
	}
	DL_FOREACH (model->pending, batch) {
		found = has_id(batch, id) ? batch : found;
	}
	return found;
}

static int wait_for(struct batch *batch, uint32_t id, bool content, struct cache_waiter *waiter)
{
	batch->starved = true;
	waiter->content = content;
	waiter->checked = true;
	waiter->fetched = !batch->sent;
	wait_on(&batch->waiters, waiter, id);
	return CACHE_WAIT;
}

/* Off it goes, or to the end of the line. */
static void submit(struct batch *batch)
{
	struct cache_model *model = batch->model;

	if (is_busy(model)) {
		DL_APPEND(model->pending, batch);
	} else {
		send_batch(batch);
	}
}

static struct batch *find_joinable(struct cache_model *model)
{
	struct batch *batch;

	DL_FOREACH (model->pending, batch) {
		if (!batch->alone && batch->n_ids < BATCH_MAX) {
			return batch;
		}
	}
	return NULL;
}

/* A record that fails over some fields is read by itself, without them. */
static int miss_alone(
	struct cache_model *model, uint32_t id, bool content, struct cache_waiter *waiter)
{
	struct batch *batch = batch_create(model);

	if (!batch) {
		return -ENOMEM;
	}
	batch->alone = true;
	add_id(batch, id);
	wait_for(batch, id, content, waiter);
	submit(batch);
	return CACHE_WAIT;
}

int batch_miss(struct cache_model *model, uint32_t id, bool content, struct cache_waiter *waiter)
{
	struct cache_record *record = cache_records_add(&model->records, id);
	struct batch *batch, *joined;
	struct stream *stream;

	if (!record) {
		return -ENOMEM;
	}
	if (record->loading && (batch = find_loading(model, id))) {
		if (record->marker) {
			batch_reached(model, record);
		}
		return wait_for(batch, id, content, waiter);
	}
	model->cache->stats.misses++;
	if (is_read_alone(model, id)) {
		return miss_alone(model, id, content, waiter);
	}
	joined = find_joinable(model);
	batch = joined ? joined : batch_create(model);
	if (!batch) {
		return -ENOMEM;
	}
	stream = stream_miss(&model->streams, id, successor, model, clock_now_ms());
	stream->content = content;
	limit_window(model, stream);
	fill_around(batch, stream, id, content);
	wait_for(batch, id, content, waiter);
	if (!joined) {
		submit(batch);
	}
	if (batch->sent && stream->window > 1) {
		send_ahead(model, stream);
	}
	return CACHE_WAIT;
}

int batch_miss_these(
	struct cache_model *model, const uint32_t *ids, size_t n, struct cache_waiter *waiter)
{
	struct batch *batch = batch_create(model);

	if (!batch) {
		return -ENOMEM;
	}
	model->cache->stats.misses++;
	add_id(batch, ids[0]);
	for (size_t i = 1; i < n; i++) {
		if (is_wanted(model, ids[i], false) && !add_id(batch, ids[i])) {
			break;
		}
	}
	qsort(batch->ids, batch->n_ids, sizeof(*batch->ids), cache_compare_ids);
	wait_for(batch, ids[0], false, waiter);
	submit(batch);
	return CACHE_WAIT;
}

/* ── Answers ── */

bool batch_has_records(struct odoo_reply *reply)
{
	if (!reply->error.fault && !cJSON_IsArray(reply->result)) {
		odoo_error_set(&reply->error, ODOO_FAULT_MALFORMED,
			"the server's answer to search_read isn't a list of records");
	}
	return !reply->error.fault;
}

void batch_done(struct batch *batch)
{
	struct cache_model *model = batch->model;

	enter(model->cache);
	DL_DELETE(model->batches, batch);
	model->n_batches--;
	wake_all(model->cache, &batch->waiters, -EIO);
	send_pending(model);
	use_free_connection(model, batch);
	leave(model->cache);
	batch_destroy(batch);
}

static void on_batch(struct odoo_reply *reply, void *data)
{
	struct batch *batch = data;

	if (batch_has_records(reply)) {
		if (!batch->alone && reply->result->child) {
			enter(batch->model->cache);
			clear_suspects(batch->model);
			leave(batch->model->cache);
		}
		batch_take(batch, batch->ids, batch->n_ids, reply->result, reply->server_time);
		batch_done(batch);
	} else if (odoo_error_is_about_data(&reply->error)) {
		repair_start(batch, &reply->error);
	} else {
		batch_fail(batch, batch->ids, batch->n_ids, &reply->error);
		batch_done(batch);
	}
}

void batches_finish(struct cache_model *model)
{
	struct batch *batch, *next;

	DL_FOREACH_SAFE (model->batches, batch, next) {
		wake_all(model->cache, &batch->waiters, -ESHUTDOWN);
		DL_DELETE(model->batches, batch);
		batch_destroy(batch);
	}
	DL_FOREACH_SAFE (model->pending, batch, next) {
		wake_all(model->cache, &batch->waiters, -ESHUTDOWN);
		DL_DELETE(model->pending, batch);
		batch_destroy(batch);
	}
}
