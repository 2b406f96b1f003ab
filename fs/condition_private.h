/* SPDX-License-Identifier: MIT */
/* What the files of conditions share. */
#ifndef FS_CONDITION_PRIVATE_H
#define FS_CONDITION_PRIVATE_H

#include "fs/condition.h"

enum value_class {
	CLASS_BOOLEAN,
	CLASS_WHOLE,
	CLASS_NUMBER,
	CLASS_TEXT,
	CLASS_SELECTION,
	CLASS_REFERENCE,
	CLASS_DATE, /* and time */
	CLASS_RELATION,
	CLASS_BINARY,
	CLASS_OTHER,
};

enum value_class value_class_of(enum cache_field_type type);

/*
 * The `size` bytes at `text` as a value of the condition's field, which is none of CLASS_DATE.
 * Returns 0 and a value that the caller owns, -ENOMEM, or -EINVAL and a sentence.
 */
int value_parse(const struct condition *condition, const char *text, size_t size, cJSON **ret_value,
	struct odoo_error *error);

/* The same as plain text, whatever the type: for patterns. */
int value_parse_text(const char *text, size_t size, cJSON **ret_value, struct odoo_error *error);

/* From its first moment to the one behind its last, as the field's type writes them. */
struct value_span {
	char start[20], end[20];
};

/* Of a date. Returns 0, or -EINVAL and a sentence. */
int value_parse_span(const struct condition *condition, const char *text, size_t size,
	struct value_span *ret_span, struct odoo_error *error);

/* Whether this is the word `false`, as it is written. */
bool value_is_false(const char *text, size_t size);

#endif
