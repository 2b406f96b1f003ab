/* SPDX-License-Identifier: MIT */
#include "fs/edit_private.h"

#include "fs/document.h"
#include "odoo/cleanup.h"

#include <errno.h>
#include <string.h>

static void finish_change(struct edit_change *change)
{
	free(change->field);
	cJSON_Delete(change->value);
	cJSON_Delete(change->properties);
	json_decref(change->wanted);
}

static void drop_changes(struct edit *edit)
{
	for (size_t i = 0; i < edit->n_changes; i++) {
		finish_change(&edit->changes[i]);
	}
	free(edit->changes);
	edit->changes = NULL;
	edit->n_changes = 0;
}

void edit_drop_names(struct edit *edit)
{
	for (size_t i = 0; i < edit->n_names; i++) {
		struct edit_name *name = &edit->names[i];
		free(name->place);
		free(name->field);
		free(name->model);
		free(name->text);
	}
	free(edit->names);
	edit->names = NULL;
	edit->n_names = 0;
}

static void drop_taken(struct edit *edit)
{
	for (size_t i = 0; i < edit->n_taken; i++) {
		struct edit_taken *taken = &edit->taken[i];
		free(taken->field);
		free(taken->model);
		free(taken->inverse);
		free(taken->ids);
	}
	free(edit->taken);
	edit->taken = NULL;
	edit->n_taken = 0;
}

static void drop_list(char ***list, size_t *n)
{
	for (size_t i = 0; i < *n; i++) {
		free((*list)[i]);
	}
	free(*list);
	*list = NULL;
	*n = 0;
}

void edit_destroy(struct edit *edit)
{
	if (!edit) {
		return;
	}
	drop_changes(edit);
	edit_drop_names(edit);
	drop_taken(edit);
	drop_list(&edit->models, &edit->n_models);
	drop_list(&edit->aside, &edit->n_aside);
	drop_list(&edit->sent, &edit->n_sent);
	json_decref(edit->base);
	json_decref(edit->seen);
	free(edit);
}

void edit_drop_change(struct edit *edit, size_t i)
{
	finish_change(&edit->changes[i]);
	memmove(&edit->changes[i], &edit->changes[i + 1],
		(edit->n_changes - i - 1) * sizeof(*edit->changes));
	edit->n_changes--;
}

static int add_change(struct edit *edit, const char *field, json_t *wanted, cJSON *value)
{
	struct edit_change *changes =
		reallocarray(edit->changes, edit->n_changes + 1, sizeof(*changes));

	if (changes) {
		edit->changes = changes;
		changes[edit->n_changes] = (struct edit_change){
			.field = strdup(field), .value = value, .wanted = json_incref(wanted)
		};
		if (changes[edit->n_changes++].field) {
			return 0;
		}
		return -ENOMEM;
	}
	cJSON_Delete(value);
	return -ENOMEM;
}

/* What was made of a properties field are those that change: write takes the whole list. */
static int complete_properties(struct editing *e, const char *field)
{
	struct edit_change *change = &e->edit->changes[e->edit->n_changes - 1];
	const json_t *base = json_object_get(e->edit->base, field);
	struct place place = { .key = field };

	change->properties = steal(change->value);
	return edit_properties_list(e, &place, base, change->properties, &change->value);
}

static int take_id(struct editing *e, const json_t *value)
{
	struct place place = { .key = "id" };
	json_t *id;
	bool same;

	if (e->source->id == 0) {
		return 0;
	}
	id = json_integer(e->source->id);
	same = id && edit_same(FIELD_INTEGER, id, value);
	json_decref(id);
	return same ? 0
		    : edit_refuse(e, &place, "is the record's own, %u, and can't be changed",
			      e->source->id);
}

static int take_member(
	struct editing *e, const struct edit_scope *scope, const char *key, json_t *value)
{
	const struct cache_field *field = cache_schema_find(scope->schema, key);
	cJSON *item = NULL;
	int r;

	if (strcmp(key, "id") == 0) {
		return take_id(e, value);
	}
	r = edit_member(e, scope, key, value, &item);
	if (r == 0 && item) {
		r = add_change(e->edit, key, value, item);
	}
	if (r == 0 && item && field->type == FIELD_PROPERTIES && !scope->create) {
		r = complete_properties(e, key);
	}
	return r;
}

static int take_members(struct editing *e, json_t *object)
{
	struct edit_scope scope = {
		.schema = e->source->schema,
		.base = e->edit->base,
		.state = json_string_value(json_object_get(e->edit->base, "state")),
		.create = e->source->id == 0,
	};
	const char *key;
	json_t *value;

	json_object_foreach(object, key, value)
	{
		int r = take_member(e, &scope, key, value);
		if (r < 0) {
			return r;
		}
	}
	if (e->edit->n_models == 0) {
		return 0;
	}
	drop_changes(e->edit);
	edit_drop_names(e->edit);
	drop_taken(e->edit);
	drop_list(&e->edit->aside, &e->edit->n_aside);
	return EDIT_WANTS_SCHEMAS;
}

static int parse_known(const char *text, size_t size, json_t **ret_object, struct odoo_error *error)
{
	int r = document_parse(text, size, ret_object, error);

	if (r == DOCUMENT_EMPTY) {
		odoo_error_set(error, ODOO_FAULT_INTERNAL, "what was opened is empty");
	}
	return r > 0 ? -EBADMSG : r;
}

/* What an earlier save left out is as the server has it. */
static int parse_base(const struct edit_source *source, struct edit *edit, struct odoo_error *error)
{
	int r;

	if (source->id == 0) {
		return 0;
	}
	r = parse_known(source->base, source->base_size, &edit->base, error);
	if (r < 0 || !source->seen) {
		return r;
	}
	r = parse_known(source->seen, source->seen_size, &edit->seen, error);
	if (r == 0 && json_object_update_missing(edit->base, edit->seen) < 0) {
		r = -ENOMEM;
	}
	return r;
}

static int parse_text(
	const struct edit_source *source, json_t **ret_object, struct odoo_error *error)
{
	int r = document_parse(source->text, source->size, ret_object, error);

	if (r == DOCUMENT_EMPTY) {
		return EDIT_EMPTY;
	}
	return r > 0 ? -EINVAL : r;
}

int edit_parse(const struct edit_source *source, struct edit **ret_edit, struct odoo_error *error)
{
	_cleanup_edit_ struct edit *edit = calloc(1, sizeof(*edit));
	_cleanup_decref_ json_t *object = NULL;
	struct editing e = { .source = source, .edit = edit, .error = error };
	int r = edit ? parse_text(source, &object, error) : -ENOMEM;

	if (r == 0) {
		r = parse_base(source, edit, error);
	}
	if (r == 0) {
		r = take_members(&e, object);
	}
	if (r == -ENOMEM) {
		odoo_error_set(error, ODOO_FAULT_INTERNAL, "out of memory");
	}
	if (r == 0 || r == EDIT_WANTS_SCHEMAS) {
		*ret_edit = steal(edit);
	}
	return r;
}

int edit_take_values(struct edit *edit, cJSON **ret_values)
{
	_cleanup_json_ cJSON *values = cJSON_CreateObject();

	edit->sent = calloc(edit->n_changes + 1, sizeof(*edit->sent));
	if (!values || !edit->sent) {
		return -ENOMEM;
	}
	for (size_t i = 0; i < edit->n_changes; i++) {
		struct edit_change *change = &edit->changes[i];
		int r = edit_add(values, change->field, steal(change->value));
		if (r < 0) {
			return r;
		}
		edit->sent[edit->n_sent++] = steal(change->field);
	}
	drop_changes(edit);
	*ret_values = steal(values);
	return 0;
}

static int add_known(const struct edit *edit, json_t *known, const json_t *now)
{
	for (size_t i = 0; i < edit->n_sent; i++) {
		json_t *value = json_object_get(now, edit->sent[i]);
		int r = value ? json_object_set(known, edit->sent[i], value)
			      : json_object_del(known, edit->sent[i]);
		if (r < 0 && value) {
			return -ENOMEM;
		}
	}
	return 0;
}

int edit_known(const struct edit *edit, const char *now, size_t size, char **ret_text)
{
	_cleanup_decref_ json_t *object = NULL, *known = NULL;
	int r = document_parse(now, size, &object, NULL);

	if (r != 0) {
		return r < 0 ? r : -EBADMSG;
	}
	/* Of a record that was created all is new. */
	known = json_copy(edit->seen ? edit->seen : edit->base ? edit->base : object);
	r = known ? add_known(edit, known, object) : -ENOMEM;
	if (r == 0) {
		*ret_text = json_dumps(known, JSON_REAL_PRECISION(17));
		r = *ret_text ? 0 : -ENOMEM;
	}
	return r;
}
