/* SPDX-License-Identifier: MIT */
/*
 * Requests that look for records and ask about a model, beside those of request.h; the same rules.
 */
#ifndef ODOO_REQUEST_FIND_H
#define ODOO_REQUEST_FIND_H

#include "odoo/request.h"

struct odoo_page {
	const char *order; /* NULL: by id */
	uint32_t offset;
	uint32_t limit; /* 0: none */
};

/* Ids: [5, 7, …]. See odoo_request_search_after, too. */
struct odoo_request *odoo_request_find(
	const char *model, const cJSON *domain, const struct odoo_page *page);

/*
 * Whether names can be looked for in a domain, by the condition ("display_name", "ilike", text).
 * Before, that is a method of its own.
 */
bool odoo_has_name_conditions(int major);

/* All records of a domain whose names hold `text`: [[14, "Azure Interior"], …]. */
struct odoo_request *odoo_request_find_names(
	const char *model, const char *text, const cJSON *domain);

/* How many records there are: a number. */
struct odoo_request *odoo_request_count(const char *model, const cJSON *domain);

/*
 * The values that a field has, each once, and how many records have it. `month` groups a date by
 * its month, in UTC. The answer's shape differs by server: see odoo_group_parse.
 */
struct odoo_request *odoo_request_groups(
	const char *model, const cJSON *domain, const char *field, bool month, int major);

struct odoo_group {
	const cJSON
		*value; /* as a read gives it: false, a key, [21, "Belgium"], true, "2026-11-01" */
	uint32_t count;
};

/* One element of the answer. Returns 0 or -EBADMSG. */
int odoo_group_parse(
	const cJSON *group, const char *field, bool month, struct odoo_group *ret_group);

/* All that fields_get says: {"name": {"type": "char", …}, …}. */
struct odoo_request *odoo_request_describe(const char *model);

/* What ir.model says of a model: a list of one object, or of none. */
struct odoo_request *odoo_request_model(const char *model);

/* The languages that are installed: [{"id": 1, "code": "en_US"}, …]. */
struct odoo_request *odoo_request_languages(void);

/* What tells this database from all others: [{"id": 2, "value": "5f0c8a52-…"}], or []. */
struct odoo_request *odoo_request_database_uuid(void);

/* default_get of these fields: an object. */
struct odoo_request *odoo_request_defaults(
	const char *model, const char *const *fields, size_t n_fields);

/* The names of records: [{"id": 14, "display_name": "Azure Interior"}, …]. */
struct odoo_request *odoo_request_display_names(
	const char *model, const uint32_t *ids, size_t n_ids);

#endif
