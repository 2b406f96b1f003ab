/* SPDX-License-Identifier: MIT */
#include "fs/nearest.h"

#include <string.h>

/* Names that are longer are compared by their beginnings. */
#define LONGEST 40

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/*
 * The table of prefixes, of which three lines are needed at a time:
 *
 *	before[j]   distance of a[..i-2] and b[..j]	for swapped letters
 *	above[j]    distance of a[..i-1] and b[..j]
 *	line[j]     distance of a[..i]   and b[..j]
 */
size_t nearest_distance(const char *a, size_t a_size, const char *b)
{
	size_t lines[3][LONGEST + 1];
	size_t *before = lines[0], *above = lines[1], *line = lines[2];
	size_t b_size = strnlen(b, LONGEST);

	a_size = smaller(a_size, LONGEST);
	for (size_t j = 0; j <= b_size; j++) {
		above[j] = j;
	}
	for (size_t i = 1; i <= a_size; i++) {
		line[0] = i;
		for (size_t j = 1; j <= b_size; j++) {
			size_t change = above[j - 1] + (a[i - 1] != b[j - 1]);
			line[j] = smaller(change, smaller(above[j], line[j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
				line[j] = smaller(line[j], before[j - 2] + 1);
			}
		}
		size_t *unused = before;
		before = above;
		above = line;
		line = unused;
	}
	return above[b_size];
}

void nearest_offer(struct nearest *nearest, const char *name)
{
	size_t distance = nearest_distance(nearest->wanted, nearest->size, name);

	if (!nearest->found || distance < nearest->distance) {
		nearest->found = name;
		nearest->distance = distance;
	}
}
