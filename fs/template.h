/* SPDX-License-Identifier: MIT */
/*
 * What a new record starts from: the server's defaults, and `false` for what has to be filled in.
 * Pure: no locks, any thread.
 */
#ifndef FS_TEMPLATE_H
#define FS_TEMPLATE_H

#include "cache/schema.h"

/*
 * The names of the fields that are asked for: an array to be freed, whose names are the schema's.
 * NULL when out of memory.
 */
const char **template_fields(const struct cache_schema *schema, size_t *ret_n);

/* The text, in the shape of a record's file, to be freed: 0, or -ENOMEM. */
int template_text_make(const struct cache_schema *schema, const cJSON *defaults, char **ret_text,
	size_t *ret_size);

#endif
