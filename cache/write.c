/* SPDX-License-Identifier: MIT */
#include "cache/write.h"

#include "cache/internal.h"

#include "odoo/json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *const only_id[] = { "id" };

/* One call, and who is told of its end. */
struct change {
	struct cache_waiter waiter; /* for the read-back; must be first */
	struct cache *cache;
	struct cache_model *model;
	uint32_t id;
	bool read_twice;
	cJSON *result;
	struct odoo_error missing; /* what the server said is missing something */
	cache_done_fn fn;
	void *data;
};

static void change_finish(struct change *change, int r, const struct odoo_error *error)
{
	change->fn(r, r == 0 ? change->result : NULL, error, change->data);
	cJSON_Delete(change->result);
	odoo_error_finish(&change->missing);
	free(change);
}

static void fail_early(cache_done_fn fn, void *data)
{
	struct odoo_error error;

	odoo_error_init(&error);
	odoo_error_set(&error, ODOO_FAULT_INTERNAL, "out of memory");
	fn(-ENOMEM, NULL, &error, data);
	odoo_error_finish(&error);
}

static struct change *change_create(
	struct cache *cache, struct cache_model *model, uint32_t id, cache_done_fn fn, void *data)
{
	struct change *change = calloc(1, sizeof(*change));

	if (!change) {
		fail_early(fn, data);
		return NULL;
	}
	change->cache = cache;
	change->model = model;
	change->id = id;
	change->fn = fn;
	change->data = data;
	return change;
}

static void finish_malformed(struct change *change, const char *what)
{
	struct odoo_error error;

	odoo_error_init(&error);
	odoo_error_set(
		&error, ODOO_FAULT_MALFORMED, "the server's answer to %s has a wrong shape", what);
	change_finish(change, -EIO, &error);
	odoo_error_finish(&error);
}

void cache_record_hide(struct cache *cache, struct cache_model *model, uint32_t id)
{
	enter(cache);
	store_unlisted(model, id);
	listing_lose(model, &id, 1);
	leave(cache);
}

static void note_missing(struct change *change, const struct odoo_error *error)
{
	if (error->fault == ODOO_FAULT_MISSING && change->id) {
		cache_record_hide(change->cache, change->model, change->id);
	}
}

/* ── Reading ── */

static void on_fetch(struct odoo_reply *reply, void *data)
{
	struct change *change = data;
	uint32_t id = change->id;

	if (cJSON_IsArray(reply->result) && reply->result->child) {
		odoo_json_get_id(odoo_json_get(reply->result->child, "id"), &id);
	}
	if (reply->error.fault) {
		change_finish(change, read_errno(&reply->error), &reply->error);
	} else if (!cJSON_IsArray(reply->result) || id != change->id) {
		finish_malformed(change, "search_read");
	} else if (!reply->result->child) {
		odoo_error_set(&reply->error, ODOO_FAULT_MISSING,
			"record %u doesn't exist any more", change->id);
		note_missing(change, &reply->error);
		change_finish(change, -ENOENT, &reply->error);
	} else {
		change->result = cJSON_DetachItemFromArray(reply->result, 0);
		change_finish(change, 0, &reply->error);
	}
}

void cache_fetch(struct cache *cache, struct cache_model *model, uint32_t id,
	const char *const *fields, size_t n_fields, cache_done_fn fn, void *data)
{
	struct change *change = change_create(cache, model, id, fn, data);

	if (change) {
		odoo_client_send(cache->client,
			odoo_request_read_ids(model->name, &id, 1, fields, n_fields), on_fetch,
			change);
	}
}

/* The answer to name_search or read, as it is. */
static void on_found(struct odoo_reply *reply, void *data)
{
	struct change *change = data;

	if (!reply->error.fault && !cJSON_IsArray(reply->result)) {
		finish_malformed(change, "a search");
		return;
	}
	change->result = reply->result;
	reply->result = NULL;
	change_finish(change, odoo_error_errno(&reply->error), &reply->error);
}

void cache_name_search(
	struct cache *cache, const char *model, const char *text, cache_done_fn fn, void *data)
{
	struct change *change = change_create(cache, NULL, 0, fn, data);
	struct odoo_request *request;

	if (!change) {
		return;
	}
	request = odoo_request_create(model, "name_search");
	if (request) {
		request->repeatable = true;
		odoo_request_set(request, "name", cJSON_CreateString(text));
		odoo_request_set(request, "operator", cJSON_CreateString("="));
		odoo_request_set(request, "limit", cJSON_CreateNumber(2));
	}
	odoo_client_send(cache->client, request, on_found, change);
}

void cache_look_for(
	struct cache *cache, const char *model, uint32_t id, cache_done_fn fn, void *data)
{
	struct change *change = change_create(cache, NULL, 0, fn, data);

	if (change) {
		odoo_client_send(cache->client, odoo_request_read_ids(model, &id, 1, only_id, 1),
			on_found, change);
	}
}

/* ── Reading back ── */

static void read_again(struct change *change);

static void on_read_back(struct cache_waiter *waiter, int error)
{
	struct change *change = (struct change *)waiter;
	struct odoo_error none;

	/* A batch that was on its way already may have been read before the change. */
	if (!error && !waiter->fetched && !change->read_twice) {
		change->read_twice = true;
		read_again(change);
		return;
	}
	odoo_error_init(&none);
	change_finish(change, 0, &none);
}

/* What was written is on the server, whatever becomes of this. */
static void read_back(struct change *change)
{
	change->waiter.wake = on_read_back;
	enter(change->cache);
	mark_stale(change->model, change->id);
	leave(change->cache);
	read_again(change);
}

static void read_again(struct change *change)
{
	struct cache *cache = change->cache;
	int r = -ENODATA; /* nothing of it was ever read: neither is this */

	enter(cache);
	if (change->model->schema) {
		r = batch_miss(change->model, change->id, true, &change->waiter);
	}
	leave(cache);
	if (r != CACHE_WAIT) {
		on_read_back(&change->waiter, r);
	}
}

/* ── Writing ── */

/*
 * An answer that didn't come leaves open whether the server did it: what is held of the record is
 * read again before it is served.
 */
static void note_unsure(struct change *change, struct odoo_error *error)
{
	if (!error->unsure) {
		return;
	}
	enter(change->cache);
	if (change->id) {
		mark_stale(change->model, change->id);
	}
	change->model->checked_ms = 0;
	leave(change->cache);
}

static bool failed(struct change *change, struct odoo_reply *reply)
{
	if (!reply->error.fault) {
		return false;
	}
	note_missing(change, &reply->error);
	note_unsure(change, &reply->error);
	change_finish(change, odoo_error_errno(&reply->error), &reply->error);
	return true;
}

static void on_looked_for(struct odoo_reply *reply, void *data)
{
	struct change *change = data;
	bool known = !reply->error.fault && cJSON_IsArray(reply->result);

	if (known && reply->result->child) {
		change->missing.fault = ODOO_FAULT_VALIDATION;
	} else if (known) {
		cache_record_hide(change->cache, change->model, change->id);
	}
	change_finish(change, odoo_error_errno(&change->missing), &change->missing);
}

/* Odoo says the same of the record and of one that its new values refer to: look which it is. */
static void look_for(struct change *change, const struct odoo_error *error)
{
	odoo_error_copy(&change->missing, error);
	odoo_client_send(change->cache->client,
		odoo_request_read_ids(change->model->name, &change->id, 1, only_id, 1),
		on_looked_for, change);
}

static void on_write(struct odoo_reply *reply, void *data)
{
	struct change *change = data;

	if (reply->error.fault == ODOO_FAULT_MISSING) {
		look_for(change, &reply->error);
	} else if (!failed(change, reply)) {
		read_back(change);
	}
}

static bool may_be_repeated(struct cache_model *model, const cJSON *values)
{
	bool absolute;

	enter(model->cache);
	absolute = model->schema && cache_values_are_absolute(model->schema, values);
	leave(model->cache);
	return absolute;
}

void cache_write(struct cache *cache, struct cache_model *model, uint32_t id, const cJSON *values,
	cache_done_fn fn, void *data)
{
	struct change *change = change_create(cache, model, id, fn, data);
	const int one = (int)id;
	struct odoo_request *request;

	if (!change) {
		return;
	}
	request = odoo_request_create(model->name, "write");
	if (request) {
		request->repeatable = may_be_repeated(model, values);
		odoo_request_set(request, "ids", cJSON_CreateIntArray(&one, 1));
		odoo_request_set(request, "vals", cJSON_Duplicate(values, true));
	}
	odoo_client_send(cache->client, request, on_write, change);
}

static void note_created(struct change *change)
{
	struct cache_model *model = change->model;

	enter(change->cache);
	mark_stale(model, change->id); /* it may have been looked for before it was there */
	if (cache_index_insert(&model->index, change->id) == 0) {
		model->mtime = time(NULL);
	}
	post_news(change->cache, CACHE_NEWS_LISTING, model, 0);
	post_news(change->cache, CACHE_NEWS_RECORD, model, change->id);
	leave(change->cache);
}

static void on_create(struct odoo_reply *reply, void *data)
{
	struct change *change = data;
	const cJSON *id = reply->result;

	if (reply->error.fault == ODOO_FAULT_MISSING) { /* what its values refer to */
		reply->error.fault = ODOO_FAULT_VALIDATION;
	}
	if (failed(change, reply)) {
		return;
	}
	if (cJSON_IsArray(id)) { /* of vals_list */
		id = id->child;
	}
	if (odoo_json_get_id(id, &change->id) < 0) {
		finish_malformed(change, "create");
		return;
	}
	change->result = cJSON_CreateNumber(change->id);
	note_created(change);
	read_back(change);
}

void cache_create_record(struct cache *cache, struct cache_model *model, const cJSON *values,
	cache_done_fn fn, void *data)
{
	struct change *change = change_create(cache, model, 0, fn, data);
	struct odoo_request *request;
	cJSON *list;

	if (!change) {
		return;
	}
	request = odoo_request_create(model->name, "create");
	list = cJSON_CreateArray();
	if (request && list) {
		cJSON_AddItemToArray(list, cJSON_Duplicate(values, true));
		odoo_request_set(request, "vals_list", list);
	}
	odoo_client_send(cache->client, request, on_create, change);
}

static void on_unlink(struct odoo_reply *reply, void *data)
{
	struct change *change = data;

	if (failed(change, reply)) {
		return;
	}
	cache_record_hide(change->cache, change->model, change->id);
	change_finish(change, 0, &reply->error);
}

void cache_unlink(
	struct cache *cache, struct cache_model *model, uint32_t id, cache_done_fn fn, void *data)
{
	struct change *change = change_create(cache, model, id, fn, data);
	const int one = (int)id;
	struct odoo_request *request;

	if (!change) {
		return;
	}
	request = odoo_request_create(model->name, "unlink");
	if (request) {
		odoo_request_set(request, "ids", cJSON_CreateIntArray(&one, 1));
	}
	odoo_client_send(cache->client, request, on_unlink, change);
}

/* ── What editing needs to know ── */

static bool holds_commands(const struct cache_field *field, const cJSON *value)
{
	bool is_list = !field || field->type == FIELD_MANY2MANY || field->type == FIELD_ONE2MANY;

	return is_list && cJSON_IsArray(value) && cJSON_IsArray(value->child);
}

/* Of a set they say who is in it; lines may be made or deleted by them, each time anew. */
static bool are_absolute(const struct cache_field *field, const cJSON *commands)
{
	static const int unlink = 3, set = 6;
	int least = field && field->type == FIELD_MANY2MANY ? unlink : set;
	const cJSON *command;

	cJSON_ArrayForEach (command, commands) {
		if (!cJSON_IsNumber(command->child) || command->child->valueint < least) {
			return false;
		}
	}
	return true;
}

bool cache_values_are_absolute(const struct cache_schema *schema, const cJSON *values)
{
	const cJSON *value;

	cJSON_ArrayForEach (value, values) {
		const struct cache_field *field = cache_schema_find(schema, value->string);

		if (holds_commands(field, value) && !are_absolute(field, value)) {
			return false;
		}
	}
	return true;
}

int64_t cache_parse_date(const char *text)
{
	return parse_date(text);
}

void cache_refresh_record(struct cache *cache, struct cache_model *model, uint32_t id)
{
	enter(cache);
	mark_stale(model, id);
	leave(cache);
}

const struct cache_schema *cache_model_schema(struct cache *cache, struct cache_model *model)
{
	const struct cache_schema *schema;

	enter(cache);
	schema = model->schema_state == LOAD_DONE ? model->schema : NULL;
	leave(cache);
	return schema;
}

int cache_schema_ensure(struct cache *cache, struct cache_model *model, struct cache_waiter *waiter)
{
	int r;

	enter(cache);
	r = schema_ensure(model, waiter);
	leave(cache);
	return r;
}

void cache_schemas_hold(struct cache *cache)
{
	enter(cache);
	cache->n_holders++;
	leave(cache);
}

void cache_schemas_release(struct cache *cache)
{
	enter(cache);
	cache->n_holders--;
	leave(cache);
}
