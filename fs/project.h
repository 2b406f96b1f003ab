/* SPDX-License-Identifier: MIT */
/* A record's text with some of its fields only. Pure: no locks, any thread. */
#ifndef FS_PROJECT_H
#define FS_PROJECT_H

#include "cache/schema.h"

/*
 * `text` is as render_record makes it, a field a line. What is left has the id and those of the
 * fields that the text has, in its order: a text to be freed. Returns 0 or -ENOMEM.
 */
int project_fields(const char *text, size_t size, const struct cache_field *const *fields,
	size_t n_fields, char **ret_text, size_t *ret_size);

#endif
