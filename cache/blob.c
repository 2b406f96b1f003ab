/* SPDX-License-Identifier: MIT */
/*
 * Contents of binary fields that are on their way, or kept as long as there is room: large ones in
 * files without names, small ones in memory.
 */
#include "cache/binary_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <utlist.h>

/* So many files are kept when nobody has them open. */
#define FILES_MAX 64

/* So much of small contents is kept in memory, beside the contents of records. */
#define ROOM_MAX ((size_t)8 * 1024 * 1024)

size_t blobs_room(const struct cache *cache)
{
	size_t share = cache->options.size / 8;

	return share < ROOM_MAX ? share : ROOM_MAX;
}

void blob_unref(struct cache_blob *blob)
{
	if (--blob->refs == 0) {
		if (blob->fd >= 0) {
			close(blob->fd);
		}
		free(blob->bytes);
		free(blob->stream);
		free(blob);
	}
}

/* ── Which there are ── */

static struct blob_key key_of(const struct binary_table *table, const struct cache_binary *binary)
{
	return (struct blob_key){ table->model, binary->id, binary->slot, binary->version };
}

struct cache_blob *blob_find(struct binary_table *table, const struct cache_binary *binary)
{
	const struct blob_key key = key_of(table, binary);
	struct cache_blob *blob;

	HASH_FIND(hh, table->model->cache->blobs_by_key, &key, sizeof(key), blob);
	return blob;
}

/* It is in the table no more. */
static void unlist(struct cache_blob *blob)
{
	blob->listed = false;
	DL_DELETE(blob->cache->blobs, blob);
	blob_unref(blob);
}

static void drop(struct cache_blob *blob)
{
	if (blob->listed) {
		HASH_DEL(blob->cache->blobs_by_key, blob);
		unlist(blob);
	}
}

void blobs_touch(struct cache_blob *blob, bool first)
{
	struct cache *cache = blob->cache;

	if (!blob->listed) {
		return;
	}
	DL_DELETE(cache->blobs, blob);
	if (first) {
		DL_PREPEND(cache->blobs, blob);
	} else {
		DL_APPEND(cache->blobs, blob);
	}
}

/* It turned out to be another version's. */
static void set_version(struct cache_blob *blob, unsigned version)
{
	struct cache *cache = blob->cache;
	struct cache_blob *other;

	if (blob->key.version == version) {
		return;
	}
	if (blob->listed) {
		HASH_DEL(cache->blobs_by_key, blob);
	}
	blob->key.version = (uint16_t)version;
	if (!blob->listed) {
		return;
	}
	HASH_FIND(hh, cache->blobs_by_key, &blob->key, sizeof(blob->key), other);
	HASH_ADD(hh, cache->blobs_by_key, key, sizeof(blob->key), blob);
	if (!blob->hh.tbl) {
		unlist(blob);
	} else if (other || version == BINARY_NO_VERSION) {
		drop(blob);
	}
}

/* ── What is kept ── */

struct kept {
	uint64_t bytes;
	size_t n;
};

void blobs_shrink(struct cache *cache)
{
	struct cache_blob *blob, *next;
	struct kept files = { 0 }, small = { 0 };

	DL_FOREACH_SAFE (cache->blobs, blob, next) {
		struct kept *kept = blob->small ? &small : &files;
		bool over;

		kept->n++;
		kept->bytes += blob->size + (blob->small ? sizeof(*blob) : 0);
		/* Files take no more of the disk than contents may of memory. */
		over = blob->small ? small.bytes > blobs_room(cache)
				   : files.n > FILES_MAX || files.bytes > cache->options.size;
		if (kept->n > 1 && over && blob->refs == 1) {
			drop(blob);
		}
	}
}

void blobs_forget(struct cache_model *model, uint32_t id)
{
	struct cache_blob *blob, *next;

	DL_FOREACH_SAFE (model->cache->blobs, blob, next) {
		if (blob->key.model == model && blob->key.id == id) {
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

/* ── From the question to the answer ── */

struct cache_blob *blob_create(struct binary_table *table, const struct cache_binary *binary)
{
	struct cache *cache = table->model->cache;
	struct cache_blob *blob = calloc(1, sizeof(*blob));

	if (!blob) {
		return NULL;
	}
	blob->cache = cache;
	blob->key = key_of(table, binary);
	blob->expected = *binary;
	blob->fd = -1;
	blob->refs = 2;
	blob->listed = true;
	HASH_ADD(hh, cache->blobs_by_key, key, sizeof(blob->key), blob);
	if (!blob->hh.tbl) {
		free(blob);
		return NULL;
	}
	DL_PREPEND(cache->blobs, blob);
	return blob;
}

static void finish(struct cache_blob *blob, int r)
{
	struct binary_table *table = blob->key.model->binaries;

	blob->done = true;
	blob->error = r;
	/* What went is looked up again. */
	wake_all(blob->cache, &blob->waiters, r == -ENOENT ? -ESTALE : r);
	binaries_resolved(table, &blob->expected, r);
	blob_unref(blob);
}

void blob_fail(struct cache_blob *blob, int r, const struct odoo_error *error)
{
	struct cache_model *model = blob->key.model;

	if (error->fault) {
		post_failure(blob->cache, model, blob->key.id, "read", error);
	}
	if (odoo_error_is_about_data(error)) {
		table_part(model->binaries, &blob->expected);
	}
	if (r == -ENOENT) {
		mark_stale(model, blob->key.id);
	}
	drop(blob);
	finish(blob, r);
}

void blob_end(struct cache_blob *blob, const struct cache_binary *found)
{
	struct binary_table *table = blob->key.model->binaries;

	blob->size = found->size;
	/* Who opened another version hears that it is no more. */
	set_version(blob, table_take_content(table, &blob->expected, found));
	finish(blob, 0);
}

struct cache_blob *blob_get(
	struct binary_table *table, const struct cache_binary *binary, int *ret_error)
{
	struct cache_blob *blob = blob_find(table, binary);
	int r;

	if (blob) {
		blobs_touch(blob, true);
		blob->refs++;
		if (blob->marker) {
			blob_batch_reached(table, blob);
		}
		return blob;
	}
	blob = blob_create(table, binary);
	if (!blob) {
		*ret_error = -ENOMEM;
		return NULL;
	}
	note_first_use(table->model);
	r = blob_batch_send(table, blob);
	if (r < 0) {
		drop(blob);
		blob_unref(blob);
		*ret_error = r;
		return NULL;
	}
	blob->refs++;
	return blob;
}
