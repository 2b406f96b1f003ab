/* SPDX-License-Identifier: MIT */
/* Values of conditions, by the field's type. */
#include "fs/condition_private.h"
#include "fs/percent.h"
#include "fs/view_private.h"

#include "odoo/cleanup.h"
#include "odoo/limits.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum value_class value_class_of(enum cache_field_type type)
{
	switch (type) {
	case FIELD_BOOLEAN:
		return CLASS_BOOLEAN;
	case FIELD_INTEGER:
	case FIELD_MANY2ONE_REFERENCE:
		return CLASS_WHOLE;
	case FIELD_FLOAT:
	case FIELD_MONETARY:
		return CLASS_NUMBER;
	case FIELD_CHAR:
	case FIELD_TEXT:
	case FIELD_HTML:
		return CLASS_TEXT;
	case FIELD_SELECTION:
		return CLASS_SELECTION;
	case FIELD_REFERENCE:
		return CLASS_REFERENCE;
	case FIELD_DATE:
	case FIELD_DATETIME:
		return CLASS_DATE;
	case FIELD_MANY2ONE:
	case FIELD_ONE2MANY:
	case FIELD_MANY2MANY:
		return CLASS_RELATION;
	case FIELD_BINARY:
		return CLASS_BINARY;
	default:
		return CLASS_OTHER;
	}
}

static bool is_word(const char *text, size_t size, const char *word)
{
	return size == strlen(word) && strncasecmp(text, word, size) == 0;
}

bool value_is_false(const char *text, size_t size)
{
	return is_word(text, size, "false");
}

static int refuse(const struct condition *c, const char *text, size_t size, const char *right,
	struct odoo_error *error)
{
	return view_refuse(error, -EINVAL, "%s: \"%.*s\" isn't %s", c->path,
		(int)(size < 80 ? size : 80), text, right);
}

static int give(cJSON *value, cJSON **ret_value)
{
	*ret_value = value;
	return value ? 0 : -ENOMEM;
}

int value_parse_text(const char *text, size_t size, cJSON **ret_value, struct odoo_error *error)
{
	_cleanup_free_ char *decoded = NULL;
	int r = percent_decode(text, size, &decoded, error);

	return r < 0 ? r : give(cJSON_CreateString(decoded), ret_value);
}

static int parse_boolean(const struct condition *c, const char *text, size_t size,
	cJSON **ret_value, struct odoo_error *error)
{
	static const char *const words[] = { "false", "true", "no", "yes", "0", "1" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (is_word(text, size, words[i])) {
			return give(cJSON_CreateBool(i % 2), ret_value);
		}
	}
	return refuse(c, text, size, "true or false", error);
}

/* Digits with a sign, or none; false for anything else, and what is past 2^31. */
static bool read_whole(const char *text, size_t size, int64_t *ret_number)
{
	bool negative = size > 0 && *text == '-';
	int64_t number = 0;
	size_t i = negative;

	if (i == size || size - i > 10) {
		return false;
	}
	for (; i < size; i++) {
		if (!isdigit((unsigned char)text[i])) {
			return false;
		}
		number = number * 10 + (text[i] - '0');
	}
	*ret_number = negative ? -number : number;
	return number <= INT32_MAX;
}

static int parse_whole(const struct condition *c, const char *text, size_t size, cJSON **ret_value,
	struct odoo_error *error)
{
	int64_t number;

	if (!read_whole(text, size, &number)) {
		return refuse(c, text, size, "a whole number below 2^31", error);
	}
	return give(cJSON_CreateNumber((double)number), ret_value);
}

static int parse_number(const struct condition *c, const char *text, size_t size, cJSON **ret_value,
	struct odoo_error *error)
{
	char copy[64] = "", *end = copy;
	double number = 0;

	/* No hexadecimal, no infinity: what JSON calls a number. */
	if (size < sizeof(copy) && strspn(text, "0123456789+-.eE") >= size) {
		memcpy(copy, text, size);
		copy[size] = '\0';
		number = strtod(copy, &end);
	}
	if (end == copy || *end || !isfinite(number)) {
		return refuse(c, text, size, "a number", error);
	}
	return give(cJSON_CreateNumber(number), ret_value);
}

/* "draft", or "draft (Quotation)" as `ls` lists it: the size of the key. */
static size_t key_size(const struct condition *c, const char *text)
{
	const char *label;

	if (!c->listed || cache_keys_has(c->field->keys, text)) {
		return strlen(text);
	}
	label = strstr(text, " (");
	return label && text[strlen(text) - 1] == ')' ? (size_t)(label - text) : strlen(text);
}

static int refuse_key(const struct condition *c, const char *text, struct odoo_error *error)
{
	_cleanup_buffer_ struct buffer keys = { 0 };
	const char *key = NULL;

	while ((key = cache_keys_next(c->field->keys, key)) && keys.size < 200) {
		buffer_append_text(&keys, keys.size ? ", " : "");
		buffer_append_text(&keys, key);
	}
	buffer_append_text(&keys, key ? ", …" : "");
	buffer_append_char(&keys, '\0');
	return view_refuse(error, -EINVAL, "%s: \"%.80s\" isn't one of its values, which are %s",
		c->path, text, keys.failed ? "" : keys.text);
}

static int parse_selection(const struct condition *c, const char *text, size_t size,
	cJSON **ret_value, struct odoo_error *error)
{
	_cleanup_free_ char *decoded = NULL;
	int r = percent_decode(text, size, &decoded, error);

	if (r < 0) {
		return r;
	}
	decoded[key_size(c, decoded)] = '\0';
	if (c->field->keys && !cache_keys_has(c->field->keys, decoded)) {
		return refuse_key(c, decoded, error);
	}
	if (c->field->keys && c->field->keys->numbers) {
		return give(cJSON_CreateNumber(strtod(decoded, NULL)), ret_value);
	}
	return give(cJSON_CreateString(decoded), ret_value);
}

/* "Belgium (21)" as `ls` lists it: the id, or 0. */
static int64_t listed_id(const struct condition *c, const char *text, size_t size)
{
	const char *open = c->listed ? memrchr(text, '(', size) : NULL;
	int64_t id = 0;

	if (open && open > text && open[-1] == ' ' && text[size - 1] == ')' &&
		!read_whole(open + 1, size - (size_t)(open + 1 - text) - 1, &id)) {
		id = 0;
	}
	return id > 0 ? id : 0;
}

/* Odoo finds a record by its exact name itself: no question of our own is needed. */
static int parse_relation(const struct condition *c, const char *text, size_t size,
	cJSON **ret_value, struct odoo_error *error)
{
	int64_t id = listed_id(c, text, size);

	if (!id && read_whole(text, size, &id) && id <= 0) {
		return refuse(c, text, size, "an id or a name: ids begin with 1", error);
	}
	return id ? give(cJSON_CreateNumber((double)id), ret_value)
		  : value_parse_text(text, size, ret_value, error);
}

static int parse_reference(const struct condition *c, const char *text, size_t size,
	cJSON **ret_value, struct odoo_error *error)
{
	const char *comma = memchr(text, ',', size);
	int64_t id;

	if (!comma || comma == text ||
		!read_whole(comma + 1, size - (size_t)(comma + 1 - text), &id) || id <= 0) {
		return refuse(c, text, size, "a model and an id: res.partner,14", error);
	}
	return value_parse_text(text, size, ret_value, error);
}

static int parse_binary(const struct condition *c, const char *text, size_t size, cJSON **ret_value,
	struct odoo_error *error)
{
	return refuse(c, text, size, "false, and contents can't be compared with others", error);
}

int value_parse(const struct condition *c, const char *text, size_t size, cJSON **ret_value,
	struct odoo_error *error)
{
	static int (*const parse[])(
		const struct condition *, const char *, size_t, cJSON **, struct odoo_error *) = {
		[CLASS_BOOLEAN] = parse_boolean,
		[CLASS_WHOLE] = parse_whole,
		[CLASS_NUMBER] = parse_number,
		[CLASS_SELECTION] = parse_selection,
		[CLASS_REFERENCE] = parse_reference,
		[CLASS_RELATION] = parse_relation,
		[CLASS_BINARY] = parse_binary,
	};
	enum value_class class = value_class_of(c->field->type);

	if (size == 0) {
		return view_refuse(
			error, -EINVAL, "%s: a value is missing beside a comma", c->path);
	}
	if (value_is_false(text, size)) {
		return give(cJSON_CreateFalse(), ret_value);
	}
	return class == CLASS_TEXT ? value_parse_text(text, size, ret_value, error)
				   : parse[class](c, text, size, ret_value, error);
}
