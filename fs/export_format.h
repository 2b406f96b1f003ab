/* SPDX-License-Identifier: MIT */
/*
 * Records as one text, piece by piece.
 *
 *	json    [\n{"id": 14, "name": "Azure"},\n…\n]\n
 *	jsonl   {"id": 14, "name": "Azure"}\n…
 *	csv     .id,country_id/.id,name\r\n14,21,Azure\r\n…   RFC 4180, with the headings that
 *Odoo's own import knows: ids are database ids, lists of them are divided by commas, false is empty
 *
 * Pure: no locks, any thread.
 */
#ifndef FS_EXPORT_FORMAT_H
#define FS_EXPORT_FORMAT_H

#include "fs/buffer.h"
#include "fs/view.h"

#include "cache/schema.h"

struct export_format {
	enum view_export kind;
	bool many2one_names;		   /* in JSON; CSV has ids */
	const struct cache_field **fields; /* the columns; borrowed */
	size_t n_fields;
	bool any; /* the first record was written */
};

void export_begin(const struct export_format *format, struct buffer *buffer);

/*
 * One record, an object of read's answer. Where a value can't be shown without changing it, the
 * field is left out of JSON, and empty in CSV; returns such a field, or NULL.
 */
const struct cache_field *export_record(
	struct export_format *format, struct buffer *buffer, const cJSON *record);

void export_end(const struct export_format *format, struct buffer *buffer);

#endif
