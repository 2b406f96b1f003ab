/* SPDX-License-Identifier: MIT */
/*
 * Where a value stands in a JSON text: a chain from the value up to the outermost object, which has
 * no place of its own (NULL). Pure: no locks, any thread.
 */
#ifndef FS_PLACE_H
#define FS_PLACE_H

#include "fs/buffer.h"

#include <stddef.h>

struct place {
	const struct place *parent;
	const char *key; /* of a member of an object; NULL for an element of a list */
	size_t index;	 /* of an element, from 0 */
};

/* Append it as jq would write it: order_line[2].product_id */
void place_append(const struct place *place, struct buffer *buffer);

/*
 * The line, from 1, that its key or element begins in; 0 when it isn't found, as when its key is
 * written with escapes. The text has to be JSON.
 */
size_t place_line(const struct place *place, const char *text, size_t size);

/* The outermost key: the record's field. */
const char *place_field(const struct place *place);

#endif
