/* SPDX-License-Identifier: MIT */
/*
 * Contents of binary fields: asked for, decoded as they come, and kept in files without names as
 * long as they are read, and there is room.
 */
#include "cache/binary_private.h"

#include "odoo/cleanup.h"
#include "odoo/divert.h"
#include "odoo/json.h"
#include "odoo/request_binary.h"
#include "odoo/temporary.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <utlist.h>

/* So many files are kept when nobody has them open. */
#define BLOBS_MAX 64

/* Who waits hears of what came in steps of so many bytes. */
#define STEP (128u * 1024)

/* Base64 is decoded in pieces of so many characters. */
#define PIECE 49152

void blob_unref(struct cache_blob *blob)
{
	if (--blob->refs == 0) {
		close(blob->fd);
		free(blob->divert);
		free(blob);
	}
}

static void drop(struct cache_blob *blob)
{
	if (blob->listed) {
		blob->listed = false;
		DL_DELETE(blob->cache->blobs, blob);
		blob_unref(blob);
	}
}

/* The kept ones take no more of the disk than contents may of memory. */
static void drop_oldest(struct cache *cache)
{
	struct cache_blob *blob, *next;
	uint64_t bytes = 0;
	size_t n = 0;

	DL_FOREACH_SAFE (cache->blobs, blob, next) {
		bytes += blob->size;
		n++;
		if (n > 1 && blob->refs == 1 && (n > BLOBS_MAX || bytes > cache->options.size)) {
			drop(blob);
		}
	}
}

void blobs_forget(struct cache_model *model, uint32_t id)
{
	struct cache_blob *blob, *next;

	DL_FOREACH_SAFE (model->cache->blobs, blob, next) {
		if (blob->model == model && blob->id == id) {
			drop(blob);
		}
	}
}

void blobs_finish(struct cache *cache)
{
	struct cache_blob *blob, *next;

	DL_FOREACH_SAFE (cache->blobs, blob, next) {
		wake_all(cache, &blob->waiters, -ESHUTDOWN);
		drop(blob);
	}
}

/* ── What comes, on the client's thread, without the lock ── */

static void on_begin(void *data)
{
	struct cache_blob *blob = data;

	base64_decode_init(&blob->base64);
	sha1_init(&blob->sha1);
	blob->n_head = 0;
	blob->arrived = blob->told = 0;
	blob->wrong = ftruncate(blob->fd, 0) < 0 ? "the temporary file can't be emptied" : NULL;
	enter(blob->cache);
	blob->size = 0;
	leave(blob->cache);
}

static void store(struct cache_blob *blob, const uint8_t *bytes, size_t size)
{
	size_t head = sizeof(blob->head) - blob->n_head;

	head = head < size ? head : size;
	memcpy(blob->head + blob->n_head, bytes, head);
	blob->n_head += head;
	sha1_update(&blob->sha1, size, bytes);
	if (temporary_file_write(blob->fd, bytes, size, blob->arrived) < 0) {
		blob->wrong = "the temporary file below TMPDIR or /var/tmp can't be written";
		return;
	}
	blob->arrived += size;
}

/* Those whose bytes have come. */
static void wake_readers(struct cache_blob *blob)
{
	struct cache_waiter *waiter, *next;

	blob->size = blob->arrived;
	blob->told = blob->arrived;
	DL_FOREACH_SAFE (blob->waiters, waiter, next) {
		if ((uint64_t)waiter->id * 1024 <= blob->size) {
			wake_one(blob->cache, waiter, 0);
		}
	}
}

static void on_text(const char *text, size_t size, void *data)
{
	struct cache_blob *blob = data;
	uint8_t bytes[BASE64_DECODE_LENGTH(PIECE)];

	while (size && !blob->wrong) {
		size_t piece = size < PIECE ? size : PIECE, n = sizeof(bytes);

		if (!base64_decode_update(&blob->base64, &n, bytes, piece, text)) {
			blob->wrong = "the server's content isn't base64";
			return;
		}
		store(blob, bytes, n);
		text += piece;
		size -= piece;
	}
	if (blob->arrived - blob->told >= STEP) {
		enter(blob->cache);
		wake_readers(blob);
		leave(blob->cache);
	}
}

/* ── The end ── */

/* Whether the answer is the record's at all, and has anything: 0 or -errno, and why. */
static int check_answer(struct cache_blob *blob, struct odoo_reply *reply)
{
	const cJSON *record = cJSON_IsArray(reply->result) ? reply->result->child : NULL;
	const char *field = blob->divert->member;
	uint32_t id = 0;

	if (reply->error.fault) {
		return read_errno(&reply->error);
	}
	if (cJSON_IsArray(reply->result) && !record) {
		return -ENOENT;
	}
	odoo_json_get_id(odoo_json_get(record, "id"), &id);
	if (id != blob->id || !odoo_json_get(record, field)) {
		odoo_error_set(&reply->error, ODOO_FAULT_MALFORMED,
			"the server's answer doesn't have %s of this record", field);
		return -EIO;
	}
	if (!blob->wrong && !base64_decode_final(&blob->base64)) {
		blob->wrong = "the server's base64 ends in the middle";
	}
	if (blob->wrong) {
		odoo_error_set(&reply->error, ODOO_FAULT_MALFORMED, "%s: %s", field, blob->wrong);
		return -EIO;
	}
	return blob->arrived ? 0 : -ENOENT;
}

static void learn(struct cache_blob *blob, struct binary_table *table)
{
	struct cache_binary found = {
		.id = blob->id,
		.slot = blob->slot,
		.size = blob->arrived,
		.type = cache_media_guess(blob->head, blob->n_head),
	};

	sha1_digest(&blob->sha1, sizeof(found.sha1), found.sha1);
	/* Who opened another version hears that it is no more. */
	blob->version = (uint8_t)table_take_content(table, blob, &found);
}

static void on_answer(struct odoo_reply *reply, void *data)
{
	struct cache_blob *blob = data;
	struct cache *cache = blob->cache;
	struct binary_table *table = blob->model->binaries;
	int r = check_answer(blob, reply);

	enter(cache);
	note_clock(cache, reply->server_time);
	note_reply(blob->model, &reply->error);
	blob->done = true;
	blob->error = r;
	if (r == 0) {
		blob->size = blob->arrived;
		learn(blob, table);
	} else {
		if (reply->error.fault) {
			post_failure(cache, blob->model, blob->id, "read", &reply->error);
		}
		if (r == -ENOENT) {
			mark_stale(blob->model, blob->id);
		}
		drop(blob);
	}
	/* What went is looked up again. */
	wake_all(cache, &blob->waiters, r == -ENOENT ? -ESTALE : r);
	binaries_resolved(table, blob, r);
	drop_oldest(cache);
	blob_unref(blob);
	leave(cache);
}

/* ── Beginning ── */

static struct cache_blob *blob_create(
	struct binary_table *table, uint32_t id, unsigned slot, unsigned version)
{
	struct cache_blob *blob = calloc(1, sizeof(*blob));

	if (!blob || !(blob->divert = calloc(1, sizeof(*blob->divert)))) {
		free(blob);
		return NULL;
	}
	*blob->divert = (struct odoo_divert){
		.member = table->names[slot],
		.begin = on_begin,
		.take = on_text,
		.data = blob,
	};
	blob->cache = table->model->cache;
	blob->model = table->model;
	blob->id = id;
	blob->slot = (uint8_t)slot;
	blob->version = (uint8_t)version;
	blob->fd = temporary_file_open();
	if (blob->fd < 0) {
		free(blob->divert);
		free(blob);
		return NULL;
	}
	return blob;
}

static struct cache_blob *find(
	const struct binary_table *table, uint32_t id, unsigned slot, unsigned version)
{
	struct cache_blob *blob;

	DL_FOREACH (table->model->cache->blobs, blob) {
		if (blob->model == table->model && blob->id == id && blob->slot == slot &&
			blob->version == version) {
			return blob;
		}
	}
	return NULL;
}

struct cache_blob *blob_get(
	struct binary_table *table, uint32_t id, unsigned slot, unsigned version, int *ret_error)
{
	struct cache *cache = table->model->cache;
	struct cache_blob *blob = find(table, id, slot, version);
	struct odoo_request *request;

	if (blob) {
		DL_DELETE(cache->blobs, blob);
		DL_PREPEND(cache->blobs, blob);
		blob->refs++;
		return blob;
	}
	errno = ENOMEM;
	blob = blob_create(table, id, slot, version);
	if (!blob) {
		*ret_error = -errno;
		return NULL;
	}
	blob->refs = 3; /* the list's, the answer's, the caller's */
	blob->listed = true;
	DL_PREPEND(cache->blobs, blob);
	request = odoo_request_binary(table->model->name, id, table->names[slot]);
	if (request) {
		request->divert = blob->divert;
	}
	note_first_use(table->model);
	odoo_client_send(cache->client, request, on_answer, blob);
	return blob;
}
