/* SPDX-License-Identifier: MIT */
/*
 * A many2many is a set: what is sent is who comes and who goes, so that two people who add
 * different tags both win. Where nothing is known of what was there, it is the set as a whole.
 */
#include "fs/edit_lines.h"

#include "odoo/cleanup.h"
#include "odoo/json.h"

#include <errno.h>

static int collect(struct editing *e, const struct edit_member *member, struct edit_ids *ids)
{
	for (size_t i = 0; i < json_array_size(member->value); i++) {
		struct place place = { .parent = member->place, .index = i };
		uint32_t id;
		int r = edit_id(e, &place, json_array_get(member->value, i), &id);

		if (r == 0) {
			r = edit_ids_append(ids, id);
		}
		if (r < 0) {
			return r;
		}
	}
	edit_ids_sort(ids);
	return 0;
}

/* [6, 0, ids] */
static int append_whole(const struct edit_ids *ids, cJSON *commands)
{
	_cleanup_json_ cJSON *list = cJSON_CreateArray();
	int r = list ? 0 : -ENOMEM;

	for (size_t i = 0; i < ids->n && r == 0; i++) {
		r = edit_append(list, cJSON_CreateNumber(ids->ids[i]));
	}
	return r < 0 ? r : edit_append_command(commands, COMMAND_SET, 0, steal(list));
}

/* One command for each of `a` that isn't in `b`. */
static int append_each(
	const struct edit_ids *a, const struct edit_ids *b, enum edit_command code, cJSON *commands)
{
	_cleanup_edit_ids_ struct edit_ids only = { 0 };
	int r = edit_ids_without(a, b, &only);

	for (size_t i = 0; i < only.n && r == 0; i++) {
		r = edit_append_command(commands, code, only.ids[i], NULL);
	}
	return r;
}

static int append_difference(const json_t *base, const struct edit_ids *wanted, cJSON *commands)
{
	_cleanup_edit_ids_ struct edit_ids before = { 0 };
	int r = edit_ids_parse(base, &before);

	if (r == -EINVAL) {
		return append_whole(wanted, commands);
	}
	if (r == 0) {
		r = append_each(&before, wanted, COMMAND_UNLINK, commands);
	}
	return r < 0 ? r : append_each(wanted, &before, COMMAND_LINK, commands);
}

int edit_many2many(struct editing *e, const struct edit_member *member, cJSON **ret_value)
{
	_cleanup_json_ cJSON *commands = NULL;
	_cleanup_edit_ids_ struct edit_ids wanted = { 0 };
	int r;

	if (!json_is_array(member->value)) {
		return edit_refuse_value(
			e, member->place, "a list of ids, [] for none", member->value);
	}
	if (json_is_array(json_array_get(member->value, 0))) {
		return edit_commands(e, member, ret_value);
	}
	r = collect(e, member, &wanted);
	if (r < 0) {
		return r;
	}
	commands = cJSON_CreateArray();
	if (!commands) {
		return -ENOMEM;
	}
	r = append_difference(member->base, &wanted, commands);
	if (r == 0) {
		*ret_value = steal(commands);
	}
	return r;
}

static bool is_whole(const cJSON *commands)
{
	const cJSON *first = commands->child;

	return first && first->child && first->child->valueint == COMMAND_SET;
}

bool edit_is_difference(const struct edit_change *change)
{
	return !json_is_array(json_array_get(change->wanted, 0)) && !is_whole(change->value);
}

/* Whether a command is done already in a list that has these. */
static bool is_done(const cJSON *command, const struct edit_ids *now)
{
	uint32_t id;

	if (!command->child || odoo_json_get_id(command->child->next, &id) < 0) {
		return false;
	}
	return edit_ids_has(now, id) == (command->child->valueint == COMMAND_LINK);
}

int edit_difference_left(struct edit_change *change, const json_t *now)
{
	_cleanup_edit_ids_ struct edit_ids ids = { 0 };
	cJSON *command = change->value->child;
	int r = edit_ids_parse(now, &ids);

	if (r < 0) {
		return r == -EINVAL ? -EBADMSG : r;
	}
	while (command) {
		cJSON *next = command->next;

		if (is_done(command, &ids)) {
			cJSON_Delete(cJSON_DetachItemViaPointer(change->value, command));
		}
		command = next;
	}
	return change->value->child ? 1 : 0;
}
