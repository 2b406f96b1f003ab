/* SPDX-License-Identifier: MIT */
#include "fs/edit_private.h"

#include "fs/edit_ids.h"
#include "odoo/limits.h"

#include <math.h>
#include <string.h>

static bool is_nothing(const json_t *value)
{
	return json_is_false(value) || json_is_null(value);
}

int64_t edit_many2one_id(const json_t *value)
{
	const json_t *name;

	if (is_nothing(value)) {
		return 0;
	}
	if (json_is_array(value) && json_array_size(value) == 2) {
		name = json_array_get(value, 1);
		if (!json_is_string(name) && !is_nothing(name)) {
			return -1;
		}
		value = json_array_get(value, 0);
	}
	if (json_is_number(value) && json_number_value(value) >= 1 &&
		json_number_value(value) <= ODOO_MAX_ID) {
		double id = json_number_value(value);
		return isless(floor(id), id) ? -1 : (int64_t)id;
	}
	return -1;
}

static bool same_many2one(const json_t *a, const json_t *b)
{
	int64_t id = edit_many2one_id(a);

	return id >= 0 && id == edit_many2one_id(b);
}

static bool same_set(const json_t *a, const json_t *b)
{
	_cleanup_edit_ids_ struct edit_ids left = { 0 }, right = { 0 };

	return edit_ids_parse(a, &left) == 0 && edit_ids_parse(b, &right) == 0 &&
	       edit_ids_same(&left, &right);
}

static bool same_number(const json_t *a, const json_t *b)
{
	double left = json_number_value(a), right = json_number_value(b);

	if (json_is_integer(a) && json_is_integer(b)) {
		return json_integer_value(a) == json_integer_value(b);
	}
	return !isless(left, right) && !isgreater(left, right);
}

static bool same_json(const json_t *a, const json_t *b);

static bool same_array(const json_t *a, const json_t *b)
{
	if (json_array_size(a) != json_array_size(b)) {
		return false;
	}
	for (size_t i = 0; i < json_array_size(a); i++) {
		if (!same_json(json_array_get(a, i), json_array_get(b, i))) {
			return false;
		}
	}
	return true;
}

static bool same_object(const json_t *a, const json_t *b)
{
	const char *key;
	json_t *value;

	if (json_object_size(a) != json_object_size(b)) {
		return false;
	}
	json_object_foreach((json_t *)a, key, value)
	{
		const json_t *other = json_object_get(b, key);
		if (!other || !same_json(value, other)) {
			return false;
		}
	}
	return true;
}

static bool same_json(const json_t *a, const json_t *b)
{
	if (json_is_number(a) && json_is_number(b)) {
		return same_number(a, b);
	}
	if (json_is_array(a) && json_is_array(b)) {
		return same_array(a, b);
	}
	if (json_is_object(a) && json_is_object(b)) {
		return same_object(a, b);
	}
	return json_equal(a, b);
}

bool edit_same(enum cache_field_type type, const json_t *a, const json_t *b)
{
	switch (type) {
	case FIELD_MANY2ONE:
		return same_many2one(a, b) || same_json(a, b);
	case FIELD_MANY2MANY:
	case FIELD_ONE2MANY:
		return same_set(a, b);
	default:
		return (is_nothing(a) && is_nothing(b)) || same_json(a, b);
	}
}
