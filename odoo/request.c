/* SPDX-License-Identifier: MIT */
#include "odoo/request.h"

#include "odoo/cleanup.h"
#include "odoo/json.h"
#include "odoo/limits.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct odoo_request *odoo_request_create(const char *model, const char *method)
{
	struct odoo_request *request = calloc(1, sizeof(*request));

	if (!request) {
		return NULL;
	}
	request->model = strdup(model);
	request->method = strdup(method);
	request->params = cJSON_CreateObject();
	if (!request->model || !request->method || !request->params) {
		odoo_request_destroy(request);
		return NULL;
	}
	return request;
}

void odoo_request_destroy(struct odoo_request *request)
{
	if (!request) {
		return;
	}
	free(request->model);
	free(request->method);
	cJSON_Delete(request->params);
	cJSON_Delete(request->args);
	free(request);
}

static void cleanup_request(struct odoo_request **request)
{
	odoo_request_destroy(*request);
}

#define _cleanup_request_ _cleanup_(cleanup_request)

struct odoo_request *odoo_request_unless(struct odoo_request *request, int failed)
{
	if (failed) {
		odoo_request_destroy(request);
		return NULL;
	}
	return request;
}

int odoo_request_set(struct odoo_request *request, const char *name, cJSON *value)
{
	if (!value || !cJSON_AddItemToObject(request->params, name, value)) {
		cJSON_Delete(value);
		return -ENOMEM;
	}
	return 0;
}

static struct odoo_request *create_read(const char *model, const char *method)
{
	struct odoo_request *request = odoo_request_create(model, method);

	if (request) {
		request->repeatable = true;
	}
	return request;
}

/* Append `value` to `array`; it is the array's from here on, on failure as well. */
static int append(cJSON *array, cJSON *value)
{
	if (!value || !cJSON_AddItemToArray(array, value)) {
		cJSON_Delete(value);
		return -ENOMEM;
	}
	return 0;
}

/* Append the condition [field, operator, value] to a domain; `value` as in append. */
static int append_condition(cJSON *domain, const char *field, const char *operator, cJSON * value)
{
	cJSON *condition = cJSON_CreateArray();

	if (append(domain, condition) || append(condition, cJSON_CreateString(field)) ||
		append(condition, cJSON_CreateString(operator))) {
		cJSON_Delete(value);
		return -ENOMEM;
	}
	return append(condition, value);
}

/* Order by id, up to `limit` records (0: all). */
static int set_page(struct odoo_request *request, uint32_t limit)
{
	if (odoo_request_set(request, "order", cJSON_CreateString("id"))) {
		return -ENOMEM;
	}
	if (limit > 0 && odoo_request_set(request, "limit", cJSON_CreateNumber(limit))) {
		return -ENOMEM;
	}
	return 0;
}

struct odoo_request *odoo_request_search_after(
	const char *model, const cJSON *domain, uint32_t after, uint32_t limit)
{
	_cleanup_request_ struct odoo_request *request = create_read(model, "search");
	cJSON *all = domain ? cJSON_Duplicate(domain, true) : cJSON_CreateArray();

	if (!request) {
		cJSON_Delete(all);
		return NULL;
	}
	if (odoo_request_set(request, "domain", all) ||
		append_condition(all, "id", ">", cJSON_CreateNumber(after)) ||
		set_page(request, limit)) {
		return NULL;
	}
	return steal(request);
}

static cJSON *ids_to_json(const uint32_t *ids, size_t n_ids)
{
	_cleanup_json_ cJSON *array = cJSON_CreateArray();

	for (size_t i = 0; array && i < n_ids; i++) {
		if (append(array, cJSON_CreateNumber(ids[i]))) {
			return NULL;
		}
	}
	return steal(array);
}

static cJSON *names_to_json(const char *const *names, size_t n_names)
{
	_cleanup_json_ cJSON *array = cJSON_CreateArray();

	for (size_t i = 0; array && i < n_names; i++) {
		if (append(array, cJSON_CreateString(names[i]))) {
			return NULL;
		}
	}
	return steal(array);
}

/* The records' ids alone: read doesn't look whether they are there then, a search does. */
static struct odoo_request *search_ids(const char *model, const uint32_t *ids, size_t n_ids)
{
	static const char *const only_id[] = { "id" };
	_cleanup_request_ struct odoo_request *request = create_read(model, "search_read");
	cJSON *domain = cJSON_CreateArray();

	if (!request) {
		cJSON_Delete(domain);
		return NULL;
	}
	if (odoo_request_set(request, "domain", domain) ||
		append_condition(domain, "id", "in", ids_to_json(ids, n_ids)) ||
		odoo_request_set(request, "fields", names_to_json(only_id, 1)) ||
		set_page(request, 0)) {
		return NULL;
	}
	return steal(request);
}

/*
 * search_read forgets active_test between its search and its read, so that archived records would
 * be missing from every x2many: read doesn't.
 */
struct odoo_request *odoo_request_read_ids(const char *model, const uint32_t *ids, size_t n_ids,
	const char *const *fields, size_t n_fields)
{
	_cleanup_request_ struct odoo_request *request = NULL;

	if (!n_fields || (n_fields == 1 && strcmp(fields[0], "id") == 0)) {
		return search_ids(model, ids, n_ids);
	}
	request = create_read(model, "read");
	if (!request || odoo_request_set(request, "ids", ids_to_json(ids, n_ids)) ||
		odoo_request_set(request, "fields", names_to_json(fields, n_fields))) {
		return NULL;
	}
	return steal(request);
}

struct odoo_request *odoo_request_written_since(
	const char *model, const char *since, uint32_t after, uint32_t limit)
{
	static const char *const fields[] = { "write_date" };
	_cleanup_request_ struct odoo_request *request = create_read(model, "search_read");
	cJSON *domain = cJSON_CreateArray();

	if (!request) {
		cJSON_Delete(domain);
		return NULL;
	}
	if (odoo_request_set(request, "domain", domain) ||
		append_condition(domain, "write_date", ">=", cJSON_CreateString(since)) ||
		append_condition(domain, "id", ">", cJSON_CreateNumber(after)) ||
		odoo_request_set(request, "fields", names_to_json(fields, 1)) ||
		set_page(request, limit)) {
		return NULL;
	}
	return steal(request);
}

struct odoo_request *odoo_request_fields_get(
	const char *model, const char *const *attributes, size_t n_attributes)
{
	_cleanup_request_ struct odoo_request *request = create_read(model, "fields_get");

	if (!request ||
		odoo_request_set(request, "attributes", names_to_json(attributes, n_attributes))) {
		return NULL;
	}
	return steal(request);
}
