/* SPDX-License-Identifier: MIT */
/* A batch that the server fails on. */
#include "cache/batch.h"
#include "cache/repair.h"

static const char *const *batch_fields(void *data, size_t *ret_n)
{
	struct batch *batch = data;

	batch->schema = batch->model->schema; /* for what comes */
	*ret_n = batch->model->n_read_fields;
	return batch->model->read_fields;
}

static struct odoo_request *request(
	void *data, const uint32_t *ids, size_t n_ids, const char *const *fields, size_t n_fields)
{
	const struct batch *batch = data;

	return odoo_request_read_ids(batch->model->name, ids, n_ids, fields, n_fields);
}

static void take(void *data, const uint32_t *ids, size_t n_ids, cJSON *result, int64_t server_time)
{
	batch_take(data, ids, n_ids, result, server_time);
}

static void fail(void *data, const uint32_t *ids, size_t n_ids, const struct odoo_error *error)
{
	batch_fail(data, ids, n_ids, error);
}

static void unreadable(
	void *data, const uint32_t *ids, size_t n_ids, const struct odoo_error *error)
{
	batch_break(data, ids, n_ids, error);
}

static void done(void *data)
{
	batch_done(data);
}

void batch_repair(struct batch *batch)
{
	const struct repair_target target = {
		.model = batch->model,
		.data = batch,
		.fields = batch_fields,
		.request = request,
		.take = take,
		.fail = fail,
		.unreadable = unreadable,
		.done = done,
	};

	batch->in_parts = true;
	repair_failed(&target, batch->ids, batch->n_ids);
}
