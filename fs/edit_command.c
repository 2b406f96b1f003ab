/* SPDX-License-Identifier: MIT */
/*
 * Odoo's own commands in x2many lists:
 *
 *	[0, 0, {…}]	create		[4, ID, 0]	add to the list
 *	[1, ID, {…}]	change		[5, 0, 0]	take all from the list
 *	[2, ID, 0]	delete		[6, 0, [IDS]]	the list as it shall be
 *	[3, ID, 0]	take from the list
 */
#include "fs/edit_lines.h"

#include "odoo/cleanup.h"

#include <errno.h>

static const struct {
	const char *form; /* for sentences */
	size_t least;	  /* elements */
	bool has_id;
} forms[] = {
	[COMMAND_CREATE] = { "[0, 0, {…}]", 3, false },
	[COMMAND_UPDATE] = { "[1, id, {…}]", 3, true },
	[COMMAND_DELETE] = { "[2, id, 0]", 2, true },
	[COMMAND_UNLINK] = { "[3, id, 0]", 2, true },
	[COMMAND_LINK] = { "[4, id, 0]", 2, true },
	[COMMAND_CLEAR] = { "[5, 0, 0]", 1, false },
	[COMMAND_SET] = { "[6, 0, [ids]]", 3, false },
};

#define N_COMMANDS (sizeof(forms) / sizeof(forms[0]))

int edit_append_command(cJSON *commands, enum edit_command code, uint32_t id, cJSON *third)
{
	_cleanup_json_ cJSON *command = cJSON_CreateArray(), *last = third;
	int r;

	r = edit_append(command, cJSON_CreateNumber(code));
	if (r == 0) {
		r = edit_append(command, cJSON_CreateNumber(id));
	}
	if (r == 0) {
		r = edit_append(command, last ? steal(last) : cJSON_CreateNumber(0));
	}
	return r < 0 ? r : edit_append(commands, steal(command));
}

/* A list of which only the first element, or the first two, say something. */
static bool is_filler(const json_t *value)
{
	return !value || json_is_false(value) || json_is_null(value) ||
	       (json_is_integer(value) && json_integer_value(value) == 0);
}

/* Its number and, for those that have one, its id. */
static int read_head(struct editing *e, const struct place *place, const json_t *command,
	enum edit_command *ret_code, uint32_t *ret_id)
{
	const json_t *number = json_array_get(command, 0);
	json_int_t code = json_integer_value(number);
	size_t size = json_array_size(command);

	if (!json_is_integer(number) || code < 0 || (size_t)code >= N_COMMANDS) {
		return edit_refuse_value(
			e, place, "one of Odoo's commands, [0, …] to [6, …]", command);
	}
	*ret_code = (enum edit_command)code;
	*ret_id = 0;
	if (size < forms[code].least || size > 3 ||
		(forms[code].least < 3 && !is_filler(json_array_get(command, 2)))) {
		return edit_refuse_value(e, place, forms[code].form, command);
	}
	if (forms[code].has_id) {
		struct place at = { .parent = place, .index = 1 };
		return edit_id(e, &at, json_array_get(command, 1), ret_id);
	}
	return 0;
}

/* [0, 0, {…}] and [1, id, {…}] */
static int take_values(struct editing *e, const struct edit_member *member,
	const struct place *place, const json_t *values, uint32_t id, cJSON *commands)
{
	struct place at = { .parent = place, .index = 2 };

	if (!json_is_object(values)) {
		return edit_refuse_value(e, &at, "an object of fields and values", values);
	}
	return edit_append_line(e, member, &at, values, id, commands);
}

/* [6, 0, ids] */
static int take_set(struct editing *e, const struct edit_member *member, const struct place *place,
	const json_t *list, cJSON *commands)
{
	_cleanup_edit_ids_ struct edit_ids ids = { 0 };
	struct place at = { .parent = place, .index = 2 };
	int r = edit_ids_parse(list, &ids);

	if (r == -EINVAL) {
		return edit_refuse_value(e, &at, "a list of ids", list);
	}
	if (r == 0) {
		r = edit_report_all_but(e, member, &ids);
	}
	cJSON *copy = NULL;
	if (r == 0) {
		r = edit_json(e, &at, list, &copy);
	}
	return r < 0 ? r : edit_append_command(commands, COMMAND_SET, 0, copy);
}

static int take_command(struct editing *e, const struct edit_member *member,
	const struct place *place, const json_t *command, cJSON *commands)
{
	static const struct edit_ids none = { 0 };
	const json_t *third = json_array_get(command, 2);
	enum edit_command code = COMMAND_CREATE;
	uint32_t id;
	int r = read_head(e, place, command, &code, &id);

	if (r < 0) {
		return r;
	}
	switch (code) {
	case COMMAND_CREATE:
	case COMMAND_UPDATE:
		return take_values(e, member, place, third, id, commands);
	case COMMAND_SET:
		return take_set(e, member, place, third, commands);
	case COMMAND_CLEAR:
		r = edit_report_all_but(e, member, &none);
		break;
	case COMMAND_DELETE:
		r = edit_report_taken(e, member, &(struct edit_ids){ &id, 1 }, true);
		break;
	case COMMAND_UNLINK:
		r = edit_report_taken(e, member, &(struct edit_ids){ &id, 1 }, false);
		break;
	case COMMAND_LINK:
		break;
	}
	return r < 0 ? r : edit_append_command(commands, code, id, NULL);
}

int edit_commands(struct editing *e, const struct edit_member *member, cJSON **ret_value)
{
	_cleanup_json_ cJSON *commands = cJSON_CreateArray();

	for (size_t i = 0; i < json_array_size(member->value); i++) {
		struct place place = { .parent = member->place, .index = i };
		const json_t *command = json_array_get(member->value, i);
		int r = json_is_array(command) ? take_command(e, member, &place, command, commands)
					       : edit_refuse(e, &place,
							 "stands among commands: a list holds "
							 "either those or ids");
		if (r < 0) {
			return r;
		}
	}
	*ret_value = steal(commands);
	return *ret_value ? 0 : -ENOMEM;
}
