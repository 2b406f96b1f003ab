/* SPDX-License-Identifier: MIT */
#include "fs/edit_private.h"

#include "odoo/cleanup.h"
#include "odoo/json.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Of many that are found, so many ids are told. */
#define MOST_IDS 10

/* The id of [id, name], 0 for anything else. */
static uint32_t id_of(const cJSON *found)
{
	uint32_t id;

	return cJSON_IsArray(found) && odoo_json_get_id(found->child, &id) == 0 ? id : 0;
}

static bool has_name(const cJSON *found, const char *text)
{
	const cJSON *name = cJSON_IsArray(found) && found->child ? found->child->next : NULL;
	const char *known = cJSON_GetStringValue(name);

	return known && strcmp(known, text) == 0;
}

/* The only one, or the only one of exactly this name; else NULL. */
static const cJSON *choose(const cJSON *found, const char *text)
{
	const cJSON *item, *chosen = NULL;

	if (cJSON_GetArraySize(found) == 1) {
		return found->child;
	}
	cJSON_ArrayForEach (item, found) {
		if (has_name(item, text)) {
			if (chosen) {
				return NULL;
			}
			chosen = item;
		}
	}
	return chosen;
}

static char *list_ids(const cJSON *found)
{
	_cleanup_buffer_ struct buffer buffer = { 0 };
	const cJSON *item;
	char *text, number[32];
	size_t size, n = 0;

	cJSON_ArrayForEach (item, found) {
		if (n++ == MOST_IDS) {
			buffer_append_text(&buffer, ", …");
			break;
		}
		snprintf(number, sizeof(number), "%s%u", n > 1 ? ", " : "", id_of(item));
		buffer_append_text(&buffer, number);
	}
	return buffer_steal(&buffer, &text, &size) < 0 ? NULL : text;
}

static int refuse(const struct edit_name *name, const cJSON *found, struct odoo_error *error)
{
	_cleanup_free_ char *ids = list_ids(found);
	char line[40] = "";

	if (!ids) {
		return -ENOMEM;
	}
	if (name->line > 0) {
		snprintf(line, sizeof(line), "line %zu: ", name->line);
	}
	if (ids[0]) {
		odoo_error_set(error, ODOO_FAULT_VALIDATION,
			"%s\"%s\" has to say which of several records of %s is \"%s\": give the "
			"id, "
			"one of %s",
			line, name->place, name->model, name->text, ids);
	} else {
		odoo_error_set(error, ODOO_FAULT_VALIDATION,
			"%s\"%s\" names no record of %s: nothing is found by \"%s\"", line,
			name->place, name->model, name->text);
	}
	return -EINVAL;
}

static int refuse_reference(const struct edit_name *name, struct odoo_error *error)
{
	char line[40] = "";

	if (name->line > 0) {
		snprintf(line, sizeof(line), "line %zu: ", name->line);
	}
	odoo_error_set(error, ODOO_FAULT_VALIDATION,
		"%s\"%s\" refers to a record that doesn't exist: \"%s\"", line, name->place,
		name->text);
	return -EINVAL;
}

int edit_resolve(struct edit *edit, size_t i, const cJSON *found, struct odoo_error *error)
{
	const struct edit_name *name = &edit->names[i];
	const cJSON *chosen;
	uint32_t id;

	if (name->id) {
		return found->child ? 0 : refuse_reference(name, error);
	}
	chosen = choose(found, name->text);
	id = id_of(chosen);
	if (chosen && id == 0) {
		odoo_error_set(error, ODOO_FAULT_MALFORMED,
			"name_search of %s answered something else than ids and names",
			name->model);
		return -EINVAL;
	}
	if (!chosen) {
		return refuse(name, found, error);
	}
	name->target->type = cJSON_Number | (name->target->type & ~0xff);
	cJSON_SetNumberHelper(name->target, id);
	return 0;
}

int64_t edit_change_id(const struct edit_change *change)
{
	uint32_t id;

	if (cJSON_IsFalse(change->value)) {
		return 0;
	}
	return odoo_json_get_id(change->value, &id) < 0 ? -1 : (int64_t)id;
}

void edit_settle(struct edit *edit)
{
	for (size_t i = edit->n_changes; i-- > 0;) {
		const struct edit_change *change = &edit->changes[i];
		const json_t *was = json_object_get(edit->base, change->field);

		/* Only a name turns out to be what was there: the rest was compared. */
		if (was && json_is_string(change->wanted) && edit_change_id(change) > 0 &&
			edit_change_id(change) == edit_many2one_id(was)) {
			edit_drop_change(edit, i);
		}
	}
	edit_drop_names(edit);
}
