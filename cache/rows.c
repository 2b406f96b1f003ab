/* SPDX-License-Identifier: MIT */
#include "cache/rows.h"

#include "cache/rows_private.h"

#include "odoo/cleanup.h"
#include "odoo/request_find.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

/* Editions are counted modulo this: a directory's offset has room for as many. */
#define NUMBERS ((1u << 22) - 1)

void cache_rows_spec_finish(struct cache_rows_spec *spec)
{
	cJSON_Delete(spec->domain);
	free(spec->name);
	free(spec->order);
	free(spec->slices);
	*spec = (struct cache_rows_spec){ 0 };
}

/* ── Making and unmaking ── */

static int put_slice(
	struct cache_rows_spec *spec, size_t at, enum cache_slice_kind kind, uint32_t n)
{
	struct cache_slice *grown =
		reallocarray(spec->slices, spec->n_slices + 1, sizeof(*spec->slices));

	if (!grown) {
		return -ENOMEM;
	}
	spec->slices = grown;
	memmove(grown + at + 1, grown + at, (spec->n_slices - at) * sizeof(*grown));
	grown[at] = (struct cache_slice){ kind, n };
	spec->n_slices++;
	return 0;
}

/* name_search takes no page: it is cut from what it finds. */
static int take_page_out(struct cache_rows_spec *spec)
{
	int r = 0;

	if (spec->limited) {
		r = put_slice(spec, 0, spec->reversed ? SLICE_LAST : SLICE_FIRST, spec->limit);
	}
	if (r == 0 && spec->offset) {
		r = put_slice(spec, 0, SLICE_OFFSET, spec->offset);
	}
	spec->limited = false;
	spec->offset = 0;
	return r;
}

/* Where a domain can have names, they are in it. */
static int put_name_in_domain(struct cache_rows_spec *spec)
{
	cJSON *term = cJSON_CreateArray();

	if (!cJSON_AddItemToArray(spec->domain, term) ||
		!cJSON_AddItemToArray(term, cJSON_CreateString("display_name")) ||
		!cJSON_AddItemToArray(term, cJSON_CreateString("ilike")) ||
		!cJSON_AddItemToArray(term, cJSON_CreateString(spec->name))) {
		return -ENOMEM;
	}
	free(steal(spec->name));
	return 0;
}

static int set_up(struct cache_rows *rows)
{
	int r = 0;

	if (rows->spec.name) {
		rows->named =
			!odoo_has_name_conditions(odoo_client_server_major(rows->cache->client));
		r = rows->named ? take_page_out(&rows->spec) : put_name_in_domain(&rows->spec);
	}
	rows->whole = rows->spec.reversed || rows->spec.n_slices;
	return r;
}

struct cache_rows *cache_rows_create(
	struct cache *cache, struct cache_model *model, struct cache_rows_spec *spec)
{
	struct cache_rows *rows = calloc(1, sizeof(*rows));

	if (!rows) {
		cache_rows_spec_finish(spec);
		return NULL;
	}
	rows->cache = cache;
	rows->model = model;
	rows->spec = *spec;
	*spec = (struct cache_rows_spec){ 0 };
	if (set_up(rows) < 0) {
		cache_rows_destroy(rows);
		return NULL;
	}
	return rows;
}

/* When the last page has come. */
static void free_if_done(struct cache_rows *rows)
{
	if (rows->destroyed && !rows->n_loading) {
		cache_rows_spec_finish(&rows->spec);
		odoo_error_finish(&rows->failure);
		free(rows);
	}
}

static void edition_free(struct edition *edition)
{
	free(edition->ids);
	free(edition->sorted);
	free(edition);
}

/* Who waits for it asks again. */
static void edition_drop(struct edition *edition)
{
	struct cache_rows *rows = edition->rows;

	wake_all(rows->cache, &edition->waiters, rows->destroyed ? -ESTALE : 0);
	DL_DELETE(rows->editions, edition);
	rows->n_editions--;
	edition->dropped = true;
	if (!edition->loading) {
		edition_free(edition);
	}
}

void edition_settle(struct edition *edition)
{
	struct cache_rows *rows = edition->rows;

	if (edition->dropped && !edition->loading) {
		edition_free(edition);
	}
	free_if_done(rows);
}

void cache_rows_destroy(struct cache_rows *rows)
{
	struct cache *cache;

	if (!rows) {
		return;
	}
	cache = rows->cache;
	enter(cache);
	rows->destroyed = true;
	while (rows->editions) {
		edition_drop(rows->editions);
	}
	for (unsigned i = 0; i < PROBES_MAX; i++) {
		ask_drop(rows->probes[i].ask);
	}
	ask_drop(rows->count);
	free_if_done(rows);
	leave(cache);
}

/* ── Editions ── */

bool edition_is_fresh(const struct edition *edition, struct cache_waiter *waiter)
{
	const struct cache_model *model = edition->rows->model;
	int64_t now = clock_now_ms();

	if (edition->begun_ms >= waiter_begun(waiter)) {
		return true;
	}
	if (edition->error) {
		return false;
	}
	if (edition->complete && fresh_is_away(model)) {
		return true;
	}
	return edition->changes == model->changes &&
	       now < edition->begun_ms + model->cache->options.ttl * 1000LL;
}

/* None that somebody is reading, or waits for. */
static void drop_oldest(struct cache_rows *rows)
{
	struct edition *edition = rows->editions->prev, *older;

	for (; rows->n_editions > EDITIONS_MAX && edition != rows->editions; edition = older) {
		older = edition->prev;
		if (!edition->pins && !edition->waiters) {
			edition_drop(edition);
		}
	}
}

static struct edition *edition_create(struct cache_rows *rows)
{
	struct edition *edition = calloc(1, sizeof(*edition));

	if (!edition) {
		return NULL;
	}
	edition->rows = rows;
	edition->number = rows->last_number = rows->last_number % NUMBERS + 1;
	edition->begun_ms = clock_now_ms();
	edition->changes = rows->model->changes;
	DL_PREPEND(rows->editions, edition);
	rows->n_editions++;
	drop_oldest(rows);
	return edition;
}

struct edition *rows_current(struct cache_rows *rows, struct cache_waiter *waiter)
{
	struct edition *newest = rows->editions;

	return newest && edition_is_fresh(newest, waiter) ? newest : edition_create(rows);
}

static bool is_readable(const struct edition *edition)
{
	const struct cache_rows *rows = edition->rows;

	return edition->complete || (!rows->whole && !rows->named && edition->n_ids);
}

int edition_wait(struct edition *edition, struct cache_waiter *waiter)
{
	int r = edition->loading ? 0 : page_start(edition);

	if (r < 0 || edition->complete) {
		return r;
	}
	wait_on(&edition->waiters, waiter, 0);
	return CACHE_WAIT;
}

static int begin(struct cache_rows *rows, struct edition **ret_edition, struct cache_waiter *waiter)
{
	struct edition *edition = rows_current(rows, waiter);
	int r = 0;

	if (!edition) {
		return -ENOMEM;
	}
	if (edition->error) {
		return edition->error;
	}
	if (!is_readable(edition)) {
		r = edition_wait(edition, waiter);
	}
	if (r == 0) {
		*ret_edition = edition;
	}
	return r;
}

int cache_rows_begin(struct cache_rows *rows, uint32_t *ret_edition, struct cache_waiter *waiter)
{
	struct edition *edition;
	int r;

	enter(rows->cache);
	rows->model->asked_ms = clock_now_ms();
	r = begin(rows, &edition, waiter);
	if (r == 0) {
		*ret_edition = edition->number;
	}
	leave(rows->cache);
	return r;
}

static int get(struct edition *edition, uint32_t position, uint32_t *ids, size_t max, size_t *ret_n,
	struct cache_waiter *waiter)
{
	size_t left = position < edition->n_ids ? edition->n_ids - position : 0;

	if (!left && !edition->complete) {
		return edition->error ? edition->error : edition_wait(edition, waiter);
	}
	*ret_n = left < max ? left : max;
	if (*ret_n) {
		memcpy(ids, edition->ids + position, *ret_n * sizeof(*ids));
	}
	/* Near the end of what is known, the next page starts. */
	if (!edition->complete && !edition->loading && !edition->error &&
		left - *ret_n < edition->n_ids / 4) {
		page_start(edition);
	}
	return 0;
}

int cache_rows_get(struct cache_rows *rows, uint32_t number, uint32_t position, uint32_t *ids,
	size_t max, size_t *ret_n, struct cache_waiter *waiter)
{
	struct edition *edition;
	int r = -ESTALE;

	enter(rows->cache);
	DL_SEARCH_SCALAR(rows->editions, edition, number, number);
	if (edition) {
		*ret_n = 0;
		r = get(edition, position, ids, max, ret_n, waiter);
	}
	leave(rows->cache);
	return r;
}

/* The newest edition that there is: by id, what was read of an older one fits in. */
static int get_after(struct cache_rows *rows, uint32_t after, uint32_t *ids, size_t max,
	size_t *ret_n, struct cache_waiter *waiter)
{
	struct edition *edition = rows->editions;
	size_t position = 0;
	int r = 0;

	if (!after || !edition || edition->error) {
		r = begin(rows, &edition, waiter);
	}
	while (r == 0) {
		size_t low = 0, high = edition->n_ids;

		while (low < high) {
			size_t middle = (low + high) / 2;

			if (edition->ids[middle] <= after) {
				low = middle + 1;
			} else {
				high = middle;
			}
		}
		position = low;
		if (position < edition->n_ids || edition->complete) {
			return get(edition, (uint32_t)position, ids, max, ret_n, waiter);
		}
		r = edition->error ? edition->error : edition_wait(edition, waiter);
	}
	return r;
}

int cache_rows_get_after(struct cache_rows *rows, uint32_t after, uint32_t *ids, size_t max,
	size_t *ret_n, struct cache_waiter *waiter)
{
	int r;

	enter(rows->cache);
	rows->model->asked_ms = clock_now_ms();
	*ret_n = 0;
	r = get_after(rows, after, ids, max, ret_n, waiter);
	leave(rows->cache);
	return r;
}

static bool add_pins(struct cache_rows *rows, uint32_t number, int n)
{
	struct edition *edition;

	enter(rows->cache);
	DL_SEARCH_SCALAR(rows->editions, edition, number, number);
	if (edition) {
		edition->pins += n;
	}
	leave(rows->cache);
	return edition;
}

bool cache_rows_pin(struct cache_rows *rows, uint32_t number)
{
	return add_pins(rows, number, 1);
}

void cache_rows_unpin(struct cache_rows *rows, uint32_t number)
{
	add_pins(rows, number, -1);
}

bool cache_rows_are_by_id(const struct cache_rows *rows)
{
	return rows_are_by_id(rows);
}

void cache_rows_failure(struct cache_rows *rows, struct odoo_error *ret_error)
{
	enter(rows->cache);
	odoo_error_init(ret_error);
	odoo_error_copy(ret_error, &rows->failure);
	leave(rows->cache);
}
