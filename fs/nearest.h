/* SPDX-License-Identifier: MIT */
/* What somebody who mistyped a name may have meant. Pure: no locks, any thread. */
#ifndef FS_NEAREST_H
#define FS_NEAREST_H

#include <stddef.h>

struct nearest {
	const char *wanted;
	size_t size;	   /* of wanted */
	const char *found; /* the nearest of those offered, the first of equals; NULL before any */
	size_t distance;
};

/*
 * How many letters to change, insert, remove or swap with their neighbour to make b of the `a_size`
 * bytes at `a`.
 */
size_t nearest_distance(const char *a, size_t a_size, const char *b);

/* Take `name`, which is kept, if it is nearer than all before it. */
void nearest_offer(struct nearest *nearest, const char *name);

#endif
