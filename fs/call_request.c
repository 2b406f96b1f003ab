/* SPDX-License-Identifier: MIT */
#include "fs/call_request.h"

#include "fs/document.h"
#include "fs/edit_private.h"
#include "fs/scan.h"

#include "odoo/cleanup.h"
#include "odoo/json.h"
#include "odoo/limits.h"
#include "odoo/signature.h"

#include <errno.h>
#include <string.h>

static bool is_id(const json_t *value)
{
	return json_is_integer(value) && json_integer_value(value) > 0 &&
	       json_integer_value(value) <= ODOO_MAX_ID;
}

/* An id, or a list of them. */
static bool are_ids(const json_t *value)
{
	for (size_t i = 0; i < json_array_size(value); i++) {
		if (!is_id(json_array_get(value, i))) {
			return false;
		}
	}
	return json_is_array(value) || is_id(value);
}

static int set(struct editing *e, struct odoo_request *request, const char *name,
	const struct place *place, const json_t *value)
{
	cJSON *copy = NULL;
	int r = edit_json(e, place, value, &copy);

	return r < 0 ? r : odoo_request_set(request, name, copy);
}

static int set_args(struct editing *e, struct odoo_request *request, const struct place *parent,
	const json_t *list, size_t first)
{
	request->args = cJSON_CreateArray();
	for (size_t i = first; i < json_array_size(list); i++) {
		struct place place = { .parent = parent, .index = i };
		cJSON *copy = NULL;
		int r = edit_json(e, &place, json_array_get(list, i), &copy);

		if (r == 0) {
			r = edit_append(request->args, copy);
		}
		if (r < 0) {
			return r;
		}
	}
	return request->args ? 0 : -ENOMEM;
}

/*
 * By position ids are an argument like others. Protocols that have names want to know which they
 * are: those of a method that is known tell, and else the first, where it looks like ids.
 */
static int take_list(struct editing *e, struct odoo_request *request, const json_t *list)
{
	const struct odoo_signature *signature = odoo_signature_find(request->method);
	const json_t *ids = json_array_get(list, 0);
	bool on_records = (!signature || signature->records) && are_ids(ids);
	struct place place = { .index = 0 };
	int r = on_records ? set(e, request, "ids", &place, ids) : 0;

	return r < 0 ? r : set_args(e, request, NULL, list, on_records);
}

/* ── By name ── */

static int take_ids(struct editing *e, struct odoo_request *request, const struct place *place,
	const json_t *value)
{
	_cleanup_decref_ json_t *list = NULL;

	if (!are_ids(value)) {
		return edit_refuse_value(e, place, "an id, or a list of ids", value);
	}
	list = json_is_array(value) ? json_incref((json_t *)value)
				    : json_pack("[O]", (json_t *)value);
	return list ? set(e, request, "ids", place, list) : -ENOMEM;
}

static int take_context(struct editing *e, struct odoo_request *request, const struct place *place,
	const json_t *value)
{
	if (!json_is_object(value)) {
		return edit_refuse_value(e, place, "an object", value);
	}
	if (odoo_json_get(request->params, "context")) {
		return edit_refuse(e, place, "is there twice, beside \"kwargs\" and in it");
	}
	return set(e, request, "context", place, value);
}

static int take_args(struct editing *e, struct odoo_request *request, const struct place *place,
	const json_t *value)
{
	if (!json_is_array(value)) {
		return edit_refuse_value(e, place, "a list", value);
	}
	return set_args(e, request, place, value, 0);
}

static int take_kwargs(struct editing *e, struct odoo_request *request, const struct place *place,
	const json_t *value)
{
	const char *key;
	json_t *member;
	int r = 0;

	if (!json_is_object(value)) {
		return edit_refuse_value(e, place, "an object", value);
	}
	json_object_foreach((json_t *)value, key, member)
	{
		struct place at = { .parent = place, .key = key };

		if (strcmp(key, "ids") == 0) {
			r = edit_refuse(e, &at, "stands beside \"kwargs\"");
		} else if (strcmp(key, "context") == 0) {
			r = take_context(e, request, &at, member);
		} else {
			r = set(e, request, key, &at, member);
		}
		if (r < 0) {
			return r;
		}
	}
	return 0;
}

static int take_object(struct editing *e, struct odoo_request *request, const json_t *object)
{
	static const struct {
		const char *name;
		int (*take)(struct editing *, struct odoo_request *, const struct place *,
			const json_t *);
	} parts[] = {
		{ "args", take_args },
		{ "context", take_context },
		{ "ids", take_ids },
		{ "kwargs", take_kwargs },
	};
	const size_t n_parts = sizeof(parts) / sizeof(parts[0]);
	const char *key;
	json_t *member;

	json_object_foreach((json_t *)object, key, member)
	{
		struct place place = { .key = key };
		size_t i = 0;
		int r;

		while (i < n_parts && strcmp(parts[i].name, key) != 0) {
			i++;
		}
		r = i < n_parts ? parts[i].take(e, request, &place, member)
				: edit_refuse(e, &place,
					  "is no part of a call: there are \"ids\", \"args\", "
					  "\"kwargs\" and \"context\"");
		if (r < 0) {
			return r;
		}
	}
	return 0;
}

static bool is_list_or_object(const char *text, size_t size)
{
	struct scan scan;

	scan_begin(&scan, text, size);
	return scan_next(&scan) && (scan_char(&scan) == '[' || scan_char(&scan) == '{');
}

static int refuse(struct odoo_error *error)
{
	odoo_error_set(error, ODOO_FAULT_VALIDATION,
		"what a method is called with is a list of its arguments, [[5], …], or an object, "
		"{\"ids\": [5], \"args\": […], \"kwargs\": {…}, \"context\": {…}}");
	return -EINVAL;
}

int call_request_parse(const char *model, const char *method, const char *text, size_t size,
	struct odoo_request **ret_request, struct odoo_error *error)
{
	const struct edit_source source = { .text = text, .size = size };
	struct editing e = { .source = &source, .error = error };
	_cleanup_decref_ json_t *json = NULL;
	struct odoo_request *request;
	int r = document_parse_any(text, size, &json, error);

	if (r != DOCUMENT_EMPTY && !is_list_or_object(text, size)) {
		return refuse(error);
	}
	if (r != 0) {
		return r == DOCUMENT_NOT_JSON ? -EINVAL : r;
	}
	request = odoo_request_create(model, method);
	if (!request) {
		return -ENOMEM;
	}
	r = json_is_array(json) ? take_list(&e, request, json) : take_object(&e, request, json);
	if (r < 0) {
		odoo_request_destroy(request);
		return r;
	}
	*ret_request = request;
	return 0;
}
