/* SPDX-License-Identifier: MIT */
#include "fs/edit_private.h"

#include "fs/number.h"
#include "odoo/cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define WHOLE_LIMIT (INT64_C(1) << 53)

int edit_append(cJSON *array, cJSON *item)
{
	if (!cJSON_AddItemToArray(array, item)) {
		cJSON_Delete(item);
		return -ENOMEM;
	}
	return 0;
}

int edit_add(cJSON *object, const char *name, cJSON *item)
{
	if (!item || !cJSON_AddItemToObject(object, name, item)) {
		cJSON_Delete(item);
		return -ENOMEM;
	}
	return 0;
}

/*
 * cJSON prints a number with 15 digits when it finds the result near enough, and large whole ones
 * with an exponent, which makes them floats in Python. Only then the text is given instead.
 */
cJSON *edit_number(double number)
{
	_cleanup_buffer_ struct buffer buffer = { 0 };
	char text[40];
	double same;

	snprintf(text, sizeof(text), "%1.15g", number);
	same = strtod(text, NULL);
	if (memcmp(&same, &number, sizeof(same)) == 0 && !strchr(text, 'e')) {
		return cJSON_CreateNumber(number);
	}
	if (number_append_any(&buffer, number) < 0 && number_append_float(&buffer, number) < 0) {
		return NULL;
	}
	buffer_append_char(&buffer, '\0');
	return buffer.failed ? NULL : cJSON_CreateRaw(buffer.text);
}

static int copy_array(
	struct editing *e, const struct place *place, const json_t *value, cJSON **ret_value)
{
	_cleanup_json_ cJSON *array = cJSON_CreateArray();

	for (size_t i = 0; i < json_array_size(value); i++) {
		struct place at = { .parent = place, .index = i };
		cJSON *item = NULL;
		int r = edit_json(e, &at, json_array_get(value, i), &item);

		if (r == 0) {
			r = edit_append(array, item);
		}
		if (r < 0) {
			return r;
		}
	}
	*ret_value = steal(array);
	return *ret_value ? 0 : -ENOMEM;
}

static int copy_object(
	struct editing *e, const struct place *place, const json_t *value, cJSON **ret_value)
{
	_cleanup_json_ cJSON *object = cJSON_CreateObject();
	const char *key;
	json_t *member;

	json_object_foreach((json_t *)value, key, member)
	{
		struct place at = { .parent = place, .key = key };
		cJSON *item = NULL;
		int r = edit_json(e, &at, member, &item);

		if (r == 0) {
			r = edit_add(object, key, item);
		}
		if (r < 0) {
			return r;
		}
	}
	*ret_value = steal(object);
	return *ret_value ? 0 : -ENOMEM;
}

static int copy_whole(
	struct editing *e, const struct place *place, const json_t *value, cJSON **ret_value)
{
	json_int_t number = json_integer_value(value);

	if (number >= WHOLE_LIMIT || number <= -WHOLE_LIMIT) {
		return edit_refuse_value(e, place, "a whole number below 2^53", value);
	}
	*ret_value = edit_number((double)number);
	return 0;
}

int edit_json(struct editing *e, const struct place *place, const json_t *value, cJSON **ret_value)
{
	int r = 0;

	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return copy_object(e, place, value, ret_value);
	case JSON_ARRAY:
		return copy_array(e, place, value, ret_value);
	case JSON_STRING:
		*ret_value = cJSON_CreateString(json_string_value(value));
		break;
	case JSON_INTEGER:
		r = copy_whole(e, place, value, ret_value);
		break;
	case JSON_REAL:
		*ret_value = edit_number(json_real_value(value));
		break;
	case JSON_NULL:
		*ret_value = cJSON_CreateNull();
		break;
	default:
		*ret_value = cJSON_CreateBool(json_is_true(value));
	}
	if (r < 0) {
		return r;
	}
	return *ret_value ? 0 : -ENOMEM;
}
