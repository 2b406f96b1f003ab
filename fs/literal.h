/* SPDX-License-Identifier: MIT */
/*
 * Literals: Python's and JSON's lists, texts, numbers and constants, as JSON. Nothing is ever
 * evaluated. Pure: no locks, any thread.
 */
#ifndef FS_LITERAL_H
#define FS_LITERAL_H

#include "odoo/error.h"

#include <cjson/cJSON.h>
#include <stddef.h>

/*
 * Parse the `size` bytes at `text`, all of them UTF-8, lists up to `max_depth` deep. Returns 0 and
 * a value that the caller owns; -ENOMEM; or -EINVAL and a sentence with the byte, from 1.
 */
int literal_parse(const char *text, size_t size, unsigned max_depth, cJSON **ret_value,
	struct odoo_error *error);

#endif
