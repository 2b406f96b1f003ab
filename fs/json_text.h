/* SPDX-License-Identifier: MIT */
/*
 * JSON as texts for people: two spaces, one member a line, members in their names' order, lists and
 * what is deep on one line. The same value gives the same bytes. Pure: no locks, any thread.
 */
#ifndef FS_JSON_TEXT_H
#define FS_JSON_TEXT_H

#include <cjson/cJSON.h>
#include <stddef.h>

/*
 * The text of an object, to be freed; objects in it have lines of their own up to `depth` levels
 * below it, whose members are put in order. Returns 0, -ENOMEM, or -ERANGE for a number that JSON
 * can't hold.
 */
int json_text(const cJSON *object, unsigned depth, char **ret_text, size_t *ret_size);

#endif
