/* SPDX-License-Identifier: MIT */
/*
 * The tokens of a JSON text, for who has to say where in it something stands. It reads wrong JSON
 * too, and leaves judging to the parser. Pure: no locks, any thread.
 */
#ifndef FS_SCAN_H
#define FS_SCAN_H

#include <stdbool.h>
#include <stddef.h>

struct scan {
	const char *text;
	size_t size;
	size_t start, end; /* of the token: "start" is its first byte, "end" behind its last */
};

/* Begin before the first token, behind a byte order mark if there is one. */
void scan_begin(struct scan *scan, const char *text, size_t size);

/*
 * Go to the next token: one of {}[],:;= or a string with its quotes, or a run of whatever else. A
 * string that isn't closed ends with its line. False at the end of the text.
 */
bool scan_next(struct scan *scan);

/* The token's first character; NUL before the first one. */
static inline char scan_char(const struct scan *scan)
{
	return scan->start < scan->end ? scan->text[scan->start] : '\0';
}

/*
 * In a text that is JSON, at a token that begins a value: go to that value's last token.
 */
void scan_skip(struct scan *scan);

/* Line and column of a byte, from 1. */
void scan_position(const struct scan *scan, size_t at, size_t *ret_line, size_t *ret_column);

#endif
