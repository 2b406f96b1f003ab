/* SPDX-License-Identifier: MIT */
#include "fs/json_schema.h"

#include "odoo/cleanup.h"
#include "odoo/json.h"

#include <stdlib.h>
#include <string.h>

#define DIALECT "https://json-schema.org/draft/2020-12/schema"
#define DATE "^\\d{4}-\\d{2}-\\d{2}$"
#define DATETIME "^\\d{4}-\\d{2}-\\d{2} \\d{2}:\\d{2}:\\d{2}$"

/* ── Parts ── */

static cJSON *of_type(const char *type)
{
	cJSON *schema = cJSON_CreateObject();

	cJSON_AddStringToObject(schema, "type", type);
	return schema;
}

static cJSON *with_pattern(const char *pattern)
{
	cJSON *schema = of_type("string");

	cJSON_AddStringToObject(schema, "pattern", pattern);
	return schema;
}

static cJSON *of_id(void)
{
	cJSON *schema = of_type("integer");

	cJSON_AddNumberToObject(schema, "minimum", 1);
	return schema;
}

static cJSON *of_false(void)
{
	cJSON *schema = cJSON_CreateObject();

	cJSON_AddFalseToObject(schema, "const");
	return schema;
}

/* {"anyOf": [first, …]}: add one to it. */
static cJSON * or (cJSON * schema, cJSON *other)
{
	cJSON *choices = cJSON_GetObjectItemCaseSensitive(schema, "anyOf");

	if (!choices) {
		cJSON *first = schema;

		schema = cJSON_CreateObject();
		choices = cJSON_AddArrayToObject(schema, "anyOf");
		cJSON_AddItemToArray(choices, first);
	}
	cJSON_AddItemToArray(choices, other);
	return schema;
}

/* [21, "Belgium"] */
static cJSON *of_pair(void)
{
	cJSON *schema = of_type("array"), *items = cJSON_AddArrayToObject(schema, "prefixItems");

	cJSON_AddItemToArray(items, of_id());
	cJSON_AddItemToArray(items, or (of_type("string"), of_false()));
	cJSON_AddNumberToObject(schema, "minItems", 2);
	cJSON_AddNumberToObject(schema, "maxItems", 2);
	return schema;
}

/* ── Types ── */

/* Ids; to write, lines as objects and Odoo's commands as lists, too. */
static cJSON *of_x2many(void)
{
	cJSON *schema = of_type("array");

	cJSON_AddItemToObject(
		schema, "items", or (or (of_id(), of_type("object")), of_type("array")));
	return schema;
}

/* Its keys; their labels stand beside them, where editors look for them. */
static cJSON *of_selection(const cJSON *field, bool required)
{
	cJSON *schema = cJSON_CreateObject(), *values = cJSON_AddArrayToObject(schema, "enum");
	cJSON *labels = cJSON_AddArrayToObject(schema, "enumDescriptions");
	const cJSON *entry;

	cJSON_ArrayForEach (entry, odoo_json_get(field, "selection")) {
		const cJSON *key = cJSON_IsArray(entry) ? entry->child : NULL;
		const char *label = key ? cJSON_GetStringValue(key->next) : NULL;

		if (key) {
			cJSON_AddItemToArray(values, cJSON_Duplicate(key, true));
			cJSON_AddItemToArray(labels, cJSON_CreateString(label ? label : ""));
		}
	}
	if (!values || !values->child) {
		cJSON_Delete(schema);
		return required ? of_type("string") : or (of_type("string"), of_false());
	}
	if (!required) {
		cJSON_AddItemToArray(values, cJSON_CreateFalse());
		cJSON_AddItemToArray(labels, cJSON_CreateString("none"));
	}
	return schema;
}

/* A value that isn't false. */
static cJSON *of_value(enum cache_field_type type)
{
	switch (type) {
	case FIELD_INTEGER:
	case FIELD_MANY2ONE_REFERENCE:
		return of_type("integer");
	case FIELD_FLOAT:
	case FIELD_MONETARY:
		return of_type("number");
	case FIELD_CHAR:
	case FIELD_TEXT:
	case FIELD_HTML:
	case FIELD_REFERENCE:
		return of_type("string");
	case FIELD_DATE:
		return with_pattern(DATE);
	case FIELD_DATETIME:
		return with_pattern(DATETIME);
	case FIELD_MANY2ONE:
		return or (or (of_pair(), of_id()), of_type("string"));
	case FIELD_PROPERTIES:
	case FIELD_PROPERTIES_DEFINITION:
		return or (of_type("array"), of_type("object"));
	case FIELD_BINARY:
		return or (of_type("string"), of_type("object"));
	default:
		return NULL; /* anything */
	}
}

static cJSON *of_field(const cJSON *attributes, const struct cache_field *field, bool required)
{
	cJSON *schema;

	switch (field->type) {
	case FIELD_BOOLEAN:
		return of_type("boolean");
	case FIELD_SELECTION:
		return of_selection(attributes, required);
	case FIELD_ONE2MANY:
	case FIELD_MANY2MANY:
		return of_x2many();
	default:
		schema = of_value(field->type);
	}
	if (!schema) {
		return cJSON_CreateObject();
	}
	return required ? schema : or (schema, of_false());
}

/* ── Fields ── */

/*
 * What the database itself makes sure of: a column that can't be empty. Elsewhere Odoo asks for a
 * value in forms only.
 */
static bool is_certain(const cJSON *attributes, const struct cache_field *field)
{
	return field->required && field->stored && !odoo_json_get(attributes, "related") &&
	       !odoo_json_get_bool(attributes, "company_dependent");
}

static cJSON *describe(const cJSON *attributes, const struct cache_field *field)
{
	cJSON *schema = of_field(attributes, field, is_certain(attributes, field));
	const char *label = odoo_json_get_string(attributes, "string");
	const char *help = odoo_json_get_string(attributes, "help");

	if (label) {
		cJSON_AddStringToObject(schema, "title", label);
	}
	if (help && *help) {
		cJSON_AddStringToObject(schema, "description", help);
	}
	if (field->relation) {
		cJSON_AddStringToObject(schema, "$comment", field->relation);
	}
	if (field->size) {
		cJSON_AddNumberToObject(schema, "maxLength", field->size);
	}
	if ((field->readonly && !field->states) || cache_field_is_log(field->name)) {
		cJSON_AddTrueToObject(schema, "readOnly");
	}
	return schema;
}

static cJSON *describe_id(void)
{
	cJSON *schema = of_id();

	cJSON_AddStringToObject(schema, "title", "ID");
	cJSON_AddTrueToObject(schema, "readOnly");
	return schema;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

cJSON *json_schema_make(const char *model, const cJSON *fields, const struct cache_schema *schema,
	const char *const *shown, size_t n_shown)
{
	cJSON *json = cJSON_CreateObject(), *properties, *required;
	const cJSON *attributes;

	cJSON_AddStringToObject(json, "$schema", DIALECT);
	cJSON_AddStringToObject(json, "title", model);
	cJSON_AddStringToObject(json, "type", "object");
	properties = cJSON_AddObjectToObject(json, "properties");
	required = cJSON_AddArrayToObject(json, "required");
	cJSON_AddItemToObject(properties, "id", describe_id());
	cJSON_ArrayForEach (attributes, fields) {
		const char *name = attributes->string;
		const struct cache_field *field = cache_schema_find(schema, name);

		if (!field) {
			continue;
		}
		cJSON_AddItemToObject(properties, name, describe(attributes, field));
		if (is_certain(attributes, field) && !field->readonly &&
			bsearch(&name, shown, n_shown, sizeof(name), compare_names)) {
			cJSON_AddItemToArray(required, cJSON_CreateString(name));
		}
	}
	cJSON_AddFalseToObject(json, "additionalProperties");
	return json;
}
