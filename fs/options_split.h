/* SPDX-License-Identifier: MIT */
/*
 * The text behind -o, cut into its settings.
 *
 * Settings are separated by commas, and so are the members of a list and of a JSON object:
 *
 *	ro,models=res.*,sale.order,context={"lang":"fr_BE","a":1},ttl=5
 *	── ─────────────────────── ────────────────────────────── ─────
 *
 * A context ends with its last brace. What follows `models=` or `company=` and looks like one more
 * member belongs to it: a number for company, and for models a word that holds a '.' or a wildcard
 * or begins with "x_", as models do, and that is no option. A comma that is written "\," never
 * separates. Pure: no locks.
 */
#ifndef FS_OPTIONS_SPLIT_H
#define FS_OPTIONS_SPLIT_H

#include <stdbool.h>

/*
 * Take the next setting, "name" or "name=value", off the front of `*text`, which moves on. Members
 * that belong to a list are joined with ':'. Returns 1 and a setting that the caller frees, 0 at
 * the end, or -ENOMEM.
 */
int options_split_next(const char **text, char **ret_setting);

#endif
