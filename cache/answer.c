/* SPDX-License-Identifier: MIT */
/* What became of a batch: its records are rendered and stored, who waited for them is woken. */
#include "cache/batch.h"
#include "cache/binary_private.h"
#include "cache/prefetch_private.h"

#include "odoo/cleanup.h"
#include "odoo/json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

/* Seconds within which two writes can't be told apart by write_date and a clock. */
#define SETTLE_SECONDS 2

/* A field that can't be shown in any of so many records isn't asked for again. */
#define HOPELESS_MIN 16

struct problem {
	uint32_t id;
	const struct cache_field *field;
	struct odoo_error error;
};

struct harvest {
	struct batch *batch;
	const uint32_t *ids; /* that were asked for, ascending */
	size_t n_ids;
	struct rendered
		*records; /* one for each id; that of a record which didn't come has no id */
	struct problem *problems;
	size_t n_problems;
	bool strange; /* there was more in the answer than records that were asked for */
};

static void add_problem(struct harvest *harvest, uint32_t id, const struct cache_field *field,
	struct odoo_error *error)
{
	struct problem *grown = reallocarray(
		harvest->problems, harvest->n_problems + 1, sizeof(*harvest->problems));

	if (!grown) {
		return;
	}
	harvest->problems = grown;
	grown[harvest->n_problems++] =
		(struct problem){ .id = id, .field = field, .error = *error };
	odoo_error_init(error);
}

/* A field that was asked for and didn't come is a problem, too: else it would look like none. */
static void note_lacking(struct harvest *harvest, uint32_t id, const cJSON *record)
{
	const struct batch *batch = harvest->batch;

	if (batch->in_parts || (size_t)cJSON_GetArraySize(record) > batch->n_fields) {
		return; /* not asked for all of them; or here they are, and the id */
	}
	for (size_t i = 0; i < batch->n_fields; i++) {
		_cleanup_odoo_error_ struct odoo_error error = { 0 };
		const struct cache_field *field =
			cache_schema_find(batch->schema, batch->fields[i]);

		if (field && !odoo_json_get(record, field->name)) {
			odoo_error_set(&error, ODOO_FAULT_MALFORMED,
				"the server's answer doesn't have it");
			add_problem(harvest, id, field, &error);
		}
	}
}

/*
 * Render a record; a field that can't be shown is left out, and remembered as the record's. Without
 * a text it is stored as broken.
 */
static void render(struct harvest *harvest, struct rendered *rendered, uint32_t id, cJSON *record)
{
	struct cache *cache = harvest->batch->model->cache;
	_cleanup_odoo_error_ struct odoo_error error = { 0 };
	const struct cache_field *field;
	int r;

	*rendered = (struct rendered){
		.id = id,
		.write_date = record_date(record, "write_date"),
		.create_date = record_date(record, "create_date"),
	};
	note_lacking(harvest, id, record);
	binaries_add_members(harvest->batch->model, id, record);
	rendered->unsettled = harvest->batch->sent_at - rendered->write_date <= SETTLE_SECONDS;
	for (;;) {
		field = NULL;
		r = cache->options.hooks.render(cache->options.data, harvest->batch->schema, record,
			&rendered->text, &rendered->size, &field, &error);
		if (r != -EBADMSG || !field) {
			break;
		}
		cJSON_DeleteItemFromObjectCaseSensitive(record, field->name);
		add_problem(harvest, id, field, &error);
	}
}

/* Where the record with this id belongs; NULL when it wasn't asked for. */
static struct rendered *place_of(const struct harvest *harvest, uint32_t id)
{
	const uint32_t *found =
		bsearch(&id, harvest->ids, harvest->n_ids, sizeof(id), cache_compare_ids);

	return found ? &harvest->records[found - harvest->ids] : NULL;
}

/* In whatever order they come. */
static void reap(struct harvest *harvest, const cJSON *result)
{
	cJSON *record;

	for (record = result->child; record; record = record->next) {
		struct rendered *place = NULL;
		uint32_t id;

		if (odoo_json_get_id(odoo_json_get(record, "id"), &id) == 0) {
			place = place_of(harvest, id);
		}
		if (place && !place->id) {
			render(harvest, place, id, record);
		} else {
			harvest->strange = true;
		}
	}
}

static void report_strange(struct cache_model *model)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };

	odoo_error_set(&error, ODOO_FAULT_MALFORMED,
		"the server sent a record that wasn't asked for, or one twice: it isn't shown");
	post_failure(model->cache, model, 0, "read", &error);
}

static void wake_for(struct batch *batch, const uint32_t *ids, size_t n_ids, int error)
{
	struct cache_waiter *waiter, *next;

	DL_FOREACH_SAFE (batch->waiters, waiter, next) {
		if (bsearch(&waiter->id, ids, n_ids, sizeof(waiter->id), cache_compare_ids)) {
			wake_one(batch->model->cache, waiter, error);
		}
	}
}

/*
 * What isn't in a good answer is gone: the user may not see it, or it doesn't exist. An answer with
 * strange things in it proves nothing of what it lacks.
 */
static void store_absent(struct harvest *harvest)
{
	struct cache_model *model = harvest->batch->model;
	_cleanup_free_ uint32_t *absent = calloc(harvest->n_ids, sizeof(*absent));
	size_t n_absent = 0;

	for (size_t i = 0; i < harvest->n_ids; i++) {
		uint32_t id = harvest->ids[i];

		if (harvest->records[i].id) {
			continue;
		}
		if (harvest->strange || !absent) {
			store_broken(model, id, -EIO);
		} else {
			store_gone(model, id);
			absent[n_absent++] = id;
		}
	}
	listing_lose(model, absent, n_absent);
}

/* What couldn't be shown: of a record, or of all that came. */
static void store_problems(struct harvest *harvest, size_t n_came)
{
	const struct cache_schema *schema = harvest->batch->schema;
	struct cache_model *model = harvest->batch->model;
	_cleanup_free_ size_t *counts = calloc(schema->n_fields + 1, sizeof(*counts));

	for (size_t i = 0; i < harvest->n_problems && counts; i++) {
		const struct problem *problem = &harvest->problems[i];
		size_t n = ++counts[problem->field - schema->fields];

		if (n == n_came && n_came >= HOPELESS_MIN) {
			leave_out_field(model, problem->field, &problem->error);
		}
	}
	for (size_t i = 0; i < harvest->n_problems && counts; i++) {
		const struct problem *problem = &harvest->problems[i];
		size_t n = counts[problem->field - schema->fields];

		if (n < n_came || n_came < HOPELESS_MIN) {
			hide_record_field(model, problem->id, problem->field, &problem->error);
		}
	}
}

static void store(struct harvest *harvest)
{
	struct cache_model *model = harvest->batch->model;
	size_t n_came = 0;

	if (harvest->strange) {
		report_strange(model);
	}
	store_absent(harvest);
	for (size_t i = 0; i < harvest->n_ids; i++) {
		struct rendered *rendered = &harvest->records[i];

		n_came += rendered->id != 0;
		if (rendered->text) {
			store_rendered(model, rendered);
		} else if (rendered->id) {
			store_broken(model, rendered->id, -EIO);
		}
	}
	store_problems(harvest, n_came);
}

static void harvest_finish(struct harvest *harvest)
{
	for (size_t i = 0; i < harvest->n_ids; i++) {
		free(harvest->records[i].text);
	}
	for (size_t i = 0; i < harvest->n_problems; i++) {
		odoo_error_finish(&harvest->problems[i].error);
	}
	free(harvest->records);
	free(harvest->problems);
}

void batch_take(
	struct batch *batch, const uint32_t *ids, size_t n_ids, cJSON *result, int64_t server_time)
{
	struct cache *cache = batch->model->cache;
	struct harvest harvest = { .batch = batch, .ids = ids, .n_ids = n_ids };

	harvest.records = calloc(n_ids, sizeof(*harvest.records));
	if (!harvest.records) {
		_cleanup_odoo_error_ struct odoo_error error = { 0 };

		odoo_error_set(&error, ODOO_FAULT_INTERNAL, "out of memory");
		batch_fail(batch, ids, n_ids, &error);
		return;
	}
	reap(&harvest, result);
	enter(cache);
	note_clock(cache, server_time);
	note_reply(batch->model, &(struct odoo_error){ 0 });
	store(&harvest);
	wake_for(batch, ids, n_ids, 0);
	leave(cache);
	/* Who was woken holds what it needs by now, however small the cache is. */
	enter(cache);
	evict(cache);
	leave(cache);
	harvest_finish(&harvest);
}

static bool can_serve(struct cache_model *model, const struct cache_waiter *waiter)
{
	const struct cache_record *record = cache_records_find(&model->records, waiter->id);

	return record && record->state == RECORD_KNOWN && (record->content || !waiter->content) &&
	       model->offline;
}

void batch_fail(
	struct batch *batch, const uint32_t *ids, size_t n_ids, const struct odoo_error *error)
{
	struct cache_model *model = batch->model;
	struct cache_waiter *waiter, *next;

	enter(model->cache);
	note_reply(model, error);
	post_failure(model->cache, model, batch->waiters ? batch->waiters->id : 0, "read", error);
	prefetch_batch_failed(batch, error);
	for (size_t i = 0; i < n_ids; i++) {
		struct cache_record *record = cache_records_find(&model->records, ids[i]);

		if (record) {
			record->loading = false;
		}
	}
	DL_FOREACH_SAFE (batch->waiters, waiter, next) {
		if (bsearch(&waiter->id, ids, n_ids, sizeof(waiter->id), cache_compare_ids)) {
			wake_one(model->cache, waiter,
				can_serve(model, waiter) ? 0 : read_errno(error));
		}
	}
	leave(model->cache);
}

void batch_break(
	struct batch *batch, const uint32_t *ids, size_t n_ids, const struct odoo_error *error)
{
	struct cache_model *model = batch->model;

	enter(model->cache);
	post_failure(model->cache, model, n_ids == 1 ? ids[0] : 0, "read", error);
	model->cache->stats.left_out += n_ids;
	for (size_t i = 0; i < n_ids; i++) {
		store_broken(model, ids[i], read_errno(error));
	}
	wake_for(batch, ids, n_ids, read_errno(error));
	leave(model->cache);
}
