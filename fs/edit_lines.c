/* SPDX-License-Identifier: MIT */
/*
 * A one2many as a list of its lines as they shall be: an id is a line that stays, or is added; an
 * object with an "id" is a line that changes; one without is a line to be created; a line that was
 * there and isn't any more is taken out.
 */
#include "fs/edit_lines.h"

#include "odoo/cleanup.h"
#include "odoo/limits.h"

#include <errno.h>
#include <string.h>

static int want_schema(struct edit *edit, const char *model)
{
	char **models;

	for (size_t i = 0; i < edit->n_models; i++) {
		if (strcmp(edit->models[i], model) == 0) {
			return 0;
		}
	}
	models = reallocarray(edit->models, edit->n_models + 1, sizeof(*models));
	if (!models) {
		return -ENOMEM;
	}
	edit->models = models;
	models[edit->n_models] = strdup(model);
	return models[edit->n_models] ? (edit->n_models++, 0) : -ENOMEM;
}

int edit_append_line(struct editing *e, const struct edit_member *member, const struct place *place,
	const json_t *line, uint32_t id, cJSON *commands)
{
	const char *model = member->field->relation;
	struct edit_scope scope = { .create = id == 0, .place = place };
	cJSON *values = NULL;
	int r;

	if (!model) {
		return edit_refuse(e, member->place, "has no known model for its lines");
	}
	if (e->source->schema_of) {
		scope.schema = e->source->schema_of(e->source->data, model);
	}
	if (!scope.schema) {
		return want_schema(e->edit, model);
	}
	r = edit_line(e, &scope, line, &values);
	if (r < 0) {
		return r;
	}
	if (id > 0 && !values->child) {
		cJSON_Delete(values);
		return 0;
	}
	return edit_append_command(commands, id > 0 ? COMMAND_UPDATE : COMMAND_CREATE, id, values);
}

int edit_report_taken(struct editing *e, const struct edit_member *member,
	const struct edit_ids *ids, bool deletes)
{
	struct edit *edit = e->edit;
	const struct cache_field *field = member->field;
	struct edit_taken *taken;

	if (field->type != FIELD_ONE2MANY && !deletes) {
		return 0;
	}
	taken = reallocarray(edit->taken, edit->n_taken + 1, sizeof(*taken));
	if (!taken) {
		return -ENOMEM;
	}
	edit->taken = taken;
	taken += edit->n_taken++;
	*taken = (struct edit_taken){
		.field = strdup(place_field(member->place)),
		.model = strdup(field->relation ? field->relation : ""),
		.inverse = field->inverse ? strdup(field->inverse) : NULL,
		.ids = calloc(ids->n + 1, sizeof(*taken->ids)),
		.n_ids = ids->n,
		.deletes = deletes,
	};
	if (!taken->field || !taken->model || (field->inverse && !taken->inverse) || !taken->ids) {
		return -ENOMEM;
	}
	if (ids->n > 0) {
		memcpy(taken->ids, ids->ids, ids->n * sizeof(*ids->ids));
	}
	return 0;
}

int edit_report_all_but(
	struct editing *e, const struct edit_member *member, const struct edit_ids *kept)
{
	_cleanup_edit_ids_ struct edit_ids before = { 0 }, gone = { 0 };
	int r;

	if (member->scope->create) {
		return 0;
	}
	r = edit_ids_parse(member->base, &before);
	if (r == -EINVAL) {
		return edit_report_taken(e, member, &gone, false);
	}
	if (r == 0) {
		r = edit_ids_without(&before, kept, &gone);
	}
	return r < 0 || gone.n == 0 ? r : edit_report_taken(e, member, &gone, false);
}

/* A list of lines on its way. */
struct lines {
	struct editing *e;
	const struct edit_member *member;
	struct edit_ids before; /* that were there */
	struct edit_ids named;	/* that shall be there */
	cJSON *commands;
};

/* On create, ids are lines of another record: a copy of its file must not take them away. */
static int leave_aside(struct editing *e, const struct edit_member *member)
{
	return member->scope->place ? 0 : edit_set_aside(e->edit, member->field->name);
}

static int take_id(struct lines *l, const struct place *place, const json_t *value)
{
	uint32_t id;
	int r = edit_id(l->e, place, value, &id);

	if (r < 0) {
		return r;
	}
	if (l->member->scope->create) {
		return leave_aside(l->e, l->member);
	}
	return edit_ids_has(&l->before, id)
		       ? 0
		       : edit_append_command(l->commands, COMMAND_LINK, id, NULL);
}

/* A line that is there, by its id. */
static int take_changed(struct lines *l, const struct place *place, const json_t *line)
{
	struct place at = { .parent = place, .key = "id" };
	uint32_t id;
	int r = edit_id(l->e, &at, json_object_get(line, "id"), &id);

	if (r < 0) {
		return r;
	}
	if (!edit_ids_has(&l->before, id)) {
		return edit_refuse(l->e, &at,
			"is %u, and no line of this record has that id (a new line has none; a "
			"line of another record is added by its id alone)",
			id);
	}
	return edit_append_line(l->e, l->member, place, line, id, l->commands);
}

static int take_element(struct lines *l, const struct place *place, const json_t *value)
{
	if (json_is_array(value)) {
		return edit_refuse(l->e, place,
			"is a command among ids or lines: a list holds either of them");
	}
	if (!json_is_object(value)) {
		return json_is_integer(value)
			       ? take_id(l, place, value)
			       : edit_refuse_value(l->e, place, "an id or a line, {…}", value);
	}
	if (json_object_get(value, "id") && !l->member->scope->create) {
		return take_changed(l, place, value);
	}
	return edit_append_line(l->e, l->member, place, value, 0, l->commands);
}

/* First what leaves, then the rest in the order of the list. */
static int take_out(struct lines *l)
{
	_cleanup_edit_ids_ struct edit_ids gone = { 0 };
	_cleanup_json_ cJSON *commands = cJSON_CreateArray();
	int r = commands ? edit_ids_without(&l->before, &l->named, &gone) : -ENOMEM;

	if (r < 0 || gone.n == 0) {
		return r;
	}
	for (size_t i = 0; i < gone.n && r == 0; i++) {
		r = edit_append_command(commands, COMMAND_UNLINK, gone.ids[i], NULL);
	}
	while (r == 0 && l->commands->child) {
		r = edit_append(commands, cJSON_DetachItemFromArray(l->commands, 0));
	}
	if (r == 0) {
		cJSON_Delete(l->commands);
		l->commands = steal(commands);
		r = edit_report_taken(l->e, l->member, &gone, false);
	}
	return r;
}

/* All ids that the list names, before anything is made of it. */
static int collect(struct lines *l)
{
	_cleanup_edit_ids_ struct edit_ids changed = { 0 };
	uint32_t twice;
	int r = 0;

	for (size_t i = 0; i < json_array_size(l->member->value) && r == 0; i++) {
		const json_t *element = json_array_get(l->member->value, i);
		const json_t *of_line = json_object_get(element, "id");
		json_int_t id = json_integer_value(of_line ? of_line : element);

		if (id < 1 || id > ODOO_MAX_ID) {
			continue;
		}
		r = edit_ids_append(&l->named, (uint32_t)id);
		if (r == 0 && of_line) {
			r = edit_ids_append(&changed, (uint32_t)id);
		}
	}
	edit_ids_sort(&l->named);
	twice = edit_ids_sort(&changed);
	if (r == 0 && twice > 0) {
		return edit_refuse(l->e, l->member->place, "has the line %u twice", twice);
	}
	return r;
}

static int take_list(struct lines *l)
{
	int r = l->member->scope->create ? 0 : collect(l);

	for (size_t i = 0; i < json_array_size(l->member->value) && r == 0; i++) {
		struct place place = { .parent = l->member->place, .index = i };
		r = take_element(l, &place, json_array_get(l->member->value, i));
	}
	return r == 0 ? take_out(l) : r;
}

static void finish_lines(struct lines *l)
{
	edit_ids_finish(&l->before);
	edit_ids_finish(&l->named);
	cJSON_Delete(l->commands);
}

int edit_one2many(struct editing *e, const struct edit_member *member, cJSON **ret_value)
{
	_cleanup_(finish_lines) struct lines l = { .e = e, .member = member };
	int r = 0;

	if (!json_is_array(member->value)) {
		return edit_refuse_value(
			e, member->place, "a list of ids and lines, [] for none", member->value);
	}
	if (json_is_array(json_array_get(member->value, 0))) {
		return edit_commands(e, member, ret_value);
	}
	l.commands = cJSON_CreateArray();
	if (!l.commands) {
		return -ENOMEM;
	}
	if (!member->scope->create) {
		r = edit_ids_parse(member->base, &l.before);
	}
	if (r == -EINVAL) {
		return edit_refuse(e, member->place,
			"wasn't in what was opened, so that its lines aren't known: give "
			"commands, [[4, id, 0], …]");
	}
	if (r == 0) {
		r = take_list(&l);
	}
	if (r == 0 && l.commands->child) {
		*ret_value = steal(l.commands);
	}
	return r;
}
