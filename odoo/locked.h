/* SPDX-License-Identifier: MIT */
/*
 * Memory for secrets: pages of their own that are locked, where the system allows it, and so never
 * swapped out; left out of core dumps; and overwritten when they are given back.
 *
 * Any thread; what is in them belongs to whoever holds the pointer.
 */
#ifndef ODOO_LOCKED_H
#define ODOO_LOCKED_H

#include <stddef.h>

/* `size` bytes of zeros; NULL when out of memory. Free with locked_destroy. */
void *locked_create(size_t size);

/* A copy of a text; NULL when out of memory. Free with locked_destroy. */
char *locked_copy(const char *text);

/* Lock it again in a child: a lock doesn't survive fork(2). Best effort. NULL is allowed. */
void locked_after_fork(void *memory);

/* Overwrite it and give it back. NULL is allowed. */
void locked_destroy(void *memory);

static inline void cleanup_locked(char **text)
{
	locked_destroy(*text);
}

#define _cleanup_locked_ __attribute__((cleanup(cleanup_locked)))

#endif
