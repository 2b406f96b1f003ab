/* SPDX-License-Identifier: MIT */
/* A model, its lines, and one record of it as it was opened: what the tests of edits share. */
#ifndef TESTS_UNIT_FS_EDIT_UNIT_H
#define TESTS_UNIT_FS_EDIT_UNIT_H

#include "unit.h"

#include "fs/edit.h"
#include "odoo/cleanup.h"

#include <errno.h>

#define EDIT_ID 14

/* Make the schemas, before the first test, and free them behind the last. */
int edit_set_up(void **state);
int edit_tear_down(void **state);

/* The model's schema. */
extern struct cache_schema *edit_schema;

/* The record that is opened, as the server gives it, and as its file holds it. */
extern const char edit_record[];
extern char *edit_base;

/* A write of record EDIT_ID, or a create, from `text`. */
struct edit_source edit_source_of(const char *text, bool create);

/* edit_parse, which has to succeed. The caller destroys the edit. */
struct edit *edit_good(const char *text, bool create);

/* The values that write or create is given for `text`, as JSON, have to be these. */
void edit_gives(const char *text, bool create, const char *values);

/* `text` has to be refused; the sentence holds `part`. */
void edit_refuses(const char *text, bool create, const char *part);

/* The same for a text of one field. `value` NULL in `gives` is no change. */
void writes(const char *field, const char *value, const char *sent);
void same(const char *field, const char *value);
void refused(const char *field, const char *value, const char *part);
void creates(const char *field, const char *value, const char *sent);

#endif
