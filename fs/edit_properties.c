/* SPDX-License-Identifier: MIT */
/*
 * Properties: a list of definitions, each with its value.
 *
 *	[{"name": "a1b2", "type": "char", "string": "Colour", "value": "red"}, …]
 *
 * What is written names those that change, as elements of such a list or as {"a1b2": "blue"}; the
 * definitions belong to another record (a task's to its project) and stay. Odoo's write replaces
 * all, so it is given the whole list.
 */
#include "fs/edit_property.h"

#include "odoo/cleanup.h"

#include <errno.h>
#include <string.h>

const json_t *edit_property_find(const json_t *list, const char *name)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *property = json_array_get(list, i);
		const char *other = json_string_value(json_object_get(property, "name"));
		if (other && strcmp(other, name) == 0) {
			return property;
		}
	}
	return NULL;
}

static int refuse_name(
	struct editing *e, const struct place *place, const json_t *list, const char *name)
{
	_cleanup_buffer_ struct buffer names = { 0 };

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *property = json_array_get(list, i);
		const char *other = json_string_value(json_object_get(property, "name"));
		const char *label = json_string_value(json_object_get(property, "string"));
		if (other) {
			buffer_append_text(&names, names.size > 0 ? ", \"" : "\"");
			buffer_append_text(&names, other);
			buffer_append_text(&names, label ? "\" (" : "\"");
			buffer_append_text(&names, label ? label : "");
			buffer_append_text(&names, label ? ")" : "");
		}
	}
	buffer_append_char(&names, '\0');
	if (names.failed) {
		return -ENOMEM;
	}
	return names.size > 1
		       ? edit_refuse(e, place, "is none of the record's properties: %s", names.text)
		       : edit_refuse(e, place, "can't be set: the record has no properties");
}

/* What is said of a property besides its value has to be what its definition says. */
static int check_definition(
	struct editing *e, const struct place *place, const json_t *property, const json_t *element)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)element, key, value)
	{
		struct place at = { .parent = place, .key = key };
		const json_t *defined = json_object_get(property, key);

		if (strcmp(key, "value") != 0 &&
			(!defined || !edit_same(FIELD_OTHER, defined, value))) {
			return edit_refuse(e, &at,
				"is part of the property's definition, which isn't changed here");
		}
	}
	return 0;
}

/* A list of properties on its way. */
struct naming {
	struct editing *e;
	const json_t *base;
	cJSON *changes;
};

static int take_value(struct naming *n, const struct place *place, const json_t *property,
	const char *name, const json_t *value)
{
	cJSON *item = NULL;
	int r;

	if (edit_property_same(property, json_object_get(property, "value"), value)) {
		return 0;
	}
	r = edit_property_value(n->e, place, property, value, &item);
	return r < 0 ? r : edit_add(n->changes, name, item);
}

static int take_element(struct naming *n, const struct place *place, const json_t *element)
{
	struct place at = { .parent = place, .key = "name" };
	const char *name = json_string_value(json_object_get(element, "name"));
	const json_t *property, *value = json_object_get(element, "value");
	int r;

	if (!name) {
		return edit_refuse_value(
			n->e, place, "a property, {\"name\": …, \"value\": …}", element);
	}
	property = edit_property_find(n->base, name);
	if (!property) {
		return refuse_name(n->e, &at, n->base, name);
	}
	if (cJSON_GetObjectItemCaseSensitive(n->changes, name)) {
		return edit_refuse(n->e, &at, "is there twice");
	}
	r = check_definition(n->e, place, property, element);
	if (r < 0 || !value) {
		return r;
	}
	at.key = "value";
	return take_value(n, &at, property, name, value);
}

static int take_list(struct naming *n, const struct edit_member *member)
{
	int r = 0;

	for (size_t i = 0; i < json_array_size(member->value) && r == 0; i++) {
		struct place place = { .parent = member->place, .index = i };
		r = take_element(n, &place, json_array_get(member->value, i));
	}
	return r;
}

static int take_object(struct naming *n, const struct edit_member *member)
{
	const char *name;
	json_t *value;
	int r = 0;

	json_object_foreach((json_t *)member->value, name, value)
	{
		struct place place = { .parent = member->place, .key = name };
		const json_t *property = edit_property_find(n->base, name);

		r = property ? take_value(n, &place, property, name, value)
			     : refuse_name(n->e, &place, n->base, name);
		if (r < 0) {
			break;
		}
	}
	return r;
}

static int take_named(struct editing *e, const struct edit_member *member, cJSON **ret_value)
{
	_cleanup_json_ cJSON *changes = cJSON_CreateObject();
	struct naming n = { .e = e, .base = member->base, .changes = changes };
	int r;

	if (!changes) {
		return -ENOMEM;
	}
	if (!member->base) {
		return edit_refuse(e, member->place,
			"wasn't in what was opened, so that the properties aren't known");
	}
	r = json_is_object(member->value) ? take_object(&n, member) : take_list(&n, member);
	if (r == 0 && changes->child) {
		*ret_value = steal(changes);
	}
	return r;
}

/* On create the definitions are the text's own, as in a copy of another record's file. */
static int take_new(struct editing *e, const struct edit_member *member, cJSON **ret_value)
{
	int r = 0;

	for (size_t i = 0; i < json_array_size(member->value) && r == 0; i++) {
		struct place at = { .parent = member->place, .index = i };
		struct place place = { .parent = &at, .key = "value" };
		const json_t *element = json_array_get(member->value, i);
		const json_t *value = json_object_get(element, "value");
		cJSON *item = NULL;

		if (!json_is_string(json_object_get(element, "name"))) {
			return edit_refuse_value(
				e, &at, "a property, {\"name\": …, \"value\": …}", element);
		}
		if (value) {
			r = edit_property_value(e, &place, element, value, &item);
			cJSON_Delete(item);
		}
	}
	return r == 0 ? edit_properties_list(e, member->place, member->value, NULL, ret_value) : r;
}

int edit_properties(struct editing *e, const struct edit_member *member, cJSON **ret_value)
{
	const json_t *value = member->value;

	if (member->scope->create && (json_is_false(value) || json_is_null(value))) {
		*ret_value = cJSON_CreateFalse();
		return *ret_value ? 0 : -ENOMEM;
	}
	if (!json_is_array(value) && !json_is_object(value)) {
		return edit_refuse_value(
			e, member->place, "a list of properties with their values", value);
	}
	if (!member->scope->create) {
		return take_named(e, member, ret_value);
	}
	return json_is_array(value) ? take_new(e, member, ret_value)
				    : edit_json(e, member->place, value, ret_value);
}

/* A definition with its value as write takes it. */
static int list_property(struct editing *e, const struct place *place, const json_t *property,
	const cJSON *change, cJSON **ret_item)
{
	_cleanup_json_ cJSON *item = NULL;
	const json_t *value = json_object_get(property, "value");
	cJSON *written = NULL;
	int r = edit_json(e, place, property, &item);

	if (r < 0) {
		return r;
	}
	cJSON_DeleteItemFromObjectCaseSensitive(item, "value");
	if (change || value) {
		written = change ? cJSON_Duplicate(change, true)
				 : edit_property_written(property, value);
		r = edit_add(item, "value", written);
	}
	if (r == 0) {
		*ret_item = steal(item);
	}
	return r;
}

int edit_properties_list(struct editing *e, const struct place *place, const json_t *list,
	const cJSON *changes, cJSON **ret_list)
{
	_cleanup_json_ cJSON *items = cJSON_CreateArray();

	for (size_t i = 0; i < json_array_size(list); i++) {
		struct place at = { .parent = place, .index = i };
		const json_t *property = json_array_get(list, i);
		const char *name = json_string_value(json_object_get(property, "name"));
		cJSON *item = NULL;
		int r = list_property(e, &at, property,
			name ? cJSON_GetObjectItemCaseSensitive(changes, name) : NULL, &item);

		if (r == 0) {
			r = edit_append(items, item);
		}
		if (r < 0) {
			return r;
		}
	}
	*ret_list = steal(items);
	return *ret_list ? 0 : -ENOMEM;
}

int edit_property_conflicts(
	const json_t *was, const json_t *now, const char *name, const cJSON *value)
{
	const json_t *before = edit_property_find(was, name);
	const json_t *after = edit_property_find(now, name);
	const json_t *theirs = json_object_get(after, "value");
	_cleanup_json_ cJSON *written = NULL;

	if (!after || !edit_same(FIELD_OTHER, json_object_get(before, "type"),
			      json_object_get(after, "type"))) {
		return -ESTALE;
	}
	if (edit_property_same(after, json_object_get(before, "value"), theirs)) {
		return 0;
	}
	written = theirs ? edit_property_written(after, theirs) : cJSON_CreateFalse();
	if (!written) {
		return -ENOMEM;
	}
	return cJSON_Compare(written, value, true) ? 1 : -ESTALE;
}
