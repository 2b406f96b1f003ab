/* SPDX-License-Identifier: MIT */
#include "cache/question.h"

#include "cache/rows_private.h"

#include "odoo/cleanup.h"
#include "odoo/json.h"
#include "odoo/request_find.h"

#include <errno.h>

int cache_ask_groups(struct cache_ask *ask, struct cache_rows *rows, const char *field, bool month,
	struct cache_answer **ret_answer, struct cache_waiter *waiter)
{
	_cleanup_json_ cJSON *domain = NULL;
	int r;

	enter(rows->cache);
	r = ask_get(ask, ret_answer, waiter);
	if (r == -ENODATA) {
		r = rows_domain(rows, &domain, waiter);
		if (r == 0) {
			r = ask_send(ask,
				odoo_request_groups(rows->model->name, domain, field, month,
					odoo_client_server_major(rows->cache->client)),
				waiter);
		}
	}
	leave(rows->cache);
	return r;
}

const cJSON *cache_group_value(const cJSON *group, const char *field, bool month)
{
	struct odoo_group parsed;

	return odoo_group_parse(group, field, month, &parsed) < 0 ? NULL : parsed.value;
}

int cache_ask_fields(
	struct cache_ask *ask, struct cache_answer **ret_answer, struct cache_waiter *waiter)
{
	int r = cache_ask_get(ask, ret_answer, waiter);

	return r == -ENODATA
		       ? cache_ask_send(ask, odoo_request_describe(ask_model_of(ask)->name), waiter)
		       : r;
}

int cache_ask_defaults(struct cache_ask *ask, const char *const *fields, size_t n_fields,
	struct cache_answer **ret_answer, struct cache_waiter *waiter)
{
	int r = cache_ask_get(ask, ret_answer, waiter);

	return r == -ENODATA
		       ? cache_ask_send(ask,
				 odoo_request_defaults(ask_model_of(ask)->name, fields, n_fields),
				 waiter)
		       : r;
}

int cache_ask_model(
	struct cache_ask *ask, struct cache_answer **ret_answer, struct cache_waiter *waiter)
{
	int r = cache_ask_get(ask, ret_answer, waiter);

	return r == -ENODATA
		       ? cache_ask_send(ask, odoo_request_model(ask_model_of(ask)->name), waiter)
		       : r;
}

int cache_ask_names(
	struct cache_ask *ask, const uint32_t *ids, size_t n_ids, struct cache_waiter *waiter)
{
	return cache_ask_send(
		ask, odoo_request_display_names(ask_model_of(ask)->name, ids, n_ids), waiter);
}
