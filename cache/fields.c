/* SPDX-License-Identifier: MIT */
/* A model's schema, which of its fields are read, and which the server fails on. */
#include "cache/binary_private.h"
#include "cache/internal.h"
#include "cache/persist.h"
#include "cache/write.h"

#include "odoo/cleanup.h"
#include "odoo/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * A field that the server fails on in so many records in a row is taken to fail in all of them:
 * each one costs some twenty calls to find out.
 */
#define SUSPECT_MAX 5

/* In the place of a count: it was left out of all records. */
#define LEFT_OUT UINT8_MAX

static bool is_x2many(const struct cache_field *field)
{
	return field->type == FIELD_MANY2MANY || field->type == FIELD_ONE2MANY;
}

/*
 * An x2many field whose comodel the user may not read makes the whole read fail, so it isn't asked
 * for. Binary fields are files of their own, unless their contents are wanted here.
 */
static bool is_read(struct cache_model *model, const struct cache_field *field)
{
	const struct cache_options *options = &model->cache->options;

	if (field->type == FIELD_BINARY) {
		return options->binary == CACHE_BINARY_INLINE && binaries_has(model, field);
	}
	if (!field->stored && !options->all_fields) {
		return false;
	}
	if (field->type == FIELD_ONE2MANY && !options->one2many) {
		return false;
	}
	return !is_x2many(field) || !field->relation ||
	       model_is_readable(model->cache, field->relation);
}

static int choose_fields(struct cache_model *model)
{
	struct cache_schema *schema = model->schema;
	const char **names = calloc(schema->n_fields + 1, sizeof(*names));

	if (!names) {
		return -ENOMEM;
	}
	free(model->read_fields);
	model->read_fields = names;
	model->n_read_fields = 0;
	for (size_t i = 0; i < schema->n_fields; i++) {
		if (is_read(model, &schema->fields[i])) {
			names[model->n_read_fields++] = schema->fields[i].name;
		}
	}
	return 0;
}

static void forget_all_bad(struct cache_model *model)
{
	struct bad_record *bad, *next;

	HASH_ITER (hh, model->bad_records, bad, next) {
		HASH_DEL(model->bad_records, bad);
		free(bad->fields);
		free(bad);
	}
	free(steal(model->suspects));
}

static void take_schema(struct cache_model *model, struct cache_schema *schema)
{
	forget_all_bad(model);
	model->suspects = calloc(schema->n_fields + 1, sizeof(*model->suspects));
	if (!model->batches && !model->cache->n_holders) {
		cache_schema_destroy_all(steal(model->retired));
	}
	cache_schema_retire(&model->retired, steal(model->schema));
	model->schema = schema;
	model->lacks_field = false;
	if (choose_fields(model) < 0) {
		wake_all(model->cache, &model->schema_waiters, -ENOMEM);
		return;
	}
	binaries_choose(model);
	model->schema_state = LOAD_DONE;
	schema_wake(model);
}

void schema_wake(struct cache_model *model)
{
	if (model->schema_state == LOAD_DONE && !model->n_probes) {
		wake_all(model->cache, &model->schema_waiters, 0);
	}
}

static void on_schema(struct odoo_reply *reply, void *data)
{
	struct cache_model *model = data;
	struct cache *cache = model->cache;
	struct cache_schema *schema = NULL;

	if (reply->result) {
		cache_schema_parse(reply->result, &schema, &reply->error);
	}
	enter(cache);
	note_clock(cache, reply->server_time);
	note_reply(model, &reply->error);
	model->schema_state = LOAD_NONE;
	if (schema) {
		take_schema(model, schema);
	} else {
		post_failure(cache, model, 0, "fields_get", &reply->error);
		/* An old schema is better than none while the server is away. */
		model->schema_state =
			model->schema && is_offline_fault(&reply->error) ? LOAD_DONE : LOAD_NONE;
		wake_all(cache, &model->schema_waiters,
			model->schema_state == LOAD_DONE ? 0 : read_errno(&reply->error));
	}
	leave(cache);
}

int schema_ensure(struct cache_model *model, struct cache_waiter *waiter)
{
	if (model->schema_state == LOAD_DONE && !model->n_probes) {
		return 0;
	}
	if (model->schema_state == LOAD_NONE) {
		model->schema_state = LOAD_BUSY;
		rights_ask(model);
		odoo_client_send(model->cache->client,
			odoo_request_fields_get(
				model->name, cache_schema_attributes, cache_schema_n_attributes),
			on_schema, model);
	}
	wait_on(&model->schema_waiters, waiter, 0);
	return CACHE_WAIT;
}

void schema_drop(struct cache_model *model)
{
	if (model->schema_state == LOAD_DONE) {
		model->schema_state = LOAD_NONE;
	}
}

void schema_finish(struct cache_model *model)
{
	forget_all_bad(model);
	cache_schema_retire(&model->retired, steal(model->schema));
	cache_schema_destroy_all(steal(model->retired));
	free(model->read_fields);
	model->read_fields = NULL;
}

/* Returns false when it isn't read anyway. */
static bool drop_from_read(struct cache_model *model, const char *name)
{
	size_t kept = 0, before = model->n_read_fields;

	for (size_t i = 0; i < model->n_read_fields; i++) {
		if (strcmp(model->read_fields[i], name) != 0) {
			model->read_fields[kept++] = model->read_fields[i];
		}
	}
	model->n_read_fields = kept;
	return kept < before;
}

/* NULL where nothing is known of it. */
static uint8_t *mark_of(const struct cache_model *model, const char *name)
{
	const struct cache_field *field =
		model->suspects ? cache_schema_find(model->schema, name) : NULL;

	return field ? &model->suspects[field - model->schema->fields] : NULL;
}

bool is_left_out_of_all(const struct cache_model *model, const char *name)
{
	const uint8_t *mark = mark_of(model, name);

	return mark && *mark == LEFT_OUT;
}

void leave_out_field(
	struct cache_model *model, const struct cache_field *field, const struct odoo_error *error)
{
	_cleanup_odoo_error_ struct odoo_error all = { 0 };
	uint8_t *mark = mark_of(model, field->name);

	if (!mark || *mark == LEFT_OUT) {
		return; /* another batch found it first */
	}
	*mark = LEFT_OUT;
	if (drop_from_read(model, field->name)) {
		model->lacks_field = true;
		persist_forget_model(model);
	}
	odoo_error_set(&all, error->fault, "field %s is left out of every record of %s: %s",
		field->name, model->name, error->message);
	post_failure(model->cache, model, 0, "read", &all);
	model->cache->stats.left_out++;
}

struct bad_record *bad_record_find(struct cache_model *model, uint32_t id)
{
	struct bad_record *bad;

	HASH_FIND(hh, model->bad_records, &id, sizeof(id), bad);
	return bad;
}

void bad_record_forget(struct cache_model *model, uint32_t id)
{
	struct bad_record *bad = bad_record_find(model, id);

	if (bad) {
		HASH_DEL(model->bad_records, bad);
		free(bad->fields);
		free(bad);
	}
}

bool is_left_out(const struct bad_record *bad, const char *name)
{
	for (size_t i = 0; bad && i < bad->n_fields; i++) {
		if (strcmp(bad->fields[i]->name, name) == 0) {
			return true;
		}
	}
	return false;
}

static struct bad_record *bad_record_add(struct cache_model *model, uint32_t id)
{
	struct bad_record *bad = bad_record_find(model, id);

	if (!bad && (bad = calloc(1, sizeof(*bad)))) {
		bad->id = id;
		HASH_ADD(hh, model->bad_records, id, sizeof(bad->id), bad);
		if (!bad->hh.tbl) {
			free(steal(bad));
		}
	}
	return bad;
}

bool is_known_to_fail(
	struct cache_model *model, uint32_t id, const char *const *names, size_t n_names)
{
	const struct bad_record *bad = bad_record_find(model, id);

	for (size_t i = 0; bad && bad->alone && i < n_names; i++) {
		if (is_left_out(bad, names[i]) && !is_left_out_of_all(model, names[i])) {
			return true;
		}
	}
	return false;
}

bool is_read_alone(struct cache_model *model, uint32_t id)
{
	return is_known_to_fail(model, id, model->read_fields, model->n_read_fields);
}

static void report(struct cache_model *model, uint32_t id, const struct cache_field *field,
	const struct odoo_error *error)
{
	_cleanup_odoo_error_ struct odoo_error one = { 0 };

	odoo_error_set(&one, error->fault, "field %s is left out of this record: %s", field->name,
		error->message);
	post_failure(model->cache, model, id, "read", &one);
	model->cache->stats.left_out++;
}

/* Remember it as the record's, and report it unless that was done. */
static struct bad_record *remember(struct cache_model *model, uint32_t id,
	const struct cache_field *field, const struct odoo_error *error)
{
	struct bad_record *bad = bad_record_add(model, id);
	const struct cache_field **grown;

	if (!bad || is_left_out(bad, field->name)) {
		return bad;
	}
	grown = reallocarray(bad->fields, bad->n_fields + 1, sizeof(*grown));
	if (grown) {
		bad->fields = grown;
		bad->fields[bad->n_fields++] = field;
	}
	report(model, id, field, error);
	persist_forget(model, id);
	return bad;
}

void clear_suspects(struct cache_model *model, const char *const *names, size_t n_names)
{
	for (size_t i = 0; i < n_names; i++) {
		uint8_t *mark = mark_of(model, names[i]);

		if (mark && *mark != LEFT_OUT) {
			*mark = 0;
		}
	}
}

/* Once more; whether that is too often. */
static bool suspect(struct cache_model *model, const struct cache_field *field)
{
	uint8_t *mark = mark_of(model, field->name);

	return mark && (*mark == LEFT_OUT || ++*mark >= SUSPECT_MAX);
}

/*
 * A refused right is the model's, not the record's. Other failures are the record's own, until the
 * same field has failed in a few records with no good one between them.
 */
void leave_out_record_field(struct cache_model *model, uint32_t id, const struct cache_field *field,
	const struct odoo_error *error)
{
	struct bad_record *bad;

	if (error->fault == ODOO_FAULT_ACCESS || suspect(model, field)) {
		leave_out_field(model, field, error);
		return;
	}
	bad = remember(model, id, field, error);
	if (bad) {
		bad->alone = true;
	}
}

void hide_record_field(struct cache_model *model, uint32_t id, const struct cache_field *field,
	const struct odoo_error *error)
{
	remember(model, id, field, error);
}

int cache_model_read_fields(
	struct cache *cache, struct cache_model *model, const char ***ret_names, size_t *ret_n)
{
	const char **names;

	enter(cache);
	names = calloc(model->n_read_fields + 1, sizeof(*names));
	if (names) {
		memcpy(names, model->read_fields, model->n_read_fields * sizeof(*names));
		*ret_names = names;
		*ret_n = model->n_read_fields;
	}
	leave(cache);
	return names ? 0 : -ENOMEM;
}
