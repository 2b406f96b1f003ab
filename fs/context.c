/* SPDX-License-Identifier: MIT */
#include "fs/context.h"

#include "odoo/cleanup.h"
#include "odoo/json.h"
#include "odoo/request_find.h"

#include <errno.h>
#include <string.h>

/* Constraints speak in sentences only where there is a language. */
#define DEFAULT_LANG "en_US"

static int ask_preferences(
	struct odoo_client *client, cJSON **ret_context, struct odoo_error *error)
{
	struct odoo_request *request = odoo_request_create("res.users", "context_get");

	if (request) {
		request->repeatable = true;
	}
	return odoo_client_call(client, request, ret_context, error);
}

static int check_lang(struct odoo_client *client, const char *lang, struct odoo_error *error)
{
	_cleanup_json_ cJSON *installed = NULL;
	_cleanup_free_ char *names = strdup("");
	const cJSON *each;
	int r = odoo_client_call(client, odoo_request_languages(), &installed, error);

	if (r < 0) {
		return r;
	}
	cJSON_ArrayForEach (each, installed) {
		const char *code = odoo_json_get_string(each, "code");
		char *longer;

		if (!code || !names) {
			continue;
		}
		if (strcmp(code, lang) == 0) {
			return 0;
		}
		if (asprintf(&longer, "%s%s%s", names, *names ? ", " : "", code) >= 0) {
			free(names);
			names = longer;
		}
	}
	odoo_error_set(error, ODOO_FAULT_USER,
		"lang=%s: the server has no such language; installed are: %s", lang,
		names ? names : "");
	return -EINVAL;
}

static bool has_id(const cJSON *ids, uint32_t id)
{
	const cJSON *each;
	uint32_t found;

	cJSON_ArrayForEach (each, ids) {
		if (odoo_json_get_id(each, &found) == 0 && found == id) {
			return true;
		}
	}
	return false;
}

static int check_companies(
	struct odoo_client *client, const struct options *options, struct odoo_error *error)
{
	static const char *const fields[] = { "company_ids" };
	uint32_t uid = odoo_client_uid(client);
	_cleanup_json_ cJSON *users = NULL;
	const cJSON *allowed;
	int r = odoo_client_call(
		client, odoo_request_read_ids("res.users", &uid, 1, fields, 1), &users, error);

	if (r < 0) {
		return r;
	}
	allowed = odoo_json_get(cJSON_GetArrayItem(users, 0), "company_ids");
	for (size_t i = 0; i < options->n_companies; i++) {
		if (!has_id(allowed, options->companies[i])) {
			odoo_error_set(error, ODOO_FAULT_ACCESS,
				"company=%u: the user isn't a member of a company with this id",
				options->companies[i]);
			return -EACCES;
		}
	}
	return 0;
}

static void put(cJSON *context, const char *name, cJSON *value)
{
	cJSON_DeleteItemFromObjectCaseSensitive(context, name);
	cJSON_AddItemToObject(context, name, value);
}

static void put_companies(cJSON *context, const struct options *options)
{
	cJSON *ids = cJSON_CreateArray();

	for (size_t i = 0; i < options->n_companies; i++) {
		cJSON_AddItemToArray(ids, cJSON_CreateNumber(options->companies[i]));
	}
	put(context, "allowed_company_ids", ids);
}

/* What the user prefers, what the options say, what `context=` says: the later wins. */
static cJSON *make_context(const struct options *options, const cJSON *preferred)
{
	const char *lang = odoo_json_get_string(preferred, "lang");
	const char *tz = odoo_json_get_string(preferred, "tz");
	cJSON *context = cJSON_CreateObject();
	const cJSON *each;

	put(context, "lang", cJSON_CreateString(lang ? lang : DEFAULT_LANG));
	if (tz) {
		put(context, "tz", cJSON_CreateString(tz));
	}
	put(context, "active_test", cJSON_CreateBool(!options->archived));
	if (options->lang) {
		put(context, "lang", cJSON_CreateString(options->lang));
	}
	if (options->tz) {
		put(context, "tz", cJSON_CreateString(options->tz));
	}
	if (options->n_companies) {
		put_companies(context, options);
	}
	cJSON_ArrayForEach (each, options->context) {
		put(context, each->string, cJSON_Duplicate(each, true));
	}
	return context;
}

int context_set(struct odoo_client *client, const struct options *options, struct odoo_error *error)
{
	_cleanup_json_ cJSON *asked = NULL, *context = NULL;
	const cJSON *preferred = odoo_client_user_context(client);
	const char *lang;
	int r = 0;

	if (!preferred) {
		r = ask_preferences(client, &asked, error);
		preferred = asked;
	}
	if (r < 0) {
		return r;
	}
	context = make_context(options, preferred);
	lang = odoo_json_get_string(context, "lang");
	if (lang && (options->lang || odoo_json_get(options->context, "lang"))) {
		r = check_lang(client, lang, error);
	}
	if (r == 0 && options->n_companies) {
		r = check_companies(client, options, error);
	}
	return r == 0 ? odoo_client_set_context(client, context) : r;
}

char *context_origin(struct odoo_client *client)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };
	_cleanup_json_ cJSON *rows = NULL;
	const char *uuid;
	char *origin;

	if (odoo_client_call(client, odoo_request_database_uuid(), &rows, &error) < 0) {
		return NULL; /* ordinary users may not know */
	}
	uuid = odoo_json_get_string(cJSON_GetArrayItem(rows, 0), "value");
	return uuid && asprintf(&origin, "uuid %s", uuid) >= 0 ? origin : NULL;
}

/* Changes when the renderer makes another text of the same values. */
#define RENDERING 2

char *context_identity(const struct odoo_client *client, const struct options *options)
{
	_cleanup_json_text_ char *context = cJSON_PrintUnformatted(odoo_client_context(client));
	char *identity;

	if (!context ||
		asprintf(&identity,
			"rendering %d\nserver %s\ndatabase %s\nuser %u\ncontext %s\n"
			"fields %s\nmany2one %s\none2many %s\nbinary %s\n",
			RENDERING, options->source.url, options->source.database,
			odoo_client_uid(client), context, options->fields_all ? "all" : "stored",
			options->many2one_names ? "name" : "id", options->backup ? "no" : "yes",
			binary_mode_names[options->binary]) < 0) {
		return NULL;
	}
	return identity;
}
