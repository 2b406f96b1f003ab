/* SPDX-License-Identifier: MIT */
/* Contents as they are read: what has come is served, whatever is still on its way. */
#include "cache/binary_private.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* Opening waits for so much. */
#define FIRST_BYTES (1024u * 1024)

/* Woken at the end only. */
#define ALL_KIB UINT32_MAX

/*
 * Until `end` bytes are there. Who asks for the last ones waits until it is known that it is what
 * was expected, and no longer: what else would be the end of it needn't be.
 */
static int wait_for(struct cache_blob *blob, uint64_t end, struct cache_waiter *waiter)
{
	bool last = end >= blob->expected.size;

	if (blob->done || (!last && blob->size >= end)) {
		return blob->error;
	}
	wait_on(&blob->waiters, waiter, last ? ALL_KIB : (uint32_t)((end + 1023) / 1024));
	return CACHE_WAIT;
}

static int open_version(struct binary_table *table, uint32_t id, unsigned slot, unsigned version,
	struct cache_blob **ret_blob, struct cache_waiter *waiter)
{
	struct cache_binary *binary = table_find(table, id, slot);
	struct cache_blob *blob;
	int r = -ENOMEM;

	if (!binary || binary->hidden || binary->version != version) {
		return -ESTALE;
	}
	blob = blob_get(table, binary, &r);
	if (!blob) {
		return r;
	}
	r = wait_for(blob, FIRST_BYTES, waiter);
	if (r == 0) {
		*ret_blob = blob;
	} else {
		blob_unref(blob);
	}
	return r;
}

int cache_blob_open(struct cache *cache, struct cache_model *model, uint32_t id, unsigned slot,
	unsigned version, struct cache_blob **ret_blob, struct cache_waiter *waiter)
{
	struct binary_table *table;
	int r;

	enter(cache);
	model->asked_ms = clock_now_ms();
	r = schema_ensure(model, waiter);
	table = binaries_of(model);
	if (r == 0) {
		r = table ? binaries_ensure_ids(table, &id, 1, waiter) : -ESTALE;
	}
	if (r == 0) {
		r = open_version(table, id, slot, version, ret_blob, waiter);
	}
	leave(cache);
	return r;
}

/* The lock isn't held: what has come stays as it is, but for a call that is made again. */
static int read_bytes(
	const struct cache_blob *blob, uint64_t offset, size_t size, char *bytes, size_t *ret_n)
{
	size_t n = 0;

	if (blob->bytes) {
		if (size) { /* else it may be behind the end */
			memcpy(bytes, blob->bytes + offset, size);
		}
		*ret_n = size;
		return 0;
	}
	while (n < size) {
		ssize_t got = pread(blob->fd, bytes + n, size - n, (off_t)(offset + n));

		if (got < 0 && errno == EINTR) {
			continue;
		}
		if (got < 0) {
			return -EIO;
		}
		if (got == 0) {
			break;
		}
		n += (size_t)got;
	}
	*ret_n = n;
	return 0;
}

int cache_blob_read(struct cache *cache, struct cache_blob *blob, unsigned version, uint64_t offset,
	size_t size, char *bytes, size_t *ret_n, struct cache_waiter *waiter)
{
	uint64_t left;
	int r;

	enter(cache);
	blob->key.model->asked_ms = clock_now_ms();
	r = blob->key.version == version ? wait_for(blob, offset + size, waiter) : -ESTALE;
	left = offset < blob->size ? blob->size - offset : 0;
	blob->used |= r == 0 && left <= size;
	leave(cache);
	if (r != 0) {
		return r;
	}
	return read_bytes(blob, offset, left < size ? (size_t)left : size, bytes, ret_n);
}

void cache_blob_release(struct cache *cache, struct cache_blob *blob)
{
	if (!blob) {
		return;
	}
	enter(cache);
	if (blob->small && blob->used) {
		blobs_touch(blob, false); /* the kernel has it: it makes room first */
	}
	blob_unref(blob);
	leave(cache);
}
