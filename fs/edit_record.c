/* SPDX-License-Identifier: MIT */
#include "fs/edit_private.h"

#include "fs/nearest.h"
#include "odoo/cleanup.h"

#include <errno.h>
#include <nettle/base64.h>
#include <stdlib.h>
#include <string.h>

int edit_set_aside(struct edit *edit, const char *field)
{
	char **aside;

	if (edit->n_aside > 0 && strcmp(edit->aside[edit->n_aside - 1], field) == 0) {
		return 0;
	}
	aside = reallocarray(edit->aside, edit->n_aside + 1, sizeof(*aside));
	if (!aside) {
		return -ENOMEM;
	}
	edit->aside = aside;
	aside[edit->n_aside] = strdup(field);
	if (!aside[edit->n_aside]) {
		return -ENOMEM;
	}
	edit->n_aside++;
	return 0;
}

static int leave_aside(struct editing *e, const struct edit_member *member)
{
	return member->scope->place ? 0 : edit_set_aside(e->edit, member->field->name);
}

/* The field that is so alike that it may be meant, or NULL. */
static const char *alike(const struct cache_schema *schema, const char *key)
{
	struct nearest nearest = { .wanted = key, .size = strlen(key) };

	for (size_t i = 0; i < schema->n_fields; i++) {
		nearest_offer(&nearest, schema->fields[i].name);
	}
	return nearest.found && nearest.distance * 3 <= nearest.size ? nearest.found : NULL;
}

static int refuse_unknown(struct editing *e, const struct edit_scope *scope,
	const struct place *place, const char *key)
{
	const char *meant = alike(scope->schema, key);

	return meant ? edit_refuse(e, place, "isn't a field of this model; is \"%s\" meant?", meant)
		     : edit_refuse(e, place, "isn't a field of this model");
}

static bool is_base64(const char *text)
{
	size_t size = strlen(text), n;
	_cleanup_free_ uint8_t *bytes = malloc(BASE64_DECODE_LENGTH(size) + 1);
	struct base64_decode_ctx ctx;

	base64_decode_init(&ctx);
	n = BASE64_DECODE_LENGTH(size);
	return bytes && size && base64_decode_update(&ctx, &n, bytes, size, text) &&
	       base64_decode_final(&ctx);
}

/* A content as text. Odoo takes what isn't base64 for none, and empties the field. */
static int take_inline(struct editing *e, const struct edit_member *member, cJSON **ret_value)
{
	const char *text = json_string_value(member->value);

	if (json_is_false(member->value) || json_is_null(member->value)) {
		*ret_value = cJSON_CreateFalse();
	} else if (text && is_base64(text)) {
		*ret_value = cJSON_CreateString(text);
	} else {
		return edit_refuse_value(e, member->place, "base64 text or false", member->value);
	}
	return *ret_value ? 0 : -ENOMEM;
}

/* What a file shows for a binary field is no content; a copy of that file may hold it. */
static int take_binary(struct editing *e, const struct edit_member *member)
{
	bool shown = json_is_false(member->value) || json_is_null(member->value) ||
		     json_object_get(member->value, "file");

	if (member->scope->create && shown) {
		return leave_aside(e, member);
	}
	if (!e->source || !e->source->id || member->scope->place) {
		return edit_refuse(e, member->place,
			"is binary: its content isn't written here, but to a file beside the "
			"record");
	}
	return edit_refuse(e, member->place,
		"is binary: its content isn't written here, but to the file %u.%s (and rm empties "
		"it)",
		e->source->id, member->field->name);
}

static int take_readonly(struct editing *e, const struct edit_member *member)
{
	const char *state = member->scope->state;

	if (member->scope->create) {
		return leave_aside(e, member);
	}
	if (cache_field_is_readonly(member->field, NULL) || !state) {
		return edit_refuse(e, member->place, "is read-only");
	}
	return edit_refuse(e, member->place, "is read-only in the state \"%s\"", state);
}

/* The id of [id, "name"] decides. Who changed the name alone may have meant another record. */
static int note_name(struct editing *e, const struct edit_member *member)
{
	const char *before = json_string_value(json_array_get(member->base, 1));
	const char *after = json_string_value(json_array_get(member->value, 1));

	if (member->field->type != FIELD_MANY2ONE || !before || !after ||
		strcmp(before, after) == 0) {
		return 0;
	}
	return leave_aside(e, member);
}

int edit_member(struct editing *e, const struct edit_scope *scope, const char *key,
	const json_t *value, cJSON **ret_value)
{
	struct place place = { .parent = scope->place, .key = key };
	struct edit_member member = {
		.scope = scope,
		.field = cache_schema_find(scope->schema, key),
		.value = value,
		.base = json_object_get(scope->base, key),
		.place = &place,
	};

	if (!member.field) {
		return refuse_unknown(e, scope, &place, key);
	}
	if (member.base && edit_same(member.field->type, member.base, value)) {
		return note_name(e, &member);
	}
	if (member.field->type == FIELD_BINARY) {
		return e->source && e->source->binary_inline ? take_inline(e, &member, ret_value)
							     : take_binary(e, &member);
	}
	if (cache_field_is_readonly(member.field, scope->state) || cache_field_is_log(key)) {
		return take_readonly(e, &member);
	}
	return edit_value(e, &member, ret_value);
}

int edit_line(
	struct editing *e, const struct edit_scope *scope, const json_t *line, cJSON **ret_values)
{
	_cleanup_json_ cJSON *values = cJSON_CreateObject();
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)line, key, value)
	{
		cJSON *item = NULL;
		int r = strcmp(key, "id") == 0 ? 0 : edit_member(e, scope, key, value, &item);

		if (r == 0 && item) {
			r = edit_add(values, key, item);
		}
		if (r < 0) {
			return r;
		}
	}
	*ret_values = steal(values);
	return *ret_values ? 0 : -ENOMEM;
}
