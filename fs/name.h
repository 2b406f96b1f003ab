/* SPDX-License-Identifier: MIT */
/* Names of records' files: `14.json`, and of their binary fields: `14.image_1920.png`. Pure. */
#ifndef FS_NAME_H
#define FS_NAME_H

#include <stddef.h>
#include <stdint.h>

#define NAME_RECORD_MAX 16 /* "2147483647.json" and its NUL */

/* The id that a name stands for: digits without a leading zero, 1 to ODOO_MAX_ID, and ".json".
 * Returns 0 or -ENOENT. */
int name_parse_record(const char *name, uint32_t *ret_id);

void name_of_record(uint32_t id, char name[static NAME_RECORD_MAX]);

/* What a name of a binary field's file is made of. */
struct name_binary {
	uint32_t id;
	const char *field; /* within the name, as is the next */
	size_t field_size;
	const char *suffix; /* NULL: it has none */
};

/* `14.image_1920`, or that with a suffix. Whether there is such a field is another matter.
 * Returns 0 or -ENOENT. */
int name_parse_binary(const char *name, struct name_binary *ret_binary);

#endif
