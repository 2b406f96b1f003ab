/* SPDX-License-Identifier: MIT */
/*
 * Records as one text, piece by piece.
 *
 *	json    [\n{"id": 14, "name": "Azure"},\n…\n]\n
 *	jsonl   {"id": 14, "name": "Azure"}\n…
 *	csv     .id,country_id/.id,name\r\n14,21,Azure\r\n…
 *
 * CSV is that of RFC 4180, with the headings that Odoo's own import knows: ids are database ids,
 * lists of them are divided by commas, false is empty.
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

/* What of a record isn't in the text. */
struct export_gaps {
	size_t n_missing;		   /* values that the answer is without */
	const struct cache_field *missing; /* the first of them */
	size_t n_wrong;			   /* values that can't be shown without changing them */
	const struct cache_field *wrong;   /* the first of them */
};

/*
 * One record, an object of read's answer. A gap is left out of JSON, and empty in CSV.
 */
void export_record(struct export_format *format, struct buffer *buffer, const cJSON *record,
	struct export_gaps *ret_gaps);

void export_end(const struct export_format *format, struct buffer *buffer);

#endif
