/* SPDX-License-Identifier: MIT */
#include "fs/edit_private.h"

#include "fs/document.h"
#include "fs/render.h"
#include "odoo/cleanup.h"

#include <errno.h>
#include <string.h>

/* The record as the server has it now, in the form in which the base is. */
static int show(const struct cache_schema *schema, const cJSON *now, json_t **ret_now,
	struct odoo_error *error)
{
	_cleanup_free_ char *text = NULL;
	const struct cache_field *field;
	size_t size;
	int r = render_record(schema, now, true, &text, &size, &field, error);

	if (r == 0) {
		r = document_parse(text, size, ret_now, error);
	}
	return r > 0 ? -EBADMSG : r;
}

/* A comparison on its way. */
struct comparison {
	struct edit *edit;
	const json_t *now;
	struct buffer conflicts; /* sentences */
};

static int note_conflict(struct comparison *c, const char *field, const json_t *was,
	const json_t *theirs, const json_t *mine)
{
	_cleanup_free_ char *before = edit_show(was), *after = theirs ? edit_show(theirs) : NULL;
	_cleanup_free_ char *wanted = edit_show(mine);
	_cleanup_free_ char *text = NULL;

	if (!before || !wanted || (theirs && !after)) {
		return -ENOMEM;
	}
	if (asprintf(&text, "%s\"%s\" was %s, is %s by now, and %s was to be written",
		    c->conflicts.size > 0 ? "; " : "", field, before,
		    after ? after : "not to be read", wanted) < 0) {
		text = NULL;
		return -ENOMEM;
	}
	buffer_append_text(&c->conflicts, text);
	return 0;
}

static bool has_already(
	const struct cache_field *field, const struct edit_change *change, const json_t *theirs)
{
	if (field->type == FIELD_MANY2ONE) {
		return edit_change_id(change) >= 0 &&
		       edit_change_id(change) == edit_many2one_id(theirs);
	}
	return edit_same(field->type, change->wanted, theirs);
}

/* Put the properties that change among those that are there now. */
static int merge_properties(
	struct comparison *c, struct edit_change *change, const json_t *was, const json_t *theirs)
{
	struct editing nobody = { 0 };
	cJSON *property = change->properties->child, *list = NULL;
	int r = 0;

	while (property) {
		cJSON *next = property->next;
		r = edit_property_conflicts(was, theirs, property->string, property);
		if (r < 0) {
			break;
		}
		if (r > 0) {
			cJSON_Delete(cJSON_DetachItemViaPointer(change->properties, property));
		}
		property = next;
	}
	if (r == -ESTALE) {
		return note_conflict(c, change->field, was, theirs, change->wanted);
	}
	r = r < 0 ? r : edit_properties_list(&nobody, NULL, theirs, change->properties, &list);
	if (r == 0) {
		cJSON_Delete(change->value);
		change->value = list;
	}
	return r;
}

/* Returns 0; 1 when the server has the change already; or -ENOMEM. */
static int compare(
	struct comparison *c, const struct cache_field *field, struct edit_change *change)
{
	const json_t *was =
		json_object_get(c->edit->seen ? c->edit->seen : c->edit->base, change->field);
	const json_t *theirs = json_object_get(c->now, change->field);

	/* What wasn't shown was meant to be set whatever it was. */
	if (!was) {
		return 0;
	}
	if (theirs && change->properties) {
		int r = merge_properties(c, change, was, theirs);
		return r < 0 ? r : !change->properties->child;
	}
	if (theirs && field->type == FIELD_MANY2MANY && edit_is_difference(change)) {
		int r = edit_difference_left(change, theirs);
		return r < 0 ? r : !r;
	}
	if (theirs && edit_same(field->type, was, theirs)) {
		return 0;
	}
	if (theirs && has_already(field, change, theirs)) {
		return 1;
	}
	return note_conflict(c, change->field, was, theirs, change->wanted);
}

static int compare_all(struct comparison *c, const struct cache_schema *schema)
{
	size_t i = 0;

	while (i < c->edit->n_changes) {
		struct edit_change *change = &c->edit->changes[i];
		const struct cache_field *field = cache_schema_find(schema, change->field);
		int r = field ? compare(c, field, change) : 0;

		if (r < 0) {
			return r;
		}
		if (r > 0) {
			edit_drop_change(c->edit, i);
		} else {
			i++;
		}
	}
	return c->conflicts.failed ? -ENOMEM : 0;
}

int edit_conflicts(struct edit *edit, const struct cache_schema *schema, const cJSON *now,
	struct odoo_error *error)
{
	_cleanup_decref_ json_t *shown = NULL;
	struct comparison c = { .edit = edit };
	int r = show(schema, now, &shown, error);

	if (r < 0) {
		return r;
	}
	c.now = shown;
	r = compare_all(&c, schema);
	if (r == -ENOMEM) {
		odoo_error_set(error, ODOO_FAULT_INTERNAL, "out of memory");
	} else if (c.conflicts.size > 0) {
		odoo_error_set(error, ODOO_FAULT_CONFLICT,
			"somebody else changed the same meanwhile: %.*s", (int)c.conflicts.size,
			c.conflicts.text);
		r = -ESTALE;
	}
	buffer_finish(&c.conflicts);
	return r;
}
