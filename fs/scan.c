/* SPDX-License-Identifier: MIT */
#include "fs/scan.h"

#include <string.h>

static const char byte_order_mark[] = "\xef\xbb\xbf";
#define BLANKS " \t\r\n"
/* Those of JSON, and those that people write instead. */
#define SIGNS "{}[],:;="
#define MARK_SIZE (sizeof(byte_order_mark) - 1)

void scan_begin(struct scan *scan, const char *text, size_t size)
{
	bool marked = size >= MARK_SIZE && memcmp(text, byte_order_mark, MARK_SIZE) == 0;
	size_t start = marked ? MARK_SIZE : 0;

	*scan = (struct scan){ .text = text, .size = size, .start = start, .end = start };
}

static bool is_one_of(char c, const char *set)
{
	return c != '\0' && strchr(set, c);
}

static size_t string_end(const struct scan *scan, size_t at)
{
	for (at++; at < scan->size && scan->text[at] != '\n'; at++) {
		if (scan->text[at] == '"') {
			return at + 1;
		}
		if (scan->text[at] == '\\' && at + 1 < scan->size && scan->text[at + 1] != '\n') {
			at++;
		}
	}
	return at;
}

bool scan_next(struct scan *scan)
{
	size_t at = scan->end;

	while (at < scan->size && is_one_of(scan->text[at], BLANKS)) {
		at++;
	}
	scan->start = at;
	if (at == scan->size) {
		scan->end = at;
		return false;
	}
	if (scan->text[at] == '"') {
		scan->end = string_end(scan, at);
		return true;
	}
	do {
		at++;
	} while (!is_one_of(scan->text[scan->start], SIGNS) && at < scan->size &&
		 !is_one_of(scan->text[at], BLANKS SIGNS "\""));
	scan->end = at;
	return true;
}

void scan_skip(struct scan *scan)
{
	size_t depth = 0;

	do {
		char c = scan_char(scan);
		if (c == '{' || c == '[') {
			depth++;
		} else if (c == '}' || c == ']') {
			depth--;
		}
	} while (depth > 0 && scan_next(scan));
}

void scan_position(const struct scan *scan, size_t at, size_t *ret_line, size_t *ret_column)
{
	struct scan first;
	size_t line = 1, column = 1;

	scan_begin(&first, scan->text, scan->size);
	for (size_t i = first.end; i < at && i < scan->size; i++) {
		if (scan->text[i] == '\n') {
			line++;
			column = 1;
		} else if (((unsigned char)scan->text[i] & 0xc0) != 0x80) {
			column++;
		}
	}
	*ret_line = line;
	*ret_column = column;
}
