/* SPDX-License-Identifier: MIT */
#include "cache/schema.h"

#include "odoo/cleanup.h"
#include "odoo/json.h"
#include "odoo/limits.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *const cache_schema_attributes[] = { "type", "relation", "relation_field", "store",
	"readonly", "required", "searchable", "selection", "size", "sortable", "states", "depends",
	"related" };
const size_t cache_schema_n_attributes =
	sizeof(cache_schema_attributes) / sizeof(cache_schema_attributes[0]);

static enum cache_field_type type_by_name(const char *name)
{
	static const struct {
		const char *name;
		enum cache_field_type type;
	} types[] = {
		{ "binary", FIELD_BINARY },
		{ "boolean", FIELD_BOOLEAN },
		{ "char", FIELD_CHAR },
		{ "date", FIELD_DATE },
		{ "datetime", FIELD_DATETIME },
		{ "float", FIELD_FLOAT },
		{ "html", FIELD_HTML },
		{ "integer", FIELD_INTEGER },
		{ "json", FIELD_JSON },
		{ "many2many", FIELD_MANY2MANY },
		{ "many2one", FIELD_MANY2ONE },
		{ "many2one_reference", FIELD_MANY2ONE_REFERENCE },
		{ "monetary", FIELD_MONETARY },
		{ "one2many", FIELD_ONE2MANY },
		{ "properties", FIELD_PROPERTIES },
		{ "properties_definition", FIELD_PROPERTIES_DEFINITION },
		{ "reference", FIELD_REFERENCE },
		{ "selection", FIELD_SELECTION },
		{ "text", FIELD_TEXT },
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (strcmp(types[i].name, name) == 0) {
			return types[i].type;
		}
	}
	return FIELD_OTHER;
}

/* What PostgreSQL and Odoo take as a name; it goes into paths and JSON as it is. */
static bool is_identifier(const char *name)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
	static const char others[] = "0123456789$";
	size_t n = strspn(name, letters);

	if (n == 0) {
		return false;
	}
	while (name[n]) {
		size_t more = strspn(name + n, letters) + strspn(name + n, others);
		if (more == 0) {
			return false;
		}
		n += more;
	}
	return true;
}

static int malformed(struct odoo_error *error, const char *name, const char *what)
{
	odoo_error_set(error, ODOO_FAULT_MALFORMED, "fields_get: the field \"%.*s\" %s",
		ODOO_MAX_NAME, name, what);
	return -EBADMSG;
}

static int check_name(const char *name, struct odoo_error *error)
{
	if (strlen(name) > ODOO_MAX_NAME) {
		return malformed(error, name, "has a name that is too long");
	}
	if (!is_identifier(name)) {
		return malformed(error, name, "has a name that isn't an identifier");
	}
	return 0;
}

/* The limit of a char; false, or no member, is none. */
static uint32_t size_of(const cJSON *attributes)
{
	uint32_t size;

	return odoo_json_get_id(odoo_json_get(attributes, "size"), &size) < 0 ? 0 : size;
}

static int parse_keys(const cJSON *attributes, struct cache_field *field)
{
	const cJSON *selection = odoo_json_get(attributes, "selection");
	const cJSON *states = odoo_json_get(attributes, "states");
	int r = 0;

	if (field->type == FIELD_SELECTION || field->type == FIELD_REFERENCE) {
		r = cache_keys_of_selection(selection, &field->keys);
	}
	if (r == 0 && field->type == FIELD_SELECTION && field->keys) {
		r = cache_keys_of_labels(selection, &field->labels);
	}
	return r < 0 ? r : cache_keys_of_states(states, field->readonly, &field->states);
}

/* Python's truth: some modules declare store="True". */
static bool is_true(const cJSON *attributes, const char *name)
{
	const cJSON *value = odoo_json_get(attributes, name);

	if (cJSON_IsString(value)) {
		return value->valuestring[0] != '\0';
	}
	return cJSON_IsTrue(value) || (cJSON_IsNumber(value) && value->valueint != 0);
}

static bool is_true_or(const cJSON *attributes, const char *name, bool otherwise)
{
	return odoo_json_get(attributes, name) ? is_true(attributes, name) : otherwise;
}

/* Version 14 gives the path of a related field as a list, 19 as text. */
static bool is_derived(const cJSON *attributes)
{
	const cJSON *depends = odoo_json_get(attributes, "depends");

	return cJSON_GetArraySize(depends) > 0 || is_true(attributes, "related") ||
	       cJSON_GetArraySize(odoo_json_get(attributes, "related")) > 0;
}

static int parse_field(const cJSON *attributes, struct cache_field *field, struct odoo_error *error)
{
	const char *name = attributes->string;
	const char *type = odoo_json_get_string(attributes, "type");
	const char *relation = odoo_json_get_string(attributes, "relation");
	const char *inverse = odoo_json_get_string(attributes, "relation_field");
	int r = check_name(name, error);

	if (r < 0) {
		return r;
	}
	if (!type) {
		return malformed(error, name, "has no type");
	}
	if (relation && strlen(relation) > ODOO_MAX_NAME) {
		return malformed(error, name, "has a relation whose name is too long");
	}
	if (inverse && strlen(inverse) > ODOO_MAX_NAME) {
		return malformed(error, name, "has a relation_field whose name is too long");
	}
	field->type = type_by_name(type);
	field->stored = is_true(attributes, "store");
	field->derived = is_derived(attributes);
	/* Where the server doesn't say, what is stored can be looked for. */
	field->searchable = is_true_or(attributes, "searchable", field->stored);
	field->sortable = is_true_or(attributes, "sortable", field->stored);
	field->readonly = is_true(attributes, "readonly");
	field->required = is_true(attributes, "required");
	field->size = size_of(attributes);
	field->name = strdup(name);
	field->relation = relation ? strdup(relation) : NULL;
	field->inverse = inverse ? strdup(inverse) : NULL;
	if (!field->name || (relation && !field->relation) || (inverse && !field->inverse) ||
		parse_keys(attributes, field) < 0) {
		odoo_error_set(error, ODOO_FAULT_INTERNAL, "out of memory");
		return -ENOMEM;
	}
	return 0;
}

static int by_name(const void *a, const void *b)
{
	const struct cache_field *left = a, *right = b;

	return strcmp(left->name, right->name);
}

static int name_against_field(const void *name, const void *field)
{
	return strcmp(name, ((const struct cache_field *)field)->name);
}

static int parse_fields(const cJSON *fields, struct cache_schema *schema, struct odoo_error *error)
{
	const cJSON *attributes;

	cJSON_ArrayForEach (attributes, fields) {
		if (strcmp(attributes->string, "id") == 0) {
			continue;
		}
		/* Counted first, so that a half-made field is freed with the schema. */
		schema->n_fields++;
		int r = parse_field(attributes, &schema->fields[schema->n_fields - 1], error);
		if (r < 0) {
			return r;
		}
	}
	return 0;
}

/* Two members of one name: the search would find either. */
static int refuse_duplicates(const struct cache_schema *schema, struct odoo_error *error)
{
	for (size_t i = 1; i < schema->n_fields; i++) {
		const char *name = schema->fields[i].name;
		if (strcmp(schema->fields[i - 1].name, name) == 0) {
			return malformed(error, name, "is there twice");
		}
	}
	return 0;
}

static void cleanup_schema(struct cache_schema **schema)
{
	cache_schema_destroy(*schema);
}

int cache_schema_parse(
	const cJSON *fields, struct cache_schema **ret_schema, struct odoo_error *error)
{
	_cleanup_(cleanup_schema) struct cache_schema *schema = NULL;
	int r;

	if (!cJSON_IsObject(fields)) {
		odoo_error_set(error, ODOO_FAULT_MALFORMED, "fields_get answered no object");
		return -EBADMSG;
	}
	schema = calloc(1, sizeof(*schema));
	if (schema) {
		schema->fields =
			calloc((size_t)cJSON_GetArraySize(fields) + 1, sizeof(*schema->fields));
	}
	if (!schema || !schema->fields) {
		odoo_error_set(error, ODOO_FAULT_INTERNAL, "out of memory");
		return -ENOMEM;
	}
	r = parse_fields(fields, schema, error);
	if (r < 0) {
		return r;
	}
	qsort(schema->fields, schema->n_fields, sizeof(*schema->fields), by_name);
	r = refuse_duplicates(schema, error);
	if (r < 0) {
		return r;
	}
	/* A write_date that isn't stored can't be searched or grouped by. */
	const struct cache_field *date = cache_schema_find(schema, "write_date");
	schema->has_write_date = date && date->type == FIELD_DATETIME && date->stored;
	*ret_schema = steal(schema);
	return 0;
}

void cache_schema_destroy(struct cache_schema *schema)
{
	if (!schema) {
		return;
	}
	for (size_t i = 0; schema->fields && i < schema->n_fields; i++) {
		free(schema->fields[i].name);
		free(schema->fields[i].relation);
		free(schema->fields[i].inverse);
		free(schema->fields[i].keys);
		free(schema->fields[i].labels);
		free(schema->fields[i].states);
	}
	free(schema->fields);
	free(schema);
}

const struct cache_field *cache_schema_find(const struct cache_schema *schema, const char *name)
{
	return bsearch(name, schema->fields, schema->n_fields, sizeof(*schema->fields),
		name_against_field);
}

bool cache_field_is_log(const char *name)
{
	static const char *const names[] = { "__last_update", "create_date", "create_uid",
		"display_name", "write_date", "write_uid" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(names[i], name) == 0) {
			return true;
		}
	}
	return false;
}

bool cache_field_is_readonly(const struct cache_field *field, const char *state)
{
	if (!state) {
		return field->readonly && !field->states;
	}
	return field->readonly != cache_keys_has(field->states, state);
}
