/* SPDX-License-Identifier: MIT */
/* cmocka and what it wants before it, and the catching of what is written on stderr or stdout. */
#ifndef TESTS_UNIT_FS_UNIT_H
#define TESTS_UNIT_FS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct capture {
	int fd, saved, file;
	char text[16384];
};

/* From here on what goes to `fd` goes to a file. */
static inline void capture_begin(struct capture *capture, int fd)
{
	FILE *file = tmpfile();

	assert_non_null(file);
	capture->fd = fd;
	capture->saved = dup(fd);
	capture->file = dup(fileno(file));
	assert_true(capture->saved >= 0 && capture->file >= 0);
	assert_int_equal(dup2(capture->file, fd), fd);
	fclose(file);
}

/* Until here. Returns what was written, which lives with `capture`. */
static inline const char *capture_end(struct capture *capture)
{
	ssize_t n = pread(capture->file, capture->text, sizeof(capture->text) - 1, 0);

	assert_true(n >= 0);
	capture->text[n] = '\0';
	dup2(capture->saved, capture->fd);
	close(capture->saved);
	close(capture->file);
	return capture->text;
}

#define assert_contains(text, part) \
	do { \
		if (!strstr(text, part)) { \
			fail_msg("\"%s\" isn't in \"%s\"", part, text); \
		} \
	} while (0)

#define assert_lacks(text, part) \
	do { \
		if (strstr(text, part)) { \
			fail_msg("\"%s\" is in \"%s\"", part, text); \
		} \
	} while (0)

#endif
