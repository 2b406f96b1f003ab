/* SPDX-License-Identifier: MIT */
#include "odoo/arguments.h"

#include "odoo/cleanup.h"
#include "odoo/json.h"
#include "odoo/quote.h"
#include "odoo/signature.h"

#include <errno.h>
#include <string.h>

#define FIRST_WITH_LISTS 12 /* of records to create */

/* Add a value that is owned from here on, on failure as well. */
static bool append(cJSON *array, cJSON *value)
{
	if (value && cJSON_AddItemToArray(array, value)) {
		return true;
	}
	cJSON_Delete(value);
	return false;
}

static bool put(cJSON *object, const char *name, cJSON *value)
{
	if (value && cJSON_AddItemToObject(object, name, value)) {
		return true;
	}
	cJSON_Delete(value);
	return false;
}

cJSON *odoo_arguments_context(const struct odoo_request *request, const cJSON *context)
{
	_cleanup_json_ cJSON *all = cJSON_Duplicate(context, true);
	const cJSON *own = odoo_json_get(request->params, "context");
	const cJSON *item;

	cJSON_ArrayForEach (item, own) {
		cJSON_DeleteItemFromObjectCaseSensitive(all, item->string);
		if (!put(all, item->string, cJSON_Duplicate(item, true))) {
			return NULL;
		}
	}
	return steal(all);
}

/* Where an argument stands in the signature; -1 where that isn't known. */
static int find_position(const struct odoo_signature *signature, const char *name)
{
	for (int i = 0; signature && signature->arguments[i].name; i++) {
		if (strcmp(signature->arguments[i].name, name) == 0) {
			return i;
		}
	}
	return -1;
}

static bool is_fixed(const struct odoo_signature *signature, const char *name)
{
	int position = find_position(signature, name);

	return position >= 0 && (unsigned)position < signature->fixed;
}

/* How many arguments there have to be so that all of `params` below `limit` are among them. */
static int count_positions(
	const struct odoo_signature *signature, const cJSON *params, unsigned limit)
{
	const cJSON *param;
	int n = 0;

	cJSON_ArrayForEach (param, params) {
		int position = find_position(signature, param->string);

		if (position >= n && (unsigned)position < limit) {
			n = position + 1;
		}
	}
	return n;
}

/* The first `n` arguments; the default stands for one that isn't given. */
static bool append_positions(
	cJSON *args, const struct odoo_signature *signature, cJSON *params, int n)
{
	for (int i = 0; i < n; i++) {
		cJSON *param =
			cJSON_GetObjectItemCaseSensitive(params, signature->arguments[i].name);

		if (param ? !cJSON_AddItemReferenceToArray(args, param)
			  : !append(args, cJSON_Parse(signature->arguments[i].usual))) {
			return false;
		}
	}
	return true;
}

/* The values of one record, out of their list. */
static bool unwrap_values(cJSON *args)
{
	cJSON *list = cJSON_GetArrayItem(args, 0);
	cJSON *values = cJSON_GetArraySize(list) == 1 ? list->child : NULL;

	if (!cJSON_IsObject(values)) {
		return true;
	}
	cJSON_DeleteItemFromArray(args, 0);
	return cJSON_AddItemReferenceToArray(args, values);
}

/* References, so that a large write isn't copied to be printed. */
static cJSON *make_positional(const struct odoo_request *request, unsigned major, unsigned limit)
{
	const struct odoo_signature *signature = odoo_signature_find(request->method);
	_cleanup_json_ cJSON *args = cJSON_CreateArray();
	cJSON *ids = cJSON_GetObjectItemCaseSensitive(request->params, "ids");
	cJSON *arg;
	int n = count_positions(signature, request->params, limit);

	if (!args || (ids && !cJSON_AddItemReferenceToArray(args, ids)) ||
		!append_positions(args, signature, request->params, n)) {
		return NULL;
	}
	if (major < FIRST_WITH_LISTS && strcmp(request->method, "create") == 0 &&
		!unwrap_values(args)) {
		return NULL;
	}
	cJSON_ArrayForEach (arg, request->args) {
		if (!cJSON_AddItemReferenceToArray(args, arg)) {
			return NULL;
		}
	}
	return steal(args);
}

cJSON *odoo_arguments_positional(const struct odoo_request *request, unsigned major)
{
	const struct odoo_signature *signature = odoo_signature_find(request->method);

	return make_positional(request, major, signature ? signature->fixed : 0);
}

static bool is_apart(const cJSON *param)
{
	return strcmp(param->string, "ids") == 0 || strcmp(param->string, "context") == 0;
}

cJSON *odoo_arguments_named(const struct odoo_request *request, const cJSON *context)
{
	const struct odoo_signature *signature = odoo_signature_find(request->method);
	_cleanup_json_ cJSON *kwargs = cJSON_CreateObject();
	cJSON *param;

	if (!kwargs || !put(kwargs, "context", odoo_arguments_context(request, context))) {
		return NULL;
	}
	cJSON_ArrayForEach (param, request->params) {
		if (!is_apart(param) && !is_fixed(signature, param->string) &&
			!cJSON_AddItemReferenceToObject(kwargs, param->string, param)) {
			return NULL;
		}
	}
	return steal(kwargs);
}

int odoo_call_texts_make(const struct odoo_request *request, const cJSON *context, unsigned major,
	struct odoo_call_texts *ret_texts)
{
	_cleanup_json_ cJSON *positional = odoo_arguments_positional(request, major);
	_cleanup_json_ cJSON *named = odoo_arguments_named(request, context);
	struct odoo_call_texts texts = {
		.model = odoo_quote(request->model),
		.method = odoo_quote(request->method),
		.positional = positional ? cJSON_PrintUnformatted(positional) : NULL,
		.named = named ? cJSON_PrintUnformatted(named) : NULL,
	};

	*ret_texts = texts;
	return texts.model && texts.method && texts.positional && texts.named ? 0 : -ENOMEM;
}

void odoo_call_texts_finish(struct odoo_call_texts *texts)
{
	free(texts->model);
	free(texts->method);
	cJSON_free(texts->positional);
	cJSON_free(texts->named);
}

/* Names for what a user gave by position. */
static bool name_args(const struct odoo_request *request, cJSON *object, struct odoo_error *error)
{
	const struct odoo_signature *signature = odoo_signature_find(request->method);
	cJSON *arg;
	int i = 0;

	cJSON_ArrayForEach (arg, request->args) {
		const char *name =
			signature && i < ODOO_MAX_ARGUMENTS ? signature->arguments[i].name : NULL;

		if (!name) {
			odoo_error_set(error, ODOO_FAULT_VALIDATION,
				"%s.%s: through json2 arguments are given by name, and what the "
				"name of argument %d is isn't known: give it in \"kwargs\"",
				request->model, request->method, i + 1);
			return false;
		}
		if (!cJSON_AddItemReferenceToObject(object, name, arg)) {
			return false;
		}
		i++;
	}
	return true;
}

cJSON *odoo_arguments_all_named(
	const struct odoo_request *request, const cJSON *context, struct odoo_error *error)
{
	_cleanup_json_ cJSON *all = cJSON_CreateObject();
	cJSON *param;

	if (!all || !put(all, "context", odoo_arguments_context(request, context)) ||
		!name_args(request, all, error)) {
		return NULL;
	}
	cJSON_ArrayForEach (param, request->params) {
		if (strcmp(param->string, "context") != 0 &&
			!cJSON_AddItemReferenceToObject(all, param->string, param)) {
			return NULL;
		}
	}
	return steal(all);
}

cJSON *odoo_arguments_all_positional(
	const struct odoo_request *request, unsigned major, struct odoo_error *error)
{
	const struct odoo_signature *signature = odoo_signature_find(request->method);
	const cJSON *param;

	cJSON_ArrayForEach (param, request->params) {
		if (!is_apart(param) && find_position(signature, param->string) < 0) {
			odoo_error_set(error, ODOO_FAULT_VALIDATION,
				"%s.%s: through jsoncall arguments are given by position, and "
				"where \"%s\" stands isn't known: give it in \"args\"",
				request->model, request->method, param->string);
			return NULL;
		}
	}
	return make_positional(request, major, ODOO_MAX_ARGUMENTS);
}
