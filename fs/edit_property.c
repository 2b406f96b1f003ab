/* SPDX-License-Identifier: MIT */
#include "fs/edit_property.h"

#include "fs/edit_ids.h"
#include "odoo/cleanup.h"

#include <errno.h>
#include <string.h>

/* The kinds of values; FIELD_OTHER is one whose value isn't checked. */
static enum cache_field_type type_of(const json_t *definition)
{
	static const struct {
		const char *name;
		enum cache_field_type type;
	} types[] = {
		{ "boolean", FIELD_BOOLEAN },
		{ "char", FIELD_CHAR },
		{ "date", FIELD_DATE },
		{ "datetime", FIELD_DATETIME },
		{ "float", FIELD_FLOAT },
		{ "html", FIELD_HTML },
		{ "integer", FIELD_INTEGER },
		{ "many2many", FIELD_MANY2MANY },
		{ "many2one", FIELD_MANY2ONE },
		{ "monetary", FIELD_MONETARY },
		{ "selection", FIELD_SELECTION },
		{ "text", FIELD_TEXT },
	};
	const char *name = json_string_value(json_object_get(definition, "type"));

	for (size_t i = 0; name && i < sizeof(types) / sizeof(types[0]); i++) {
		if (strcmp(types[i].name, name) == 0) {
			return types[i].type;
		}
	}
	return FIELD_OTHER;
}

static bool has_tags(const json_t *definition)
{
	const char *name = json_string_value(json_object_get(definition, "type"));

	return name && strcmp(name, "tags") == 0;
}

static bool is_nothing(const json_t *value)
{
	return !value || json_is_false(value) || json_is_null(value);
}

/* An id, or the id of [id, name]. */
static const json_t *id_of(const json_t *value)
{
	return json_is_array(value) && json_array_size(value) == 2 ? json_array_get(value, 0)
								   : value;
}

/* [3, [7, "Gold"]] → [3, 7]. NULL when out of memory. */
static json_t *ids_of(const json_t *list)
{
	_cleanup_decref_ json_t *ids = json_array();

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *id = id_of(json_array_get(list, i));
		if (json_array_append(ids, (json_t *)id) < 0) {
			return NULL;
		}
	}
	return steal(ids);
}

static bool same_ids(const json_t *a, const json_t *b)
{
	_cleanup_decref_ json_t *left = ids_of(a), *right = ids_of(b);

	return left && right && edit_same(FIELD_MANY2MANY, left, right);
}

bool edit_property_same(const json_t *definition, const json_t *a, const json_t *b)
{
	enum cache_field_type type = type_of(definition);

	if (is_nothing(a) || is_nothing(b)) {
		return is_nothing(a) && is_nothing(b);
	}
	if (type == FIELD_MANY2MANY && json_is_array(a) && json_is_array(b)) {
		return same_ids(a, b);
	}
	return edit_same(type == FIELD_MANY2ONE ? FIELD_MANY2ONE : FIELD_OTHER, a, b);
}

/* The first elements of [[key, label], …]. */
static bool has_option(const json_t *options, const json_t *key)
{
	for (size_t i = 0; i < json_array_size(options); i++) {
		const json_t *option = json_array_get(options, i);
		if (json_equal(json_array_get(option, 0), key)) {
			return true;
		}
	}
	return false;
}

static int refuse_option(
	struct editing *e, const struct place *place, const json_t *options, const json_t *value)
{
	_cleanup_decref_ json_t *keys = json_array();
	_cleanup_free_ char *shown = NULL;

	for (size_t i = 0; i < json_array_size(options); i++) {
		json_t *key = json_array_get(json_array_get(options, i), 0);
		if (key && json_array_append(keys, key) < 0) {
			return -ENOMEM;
		}
	}
	shown = keys ? edit_show(keys) : NULL;
	return shown ? edit_refuse(e, place, "has to be one of %s or false", shown) : -ENOMEM;
}

static int check_tags(struct editing *e, const struct place *place, const json_t *options,
	const json_t *value, cJSON **ret_value)
{
	if (!json_is_array(value)) {
		return edit_refuse_value(e, place, "a list of tags", value);
	}
	for (size_t i = 0; i < json_array_size(value); i++) {
		struct place at = { .parent = place, .index = i };
		if (!has_option(options, json_array_get(value, i))) {
			return refuse_option(e, &at, options, json_array_get(value, i));
		}
	}
	return edit_json(e, place, value, ret_value);
}

static int check_many2many(
	struct editing *e, const struct place *place, const json_t *value, cJSON **ret_value)
{
	_cleanup_decref_ json_t *ids = NULL;
	uint32_t id;

	if (!json_is_array(value)) {
		return edit_refuse_value(e, place, "a list of ids, [] for none", value);
	}
	for (size_t i = 0; i < json_array_size(value); i++) {
		struct place at = { .parent = place, .index = i };
		int r = edit_id(e, &at, id_of(json_array_get(value, i)), &id);
		if (r < 0) {
			return r;
		}
	}
	ids = ids_of(value);
	return ids ? edit_json(e, place, ids, ret_value) : -ENOMEM;
}

static int check_many2one(
	struct editing *e, const struct place *place, const json_t *value, cJSON **ret_value)
{
	uint32_t id;
	int r;

	if (edit_many2one_id(value) <= 0) {
		return edit_refuse_value(e, place, "an id, [id, \"name\"] or false", value);
	}
	r = edit_id(e, place, id_of(value), &id);
	if (r < 0) {
		return r;
	}
	*ret_value = cJSON_CreateNumber(id);
	return *ret_value ? 0 : -ENOMEM;
}

int edit_property_value(struct editing *e, const struct place *place, const json_t *definition,
	const json_t *value, cJSON **ret_value)
{
	const json_t *options = json_object_get(definition, "selection");
	enum cache_field_type type = type_of(definition);

	if (is_nothing(value)) {
		*ret_value = cJSON_CreateFalse();
		return *ret_value ? 0 : -ENOMEM;
	}
	if (has_tags(definition)) {
		return check_tags(e, place, json_object_get(definition, "tags"), value, ret_value);
	}
	switch (type) {
	case FIELD_OTHER:
		return edit_json(e, place, value, ret_value);
	case FIELD_SELECTION:
		return has_option(options, value) ? edit_json(e, place, value, ret_value)
						  : refuse_option(e, place, options, value);
	case FIELD_MANY2ONE:
		return check_many2one(e, place, value, ret_value);
	case FIELD_MANY2MANY:
		return check_many2many(e, place, value, ret_value);
	default:
		return edit_scalar(e, type, place, value, ret_value);
	}
}

/* Nothing is refused here: what Odoo gave, it takes. */
cJSON *edit_property_written(const json_t *definition, const json_t *value)
{
	_cleanup_decref_ json_t *ids = NULL;
	struct editing nobody = { 0 };
	cJSON *written = NULL;

	switch (type_of(definition)) {
	case FIELD_MANY2ONE:
		value = id_of(value);
		break;
	case FIELD_MANY2MANY:
		ids = json_is_array(value) ? ids_of(value) : NULL;
		value = ids ? ids : value;
		break;
	default:
		break;
	}
	return edit_json(&nobody, NULL, value, &written) < 0 ? NULL : written;
}
