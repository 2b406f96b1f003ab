/* SPDX-License-Identifier: MIT */
#include "cache/index.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int cache_compare_ids(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return (left > right) - (left < right);
}

void cache_index_finish(struct cache_index *index)
{
	free(index->ids);
	*index = (struct cache_index){ 0 };
}

size_t cache_index_after(const struct cache_index *index, uint32_t after)
{
	size_t low = 0, high = index->n_ids;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (index->ids[middle] <= after) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

bool cache_index_has(const struct cache_index *index, uint32_t id)
{
	size_t position;

	if (!id) {
		return false;
	}
	position = cache_index_after(index, id - 1);
	return position < index->n_ids && index->ids[position] == id;
}

bool cache_index_knows(const struct cache_index *index, uint32_t id)
{
	return index->complete || id <= index->covered;
}

bool cache_index_may_have(const struct cache_index *index, uint32_t id)
{
	return !cache_index_knows(index, id) || cache_index_has(index, id);
}

static int reserve(struct cache_index *index, size_t n_more)
{
	size_t wanted = index->n_ids + n_more, capacity = index->capacity ? index->capacity : 64;
	uint32_t *ids;

	if (wanted <= index->capacity) {
		return 0;
	}
	while (capacity < wanted) {
		capacity += capacity / 2;
	}
	ids = reallocarray(index->ids, capacity, sizeof(*ids));
	if (!ids) {
		return -ENOMEM;
	}
	index->ids = ids;
	index->capacity = capacity;
	return 0;
}

int cache_index_append(struct cache_index *index, const uint32_t *ids, size_t n_ids)
{
	int r = reserve(index, n_ids);

	if (r < 0 || !n_ids) {
		return r;
	}
	memcpy(index->ids + index->n_ids, ids, n_ids * sizeof(*ids));
	index->n_ids += n_ids;
	index->covered = ids[n_ids - 1];
	return 0;
}

int cache_index_insert(struct cache_index *index, uint32_t id)
{
	size_t position;
	int r;

	if (cache_index_may_have(index, id)) {
		return 0;
	}
	r = reserve(index, 1);
	if (r < 0) {
		return r;
	}
	position = cache_index_after(index, id);
	memmove(index->ids + position + 1, index->ids + position,
		(index->n_ids - position) * sizeof(*index->ids));
	index->ids[position] = id;
	index->n_ids++;
	if (id > index->covered) {
		index->covered = id;
	}
	return 0;
}

/* One pass, however many they are: a thousand may be gone at once, from a million. */
size_t cache_index_remove(struct cache_index *index, const uint32_t *ids, size_t n_ids)
{
	size_t from = n_ids && ids[0] ? cache_index_after(index, ids[0] - 1) : 0;
	size_t kept = from, next = 0;

	for (; from < index->n_ids && (next < n_ids || kept < from); from++) {
		while (next < n_ids && ids[next] < index->ids[from]) {
			next++;
		}
		if (next == n_ids || ids[next] != index->ids[from]) {
			index->ids[kept++] = index->ids[from];
		}
	}
	if (kept == from) {
		return 0;
	}
	index->n_ids = kept;
	return from - kept;
}
