/* SPDX-License-Identifier: MIT */
/* Records are rendered with what is known of their binary fields: a batch waits until that is. */
#include "cache/batch.h"
#include "cache/binary_private.h"

#include "odoo/cleanup.h"
#include "odoo/json.h"

#include <stdlib.h>

/* What was written so shortly before the table was listed may have been written after it. */
#define DOUBT_SECONDS 60

struct held {
	struct cache_waiter waiter; /* must be first */
	struct batch *batch;
	cJSON *result; /* NULL: it is to be repaired */
	int64_t server_time;
};

static void go_on(struct held *held, int error)
{
	struct batch *batch = held->batch;
	struct cache *cache = batch->model->cache;
	_cleanup_odoo_error_ struct odoo_error failure = { 0 };

	if (error) {
		enter(cache);
		odoo_error_copy(&failure, &batch->model->binaries->failure);
		leave(cache);
		if (!failure.fault) {
			odoo_error_set(&failure, ODOO_FAULT_INTERNAL,
				"what the records have in binary fields can't be told");
		}
		batch_fail(batch, batch->ids, batch->n_ids, &failure);
		batch_done(batch);
	} else if (held->result) {
		batch_take(batch, batch->ids, batch->n_ids, held->result, held->server_time);
		batch_done(batch);
	} else {
		batch_repair(batch);
	}
	cJSON_Delete(held->result);
	free(held);
}

/* Ask until all is known. True: it waits. */
static bool wait_for_all(struct held *held, int *ret_error)
{
	struct batch *batch = held->batch;
	struct cache *cache = batch->model->cache;
	struct binary_table *table;
	int r = 0;

	enter(cache);
	table = binaries_of(batch->model);
	if (table) {
		r = binaries_ensure_ids(table, batch->ids, batch->n_ids, &held->waiter);
	}
	leave(cache);
	*ret_error = r < 0 ? r : 0;
	return r == CACHE_WAIT;
}

static void wake(struct cache_waiter *waiter, int error)
{
	struct held *held = (struct held *)waiter;

	if (error || !wait_for_all(held, &error)) {
		go_on(held, error);
	}
}

/* Of what was written lately it isn't sure that the table has it. */
static void doubt_recent(struct binary_table *table, const cJSON *records)
{
	const cJSON *record;

	cJSON_ArrayForEach (record, records) {
		uint32_t id;

		if (record_date(record, "write_date") < table->loaded_at - DOUBT_SECONDS ||
			odoo_json_get_id(odoo_json_get(record, "id"), &id) < 0 ||
			cache_index_has(&table->loose, id)) {
			continue;
		}
		if (table_knows(table, id)) {
			cache_index_insert(&table->stale, id);
		}
	}
}

bool binaries_hold_batch(struct batch *batch, cJSON **result, int64_t server_time)
{
	struct cache *cache = batch->model->cache;
	struct binary_table *table;
	struct held *held;
	int error;

	enter(cache);
	table = binaries_of(batch->model);
	if (table && result && (table->covered || table->complete)) {
		doubt_recent(table, *result);
	}
	leave(cache);
	held = table ? calloc(1, sizeof(*held)) : NULL;
	if (!held) {
		return false;
	}
	held->waiter.wake = wake;
	held->batch = batch;
	held->server_time = server_time;
	held->result = result ? steal(*result) : NULL;
	if (wait_for_all(held, &error)) {
		return true;
	}
	go_on(held, error);
	return true;
}

static void add_member(struct binary_table *table, const struct cache_binary *binary, cJSON *record)
{
	const char *field = table->names[binary->slot];
	char sum[2 * CACHE_SHA1_SIZE + 1], name[CACHE_BINARY_NAME_MAX];
	cJSON *member = cJSON_CreateObject();

	cache_binary_print_name(binary->id, field, cache_media_suffix(binary->type), name);
	cache_binary_print_sum(binary, sum);
	cJSON_AddStringToObject(member, "file", name);
	cJSON_AddNumberToObject(member, "size", (double)binary->size);
	cJSON_AddStringToObject(member, "sha1", sum);
	cJSON_AddStringToObject(member, "type", binary->type);
	cJSON_AddItemToObject(record, field, member);
}

/* A record has each of the fields: those without content are false. */
void binaries_add_members(struct cache_model *model, uint32_t id, cJSON *record)
{
	struct cache *cache = model->cache;
	struct binary_table *table;

	enter(cache);
	table = binaries_of(model);
	for (unsigned slot = 0; table && slot < CACHE_BINARY_SLOTS; slot++) {
		const struct cache_binary *binary = table_find(table, id, slot);

		if (binary && binary->resolved && !binary->hidden) {
			add_member(table, binary, record);
		} else if (table->names[slot]) {
			cJSON_AddFalseToObject(record, table->names[slot]);
		}
	}
	leave(cache);
}
