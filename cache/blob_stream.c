/* SPDX-License-Identifier: MIT */
/* A content that comes by itself: decoded as it comes, into a file without a name. */
#include "cache/binary_private.h"

#include "odoo/cleanup.h"
#include "odoo/json.h"
#include "odoo/request_binary.h"
#include "odoo/temporary.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <utlist.h>

/* Who waits hears of what came in steps of so many bytes. */
#define STEP (128u * 1024)

/* Base64 is decoded in pieces of so many characters. */
#define PIECE 49152

/* ── What comes, on the client's thread, without the lock ── */

static void on_begin(void *data)
{
	struct cache_blob *blob = data;
	struct blob_stream *stream = blob->stream;

	base64_decode_init(&stream->base64);
	sha1_init(&stream->sha1);
	stream->n_head = 0;
	stream->arrived = stream->told = 0;
	stream->wrong = ftruncate(blob->fd, 0) < 0 ? "the temporary file can't be emptied" : NULL;
	enter(blob->cache);
	blob->size = 0;
	leave(blob->cache);
}

static void store(struct cache_blob *blob, const uint8_t *bytes, size_t size)
{
	struct blob_stream *stream = blob->stream;
	size_t head = sizeof(stream->head) - stream->n_head;

	head = head < size ? head : size;
	memcpy(stream->head + stream->n_head, bytes, head);
	stream->n_head += head;
	sha1_update(&stream->sha1, size, bytes);
	if (temporary_file_write(blob->fd, bytes, size, stream->arrived) < 0) {
		stream->wrong = "the temporary file below TMPDIR or /var/tmp can't be written";
		return;
	}
	stream->arrived += size;
}

/* Those whose bytes have come. */
static void wake_readers(struct cache_blob *blob)
{
	struct cache_waiter *waiter, *next;

	blob->size = blob->stream->arrived;
	blob->stream->told = blob->stream->arrived;
	DL_FOREACH_SAFE (blob->waiters, waiter, next) {
		if ((uint64_t)waiter->id * 1024 <= blob->size) {
			wake_one(blob->cache, waiter, 0);
		}
	}
}

static void on_text(const char *text, size_t size, void *data)
{
	struct cache_blob *blob = data;
	struct blob_stream *stream = blob->stream;
	uint8_t bytes[BASE64_DECODE_LENGTH(PIECE)];

	while (size && !stream->wrong) {
		size_t piece = size < PIECE ? size : PIECE, n = sizeof(bytes);

		if (!base64_decode_update(&stream->base64, &n, bytes, piece, text)) {
			stream->wrong = "the server's content isn't base64";
			return;
		}
		store(blob, bytes, n);
		text += piece;
		size -= piece;
	}
	if (stream->arrived - stream->told >= STEP) {
		enter(blob->cache);
		wake_readers(blob);
		leave(blob->cache);
	}
}

/* ── The end ── */

/* Whether the answer is the record's at all, and has anything: 0 or -errno, and why. */
static int check_answer(const struct cache_blob *blob, struct odoo_reply *reply)
{
	const cJSON *record = cJSON_IsArray(reply->result) ? reply->result->child : NULL;
	struct blob_stream *stream = blob->stream;
	const char *field = stream->divert.member;
	uint32_t id = 0;

	if (reply->error.fault) {
		return read_errno(&reply->error);
	}
	if (cJSON_IsArray(reply->result) && !record) {
		return -ENOENT;
	}
	odoo_json_get_id(odoo_json_get(record, "id"), &id);
	if (id != blob->key.id || !odoo_json_get(record, field)) {
		odoo_error_set(&reply->error, ODOO_FAULT_MALFORMED,
			"the server's answer doesn't have %s of this record", field);
		return -EIO;
	}
	if (!stream->wrong && !base64_decode_final(&stream->base64)) {
		stream->wrong = "the server's base64 ends in the middle";
	}
	if (stream->wrong) {
		odoo_error_set(&reply->error, ODOO_FAULT_MALFORMED, "%s: %s", field, stream->wrong);
		return -EIO;
	}
	return stream->arrived ? 0 : -ENOENT;
}

static void on_answer(struct odoo_reply *reply, void *data)
{
	struct cache_blob *blob = data;
	struct blob_stream *stream = blob->stream;
	struct cache *cache = blob->cache;
	struct cache_binary found = { 0 };
	int r = check_answer(blob, reply);

	if (r == 0) {
		found.size = stream->arrived;
		found.type = cache_media_guess(stream->head, stream->n_head);
		sha1_digest(&stream->sha1, sizeof(found.sha1), found.sha1);
	}
	enter(cache);
	note_clock(cache, reply->server_time);
	note_reply(blob->key.model, &reply->error);
	if (r == 0) {
		free(steal(blob->stream));
		blob_end(blob, &found);
	} else {
		blob_fail(blob, r, &reply->error);
	}
	blobs_shrink(cache);
	leave(cache);
}

int blob_send(struct cache_blob *blob)
{
	struct binary_table *table = blob->key.model->binaries;
	const char *field = table->names[blob->key.slot];
	struct odoo_request *request;

	blob->stream = field ? calloc(1, sizeof(*blob->stream)) : NULL;
	if (!blob->stream) {
		return field ? -ENOMEM : -ESTALE; /* the schema is another by now */
	}
	blob->fd = temporary_file_open();
	if (blob->fd < 0) {
		return blob->fd;
	}
	blob->small = false;
	blob->stream->divert = (struct odoo_divert){
		.member = field,
		.begin = on_begin,
		.take = on_text,
		.data = blob,
	};
	request = odoo_request_binary(table->model->name, &blob->key.id, 1, field);
	if (request) {
		request->divert = &blob->stream->divert;
	}
	odoo_client_send(blob->cache->client, request, on_answer, blob);
	return 0;
}
