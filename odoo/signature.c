/* SPDX-License-Identifier: MIT */
#include "odoo/signature.h"

#include <stddef.h>
#include <string.h>

/* By the names of version 19, which is the first that is called by name alone. */
static const struct odoo_signature signatures[] = {
	{ "check_access_rights", false, 0,
		{ { "operation", "null" }, { "raise_exception", "true" } } },
	{ "context_get", false, 0, { { NULL, NULL } } },
	{ "copy", true, 0, { { "default", "null" } } },
	{ "create", false, 1, { { "vals_list", "null" } } },
	{ "default_get", false, 1, { { "fields", "[]" } } },
	{ "fields_get", false, 0, { { "allfields", "null" }, { "attributes", "null" } } },
	{ "formatted_read_group", false, 0,
		{ { "domain", "[]" }, { "groupby", "[]" }, { "aggregates", "[]" },
			{ "having", "[]" }, { "offset", "0" }, { "limit", "null" },
			{ "order", "null" } } },
	{ "get_available_models", false, 0, { { NULL, NULL } } },
	{ "get_installed", false, 0, { { NULL, NULL } } },
	{ "has_access", true, 0, { { "operation", "null" } } },
	{ "name_create", false, 0, { { "name", "null" } } },
	{ "name_get", true, 0, { { NULL, NULL } } },
	{ "name_search", false, 2,
		{ { "name", "\"\"" }, { "domain", "null" }, { "operator", "\"ilike\"" },
			{ "limit", "100" } } },
	{ "read", true, 0, { { "fields", "null" }, { "load", "\"_classic_read\"" } } },
	{ "read_group", false, 0,
		{ { "domain", "[]" }, { "fields", "[]" }, { "groupby", "[]" }, { "offset", "0" },
			{ "limit", "null" }, { "orderby", "false" }, { "lazy", "true" } } },
	{ "search", false, 1,
		{ { "domain", "[]" }, { "offset", "0" }, { "limit", "null" },
			{ "order", "null" } } },
	{ "search_count", false, 1, { { "domain", "[]" } } },
	{ "search_read", false, 0,
		{ { "domain", "[]" }, { "fields", "null" }, { "offset", "0" }, { "limit", "null" },
			{ "order", "null" } } },
	{ "unlink", true, 0, { { NULL, NULL } } },
	{ "web_save", true, 0, { { "vals", "null" }, { "specification", "null" } } },
	{ "write", true, 1, { { "vals", "null" } } },
};

const struct odoo_signature *odoo_signature_find(const char *method)
{
	for (size_t i = 0; i < sizeof(signatures) / sizeof(signatures[0]); i++) {
		if (strcmp(signatures[i].method, method) == 0) {
			return &signatures[i];
		}
	}
	return NULL;
}
