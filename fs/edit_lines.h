/* SPDX-License-Identifier: MIT */
/* What lists of lines and Odoo's commands share. Only fs/edit*.c includes it. */
#ifndef FS_EDIT_LINES_H
#define FS_EDIT_LINES_H

#include "fs/edit_ids.h"
#include "fs/edit_private.h"

/* Odoo's commands, by their numbers: see edit_command.c. */
enum edit_command {
	COMMAND_CREATE,
	COMMAND_UPDATE,
	COMMAND_DELETE,
	COMMAND_UNLINK,
	COMMAND_LINK,
	COMMAND_CLEAR,
	COMMAND_SET,
};

/* Append [code, id, third]; `third` is taken, NULL is 0. */
int edit_append_command(cJSON *commands, enum edit_command code, uint32_t id, cJSON *third);

/*
 * Append the command that creates (id 0) or changes a line by its values, an object. Nothing is
 * appended when the values are none, or the schema that they are to be checked by is missing, which
 * is noted then.
 */
int edit_append_line(struct editing *e, const struct edit_member *member, const struct place *place,
	const json_t *line, uint32_t id, cJSON *commands);

/*
 * Note that records leave a one2many, or are deleted (`deletes`); leaving a many2many is no
 * matter. No `ids` are all.
 */
int edit_report_taken(struct editing *e, const struct edit_member *member,
	const struct edit_ids *ids, bool deletes);

/* The same for all that were there, but those. */
int edit_report_all_but(
	struct editing *e, const struct edit_member *member, const struct edit_ids *kept);

#endif
