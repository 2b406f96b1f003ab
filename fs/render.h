/* SPDX-License-Identifier: MIT */
/*
 * A record as JSON text: the same record gives the same bytes on every mount and transport.
 *
 *	{
 *	  "id": 14,
 *	  "active": true,
 *	  "category_id": [3, 7],
 *	  "country_id": [21, "Belgium"],
 *	  "name": "Azure Interior"
 *	}
 *
 * "id" first, then the fields by name; two spaces; one field a line, lists and objects on that
 * line with ", " and ": "; UTF-8 as it is; one newline at the end. Pure: no locks, any thread.
 */
#ifndef FS_RENDER_H
#define FS_RENDER_H

#include "cache/schema.h"
#include "fs/buffer.h"

#include <stdbool.h>

/*
 * Render `record`, an object of search_read's answer, as text that the caller frees. Fields that
 * the record doesn't have are left out; members that the schema doesn't know are too.
 * `many2one_names` false shows a many2one as its bare id, whichever of both the server sent.
 *
 * Returns 0; -ENOMEM; or -EBADMSG when a value can't be shown without changing it (a number past
 * 2^53 or not finite, text where the field's type has none, …): then `ret_field` is the field, or
 * NULL when it is the id, and `error` says what is wrong.
 */
int render_record(const struct cache_schema *schema, const cJSON *record, bool many2one_names,
	char **ret_text, size_t *ret_size, const struct cache_field **ret_field,
	struct odoo_error *error);

/* Append a value of a field as a record's file has it. Returns 0 or -EBADMSG, as above. */
int render_append_value(struct buffer *buffer, const struct cache_field *field, const cJSON *value,
	bool many2one_names);

/* Append any JSON on one line, with ", " and ": ". Returns 0, or an errno for numbers as above. */
int render_append_json(struct buffer *buffer, const cJSON *value);

void render_append_text(struct buffer *buffer, const char *text); /* with its quotes */

#endif
