/* SPDX-License-Identifier: MIT */
/*
 * Small contents: who reads some in a row gets those behind them by the same call.
 *
 *	a miss ──▶ large, or the first of its kind ──▶ alone (blob_stream.c)
 *	       ──▶ the reader's next ──▶ 32, then as many as there is room for, and more ahead
 *
 * Where the server fails on some of them they are asked for in halves, down to the one.
 */
#include "cache/binary_private.h"

#include "odoo/cleanup.h"
#include "odoo/json.h"
#include "odoo/request_binary.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Contents of one call, in bytes; they are in memory as base64, too, when they come. */
#define BATCH_BYTES ((size_t)1024 * 1024)

/* Entries that are looked through for the next small content. */
#define LOOK_MAX 16384

/* An answer that is larger than this and twice what was expected is refused. */
#define SLACK_BYTES ((size_t)1024 * 1024)

/* One of a batch, and what came. */
struct part {
	struct cache_blob *blob;
	char *bytes;
	struct cache_binary found;
	int r;
	const char *wrong; /* what is wrong with what came; NULL: nothing */
};

struct blob_batch {
	struct binary_table *table;
	const char *field;
	size_t n;
	struct part parts[];
};

/* ── Which ── */

/* So that as many batches as readers can have under way are kept until they are read. */
static size_t batch_bytes(const struct binary_table *table)
{
	size_t share = blobs_room(table->model->cache) / 4;

	return share < BATCH_BYTES ? share : BATCH_BYTES;
}

static bool is_small(const struct binary_table *table, const struct cache_binary *binary)
{
	return binary->resolved && !binary->hidden && !binary->alone &&
	       binary->size <= batch_bytes(table) / 4;
}

struct walk {
	struct binary_table *table;
	unsigned slot;
};

/* The first at or behind `position` that a reader of this slot will miss; NULL: there is none. */
static struct cache_binary *next_wanted(const struct walk *walk, size_t position)
{
	struct binary_table *table = walk->table;
	size_t end = position + LOOK_MAX;

	for (; position < table->n_entries && position < end; position++) {
		struct cache_binary *binary = &table->entries[position];

		if (binary->slot == walk->slot && is_small(table, binary) &&
			table_knows(table, binary->id) && !blob_find(table, binary)) {
			return binary;
		}
	}
	return NULL;
}

static uint32_t successor(void *data, uint32_t next)
{
	const struct walk *walk = data;
	const struct cache_binary *binary = next_wanted(walk, table_position(walk->table, next, 0));

	return binary ? binary->id : next;
}

/* Add those from `next` on, as many as the window says and there is room for. */
static void fill(struct blob_batch *batch, unsigned slot, uint32_t next, size_t window)
{
	const struct walk walk = { batch->table, slot };
	size_t room = batch_bytes(batch->table);
	struct cache_binary *binary;

	for (size_t i = 0; i < batch->n; i++) {
		room -= batch->parts[i].blob->expected.size;
	}
	while (batch->n < window &&
		(binary = next_wanted(&walk, table_position(batch->table, next, 0))) &&
		binary->size <= room) {
		struct cache_blob *blob = blob_create(batch->table, binary);

		if (!blob) {
			return;
		}
		batch->parts[batch->n++].blob = blob;
		room -= binary->size;
		next = binary->id + 1;
	}
}

/* The first of them are used first, and thus are the last to go. */
static void order(struct blob_batch *batch)
{
	for (size_t i = batch->n; i > 0; i--) {
		batch->parts[i - 1].blob->small = true;
		blobs_touch(batch->parts[i - 1].blob, true);
	}
}

/* ── Sending ── */

static void on_answer(struct odoo_reply *reply, void *data);

static struct blob_batch *batch_create(struct binary_table *table, unsigned slot, size_t capacity)
{
	struct blob_batch *batch = calloc(1, sizeof(*batch) + capacity * sizeof(batch->parts[0]));

	if (batch) {
		batch->table = table;
		batch->field = table->names[slot];
	}
	return batch;
}

static struct odoo_request *make_request(const struct blob_batch *batch)
{
	_cleanup_free_ uint32_t *ids = calloc(batch->n, sizeof(*ids));
	struct odoo_request *request;
	size_t size = 0;

	if (!ids) {
		return NULL;
	}
	for (size_t i = 0; i < batch->n; i++) {
		ids[i] = batch->parts[i].blob->key.id;
		size += BASE64_ENCODE_RAW_LENGTH(batch->parts[i].blob->expected.size);
	}
	request = odoo_request_binary(batch->table->model->name, ids, batch->n, batch->field);
	if (request) {
		request->max_body = 2 * size + SLACK_BYTES;
	}
	return request;
}

/* It is taken over. */
static void send_all(struct blob_batch *batch, bool ahead)
{
	struct odoo_request *request = make_request(batch);

	if (request) {
		request->ahead = ahead;
	}
	odoo_client_send(batch->table->model->cache->client, request, on_answer, batch);
}

/* A batch, which is taken over; of one, that comes by itself. */
static void send_batch(struct blob_batch *batch, bool ahead)
{
	struct cache_blob *only = batch->n == 1 ? batch->parts[0].blob : NULL;
	int r = only ? blob_send(only) : 0;

	if (batch->n > 1) {
		send_all(batch, ahead);
		return;
	}
	if (r < 0) {
		blob_fail(only, r, &(struct odoo_error){ 0 });
	}
	free(batch);
}

static struct stream_set *walks_of(struct binary_table *table, unsigned slot)
{
	if (!table->walks[slot]) {
		table->walks[slot] = calloc(1, sizeof(*table->walks[slot]));
	}
	return table->walks[slot];
}

int blob_batch_send(struct binary_table *table, struct cache_blob *blob)
{
	unsigned slot = blob->key.slot;
	struct walk walk = { table, slot };
	struct stream_set *walks;
	struct blob_batch *batch;
	struct stream *stream;

	if (!is_small(table, &blob->expected) || !(walks = walks_of(table, slot))) {
		return blob_send(blob);
	}
	stream = stream_miss(walks, blob->key.id, successor, &walk, clock_now_ms());
	batch = batch_create(table, slot, stream->window);
	if (!batch) {
		return -ENOMEM;
	}
	batch->parts[batch->n++].blob = blob;
	fill(batch, slot, blob->key.id + 1, stream->window);
	stream_fetched(stream, blob->key.id, batch->parts[batch->n - 1].blob->key.id);
	if (batch->n == 1) {
		free(batch);
		return blob_send(blob);
	}
	blob->marker = true;
	order(batch);
	send_all(batch, false);
	return 0;
}

void blob_batch_reached(struct binary_table *table, struct cache_blob *blob)
{
	unsigned slot = blob->key.slot;
	struct stream_set *walks = walks_of(table, slot);
	struct stream *stream = walks ? stream_at(walks, blob->key.id) : NULL;
	struct blob_batch *batch = NULL;

	blob->marker = false;
	if (stream) {
		stream_advance(walks, stream);
		batch = batch_create(table, slot, stream->window);
	}
	if (!batch) {
		return;
	}
	fill(batch, slot, stream->next, stream->window);
	if (batch->n) {
		struct cache_blob *first = batch->parts[0].blob;

		first->marker = true;
		stream_fetched(stream, first->key.id, batch->parts[batch->n - 1].blob->key.id);
	}
	order(batch);
	send_batch(batch, true);
}

/* ── Answers ── */

/* The record of this id: `next`, as a rule, as they come in the order of their ids; or NULL. */
static const cJSON *find_record(const cJSON *records, const cJSON *next, uint32_t id)
{
	const cJSON *record;
	uint32_t its = 0;

	odoo_json_get_id(odoo_json_get(next, "id"), &its);
	if (its == id) {
		return next;
	}
	cJSON_ArrayForEach (record, records) {
		its = 0;
		odoo_json_get_id(odoo_json_get(record, "id"), &its);
		if (its == id) {
			return record;
		}
	}
	return NULL;
}

/* 0; -ENOENT where there is nothing; -ENOMEM; or -EIO, and it is said what is wrong. */
static int decode(struct part *part, const char *text)
{
	struct base64_decode_ctx base64;
	struct sha1_ctx sha1;
	size_t size = strlen(text), n = BASE64_DECODE_LENGTH(size);

	part->bytes = malloc(n + 1);
	if (!part->bytes) {
		return -ENOMEM;
	}
	base64_decode_init(&base64);
	if (!base64_decode_update(&base64, &n, (uint8_t *)part->bytes, size, text)) {
		part->wrong = "the server's content isn't base64";
	} else if (!base64_decode_final(&base64)) {
		part->wrong = "the server's base64 ends in the middle";
	}
	if (part->wrong) {
		return -EIO;
	}
	sha1_init(&sha1);
	sha1_update(&sha1, n, (const uint8_t *)part->bytes);
	sha1_digest(&sha1, sizeof(part->found.sha1), part->found.sha1);
	part->found.size = n;
	part->found.type =
		cache_media_guess(part->bytes, n < CACHE_MEDIA_HEAD ? n : CACHE_MEDIA_HEAD);
	return n ? 0 : -ENOENT;
}

static int read_part(const struct blob_batch *batch, struct part *part, const cJSON *record)
{
	const cJSON *value = odoo_json_get(record, batch->field);

	if (!record) {
		return -ENOENT;
	}
	if (!value) {
		part->wrong = "the server's answer doesn't have it";
		return -EIO;
	}
	return cJSON_IsString(value) ? decode(part, value->valuestring) : -ENOENT;
}

/* Without the lock: nobody reads the bytes before they are handed over. */
static void read_parts(struct blob_batch *batch, const cJSON *records)
{
	const cJSON *record, *next = records->child;

	for (size_t i = 0; i < batch->n; i++) {
		struct part *part = &batch->parts[i];

		record = find_record(records, next, part->blob->key.id);
		part->r = read_part(batch, part, record);
		next = record ? record->next : next;
	}
}

static void hand_over(struct blob_batch *batch, struct part *part)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };

	if (part->wrong) {
		odoo_error_set(&error, ODOO_FAULT_MALFORMED, "%s: %s", batch->field, part->wrong);
	}
	if (part->r == 0) {
		part->blob->bytes = steal(part->bytes);
		blob_end(part->blob, &part->found);
	} else {
		blob_fail(part->blob, part->r, &error);
	}
	free(part->bytes);
}

/* The server fails on one of them: each half is asked for by itself. */
static void split(struct blob_batch *batch)
{
	size_t half = batch->n / 2;

	for (size_t i = 0; i < 2; i++) {
		const struct part *first = batch->parts + i * half;
		size_t n = i == 0 ? half : batch->n - half;
		struct blob_batch *part = batch_create(batch->table, first->blob->key.slot, n);

		for (size_t k = 0; part && k < n; k++) {
			part->parts[part->n++].blob = first[k].blob;
		}
		if (part) {
			send_batch(part, false);
		}
		for (size_t k = 0; !part && k < n; k++) {
			blob_fail(first[k].blob, -ENOMEM, &(struct odoo_error){ 0 });
		}
	}
}

static void on_answer(struct odoo_reply *reply, void *data)
{
	struct blob_batch *batch = data;
	struct cache *cache = batch->table->model->cache;
	bool came = cache_has_records(reply);

	if (came) {
		read_parts(batch, reply->result);
	}
	enter(cache);
	note_clock(cache, reply->server_time);
	note_reply(batch->table->model, &reply->error);
	if (!came && odoo_error_is_about_data(&reply->error)) {
		split(batch);
	} else {
		for (size_t i = 0; came && i < batch->n; i++) {
			hand_over(batch, &batch->parts[i]);
		}
		for (size_t i = 0; !came && i < batch->n; i++) {
			blob_fail(batch->parts[i].blob, read_errno(&reply->error), &reply->error);
		}
	}
	blobs_shrink(cache);
	leave(cache);
	free(batch);
}
