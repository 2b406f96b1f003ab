/* SPDX-License-Identifier: MIT */
/* Names of records' files: `14.json`. Pure. */
#ifndef FS_NAME_H
#define FS_NAME_H

#include <stdint.h>

#define NAME_RECORD_MAX 16 /* "2147483647.json" and its NUL */

/* The id that a name stands for: digits without a leading zero, 1 to ODOO_MAX_ID, and ".json".
 * Returns 0 or -ENOENT. */
int name_parse_record(const char *name, uint32_t *ret_id);

void name_of_record(uint32_t id, char name[static NAME_RECORD_MAX]);

#endif
