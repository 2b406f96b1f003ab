/* SPDX-License-Identifier: MIT */
/*
 * Batches: one fetch for many records.
 *
 *	miss ──▶ on its way already? ──▶ wait for that batch
 *	     ──▶ all connections busy? ──▶ join a pending batch, which goes when one is free
 *	     ──▶ a new batch: the record and, as its stream says, those behind it
 *
 * What is read ahead of somebody is in ahead.c.
 */
#include "cache/batch.h"
#include "cache/binary_private.h"
#include "cache/prefetch_private.h"

#include "odoo/cleanup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

/* ── Sending ── */

struct batch *batch_create(struct cache_model *model)
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

void batch_destroy(struct batch *batch)
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

/*
 * Whether a batch that somebody waits for has to wait itself. One more than there are connections
 * is read ahead, and waits at the client: this one goes before it.
 */
static bool is_busy(const struct cache_model *model)
{
	unsigned connections = model->cache->options.connections;

	return model->n_batches >= connections && model->n_batches != connections + 1;
}

void batch_send(struct batch *batch)
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
	if (!batch->ahead) {
		binaries_ask_early(model, batch->ids, batch->n_ids);
	}
}

/* Those in line go in their order, as far as there are connections. */
static void send_pending(struct cache_model *model)
{
	while (model->pending && !is_busy(model)) {
		struct batch *batch = model->pending;

		DL_DELETE(model->pending, batch);
		batch_send(batch);
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
		batch_send(batch);
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
	batch_add(batch, id);
	wait_for(batch, id, content, waiter);
	submit(batch);
	return CACHE_WAIT;
}

/* Who begins at the first record of a directory that was listed to its end walks through it. */
static bool begins_walk(const struct cache_model *model, uint32_t id)
{
	return model->index.complete && model->index.n_ids && model->index.ids[0] == id;
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
	stream = stream_miss(&model->streams, id, batch_successor,
		&(struct batch_walk){ model, content }, clock_now_ms());
	stream->content = content;
	ahead_limit_window(model, stream);
	batch_fill_around(batch, stream, id, content);
	wait_for(batch, id, content, waiter);
	if (!joined) {
		submit(batch);
	}
	if (batch->sent && (stream->window > 1 || begins_walk(model, id))) {
		ahead_send(model, stream);
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
	batch_add(batch, ids[0]);
	for (size_t i = 1; i < n; i++) {
		if (batch_wants(model, ids[i], false) && !batch_add(batch, ids[i])) {
			break;
		}
	}
	qsort(batch->ids, batch->n_ids, sizeof(*batch->ids), cache_compare_ids);
	wait_for(batch, ids[0], false, waiter);
	submit(batch);
	return CACHE_WAIT;
}

/* ── Answers ── */

bool cache_has_records(struct odoo_reply *reply)
{
	if (!reply->error.fault && !cJSON_IsArray(reply->result)) {
		odoo_error_set(&reply->error, ODOO_FAULT_MALFORMED,
			"the server's answer isn't a list of records");
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
	ahead_use_connection(model, batch);
	prefetch_batch_done(batch);
	leave(model->cache);
	batch_destroy(batch);
}

static void on_batch(struct odoo_reply *reply, void *data)
{
	struct batch *batch = data;

	if (cache_has_records(reply)) {
		if (!batch->alone && reply->result->child) {
			enter(batch->model->cache);
			clear_suspects(batch->model, batch->fields, batch->n_fields);
			leave(batch->model->cache);
		}
		if (!binaries_hold_batch(batch, &reply->result, reply->server_time)) {
			batch_take(
				batch, batch->ids, batch->n_ids, reply->result, reply->server_time);
			batch_done(batch);
		}
	} else if (odoo_error_is_about_data(&reply->error)) {
		if (!binaries_hold_batch(batch, NULL, 0)) {
			batch_repair(batch);
		}
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
