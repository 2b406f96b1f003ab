/* SPDX-License-Identifier: MIT */
/*
 * What the user may do with a model's records, where the list of models couldn't tell: asked when
 * the model is first used, side by side with its schema.
 */
#include "cache/load.h"

#include <stdlib.h>

struct probe {
	struct cache_model *model;
	enum model_rights right;
};

static void on_right(struct odoo_reply *reply, void *data)
{
	struct probe *probe = data;
	struct cache_model *model = probe->model;
	struct cache *cache = model->cache;

	enter(cache);
	/* Not answered is not refused: the server has the last word on every change anyway. */
	if (cJSON_IsFalse(reply->result)) {
		model->rights &= ~(unsigned)probe->right;
	}
	model->n_probes--;
	schema_wake(model);
	leave(cache);
	free(probe);
}

static void ask(struct cache_model *model, enum model_rights right, const char *operation)
{
	bool has_access = odoo_client_server_major(model->cache->client) >= 18;
	struct probe *probe = malloc(sizeof(*probe));
	struct odoo_request *request;

	if (!probe) {
		return;
	}
	*probe = (struct probe){ .model = model, .right = right };
	request =
		odoo_request_create(model->name, has_access ? "has_access" : "check_access_rights");
	if (request) {
		request->repeatable = true;
		odoo_request_set(request, "operation", cJSON_CreateString(operation));
		if (has_access) {
			odoo_request_set(request, "ids", cJSON_CreateArray());
		} else {
			odoo_request_set(request, "raise_exception", cJSON_CreateFalse());
		}
	}
	model->n_probes++;
	odoo_client_send(model->cache->client, request, on_right, probe);
}

void rights_ask(struct cache_model *model)
{
	if (model->rights & RIGHTS_GUESSED) {
		model->rights &= ~(unsigned)RIGHTS_GUESSED;
		ask(model, RIGHT_WRITE, "write");
		ask(model, RIGHT_CREATE, "create");
		ask(model, RIGHT_UNLINK, "unlink");
	}
}

int cache_model_rights(struct cache *cache, struct cache_model *model,
	struct cache_rights *ret_rights, struct cache_waiter *waiter)
{
	int r;

	enter(cache);
	r = model->rights & RIGHTS_GUESSED ? schema_ensure(model, waiter) : 0;
	if (r == 0) {
		*ret_rights = (struct cache_rights){
			.write = model->rights & RIGHT_WRITE,
			.create = model->rights & RIGHT_CREATE,
			.unlink = model->rights & RIGHT_UNLINK,
		};
	}
	leave(cache);
	return r;
}
