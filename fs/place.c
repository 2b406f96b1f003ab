/* SPDX-License-Identifier: MIT */
#include "fs/place.h"

#include "fs/scan.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Keys are people's own: a longer one is cut. */
#define LONGEST_KEY 80

/* Control characters would tear up a log's line. */
static void append_key(const char *key, struct buffer *buffer)
{
	size_t size = strnlen(key, LONGEST_KEY);

	while (size > 0 && ((unsigned char)key[size] & 0xc0) == 0x80) {
		size--;
	}
	for (size_t i = 0; i < size; i++) {
		buffer_append_char(buffer, (unsigned char)key[i] < ' ' ? '?' : key[i]);
	}
	if (key[size]) {
		buffer_append_text(buffer, "…");
	}
}

void place_append(const struct place *place, struct buffer *buffer)
{
	char index[32];

	if (!place) {
		return;
	}
	place_append(place->parent, buffer);
	if (place->key) {
		if (place->parent) {
			buffer_append_char(buffer, '.');
		}
		append_key(place->key, buffer);
	} else {
		snprintf(index, sizeof(index), "[%zu]", place->index);
		buffer_append_text(buffer, index);
	}
}

static bool is_key(const struct scan *scan, const char *key)
{
	size_t size = scan->end - scan->start;

	return size == strlen(key) + 2 && memcmp(scan->text + scan->start + 1, key, size - 2) == 0;
}

/* At an object's {: go to the value of a key, whose own start is told too. */
static bool enter_member(struct scan *scan, const char *key, size_t *ret_start)
{
	while (scan_next(scan) && scan_char(scan) == '"') {
		bool found = is_key(scan, key);

		*ret_start = scan->start;
		scan_next(scan); /* : */
		scan_next(scan);
		if (found) {
			return true;
		}
		scan_skip(scan);
		scan_next(scan); /* , or } */
	}
	return false;
}

/* At a list's [: go to an element. */
static bool enter_element(struct scan *scan, size_t index, size_t *ret_start)
{
	while (scan_next(scan) && scan_char(scan) != ']') {
		if (index == 0) {
			*ret_start = scan->start;
			return true;
		}
		index--;
		scan_skip(scan);
		scan_next(scan); /* , or ] */
	}
	return false;
}

/* Go to the value that stands there. */
static bool enter(const struct place *place, struct scan *scan, size_t *ret_start)
{
	if (!place) {
		return scan_next(scan);
	}
	if (!enter(place->parent, scan, ret_start)) {
		return false;
	}
	if (place->key) {
		return scan_char(scan) == '{' && enter_member(scan, place->key, ret_start);
	}
	return scan_char(scan) == '[' && enter_element(scan, place->index, ret_start);
}

size_t place_line(const struct place *place, const char *text, size_t size)
{
	size_t start = 0, line, column;
	struct scan scan;

	scan_begin(&scan, text, size);
	if (!place || !enter(place, &scan, &start)) {
		return 0;
	}
	scan_position(&scan, start, &line, &column);
	return line;
}

const char *place_field(const struct place *place)
{
	while (place->parent) {
		place = place->parent;
	}
	return place->key;
}
