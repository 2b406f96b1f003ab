/* SPDX-License-Identifier: MIT */
/*
 * What the files of edit_parse share. Only fs/edit*.c includes it.
 *
 *	edit.c		from two texts to a list of changes
 *	edit_record.c	the members of a record or a line: which may be set at all
 *	edit_value.c	a value by its type
 *	edit_relation.c	many2one, reference
 *	edit_many2many.c
 *	edit_lines.c	one2many
 *	edit_command.c	Odoo's own commands
 *	edit_properties.c
 *	edit_same.c	whether two values mean the same
 *	edit_json.c	from jansson to cJSON
 *	edit_refuse.c	sentences
 *	edit_resolve.c	names that became ids
 *	edit_conflict.c	the server's record of now
 *
 * Functions return 0; -EINVAL, and the error is set; or -ENOMEM, and it isn't. A value made is the
 * caller's.
 */
#ifndef FS_EDIT_PRIVATE_H
#define FS_EDIT_PRIVATE_H

#include "fs/edit.h"
#include "fs/place.h"

#include <jansson.h>

static inline void cleanup_decref(json_t **json)
{
	json_decref(*json);
}

#define _cleanup_decref_ __attribute__((cleanup(cleanup_decref)))

struct editing {
	const struct edit_source *source;
	struct edit *edit;
	struct odoo_error *error;
};

/* A record, or a line that stands in one as an object. */
struct edit_scope {
	const struct cache_schema *schema;
	const json_t *base; /* what it was; NULL where that isn't known */
	const char *state;  /* its field "state"; NULL where that isn't known */
	bool create;
	const struct place *place; /* NULL for the record itself */
};

/* A member of one: what was written, and what it was. */
struct edit_member {
	const struct edit_scope *scope;
	const struct cache_field *field;
	const json_t *value;
	const json_t *base; /* NULL where it isn't known */
	const struct place *place;
};

/* ── edit.c ── */

void edit_drop_names(struct edit *edit);
void edit_drop_change(struct edit *edit, size_t i);

/* ── edit_refuse.c ── */

/*
 * Set the error: the line, the place, and a sentence about it. Without a source, which is where a
 * value doesn't stand in a text, nothing is said. Returns -EINVAL.
 */
__attribute__((format(printf, 3, 4))) int edit_refuse(
	struct editing *e, const struct place *place, const char *format, ...);

/* "has to be …, not …". */
int edit_refuse_value(
	struct editing *e, const struct place *place, const char *what, const json_t *value);

/* A value as text for a sentence, cut when it's long, to be freed; NULL when out of memory. */
char *edit_show(const json_t *value);

/* Keys as text for a sentence: "a", "b" and so on; the nearest first when there are many. */
char *edit_show_keys(const struct cache_keys *keys, const char *wanted);

/* ── edit_json.c ── */

/* A number that is printed so that it reads back the same. NULL when out of memory. */
cJSON *edit_number(double number);

/* Any JSON. Whole numbers from 2^53 on are refused: no reader would give them back. */
int edit_json(struct editing *e, const struct place *place, const json_t *value, cJSON **ret_value);

/* Add an item, or free it and return -ENOMEM when that fails or it is NULL. */
int edit_append(cJSON *array, cJSON *item);
int edit_add(cJSON *object, const char *name, cJSON *item);

/* ── edit_same.c ── */

/* Whether they mean the same in a field of this type. */
bool edit_same(enum cache_field_type type, const json_t *a, const json_t *b);

/* The id of a many2one as it is shown, 0 for none; or -1 for anything else. */
int64_t edit_many2one_id(const json_t *value);

/* ── edit_resolve.c ── */

/* The id that a change to a many2one sends: 0 for none; -1 for anything else. */
int64_t edit_change_id(const struct edit_change *change);

/* ── edit_relation.c ── */

/* A record id. */
int edit_id(struct editing *e, const struct place *place, const json_t *value, uint32_t *ret_id);

/* ── edit_value.c ── */

/* A value as write and create take it; NULL when it's no change after all. */
int edit_value(struct editing *e, const struct edit_member *member, cJSON **ret_value);

/* A value of one of the simple types, which stand in properties too. */
int edit_scalar(struct editing *e, enum cache_field_type type, const struct place *place,
	const json_t *value, cJSON **ret_value);

int edit_many2one(struct editing *e, const struct edit_member *member, cJSON **ret_value);
int edit_reference(struct editing *e, const struct edit_member *member, cJSON **ret_value);
int edit_many2many(struct editing *e, const struct edit_member *member, cJSON **ret_value);
int edit_one2many(struct editing *e, const struct edit_member *member, cJSON **ret_value);
int edit_commands(struct editing *e, const struct edit_member *member, cJSON **ret_value);

/* ── edit_many2many.c ── */

/* Whether a change to a many2many is who comes and who goes, and not the user's own commands. */
bool edit_is_difference(const struct edit_change *change);

/*
 * Drop of such a change what a list has already, as others made it. Returns 1 when something is
 * left, 0 when nothing is, -EBADMSG when `now` is no list of ids, or -ENOMEM.
 */
int edit_difference_left(struct edit_change *change, const json_t *now);

/* ── edit_properties.c ── */

/* On create, what create takes. On write, an object of those that change, by name. */
int edit_properties(struct editing *e, const struct edit_member *member, cJSON **ret_value);

/* What write takes: the whole list with those that change. Returns 0, -EINVAL or -ENOMEM. */
int edit_properties_list(struct editing *e, const struct place *place, const json_t *list,
	const cJSON *changes, cJSON **ret_list);

/*
 * Whether a property can be changed though the list is another by now: 0; 1 when it has the value
 * already; -ESTALE when somebody else changed it; -ENOMEM.
 */
int edit_property_conflicts(
	const json_t *was, const json_t *now, const char *name, const cJSON *value);

/* ── edit_record.c ── */

/*
 * The member `key`, which isn't "id", as write and create take it; NULL when it changes nothing or
 * is left aside.
 */
int edit_member(struct editing *e, const struct edit_scope *scope, const char *key,
	const json_t *value, cJSON **ret_value);

/* All members of a line, but its id. */
int edit_line(
	struct editing *e, const struct edit_scope *scope, const json_t *line, cJSON **ret_values);

/* Note that something of a field of the record is left aside. */
int edit_set_aside(struct edit *edit, const char *field);

#endif
