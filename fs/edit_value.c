/* SPDX-License-Identifier: MIT */
#include "fs/edit_private.h"

#include "fs/edit_date.h"
#include "odoo/cleanup.h"

#include <errno.h>
#include <stdint.h>

static int give(cJSON *value, cJSON **ret_value)
{
	*ret_value = value;
	return value ? 0 : -ENOMEM;
}

static bool is_nothing(const json_t *value)
{
	return json_is_false(value) || json_is_null(value);
}

static int check_integer(
	struct editing *e, const struct place *place, const json_t *value, cJSON **ret_value)
{
	json_int_t number = json_integer_value(value);

	if (!json_is_integer(value)) {
		return edit_refuse_value(
			e, place, "a whole number, written without a fraction", value);
	}
	if (number < INT32_MIN || number > INT32_MAX) {
		return edit_refuse_value(
			e, place, "a whole number from -2147483648 to 2147483647", value);
	}
	return give(edit_number((double)number), ret_value);
}

/* What a value that is text in JSON has to be; NULL when it is. */
static const char *problem_of_text(enum cache_field_type type, const json_t *value)
{
	const char *text = json_string_value(value);

	switch (type) {
	case FIELD_DATE:
		return text && edit_is_date(text)
			       ? NULL
			       : "a day as \"2026-11-20\", in the calendar, or false";
	case FIELD_DATETIME:
		return text && edit_is_datetime(text)
			       ? NULL
			       : "a time in UTC as \"2026-11-20 08:12:44\", or false";
	default:
		return text ? NULL : "text or false";
	}
}

static int check_text(struct editing *e, enum cache_field_type type, const struct place *place,
	const json_t *value, cJSON **ret_value)
{
	const char *problem;

	if (is_nothing(value)) {
		return give(cJSON_CreateFalse(), ret_value);
	}
	problem = problem_of_text(type, value);
	if (problem) {
		return edit_refuse_value(e, place, problem, value);
	}
	return give(cJSON_CreateString(json_string_value(value)), ret_value);
}

int edit_scalar(struct editing *e, enum cache_field_type type, const struct place *place,
	const json_t *value, cJSON **ret_value)
{
	switch (type) {
	case FIELD_BOOLEAN:
		if (!json_is_boolean(value)) {
			return edit_refuse_value(e, place, "true or false", value);
		}
		return give(cJSON_CreateBool(json_is_true(value)), ret_value);
	case FIELD_INTEGER:
	case FIELD_MANY2ONE_REFERENCE:
		return check_integer(e, place, value, ret_value);
	case FIELD_FLOAT:
	case FIELD_MONETARY:
		if (!json_is_number(value)) {
			return edit_refuse_value(e, place, "a number", value);
		}
		return give(edit_number(json_number_value(value)), ret_value);
	default:
		return check_text(e, type, place, value, ret_value);
	}
}

static size_t count_characters(const char *text)
{
	size_t n = 0;

	for (; *text; text++) {
		n += ((unsigned char)*text & 0xc0) != 0x80;
	}
	return n;
}

/* Odoo would cut what is longer, and say nothing. */
static int check_char(struct editing *e, const struct edit_member *member, cJSON **ret_value)
{
	size_t n = json_is_string(member->value)
			   ? count_characters(json_string_value(member->value))
			   : 0;

	if (member->field->size > 0 && n > member->field->size) {
		return edit_refuse(e, member->place, "holds %u characters, and this is %zu",
			member->field->size, n);
	}
	return edit_scalar(e, FIELD_CHAR, member->place, member->value, ret_value);
}

static int refuse_key(struct editing *e, const struct edit_member *member, const char *text)
{
	_cleanup_free_ char *shown = edit_show(member->value);
	_cleanup_free_ char *keys = edit_show_keys(member->field->keys, text);

	return shown && keys ? edit_refuse(e, member->place, "has to be one of %s or false, not %s",
				       keys, shown)
			     : -ENOMEM;
}

/* Where the keys aren't known, any text or whole number may be one. */
static int check_selection(struct editing *e, const struct edit_member *member, cJSON **ret_value)
{
	const struct cache_keys *keys = member->field->keys;
	const json_t *value = member->value;
	char number[32];
	const char *text = json_string_value(value);

	if (is_nothing(value)) {
		return give(cJSON_CreateFalse(), ret_value);
	}
	if (json_is_integer(value) && (!keys || keys->numbers)) {
		snprintf(
			number, sizeof(number), "%" JSON_INTEGER_FORMAT, json_integer_value(value));
		text = number;
	} else if (keys && keys->numbers) {
		text = NULL;
	}
	if (!keys && !text) {
		return edit_refuse_value(e, member->place, "text or false", value);
	}
	if (keys && (!text || !cache_keys_has(keys, text))) {
		return refuse_key(e, member, text ? text : "");
	}
	return text == number ? check_integer(e, member->place, value, ret_value)
			      : give(cJSON_CreateString(text), ret_value);
}

static int check_definition(struct editing *e, const struct edit_member *member, cJSON **ret_value)
{
	const json_t *value = member->value;

	if (is_nothing(value)) {
		return give(cJSON_CreateFalse(), ret_value);
	}
	for (size_t i = 0; i < json_array_size(value); i++) {
		struct place place = { .parent = member->place, .index = i };
		if (!json_is_object(json_array_get(value, i))) {
			return edit_refuse_value(e, &place, "an object that defines a property",
				json_array_get(value, i));
		}
	}
	if (!json_is_array(value)) {
		return edit_refuse_value(
			e, member->place, "a list of objects that define properties", value);
	}
	return edit_json(e, member->place, value, ret_value);
}

int edit_value(struct editing *e, const struct edit_member *member, cJSON **ret_value)
{
	switch (member->field->type) {
	case FIELD_CHAR:
		return check_char(e, member, ret_value);
	case FIELD_SELECTION:
		return check_selection(e, member, ret_value);
	case FIELD_REFERENCE:
		return edit_reference(e, member, ret_value);
	case FIELD_MANY2ONE:
		return edit_many2one(e, member, ret_value);
	case FIELD_MANY2MANY:
		return edit_many2many(e, member, ret_value);
	case FIELD_ONE2MANY:
		return edit_one2many(e, member, ret_value);
	case FIELD_PROPERTIES:
		return edit_properties(e, member, ret_value);
	case FIELD_PROPERTIES_DEFINITION:
		return check_definition(e, member, ret_value);
	case FIELD_JSON:
	case FIELD_OTHER:
		return edit_json(e, member->place, member->value, ret_value);
	default:
		return edit_scalar(e, member->field->type, member->place, member->value, ret_value);
	}
}
