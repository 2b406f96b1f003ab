/* SPDX-License-Identifier: MIT */
#include "fs/value_name.h"

#include "fs/buffer.h"
#include "fs/percent.h"

#include <errno.h>
#include <stdio.h>

/* "2026-11" */
#define MONTH_SIZE 7

/* The name is for people, the number for finding it again: the name may be cut. */
static int name_many2one(const cJSON *value, struct buffer *name)
{
	const cJSON *id = value->child;
	const char *text = id ? cJSON_GetStringValue(id->next) : NULL;
	char number[32];

	if (!id || !cJSON_IsNumber(id)) {
		return -EBADMSG;
	}
	if (!text || !*text) {
		snprintf(number, sizeof(number), "%.0f", id->valuedouble);
	} else {
		snprintf(number, sizeof(number), " (%.0f)", id->valuedouble);
		percent_encode_cut(name, text, NAME_MAX - strlen(number));
	}
	buffer_append_text(name, number);
	return 0;
}

/* Encoded as a whole, or not at all. */
static int name_text(const char *text, struct buffer *name)
{
	/* Each byte takes three at most; what is longer is too long anyway. */
	percent_encode_cut(name, text, 3 * (size_t)NAME_MAX);
	return name->size > NAME_MAX ? -ENAMETOOLONG : 0;
}

/* The key finds it again, the label is for people. */
static int name_key(const struct cache_field *field, const char *key, struct buffer *name)
{
	const char *label = cache_keys_label(field->keys, field->labels, key);
	int r = name_text(key, name);

	if (r == 0 && label && *label && name->size + sizeof(" (…)") <= NAME_MAX) {
		buffer_append_text(name, " (");
		percent_encode_cut(name, label, NAME_MAX - name->size - 1);
		buffer_append_char(name, ')');
	}
	return r;
}

/* What a path would take for a word of its own is written so that it doesn't. */
static int name_char(const char *text, struct buffer *name)
{
	char escape[4];

	if (!*text) {
		return -EBADMSG;
	}
	if (strcasecmp(text, "false") != 0) {
		return name_text(text, name);
	}
	snprintf(escape, sizeof(escape), "%%%02X", (unsigned char)*text);
	buffer_append_text(name, escape);
	buffer_append_text(name, text + 1);
	return 0;
}

static int make(const struct cache_field *field, const cJSON *value, struct buffer *name)
{
	char number[32];

	if (cJSON_IsBool(value) || cJSON_IsNull(value)) {
		buffer_append_text(name, cJSON_IsTrue(value) ? "true" : "false");
		return 0;
	}
	if (cJSON_IsArray(value)) {
		return name_many2one(value, name);
	}
	if (cJSON_IsNumber(value)) {
		snprintf(number, sizeof(number), "%.15g", value->valuedouble);
		buffer_append_text(name, number);
		return 0;
	}
	if (!cJSON_IsString(value)) {
		return -EBADMSG;
	}
	switch (field->type) {
	case FIELD_SELECTION:
		return name_key(field, value->valuestring, name);
	case FIELD_DATE:
	case FIELD_DATETIME:
		buffer_append(name, value->valuestring, strnlen(value->valuestring, MONTH_SIZE));
		return 0;
	default:
		return name_char(value->valuestring, name);
	}
}

int value_name(const struct cache_field *field, const cJSON *value, char name[static NAME_MAX + 1])
{
	_cleanup_buffer_ struct buffer buffer = { 0 };
	int r = make(field, value, &buffer);

	if (r == 0 && buffer.failed) {
		r = -ENOMEM;
	}
	if (r == 0 && (!buffer.size || buffer.size > NAME_MAX)) {
		r = -EBADMSG;
	}
	if (r == 0) {
		memcpy(name, buffer.text, buffer.size);
		name[buffer.size] = '\0';
	}
	return r;
}
