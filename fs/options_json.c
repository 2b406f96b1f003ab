/* SPDX-License-Identifier: MIT */
/* The options in force as JSON, by the names and values that -o takes. */
#include "fs/options.h"
#include "odoo/cleanup.h"

#include <stdio.h>

/* Adding to NULL, and adding NULL, fails, so that checking the last of a row would not do. */
static bool add(cJSON *object, const char *name, cJSON *value)
{
	if (value && cJSON_AddItemToObject(object, name, value)) {
		return true;
	}
	cJSON_Delete(value);
	return false;
}

static bool add_text(cJSON *object, const char *name, const char *text)
{
	return add(object, name, text ? cJSON_CreateString(text) : cJSON_CreateNull());
}

static bool add_bool(cJSON *object, const char *name, bool value)
{
	return add(object, name, cJSON_CreateBool(value));
}

static bool add_number(cJSON *object, const char *name, double value)
{
	return add(object, name, cJSON_CreateNumber(value));
}

static cJSON *companies_to_json(const struct options *options)
{
	_cleanup_json_ cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < options->n_companies; i++) {
		cJSON *id = cJSON_CreateNumber(options->companies[i]);
		if (!cJSON_AddItemToArray(list, id)) {
			cJSON_Delete(id);
			return NULL;
		}
	}
	return steal(list);
}

/* cJSON takes an array of no strings for a mistake. */
static cJSON *globs_to_json(char **globs, size_t n_globs)
{
	if (!n_globs) {
		return cJSON_CreateArray();
	}
	return cJSON_CreateStringArray((const char *const *)globs, (int)n_globs);
}

static bool add_view(cJSON *object, const struct options *options)
{
	return add_bool(object, "ro", options->read_only) &&
	       add_bool(object, "backup", options->backup) &&
	       add_text(object, "fields", options->fields_all ? "all" : "stored") &&
	       add_text(object, "many2one", options->many2one_names ? "name" : "id") &&
	       add_text(object, "binary", binary_mode_names[options->binary]) &&
	       add_text(object, "archived", options->archived ? "yes" : "no") &&
	       add(object, "models", globs_to_json(options->models, options->n_models)) &&
	       add(object, "company", companies_to_json(options)) &&
	       add_text(object, "lang", options->lang) && add_text(object, "tz", options->tz) &&
	       add(object, "context",
		       options->context ? cJSON_Duplicate(options->context, true)
					: cJSON_CreateObject());
}

static bool add_client(cJSON *object, const struct options *options)
{
	return add_text(object, "profile", options->profile) &&
	       add_text(object, "transport", odoo_transport_names[options->transport]) &&
	       add_text(object, "cacert", options->cacert) &&
	       add_text(object, "cert", options->cert) && add_text(object, "key", options->key) &&
	       add_text(object, "proxy", options->proxy) &&
	       add_bool(object, "insecure", options->insecure) &&
	       add_number(object, "connections", options->connections) &&
	       add_number(object, "timeout", options->timeout) &&
	       add_number(object, "ttl", options->ttl) &&
	       add_number(object, "poll", options->poll) &&
	       add_number(object, "max_age", options->max_age) &&
	       add(object, "prefetch", globs_to_json(options->prefetch, options->n_prefetch)) &&
	       add_number(object, "cache_size", (double)options->cache_size) &&
	       add_text(object, "cache_dir", options->cache_dir) &&
	       add_number(object, "cache_dir_size", (double)options->cache_dir_size) &&
	       add_number(object, "max_file", (double)options->max_file) &&
	       add_text(object, "delete", delete_mode_names[options->delete_mode]) &&
	       add_text(object, "calls",
		       options->calls_denied || options->read_only ? "deny" : "allow");
}

static bool add_mount(cJSON *object, const struct options *options)
{
	char mask[16];

	snprintf(mask, sizeof(mask), "%03o", (unsigned)options->umask);
	return add_text(object, "source", options->source_text) &&
	       add_text(object, "mountpoint", options->mountpoint) &&
	       add_number(object, "uid", options->uid) && add_number(object, "gid", options->gid) &&
	       add_text(object, "umask", mask) &&
	       add_bool(object, "allow_other", options->allow_other) &&
	       add_bool(object, "foreground", options->foreground) &&
	       add_text(object, "loglevel", log_level_names[options->log_level]);
}

cJSON *options_to_json(const struct options *options)
{
	_cleanup_json_ cJSON *object = cJSON_CreateObject();

	if (!add_mount(object, options) || !add_view(object, options) ||
		!add_client(object, options)) {
		return NULL;
	}
	return steal(object);
}
