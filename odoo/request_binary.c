/* SPDX-License-Identifier: MIT */
#include "odoo/request_binary.h"

#include "odoo/cleanup.h"

#include <errno.h>

#define ATTACHMENT "ir.attachment"

/* From this version on a search finds what belongs to fields. */
#define FIRST_SEARCHED 15

static bool append(cJSON *array, cJSON *value)
{
	if (value && cJSON_AddItemToArray(array, value)) {
		return true;
	}
	cJSON_Delete(value);
	return false;
}

/* Append [field, operator, value], of which the value is taken over. */
static bool append_condition(cJSON *domain, const char *field, const char *operator, cJSON * value)
{
	cJSON *condition = cJSON_CreateArray();

	if (append(domain, condition) && append(condition, cJSON_CreateString(field)) &&
		append(condition, cJSON_CreateString(operator))) {
		return append(condition, value);
	}
	cJSON_Delete(value);
	return false;
}

static cJSON *numbers(const uint32_t *ids, size_t n_ids)
{
	cJSON *array = cJSON_CreateArray();

	for (size_t i = 0; array && i < n_ids; i++) {
		if (!append(array, cJSON_CreateNumber(ids[i]))) {
			cJSON_Delete(array);
			return NULL;
		}
	}
	return array;
}

static cJSON *names(const char *const *texts, size_t n)
{
	return cJSON_CreateStringArray(texts, (int)n);
}

static bool append_scope(cJSON *domain, const char *field, const struct odoo_binary_scope *scope)
{
	return scope->ids ? append_condition(domain, field, "in", numbers(scope->ids, scope->n_ids))
			  : append_condition(domain, field, ">", cJSON_CreateNumber(scope->after));
}

static int set_limit(struct odoo_request *request, const struct odoo_binary_scope *scope)
{
	return scope->limit ? odoo_request_set(request, "limit", cJSON_CreateNumber(scope->limit))
			    : 0;
}

/* Finish one of which `domain` is taken over; `ok` tells whether that is whole. */
static struct odoo_request *make(
	const char *model, const char *method, cJSON *domain, bool ok, cJSON *fields)
{
	struct odoo_request *request = odoo_request_create(model, method);

	if (!request) {
		cJSON_Delete(domain);
		cJSON_Delete(fields);
		return NULL;
	}
	request->repeatable = true;
	ok = odoo_request_set(request, "domain", domain) == 0 && ok;
	if (odoo_request_set(request, "fields", fields) || !ok) {
		odoo_request_destroy(request);
		return NULL;
	}
	return request;
}

static struct odoo_request *search(const char *model, cJSON *domain, bool ok, cJSON *fields,
	const struct odoo_binary_scope *scope, const char *order)
{
	struct odoo_request *request = make(model, "search_read", domain, ok, fields);

	return request ? odoo_request_unless(request,
				 odoo_request_set(request, "order", cJSON_CreateString(order)) ||
					 set_limit(request, scope))
		       : NULL;
}

static struct odoo_request *group(cJSON *domain, bool ok, const struct odoo_binary_scope *scope)
{
	static const char *const sums[] = { "file_size:sum", "write_date:max" };
	static const char *const by[] = { "res_id", "res_field", "mimetype", "checksum" };
	struct odoo_request *request = make(ATTACHMENT, "read_group", domain, ok, names(sums, 2));

	return request ? odoo_request_unless(request,
				 odoo_request_set(request, "groupby", names(by, 4)) ||
					 odoo_request_set(request, "lazy", cJSON_CreateFalse()) ||
					 set_limit(request, scope))
		       : NULL;
}

struct odoo_request *odoo_request_attached(const char *model, const char *const *fields,
	size_t n_fields, const struct odoo_binary_scope *scope, int major)
{
	static const char *const wanted[] = { "res_id", "res_field", "file_size", "checksum",
		"mimetype", "write_date" };
	cJSON *domain = cJSON_CreateArray();
	bool ok = append_condition(domain, "res_model", "=", cJSON_CreateString(model)) &&
		  append_condition(domain, "res_field", "in", names(fields, n_fields)) &&
		  append_scope(domain, "res_id", scope);

	return major >= FIRST_SEARCHED
		       ? search(ATTACHMENT, domain, ok, names(wanted, 6), scope, "res_id, id desc")
		       : group(domain, ok, scope);
}

struct odoo_request *odoo_request_attachments(const struct odoo_binary_scope *scope)
{
	static const char *const wanted[] = { "file_size", "checksum", "mimetype", "write_date" };
	cJSON *domain = cJSON_CreateArray();
	bool ok = append_condition(domain, "type", "=", cJSON_CreateString("binary")) &&
		  append_condition(domain, "file_size", ">", cJSON_CreateNumber(0)) &&
		  append_scope(domain, "id", scope);

	return search(ATTACHMENT, domain, ok, names(wanted, 4), scope, "id");
}

struct odoo_request *odoo_request_binary_hints(const char *model, const char *const *fields,
	size_t n_fields, const struct odoo_binary_scope *scope)
{
	cJSON *domain = cJSON_CreateArray(), *wanted = names(fields, n_fields);
	_cleanup_json_ cJSON *context = cJSON_CreateObject();
	struct odoo_request *request;
	bool ok = append_scope(domain, "id", scope) &&
		  append(wanted, cJSON_CreateString("write_date"));

	for (size_t i = 0; ok && i + 1 < n_fields; i++) {
		ok = append(domain, cJSON_CreateString("|"));
	}
	for (size_t i = 0; ok && i < n_fields; i++) {
		ok = append_condition(domain, fields[i], "!=", cJSON_CreateFalse());
	}
	request = search(model, domain, ok, wanted, scope, "id");
	if (!request || !cJSON_AddTrueToObject(context, "bin_size")) {
		odoo_request_destroy(request);
		return NULL;
	}
	return odoo_request_unless(request, odoo_request_set(request, "context", steal(context)));
}

struct odoo_request *odoo_request_binary(
	const char *model, const uint32_t *ids, size_t n_ids, const char *field)
{
	return odoo_request_read_ids(model, ids, n_ids, &field, 1);
}
