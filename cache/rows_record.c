/* SPDX-License-Identifier: MIT */
/* Single records: whether they are among the rows, and reading them in the rows' order. */
#include "cache/batch.h"
#include "cache/rows_private.h"

#include "odoo/cleanup.h"
#include "odoo/request_find.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The first record brings so many with it, and each further batch so many times as many. */
#define WINDOW_FIRST 16
#define WINDOW_GROWTH 8

/* Whether all that the domain finds is among the rows, however many they are. */
static bool has_no_page(const struct cache_rows *rows)
{
	const struct cache_rows_spec *spec = &rows->spec;

	return !spec->limited && !spec->offset && !spec->n_slices;
}

/* ── Who is among them ── */

static bool has_sorted(const uint32_t *ids, size_t n, uint32_t id)
{
	return bsearch(&id, ids, n, sizeof(id), cache_compare_ids) != NULL;
}

static bool edition_has(struct edition *edition, uint32_t id)
{
	if (!edition->n_ids) {
		return false;
	}
	if (rows_are_by_id(edition->rows)) {
		return has_sorted(edition->ids, edition->n_ids, id);
	}
	if (edition->complete && !edition->sorted) {
		edition->sorted = edition_sort(edition);
	}
	if (edition->sorted) {
		return has_sorted(edition->sorted, edition->n_ids, id);
	}
	for (size_t i = 0; i < edition->n_ids; i++) {
		if (edition->ids[i] == id) {
			return true;
		}
	}
	return false;
}

/* Whether an edition tells, as far as it has come: 0, -ENOENT, or -ENODATA. */
static int look_up(struct edition *edition, uint32_t id)
{
	const struct cache_rows *rows = edition->rows;

	if (rows->whole && !edition->complete) {
		return -ENODATA;
	}
	if (edition_has(edition, id)) {
		return 0;
	}
	if (edition->complete ||
		(rows_are_by_id(rows) && edition->n_ids && edition->ids[edition->n_ids - 1] > id)) {
		return -ENOENT;
	}
	return -ENODATA;
}

/* Where the server counted some off, only all of the rows tell. */
static int look_up_page(struct cache_rows *rows, uint32_t id, struct cache_waiter *waiter)
{
	struct edition *edition = rows_current(rows, waiter);
	int r;

	if (!edition) {
		return -ENOMEM;
	}
	for (;;) {
		r = look_up(edition, id);
		if (r != -ENODATA) {
			return r;
		}
		if (edition->error) {
			return edition->error;
		}
		r = edition_wait(edition, waiter);
		if (r != 0) {
			return r;
		}
	}
}

/* ── Probes: one question for one record ── */

static struct cache_ask *find_probe(struct cache_rows *rows, uint32_t id)
{
	unsigned i = 0;

	while (i < PROBES_MAX && !(rows->probes[i].ask && rows->probes[i].id == id)) {
		i++;
	}
	if (i == PROBES_MAX) {
		i = rows->next_probe++ % PROBES_MAX;
		ask_drop(rows->probes[i].ask);
		rows->probes[i].id = id;
		rows->probes[i].ask = cache_ask_create(rows->cache, rows->model, rows->spec.strict);
	}
	return rows->probes[i].ask;
}

/* The domain with a condition more, on the id; NULL when out of memory. */
static cJSON *domain_with_id(const struct cache_rows *rows, const char *operator, uint32_t id)
{
	cJSON *domain = cJSON_Duplicate(rows->spec.domain, true);
	cJSON *term = cJSON_CreateArray();

	if (!domain || !cJSON_AddItemToArray(domain, term)) {
		cJSON_Delete(term);
		cJSON_Delete(domain);
		return NULL;
	}
	cJSON_AddItemToArray(term, cJSON_CreateString("id"));
	cJSON_AddItemToArray(term, cJSON_CreateString(operator));
	cJSON_AddItemToArray(term, cJSON_CreateNumber(id));
	return domain;
}

static struct odoo_request *request_probe(const struct cache_rows *rows, uint32_t id)
{
	_cleanup_json_ cJSON *domain = domain_with_id(rows, "=", id);
	const char *model = rows->model->name;

	if (!domain) {
		return NULL;
	}
	if (rows->named) {
		return odoo_request_find_names(model, rows->spec.name, domain);
	}
	return odoo_request_find(model, domain, &(struct odoo_page){ .limit = 1 });
}

static void note_failure(struct cache_rows *rows, const struct cache_ask *ask)
{
	odoo_error_finish(&rows->failure);
	odoo_error_copy(&rows->failure, ask_failure(ask));
}

static int probe(struct cache_rows *rows, uint32_t id, struct cache_waiter *waiter)
{
	struct cache_ask *ask = find_probe(rows, id);
	_cleanup_answer_ struct cache_answer *answer = NULL;
	int r = ask ? ask_get(ask, &answer, waiter) : -ENOMEM;

	if (r == -ENODATA) {
		return ask_send(ask, request_probe(rows, id), waiter);
	}
	if (r < 0 && ask) {
		note_failure(rows, ask);
	}
	return r == 0 && !cJSON_GetArrayItem(answer->json, 0) ? -ENOENT : r;
}

static int has(struct cache_rows *rows, uint32_t id, struct cache_waiter *waiter)
{
	struct edition *newest = rows->editions;
	int r = -ENODATA;

	if (!has_no_page(rows)) {
		return look_up_page(rows, id, waiter);
	}
	if (newest && edition_is_fresh(newest, waiter)) {
		r = look_up(newest, id);
	}
	return r == -ENODATA ? probe(rows, id, waiter) : r;
}

int cache_rows_has(struct cache_rows *rows, uint32_t id, struct cache_waiter *waiter)
{
	int r;

	enter(rows->cache);
	rows->model->asked_ms = clock_now_ms();
	r = has(rows, id, waiter);
	leave(rows->cache);
	return r;
}

/* ── All of them ── */

static int get_all(
	struct cache_rows *rows, struct edition **ret_edition, struct cache_waiter *waiter)
{
	struct edition *edition = rows_current(rows, waiter);
	int r = edition ? edition->error : -ENOMEM;

	while (r == 0 && !edition->complete) {
		r = edition_wait(edition, waiter);
	}
	if (r == 0) {
		*ret_edition = edition;
	}
	return r;
}

cJSON *edition_domain(const struct edition *edition)
{
	_cleanup_json_ cJSON *domain = cJSON_CreateArray();
	cJSON *term = cJSON_CreateArray(), *ids = cJSON_CreateArray();

	if (!domain || !cJSON_AddItemToArray(domain, term) ||
		!cJSON_AddItemToArray(term, cJSON_CreateString("id")) ||
		!cJSON_AddItemToArray(term, cJSON_CreateString("in")) ||
		!cJSON_AddItemToArray(term, ids)) {
		return NULL;
	}
	for (size_t i = 0; i < edition->n_ids; i++) {
		if (!cJSON_AddItemToArray(ids, cJSON_CreateNumber(edition->ids[i]))) {
			return NULL;
		}
	}
	return steal(domain);
}

int rows_domain(struct cache_rows *rows, cJSON **ret_domain, struct cache_waiter *waiter)
{
	struct edition *edition;
	int r = rows->named ? get_all(rows, &edition, waiter) : 0;

	if (r == 0) {
		*ret_domain = rows->named ? edition_domain(edition)
					  : cJSON_Duplicate(rows->spec.domain, true);
	}
	return r == 0 && !*ret_domain ? -ENOMEM : r;
}

/* A model's directory is listed by ids: some models hide records from who doesn't ask for any. */
static struct odoo_request *request_count(const struct cache_rows *rows)
{
	_cleanup_json_ cJSON *all = cJSON_GetArraySize(rows->spec.domain) == 0
					    ? domain_with_id(rows, ">", 0)
					    : cJSON_Duplicate(rows->spec.domain, true);

	return all ? odoo_request_count(rows->model->name, all) : NULL;
}

static int count(struct cache_rows *rows, uint32_t *ret_count, struct cache_waiter *waiter)
{
	_cleanup_answer_ struct cache_answer *answer = NULL;
	struct edition *edition;
	int r;

	if (!has_no_page(rows) || rows->named) {
		r = get_all(rows, &edition, waiter);
		if (r == 0) {
			*ret_count = (uint32_t)edition->n_ids;
		}
		return r;
	}
	if (!rows->count) {
		rows->count = cache_ask_create(rows->cache, rows->model, rows->spec.strict);
	}
	r = rows->count ? ask_get(rows->count, &answer, waiter) : -ENOMEM;
	if (r == -ENODATA) {
		return ask_send(rows->count, request_count(rows), waiter);
	}
	if (r < 0 && rows->count) {
		note_failure(rows, rows->count);
	}
	if (r == 0 && (!cJSON_IsNumber(answer->json) || !(answer->json->valuedouble >= 0) ||
			      answer->json->valuedouble > UINT32_MAX)) {
		return -EIO;
	}
	if (r == 0) {
		*ret_count = (uint32_t)answer->json->valuedouble;
	}
	return r;
}

int cache_rows_count(struct cache_rows *rows, uint32_t *ret_count, struct cache_waiter *waiter)
{
	int r;

	enter(rows->cache);
	r = count(rows, ret_count, waiter);
	leave(rows->cache);
	return r;
}

/* ── Reading them ── */

static size_t position_of(const struct edition *edition, uint32_t id)
{
	size_t i = 0;

	if (rows_are_by_id(edition->rows)) {
		const uint32_t *found =
			bsearch(&id, edition->ids, edition->n_ids, sizeof(id), cache_compare_ids);

		return found ? (size_t)(found - edition->ids) : edition->n_ids;
	}
	while (i < edition->n_ids && edition->ids[i] != id) {
		i++;
	}
	return i;
}

size_t cache_rows_following(struct cache_rows *rows, uint32_t id, uint32_t *ids, size_t max)
{
	const struct edition *edition;
	size_t position, n = 0;

	enter(rows->cache);
	edition = rows->editions;
	if (edition && edition->n_ids) {
		position = position_of(edition, id);
		n = edition->n_ids - position < max ? edition->n_ids - position : max;
		memcpy(ids, edition->ids + position, n * sizeof(*ids));
	}
	leave(rows->cache);
	if (!n) {
		ids[n++] = id;
	}
	return n;
}

/* How many to read from here on: ever more for who goes on where he stood. */
static size_t window_at(struct cache_rows *rows, size_t position)
{
	bool goes_on = position && position <= rows->next_position &&
		       position + rows->window >= rows->next_position;
	size_t window = goes_on ? rows->window * WINDOW_GROWTH : WINDOW_FIRST;
	size_t room = cache_contents_room(&rows->cache->contents);

	window = window < BATCH_MAX ? window : BATCH_MAX;
	window = window < room ? window : room ? room : 1;
	rows->window = (uint32_t)window;
	rows->next_position = (uint32_t)(position + window);
	return window;
}

/* Read a record, and those that follow it among the rows. -ENODATA: not by us. */
static int read_with_followers(struct cache_rows *rows, uint32_t id, struct cache_waiter *waiter)
{
	struct cache_model *model = rows->model;
	struct edition *edition = rows->editions;
	const struct cache_record *record = cache_records_find(&model->records, id);
	size_t position, window;

	if ((record && record->state != RECORD_UNKNOWN) || (record && record->loading) ||
		!edition || !edition->n_ids || is_read_alone(model, id)) {
		return -ENODATA;
	}
	position = position_of(edition, id);
	if (position == edition->n_ids) {
		return -ENODATA;
	}
	window = window_at(rows, position);
	if (window > edition->n_ids - position) {
		window = edition->n_ids - position;
	}
	return batch_miss_these(model, edition->ids + position, window, waiter);
}

int cache_rows_stat(struct cache_rows *rows, uint32_t id, struct cache_attr *ret_attr,
	struct cache_waiter *waiter)
{
	struct cache_model *model = rows->model;
	int r;

	enter(rows->cache);
	r = schema_ensure(model, waiter);
	if (r == 0) {
		r = read_with_followers(rows, id, waiter);
	}
	leave(rows->cache);
	return r == -ENODATA ? cache_record_stat(rows->cache, model, id, ret_attr, waiter) : r;
}
