/* SPDX-License-Identifier: MIT */
#include "cache/call.h"

#include "cache/internal.h"

#include "odoo/cleanup.h"
#include "odoo/json.h"

#include <errno.h>
#include <stdlib.h>

struct call {
	struct cache_waiter waiter; /* for the check; must be first */
	struct cache *cache;
	struct cache_model *model;
	cJSON *ids; /* of the records that it was called on; or NULL */
	cJSON *result;
	cache_done_fn fn;
	void *data;
};

static void call_finish(struct call *call, int r, const struct odoo_error *error)
{
	call->fn(r, call->result, error, call->data);
	cJSON_Delete(call->ids);
	cJSON_Delete(call->result);
	free(call);
}

static void on_checked(struct cache_waiter *waiter, int error)
{
	_cleanup_odoo_error_ struct odoo_error none = { 0 };

	/* It was called, whether or not it can be told what came of it. */
	call_finish((struct call *)waiter, 0, &none);
}

/* With the cache entered: its records are read again, and of all models it is asked what changed.
 */
static void doubt_all(struct call *call)
{
	struct cache_model *model, *next;
	const cJSON *each;
	uint32_t id;

	HASH_ITER (by_name, call->cache->by_name, model, next) {
		model->checked_ms = 0;
		model->changes++;
	}
	if (odoo_json_get_id(call->ids, &id) == 0) {
		mark_stale(call->model, id);
	}
	cJSON_ArrayForEach (each, call->ids) {
		if (odoo_json_get_id(each, &id) == 0) {
			mark_stale(call->model, id);
		}
	}
}

static void on_called(struct odoo_reply *reply, void *data)
{
	struct call *call = data;
	int r = odoo_error_errno(&reply->error);

	if (r < 0 && !reply->error.unsure) {
		call_finish(call, r, &reply->error);
		return;
	}
	enter(call->cache);
	doubt_all(call);
	leave(call->cache);
	if (r < 0) {
		call_finish(call, r, &reply->error);
		return;
	}
	call->result = steal(reply->result);
	call->waiter.wake = on_checked;
	enter(call->cache);
	r = fresh_ensure(call->model, &call->waiter);
	leave(call->cache);
	if (r != CACHE_WAIT) {
		on_checked(&call->waiter, r);
	}
}

void cache_call(struct cache *cache, struct cache_model *model, struct odoo_request *request,
	cache_done_fn fn, void *data)
{
	struct call *call = calloc(1, sizeof(*call));

	if (!call) {
		_cleanup_odoo_error_ struct odoo_error error = { 0 };

		odoo_request_destroy(request);
		odoo_error_set(&error, ODOO_FAULT_INTERNAL, "out of memory");
		fn(-ENOMEM, NULL, &error, data);
		return;
	}
	call->cache = cache;
	call->model = model;
	call->ids = request ? cJSON_Duplicate(odoo_json_get(request->params, "ids"), true) : NULL;
	call->fn = fn;
	call->data = data;
	odoo_client_send(cache->client, request, on_called, call);
}
