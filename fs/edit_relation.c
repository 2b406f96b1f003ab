/* SPDX-License-Identifier: MIT */
#include "fs/edit_private.h"

#include "odoo/cleanup.h"
#include "odoo/limits.h"

#include <errno.h>
#include <string.h>

int edit_id(struct editing *e, const struct place *place, const json_t *value, uint32_t *ret_id)
{
	json_int_t id = json_integer_value(value);

	if (!json_is_integer(value) || id < 1 || id > ODOO_MAX_ID) {
		return edit_refuse_value(e, place, "a record's id", value);
	}
	*ret_id = (uint32_t)id;
	return 0;
}

static bool is_nothing(const json_t *value)
{
	return json_is_false(value) || json_is_null(value);
}

static int give_id(uint32_t id, cJSON **ret_value)
{
	*ret_value = cJSON_CreateNumber(id);
	return *ret_value ? 0 : -ENOMEM;
}

static char *print_place(const struct place *place)
{
	_cleanup_buffer_ struct buffer buffer = { 0 };
	char *text;
	size_t size;

	place_append(place, &buffer);
	return buffer_steal(&buffer, &text, &size) < 0 ? NULL : text;
}

/* Finding a line takes a look through the text, which many names shall not all cost. */
#define MOST_LINES 100

/* `wanted` says what is to be looked for: copies. */
static int add_name(
	struct editing *e, const struct edit_member *member, const struct edit_name *wanted)
{
	struct edit *edit = e->edit;
	struct edit_name *names = reallocarray(edit->names, edit->n_names + 1, sizeof(*names));

	if (!names) {
		return -ENOMEM;
	}
	edit->names = names;
	names[edit->n_names] = (struct edit_name){
		.place = print_place(member->place),
		.field = strdup(place_field(member->place)),
		.model = strdup(wanted->model),
		.text = strdup(json_string_value(member->value)),
		.id = wanted->id,
		.line = edit->n_names < MOST_LINES
				? place_line(member->place, e->source->text, e->source->size)
				: 0,
		.target = wanted->target,
	};
	const struct edit_name *name = &names[edit->n_names++];
	return name->place && name->field && name->model && name->text ? 0 : -ENOMEM;
}

/* A name stands for an id that is found later; the one that stood there before means that. */
static int take_name(struct editing *e, const struct edit_member *member, cJSON **ret_value)
{
	const char *text = json_string_value(member->value);
	const char *before = json_string_value(json_array_get(member->base, 1));
	_cleanup_json_ cJSON *target = NULL;
	int r;

	if (before && strcmp(before, text) == 0) {
		return 0;
	}
	if (text[0] == '\0' || !member->field->relation) {
		return edit_refuse_value(e, member->place, "an id, a name or false", member->value);
	}
	target = cJSON_CreateNull();
	if (!target) {
		return -ENOMEM;
	}
	r = add_name(e, member,
		&(struct edit_name){ .model = member->field->relation, .target = target });
	if (r == 0) {
		*ret_value = steal(target);
	}
	return r;
}

int edit_many2one(struct editing *e, const struct edit_member *member, cJSON **ret_value)
{
	const json_t *value = member->value;
	int64_t id = edit_many2one_id(value);

	if (json_is_string(value)) {
		return take_name(e, member, ret_value);
	}
	if (id < 0 || json_is_real(value) || json_is_real(json_array_get(value, 0))) {
		return edit_refuse_value(
			e, member->place, "an id, [id, \"name\"], a name or false", value);
	}
	if (id == 0) {
		*ret_value = cJSON_CreateFalse();
		return *ret_value ? 0 : -ENOMEM;
	}
	return give_id((uint32_t)id, ret_value);
}

/* model,id */
static bool is_reference(const char *text, char *ret_model, size_t size, uint32_t *ret_id)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_.0123456789";
	size_t n = strspn(text, letters);
	char *end;
	long id;

	if (n == 0 || n >= size || text[n] != ',' || text[n + 1] < '1' || text[n + 1] > '9') {
		return false;
	}
	memcpy(ret_model, text, n);
	ret_model[n] = '\0';
	id = strtol(text + n + 1, &end, 10);
	*ret_id = (uint32_t)id;
	return *end == '\0' && id <= ODOO_MAX_ID;
}

int edit_reference(struct editing *e, const struct edit_member *member, cJSON **ret_value)
{
	const struct cache_keys *keys = member->field->keys;
	const char *text = json_string_value(member->value);
	char model[ODOO_MAX_NAME + 1];
	uint32_t id;
	int r;

	if (is_nothing(member->value)) {
		*ret_value = cJSON_CreateFalse();
		return *ret_value ? 0 : -ENOMEM;
	}
	if (!text || !is_reference(text, model, sizeof(model), &id)) {
		return edit_refuse_value(e, member->place,
			"a reference as \"res.partner,14\", or false", member->value);
	}
	if (keys && !cache_keys_has(keys, model)) {
		_cleanup_free_ char *shown = edit_show_keys(keys, model);
		return shown ? edit_refuse(e, member->place,
				       "has to refer to one of %s, not to \"%s\"", shown, model)
			     : -ENOMEM;
	}
	/* Odoo would make a reference to nothing empty, and say nothing. */
	r = add_name(e, member, &(struct edit_name){ .model = model, .id = id });
	if (r < 0) {
		return r;
	}
	*ret_value = cJSON_CreateString(text);
	return *ret_value ? 0 : -ENOMEM;
}
