/* SPDX-License-Identifier: MIT */
/* Some fields of some records, less those that the server fails on. */
#include "cache/question.h"

#include "cache/internal.h"
#include "cache/repair.h"
#include "cache/write.h"

#include "odoo/cleanup.h"
#include "odoo/json.h"

#include <errno.h>
#include <stdlib.h>

/* The client's thread has it once it was begun. */
struct reading {
	struct cache_ask *ask;
	struct cache_model *model;
	const char **fields; /* the schema's names: schemas are held */
	size_t n_fields;
	bool names; /* of a many2one */
	unsigned calls;
	struct odoo_reply reply; /* the records that came, and why no more did */
};

static void reading_free(struct reading *reading)
{
	if (reading) {
		cJSON_Delete(reading->reply.result);
		odoo_error_finish(&reading->reply.error);
		free(reading->fields);
		free(reading);
	}
}

static const char *const *wanted(void *data, size_t *ret_n)
{
	const struct reading *reading = data;

	*ret_n = reading->n_fields;
	return reading->fields;
}

static struct odoo_request *make_request(const struct reading *reading, const uint32_t *ids,
	size_t n_ids, const char *const *fields, size_t n_fields)
{
	struct odoo_request *request =
		odoo_request_read_ids(reading->model->name, ids, n_ids, fields, n_fields);

	/* Any other than the default will do; only `read` has it in all versions. */
	if (request && !reading->names && odoo_json_get(request->params, "ids") &&
		odoo_request_set(request, "load", cJSON_CreateString("")) < 0) {
		odoo_request_destroy(request);
		return NULL;
	}
	return request;
}

/* None, which ends it, when nobody wants the answer any more. */
static struct odoo_request *request(
	void *data, const uint32_t *ids, size_t n_ids, const char *const *fields, size_t n_fields)
{
	struct reading *reading = data;
	struct cache *cache = reading->model->cache;
	bool is_wanted = true;

	if (reading->calls++) {
		enter(cache);
		is_wanted = ask_step(reading->ask);
		leave(cache);
	}
	return is_wanted ? make_request(reading, ids, n_ids, fields, n_fields) : NULL;
}

static void take(void *data, const uint32_t *ids, size_t n_ids, cJSON *result, int64_t server_time)
{
	struct reading *reading = data;
	cJSON *record;

	while ((record = cJSON_DetachItemFromArray(result, 0))) {
		cJSON_AddItemToArray(reading->reply.result, record);
	}
	reading->reply.server_time = server_time;
}

static void fail(void *data, const uint32_t *ids, size_t n_ids, const struct odoo_error *error)
{
	struct reading *reading = data;

	if (!reading->reply.error.fault) {
		odoo_error_copy(&reading->reply.error, error);
	}
}

static void done(void *data)
{
	struct reading *reading = data;

	if (reading->reply.error.fault) {
		cJSON_Delete(steal(reading->reply.result));
	}
	ask_answered(reading->ask, &reading->reply);
	cache_schemas_release(reading->model->cache);
	reading_free(reading);
}

/* NULL when out of memory. */
static struct reading *create(struct cache_ask *ask, const char *const *fields, size_t n_fields)
{
	struct reading *reading = calloc(1, sizeof(*reading));

	if (!reading || !(reading->fields = calloc(n_fields + 1, sizeof(*fields))) ||
		!(reading->reply.result = cJSON_CreateArray())) {
		reading_free(reading);
		return NULL;
	}
	for (size_t i = 0; i < n_fields; i++) {
		reading->fields[i] = fields[i];
	}
	reading->n_fields = n_fields;
	reading->ask = ask;
	reading->model = ask_model_of(ask);
	return reading;
}

/* Those that are known to fail go to the end; returns how many aren't. */
static size_t sort(
	const struct reading *reading, const uint32_t *ids, size_t n_ids, uint32_t *sorted)
{
	size_t n_good = 0, n_bad = 0;

	for (size_t i = 0; i < n_ids; i++) {
		if (is_known_to_fail(reading->model, ids[i], reading->fields, reading->n_fields)) {
			sorted[n_ids - ++n_bad] = ids[i];
		} else {
			sorted[n_good++] = ids[i];
		}
	}
	return n_good;
}

int cache_ask_records_ahead(struct cache_ask *ask, const uint32_t *ids, size_t n_ids,
	const char *const *fields, size_t n_fields, bool names)
{
	struct cache *cache = ask_model_of(ask)->cache;
	struct reading *reading = create(ask, fields, n_fields);
	_cleanup_free_ uint32_t *sorted = calloc(n_ids + 1, sizeof(*sorted));
	size_t n_good = 0;
	bool begun;

	if (!reading || !sorted) {
		reading_free(reading);
		return -ENOMEM;
	}
	reading->names = names;
	enter(cache);
	begun = ask_begin(ask);
	if (begun) {
		n_good = sort(reading, ids, n_ids, sorted);
	}
	leave(cache);
	if (!begun) {
		reading_free(reading);
		return 0;
	}
	cache_schemas_hold(cache);
	repair_read(&(struct repair_target){ .model = reading->model,
			    .data = reading,
			    .fields = wanted,
			    .request = request,
			    .take = take,
			    .fail = fail,
			    .unreadable = fail,
			    .done = done },
		sorted, n_ids, n_good);
	return 0;
}
