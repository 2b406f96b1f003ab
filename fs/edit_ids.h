/* SPDX-License-Identifier: MIT */
/* Sets of record ids. No locks: a set belongs to one thread. */
#ifndef FS_EDIT_IDS_H
#define FS_EDIT_IDS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct edit_ids {
	uint32_t *ids; /* ascending, each once */
	size_t n;
};

/*
 * Add one at the end, whatever its order, to ids that were made this way; edit_ids_sort makes a set
 * of them. Returns 0 or -ENOMEM.
 */
int edit_ids_append(struct edit_ids *ids, uint32_t id);

/* Returns an id that was there more than once, or 0. */
uint32_t edit_ids_sort(struct edit_ids *ids);

/* The set of a list. Returns 0, -EINVAL when `list` isn't a list of ids and nothing else, or
 * -ENOMEM. */
int edit_ids_parse(const json_t *list, struct edit_ids *ret_ids);

bool edit_ids_has(const struct edit_ids *ids, uint32_t id);

bool edit_ids_same(const struct edit_ids *a, const struct edit_ids *b);

/* Those of `a` that aren't in `b`. Returns 0 or -ENOMEM. */
int edit_ids_without(const struct edit_ids *a, const struct edit_ids *b, struct edit_ids *ret_ids);

void edit_ids_finish(struct edit_ids *ids);

#define _cleanup_edit_ids_ __attribute__((cleanup(edit_ids_finish)))

#endif
