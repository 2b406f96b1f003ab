/* SPDX-License-Identifier: MIT */
/*
 * JSON from a server that isn't trusted, and JSON that is the same bytes every time.
 *
 * cJSON reads and holds it; what cJSON doesn't check is checked here: UTF-8, nesting, a "\u0000"
 * (which C strings can't hold), and bytes behind the end. No locks.
 */
#ifndef ODOO_JSON_H
#define ODOO_JSON_H

#include "odoo/error.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Parse the `size` bytes at `text`, NUL-terminated behind them. Returns 0 and a value that the
 * caller owns, or -1 and an error with ODOO_FAULT_MALFORMED that names what is wrong and where, or
 * with ODOO_FAULT_TOO_LARGE.
 */
int odoo_json_parse(const char *text, size_t size, cJSON **ret_json, struct odoo_error *error);

/* A member by its exact name; NULL when `object` isn't an object or has none. */
const cJSON *odoo_json_get(const cJSON *object, const char *name);

/* A member that is a string; NULL when there is none or it is something else (false, say). */
const char *odoo_json_get_string(const cJSON *object, const char *name);

/* A member that is true; anything else is false. */
bool odoo_json_get_bool(const cJSON *object, const char *name);

/*
 * A number as a record id: 1 to ODOO_MAX_ID, whole. Returns 0 or -ERANGE (other numbers) or
 * -EINVAL (no number).
 */
int odoo_json_get_id(const cJSON *number, uint32_t *ret_id);

#endif
