/* SPDX-License-Identifier: MIT */
/* What comes of rows: pages are joined, and what was asked for is cut from them. */
#include "cache/rows_private.h"

#include "odoo/cleanup.h"
#include "odoo/json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <xxhash.h>

/* How much of a page is the end of the one before. */
#define OVERLAP 100

/* After so many, what moves faster than it can be read is taken as it comes. */
#define RESCANS_MAX 3

bool rows_are_by_id(const struct cache_rows *rows)
{
	return !rows->spec.order && !rows->named;
}

uint32_t page_overlap(const struct edition *edition)
{
	return edition->scanned < OVERLAP ? edition->scanned : OVERLAP;
}

uint32_t page_limit(const struct edition *edition)
{
	const struct cache_rows_spec *spec = &edition->rows->spec;
	uint32_t have = rows_are_by_id(edition->rows) ? (uint32_t)edition->n_ids : edition->scanned;
	uint32_t left = spec->limit > have ? spec->limit - have : 0;

	return spec->limited && left < edition->page_size ? left : edition->page_size;
}

/* ── What came ── */

static int append(struct edition *edition, uint32_t id)
{
	if (edition->n_ids == edition->capacity) {
		size_t capacity = edition->capacity ? edition->capacity * 2 : 256;
		uint32_t *grown = reallocarray(edition->ids, capacity, sizeof(*grown));

		if (!grown) {
			return -ENOMEM;
		}
		edition->ids = grown;
		edition->capacity = capacity;
	}
	edition->ids[edition->n_ids++] = id;
	return 0;
}

uint32_t *edition_sort(const struct edition *edition)
{
	uint32_t *sorted = calloc(edition->n_ids + 1, sizeof(*sorted));

	if (sorted && edition->n_ids) {
		memcpy(sorted, edition->ids, edition->n_ids * sizeof(*sorted));
		qsort(sorted, edition->n_ids, sizeof(*sorted), cache_compare_ids);
	}
	return sorted;
}

/* The id of an element: a number, or [number, name] of name_search. */
static int read_id(const cJSON *element, uint32_t *ret_id)
{
	if (cJSON_IsArray(element)) {
		element = element->child;
	}
	return odoo_json_get_id(element, ret_id);
}

/* Take what is new of a page. Whether the end of the one before was found in it. */
static int take_new(struct edition *edition, const cJSON *result, bool *ret_joined)
{
	size_t n_seen = edition->n_ids;
	uint32_t last = n_seen ? edition->ids[n_seen - 1] : 0, id;
	_cleanup_free_ uint32_t *seen = edition_sort(edition);
	const cJSON *element;
	int r = seen ? 0 : -ENOMEM;

	*ret_joined = !n_seen;
	cJSON_ArrayForEach (element, result) {
		if (r < 0 || read_id(element, &id) < 0) {
			continue;
		}
		*ret_joined = *ret_joined || id == last;
		if (!bsearch(&id, seen, n_seen, sizeof(id), cache_compare_ids)) {
			r = append(edition, id);
		}
	}
	return r;
}

static int take_by_offset(struct edition *edition, const cJSON *result)
{
	uint32_t wanted = page_limit(edition) + page_overlap(edition);
	uint32_t n = (uint32_t)cJSON_GetArraySize(result);
	bool joined;
	int r = take_new(edition, result, &joined);

	if (!joined && edition->scanned && edition->rescans < RESCANS_MAX) {
		edition->rescans++;
		edition->scanned = 0;
		return r;
	}
	edition->scanned = edition->scanned - page_overlap(edition) + n;
	edition->complete = n < wanted || page_limit(edition) == 0;
	return r;
}

static int take_by_id(struct edition *edition, const cJSON *result, struct odoo_error *error)
{
	uint32_t last = edition->n_ids ? edition->ids[edition->n_ids - 1] : 0;
	size_t size = (size_t)cJSON_GetArraySize(result), n = 0;
	_cleanup_free_ uint32_t *ids = calloc(size + 1, sizeof(*ids));
	uint32_t wanted = page_limit(edition);
	int r = ids ? listing_read_ids(result, last, ids, &n, error) : -ENOMEM;

	for (size_t i = 0; r == 0 && i < n; i++) {
		r = append(edition, ids[i]);
	}
	edition->complete = size < wanted || n == 0 || page_limit(edition) == 0;
	return r;
}

/* ── Slices ── */

static void reverse(uint32_t *ids, size_t n)
{
	for (size_t i = 0; i < n / 2; i++) {
		uint32_t id = ids[i];

		ids[i] = ids[n - 1 - i];
		ids[n - 1 - i] = id;
	}
}

/* What makes a sample the same each time: every id has its own place in a lottery. */
static int by_lot(const void *a, const void *b)
{
	const uint32_t *left = a, *right = b;
	uint64_t left_lot = XXH3_64bits(left, sizeof(*left));
	uint64_t right_lot = XXH3_64bits(right, sizeof(*right));

	return (left_lot > right_lot) - (left_lot < right_lot);
}

/* Keep those of `ids` that are among `kept`, which ascend, in their order. */
static size_t keep(uint32_t *ids, size_t n, const uint32_t *kept, size_t n_kept)
{
	size_t left = 0;

	for (size_t i = 0; i < n; i++) {
		if (bsearch(&ids[i], kept, n_kept, sizeof(*kept), cache_compare_ids)) {
			ids[left++] = ids[i];
		}
	}
	return left;
}

static int sample(struct edition *edition, uint32_t wanted)
{
	_cleanup_free_ uint32_t *drawn = edition_sort(edition);

	if (!drawn) {
		return -ENOMEM;
	}
	if (edition->n_ids > wanted) {
		qsort(drawn, edition->n_ids, sizeof(*drawn), by_lot);
		qsort(drawn, wanted, sizeof(*drawn), cache_compare_ids);
		edition->n_ids = keep(edition->ids, edition->n_ids, drawn, wanted);
	}
	return 0;
}

static void drop_first(struct edition *edition, size_t n)
{
	n = n < edition->n_ids ? n : edition->n_ids;
	edition->n_ids -= n;
	if (edition->n_ids) {
		memmove(edition->ids, edition->ids + n, edition->n_ids * sizeof(*edition->ids));
	}
}

static int slice(struct edition *edition, const struct cache_slice *slice)
{
	switch (slice->kind) {
	case SLICE_FIRST:
		edition->n_ids = edition->n_ids < slice->n ? edition->n_ids : slice->n;
		return 0;
	case SLICE_OFFSET:
		drop_first(edition, slice->n);
		return 0;
	case SLICE_LAST:
		drop_first(edition, edition->n_ids > slice->n ? edition->n_ids - slice->n : 0);
		return 0;
	default:
		return sample(edition, slice->n);
	}
}

/* All has come: what is to be read of it? */
static int finish(struct edition *edition)
{
	const struct cache_rows_spec *spec = &edition->rows->spec;
	int r = 0;

	if (spec->reversed) {
		reverse(edition->ids, edition->n_ids);
	}
	for (size_t i = 0; r == 0 && i < spec->n_slices; i++) {
		r = slice(edition, &spec->slices[i]);
	}
	return r;
}

/* ── All of it ── */

/* A listing that has more than the model's own: that one is older. */
static void note_new(struct cache_model *model, const uint32_t *ids, size_t n)
{
	struct cache_index *index = &model->index;
	bool any = false;

	for (size_t i = 0; i < n; i++) {
		if (!cache_index_may_have(index, ids[i]) &&
			cache_index_insert(index, ids[i]) == 0) {
			mark_stale(model, ids[i]);
			post_news(model->cache, CACHE_NEWS_RECORD, model, ids[i]);
			any = true;
		}
	}
	if (any) {
		model->mtime = time(NULL);
		post_news(model->cache, CACHE_NEWS_LISTING, model, 0);
	}
}

static int take_names(struct edition *edition, const cJSON *result)
{
	bool joined;
	int r;

	if (edition->found) {
		edition->n_ids = 0;
	}
	r = take_new(edition, result, &joined);
	edition->complete = edition->found || !edition->rows->spec.order || !edition->n_ids;
	edition->found = true;
	if (!edition->rows->spec.order && edition->n_ids) {
		qsort(edition->ids, edition->n_ids, sizeof(*edition->ids), cache_compare_ids);
	}
	return r;
}

int page_take(struct edition *edition, const cJSON *result, struct odoo_error *error)
{
	struct cache_rows *rows = edition->rows;
	struct cache_model *model = rows->model;
	uint64_t changes = model->changes;
	size_t before = edition->n_ids;
	int r;

	if (rows->named) {
		r = take_names(edition, result);
		before = 0;
	} else {
		r = rows_are_by_id(rows) ? take_by_id(edition, result, error)
					 : take_by_offset(edition, result);
	}
	note_new(model, edition->ids + before, edition->n_ids - before);
	edition->changes += model->changes - changes; /* it has seen these */
	if (r == 0 && edition->complete) {
		r = finish(edition);
	}
	return r;
}
