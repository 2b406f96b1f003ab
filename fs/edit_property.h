/* SPDX-License-Identifier: MIT */
/* One property: its definition, an object, and its value. Only fs/edit*.c includes it. */
#ifndef FS_EDIT_PROPERTY_H
#define FS_EDIT_PROPERTY_H

#include "fs/edit_private.h"

/* By its name in a list; NULL when there is none. */
const json_t *edit_property_find(const json_t *list, const char *name);

/* Whether two values, NULL for none, mean the same by the definition's type. */
bool edit_property_same(const json_t *definition, const json_t *a, const json_t *b);

/* A value that was written by people, as Odoo takes it. */
int edit_property_value(struct editing *e, const struct place *place, const json_t *definition,
	const json_t *value, cJSON **ret_value);

/* A value that Odoo gave, as it takes it: ids without names. NULL when out of memory. */
cJSON *edit_property_written(const json_t *definition, const json_t *value);

#endif
