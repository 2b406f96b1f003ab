/* SPDX-License-Identifier: MIT */
#include "odoo/request_find.h"

#include "odoo/cleanup.h"
#include "odoo/json.h"
#include "odoo/limits.h"

#include <errno.h>
#include <string.h>

/* From these versions on. */
#define FIRST_NAME_CONDITIONS 18 /* display_name is searched as name_search does */
#define FIRST_FORMATTED 19	 /* read_group is deprecated for formatted_read_group */

static struct odoo_request *create(const char *model, const char *method)
{
	struct odoo_request *request = odoo_request_create(model, method);

	if (request) {
		request->repeatable = true;
	}
	return request;
}

static int set_number(struct odoo_request *request, const char *name, uint32_t number)
{
	return odoo_request_set(request, name, cJSON_CreateNumber(number));
}

static int set_text(struct odoo_request *request, const char *name, const char *text)
{
	return odoo_request_set(request, name, cJSON_CreateString(text));
}

static int set_domain(struct odoo_request *request, const char *name, const cJSON *domain)
{
	return odoo_request_set(request, name, cJSON_Duplicate(domain, true));
}

static int set_names(
	struct odoo_request *request, const char *name, const char *const *names, size_t n_names)
{
	return odoo_request_set(request, name, cJSON_CreateStringArray(names, (int)n_names));
}

struct odoo_request *odoo_request_find(
	const char *model, const cJSON *domain, const struct odoo_page *page)
{
	struct odoo_request *request = create(model, "search");
	int failed = 0;

	if (!request) {
		return NULL;
	}
	failed |= set_domain(request, "domain", domain);
	failed |= set_text(request, "order", page->order ? page->order : "id");
	failed |= page->offset ? set_number(request, "offset", page->offset) : 0;
	failed |= page->limit ? set_number(request, "limit", page->limit) : 0;
	return odoo_request_unless(request, failed);
}

bool odoo_has_name_conditions(int major)
{
	return major >= FIRST_NAME_CONDITIONS;
}

struct odoo_request *odoo_request_find_names(
	const char *model, const char *text, const cJSON *domain)
{
	struct odoo_request *request = create(model, "name_search");
	int failed = 0;

	if (!request) {
		return NULL;
	}
	failed |= set_text(request, "name", text);
	failed |= set_domain(request, "domain", domain);
	failed |= set_text(request, "operator", "ilike");
	failed |= set_number(request, "limit", ODOO_MAX_ID); /* it has one of its own else */
	return odoo_request_unless(request, failed);
}

struct odoo_request *odoo_request_count(const char *model, const cJSON *domain)
{
	struct odoo_request *request = create(model, "search_count");

	return request ? odoo_request_unless(request, set_domain(request, "domain", domain)) : NULL;
}

/* Months are the user's unless the context says otherwise. */
static int set_utc(struct odoo_request *request)
{
	_cleanup_json_ cJSON *context = cJSON_CreateObject();

	if (!context || !cJSON_AddStringToObject(context, "tz", "UTC")) {
		return -ENOMEM;
	}
	return odoo_request_set(request, "context", steal(context));
}

struct odoo_request *odoo_request_groups(
	const char *model, const cJSON *domain, const char *field, bool month, int major)
{
	static const char *const count[] = { "__count" };
	bool formatted = major >= FIRST_FORMATTED;
	struct odoo_request *request =
		create(model, formatted ? "formatted_read_group" : "read_group");
	_cleanup_free_ char *term = NULL;
	const char *terms[1];
	int failed = asprintf(&term, "%s%s", field, month ? ":month" : "") < 0 ? -ENOMEM : 0;

	if (!request || failed) {
		odoo_request_destroy(request);
		return NULL;
	}
	terms[0] = term;
	failed |= set_domain(request, "domain", domain);
	failed |= set_names(request, "groupby", terms, 1);
	failed |= set_utc(request);
	if (formatted) {
		failed |= set_names(request, "aggregates", count, 1);
	} else {
		/* A field that is grouped by isn't summed up, and with none all would be. */
		failed |= set_names(request, "fields", &field, 1);
		failed |= odoo_request_set(request, "lazy", cJSON_CreateFalse());
	}
	return odoo_request_unless(request, failed);
}

/* The beginning of a month from the domain of its group, where the value is a label. */
static const cJSON *beginning(const cJSON *group, const char *field)
{
	const cJSON *term;

	cJSON_ArrayForEach (term, odoo_json_get(group, "__domain")) {
		const cJSON *name = cJSON_IsArray(term) ? term->child : NULL;
		const cJSON *op = name ? name->next : NULL;
		const char *left = cJSON_GetStringValue(name), *middle = cJSON_GetStringValue(op);

		if (left && strcmp(left, field) == 0 && op && middle && strcmp(middle, ">=") == 0) {
			return op->next;
		}
	}
	return NULL;
}

int odoo_group_parse(
	const cJSON *group, const char *field, bool month, struct odoo_group *ret_group)
{
	char term[ODOO_MAX_NAME + sizeof(":month")];
	const cJSON *value, *count = odoo_json_get(group, "__count");

	snprintf(term, sizeof(term), "%s%s", field, month ? ":month" : "");
	value = odoo_json_get(group, term);
	if (!value || !cJSON_IsNumber(count) || !(count->valuedouble >= 0) ||
		count->valuedouble > UINT32_MAX) {
		return -EBADMSG;
	}
	if (month && cJSON_IsArray(value)) { /* [its beginning, its label] */
		value = value->child;
	} else if (month && cJSON_IsString(value)) {
		value = beginning(group, field);
	}
	if (!value || (month && !cJSON_IsString(value) && !cJSON_IsFalse(value))) {
		return -EBADMSG;
	}
	ret_group->value = value;
	ret_group->count = (uint32_t)count->valuedouble;
	return 0;
}

struct odoo_request *odoo_request_describe(const char *model)
{
	return create(model, "fields_get");
}

/* search_read of these fields, by one condition. */
static struct odoo_request *read_where(
	const char *model, cJSON *condition, const char *const *fields, size_t n_fields)
{
	struct odoo_request *request = create(model, "search_read");
	cJSON *domain = cJSON_CreateArray();
	int failed = 0;

	if (!request || !domain || !cJSON_AddItemToArray(domain, condition)) {
		cJSON_Delete(domain);
		cJSON_Delete(condition);
		odoo_request_destroy(request);
		return NULL;
	}
	failed |= odoo_request_set(request, "domain", domain);
	failed |= set_names(request, "fields", fields, n_fields);
	return odoo_request_unless(request, failed);
}

struct odoo_request *odoo_request_model(const char *model)
{
	static const char *const fields[] = { "model", "name", "info", "state" };
	const char *const condition[] = { "model", "=", model };

	return read_where("ir.model", cJSON_CreateStringArray(condition, 3), fields, 4);
}

/* Not get_installed: a method without arguments can't be called through every transport. */
struct odoo_request *odoo_request_languages(void)
{
	static const char *const fields[] = { "code" };

	return read_where("res.lang", cJSON_Parse("[\"active\", \"=\", true]"), fields, 1);
}

struct odoo_request *odoo_request_database_uuid(void)
{
	static const char *const fields[] = { "value" };

	return read_where("ir.config_parameter", cJSON_Parse("[\"key\", \"=\", \"database.uuid\"]"),
		fields, 1);
}

struct odoo_request *odoo_request_defaults(
	const char *model, const char *const *fields, size_t n_fields)
{
	struct odoo_request *request = create(model, "default_get");

	return request ? odoo_request_unless(
				 request, set_names(request, "fields", fields, n_fields))
		       : NULL;
}

struct odoo_request *odoo_request_display_names(
	const char *model, const uint32_t *ids, size_t n_ids)
{
	static const char *const fields[] = { "display_name" };

	return odoo_request_read_ids(model, ids, n_ids, fields, 1);
}
