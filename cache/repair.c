/* SPDX-License-Identifier: MIT */
/*
 * Records that the server fails on: which of them is it, and which of its fields?
 *
 *	all of them, with all fields ── fine ──▶ taken
 *	   ▼ fails
 *	search for the ids alone ── fails too ──▶ the model can't be read: all of them are broken
 *	   ▼ fine: what it doesn't find is hidden by a rule, the others are read again
 *	a harmless field of the first record, or else of the last ── both fail ──▶ likewise
 *	   ▼ fine
 *	halves, quarters, … ── fine ──▶ taken
 *	   ▼ one record that fails
 *	halves of its fields, … ── fine ──▶ merged
 *	   ▼ one field that fails ──▶ left out, named, remembered
 *
 * One call at a time, from left to right, so that what the first records taught (a field that
 * nobody may read) is used for the others. Everything runs on the client's thread.
 */
#include "cache/repair.h"

#include "cache/internal.h"

#include "odoo/cleanup.h"
#include "odoo/json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A half of a half of … 1,000: each step leaves one other half for later. */
#define STACK 64

struct range {
	size_t first, end;
};

struct stack {
	struct range ranges[STACK];
	size_t n;
};

struct repair {
	struct repair_target target; /* constant */
	enum {
		PROBE_NONE,  /* reading all that isn't known to fail, for the first time */
		PROBE_IDS,   /* searching for the ids alone */
		PROBE_FIRST, /* reading a harmless field of the first record */
		PROBE_LAST,  /* and of the last, where that failed */
		PROBED,
	} probe;
	uint32_t *list; /* those that the user may see */
	size_t n_list;
	size_t alone;	     /* from here on they are known to fail, and read one by one */
	struct stack ids;    /* of the list, still to be read */
	struct range now;    /* of it, being read */
	struct stack fields; /* of one record, still to be read */
	struct range now_fields;
	cJSON *record;	    /* of one record: the fields that came so far */
	const char **names; /* the model's fields as they were when this record was begun */
	size_t n_names;
};

static void push(struct stack *stack, size_t first, size_t end)
{
	if (first < end && stack->n < STACK) {
		stack->ranges[stack->n++] = (struct range){ first, end };
	}
}

/* The left half lies on top. */
static void push_halves(struct stack *stack, struct range range)
{
	size_t middle = range.first + (range.end - range.first) / 2;

	push(stack, middle, range.end);
	push(stack, range.first, middle);
}

static void next(struct repair *repair);

static void finish(struct repair *repair)
{
	const struct repair_target target = repair->target;

	cJSON_Delete(repair->record);
	free(repair->names);
	free(repair->list);
	free(repair);
	target.done(target.data);
}

/* The server is gone, or the password: nothing more can be learned now. What is left is to the
 * right. */
static void give_up(struct repair *repair, const struct odoo_error *error)
{
	size_t first = repair->now.first;

	if (repair->probe != PROBED) {
		first = 0;
	}
	repair->target.fail(
		repair->target.data, repair->list + first, repair->n_list - first, error);
	finish(repair);
}

static void ask(struct repair *repair, const char *const *fields, size_t n_fields, odoo_reply_fn fn)
{
	const struct repair_target *target = &repair->target;
	size_t n = repair->now.end - repair->now.first;

	odoo_client_send(target->model->cache->client,
		target->request(target->data, repair->list + repair->now.first, n,
			n_fields ? fields : (const char *const[]){ "id" }, n_fields ? n_fields : 1),
		fn, repair);
}

static const uint32_t *ids_now(const struct repair *repair)
{
	return repair->list + repair->now.first;
}

/*
 * Snapshot the fields: another batch may learn of a bad one meanwhile. What is known to be bad in
 * one record is left out again.
 */
static int take_names(struct repair *repair)
{
	const struct repair_target *target = &repair->target;
	struct cache_model *model = target->model;
	const struct bad_record *bad = NULL;
	const char *const *all;
	size_t n;

	enter(model->cache);
	all = target->fields(target->data, &n);
	if (repair->now.end - repair->now.first == 1) {
		bad = bad_record_find(model, *ids_now(repair));
	}
	free(repair->names);
	repair->n_names = 0;
	repair->names = calloc(n + 1, sizeof(*repair->names));
	for (size_t i = 0; repair->names && i < n; i++) {
		if (!is_left_out(bad, all[i]) && !is_left_out_of_all(model, all[i])) {
			repair->names[repair->n_names++] = all[i];
		}
	}
	leave(model->cache);
	return repair->names ? 0 : -ENOMEM;
}

/* ── One record, field by field ── */

static void next_fields(struct repair *repair);

static void merge(cJSON *record, cJSON *part)
{
	cJSON *field;

	while ((field = part->child)) {
		cJSON_DetachItemViaPointer(part, field);
		if (odoo_json_get(record, field->string)) {
			cJSON_Delete(field);
		} else {
			cJSON_AddItemToObject(record, field->string, field);
		}
	}
}

static void field_failed(struct repair *repair, const struct odoo_error *error)
{
	struct cache_model *model = repair->target.model;
	const struct cache_field *field;

	if (repair->now_fields.end - repair->now_fields.first > 1) {
		push_halves(&repair->fields, repair->now_fields);
		return;
	}
	enter(model->cache);
	field = cache_schema_find(model->schema, repair->names[repair->now_fields.first]);
	if (field) {
		leave_out_record_field(model, *ids_now(repair), field, error);
	}
	leave(model->cache);
}

/* One record, and the one that was asked for; none: it went meanwhile. */
static bool is_answer(const struct repair *repair, struct odoo_reply *reply)
{
	const cJSON *record;
	uint32_t id;

	if (!cache_has_records(reply)) {
		return false;
	}
	record = reply->result->child;
	if (record && (record->next || odoo_json_get_id(odoo_json_get(record, "id"), &id) < 0 ||
			      id != *ids_now(repair))) {
		odoo_error_set(&reply->error, ODOO_FAULT_MALFORMED,
			"the server sent another record than the one that was asked for");
	}
	return !reply->error.fault;
}

static void on_fields(struct odoo_reply *reply, void *data)
{
	struct repair *repair = data;

	if (is_answer(repair, reply)) {
		if (!reply->result->child) {
			cJSON_Delete(steal(repair->record));
			repair->fields.n = 0;
		} else {
			merge(repair->record, reply->result->child);
		}
	} else if (odoo_error_is_about_data(&reply->error)) {
		field_failed(repair, &reply->error);
	} else {
		give_up(repair, &reply->error);
		return;
	}
	next_fields(repair);
}

static void next_fields(struct repair *repair)
{
	_cleanup_json_ cJSON *result = NULL;

	if (repair->fields.n) {
		repair->now_fields = repair->fields.ranges[--repair->fields.n];
		ask(repair, repair->names + repair->now_fields.first,
			repair->now_fields.end - repair->now_fields.first, on_fields);
		return;
	}
	result = cJSON_CreateArray();
	if (repair->record) {
		cJSON_AddItemToArray(result, steal(repair->record));
	}
	repair->target.take(repair->target.data, ids_now(repair), 1, result, 0);
	next(repair);
}

static void begin_fields(struct repair *repair)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };

	repair->record = cJSON_CreateObject();
	if (!repair->record || take_names(repair) < 0) {
		odoo_error_set(&error, ODOO_FAULT_INTERNAL, "out of memory");
		give_up(repair, &error);
		return;
	}
	cJSON_AddNumberToObject(repair->record, "id", *ids_now(repair));
	push_halves(&repair->fields, (struct range){ 0, repair->n_names });
	next_fields(repair);
}

/* ── Records ── */

static bool is_in(const cJSON *result, uint32_t id)
{
	const cJSON *each;
	uint32_t found;

	cJSON_ArrayForEach (each, result) {
		if (odoo_json_get_id(odoo_json_get(each, "id"), &found) == 0 && found == id) {
			return true;
		}
	}
	return false;
}

/*
 * One record that a rule forbids makes the read of all an AccessError, while a search just doesn't
 * find it: it is gone for us. Returns how many there were.
 */
static size_t drop_hidden(struct repair *repair, const cJSON *seen)
{
	size_t kept = 0, n_hidden = 0;
	_cleanup_free_ uint32_t *hidden = calloc(repair->n_list, sizeof(*hidden));
	_cleanup_json_ cJSON *none = cJSON_CreateArray();

	for (size_t i = 0; hidden && none && i < repair->n_list; i++) {
		if (is_in(seen, repair->list[i])) {
			repair->list[kept++] = repair->list[i];
		} else {
			hidden[n_hidden++] = repair->list[i];
		}
	}
	if (n_hidden) {
		repair->n_list = kept;
		repair->target.take(repair->target.data, hidden, n_hidden, none, 0);
	}
	return n_hidden;
}

static void on_ids(struct odoo_reply *reply, void *data);

static void ask_one_field(struct repair *repair)
{
	struct cache_model *model = repair->target.model;
	const char *field = NULL;

	enter(model->cache);
	if (model->schema->has_write_date) {
		field = "write_date";
	} else if (model->n_read_fields) {
		field = model->read_fields[0];
	}
	leave(model->cache);
	ask(repair, &field, field ? 1 : 0, on_ids);
}

static void probe_first(struct repair *repair)
{
	repair->probe = PROBE_FIRST;
	repair->now = (struct range){ 0, 1 };
	ask_one_field(repair);
}

static void probe_last(struct repair *repair)
{
	repair->probe = PROBE_LAST;
	repair->now = (struct range){ repair->n_list - 1, repair->n_list };
	ask_one_field(repair);
}

/* The model can be read. Returns false when the repair goes on by itself. */
static bool start_halving(struct repair *repair)
{
	repair->probe = PROBED;
	repair->now = (struct range){ 0, repair->n_list };
	if (repair->n_list == 1) { /* it was asked for with all its fields */
		begin_fields(repair);
		return false;
	}
	push_halves(&repair->ids, repair->now);
	return true;
}

/* A probe was answered. Likewise. */
static bool probed(struct repair *repair, const cJSON *seen)
{
	if (repair->probe != PROBE_IDS) {
		return start_halving(repair);
	}
	if (drop_hidden(repair, seen)) {
		repair->probe = PROBED;
		push(&repair->ids, 0, repair->n_list);
		return true;
	}
	probe_first(repair);
	return false;
}

/* A probe failed over the data. Likewise. */
static bool probe_failed(struct repair *repair, const struct odoo_error *error)
{
	if (repair->probe == PROBE_FIRST && repair->n_list > 1) {
		probe_last(repair);
		return false;
	}
	repair->target.unreadable(repair->target.data, repair->list, repair->n_list, error);
	return true;
}

/* Fine: it is taken. */
static void take(struct repair *repair, struct odoo_reply *reply)
{
	const struct repair_target *target = &repair->target;

	if (reply->result->child) {
		enter(target->model->cache);
		clear_suspects(target->model, repair->names, repair->n_names);
		leave(target->model->cache);
	}
	target->take(target->data, ids_now(repair), repair->now.end - repair->now.first,
		reply->result, reply->server_time);
	repair->probe = PROBED;
}

static void begin_probes(struct repair *repair)
{
	repair->ids.n = 0;
	repair->alone = repair->n_list;
	repair->probe = PROBE_IDS;
	repair->now = (struct range){ 0, repair->n_list };
	ask(repair, NULL, 0, on_ids);
}

/* Over the data. Returns false when the repair goes on by itself. */
static bool reading_failed(struct repair *repair)
{
	if (repair->probe == PROBE_NONE) {
		begin_probes(repair);
		return false;
	}
	if (repair->now.end - repair->now.first > 1) {
		push_halves(&repair->ids, repair->now);
		return true;
	}
	begin_fields(repair);
	return false;
}

static void on_ids(struct odoo_reply *reply, void *data)
{
	struct repair *repair = data;
	bool probing = repair->probe != PROBE_NONE && repair->probe != PROBED;
	bool go_on;

	if (!cache_has_records(reply)) {
		if (!odoo_error_is_about_data(&reply->error)) {
			give_up(repair, &reply->error);
			return;
		}
		go_on = probing ? probe_failed(repair, &reply->error) : reading_failed(repair);
	} else if (probing) {
		go_on = probed(repair, reply->result);
	} else {
		take(repair, reply);
		go_on = true;
	}
	if (go_on) {
		next(repair);
	}
}

static void next(struct repair *repair)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };

	if (!repair->ids.n && repair->alone < repair->n_list) {
		push(&repair->ids, repair->alone, repair->alone + 1);
		repair->alone++;
	}
	if (!repair->ids.n) {
		finish(repair);
		return;
	}
	repair->now = repair->ids.ranges[--repair->ids.n];
	if (take_names(repair) < 0) {
		odoo_error_set(&error, ODOO_FAULT_INTERNAL, "out of memory");
		give_up(repair, &error);
		return;
	}
	ask(repair, repair->names, repair->n_names, on_ids);
}

/* NULL when out of memory, which was told. */
static struct repair *create(const struct repair_target *target, const uint32_t *ids, size_t n_ids)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };
	struct repair *repair = calloc(1, sizeof(*repair));

	if (!repair || !(repair->list = calloc(n_ids, sizeof(*repair->list)))) {
		free(repair);
		odoo_error_set(&error, ODOO_FAULT_INTERNAL, "out of memory");
		target->fail(target->data, ids, n_ids, &error);
		target->done(target->data);
		return NULL;
	}
	memcpy(repair->list, ids, n_ids * sizeof(*repair->list));
	repair->n_list = n_ids;
	repair->target = *target;
	return repair;
}

void repair_failed(const struct repair_target *target, const uint32_t *ids, size_t n_ids)
{
	struct repair *repair = create(target, ids, n_ids);

	if (repair) {
		begin_probes(repair);
	}
}

void repair_read(
	const struct repair_target *target, const uint32_t *ids, size_t n_ids, size_t n_good)
{
	struct repair *repair = create(target, ids, n_ids);

	if (repair) {
		repair->alone = n_good;
		repair->probe = n_good ? PROBE_NONE : PROBED;
		push(&repair->ids, 0, n_good);
		next(repair);
	}
}
