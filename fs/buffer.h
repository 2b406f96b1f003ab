/* SPDX-License-Identifier: MIT */
/*
 * Text that grows. Running out of memory is remembered, so that only buffer_steal has to be
 * checked. No locks: a buffer belongs to one thread.
 */
#ifndef FS_BUFFER_H
#define FS_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct buffer {
	char *text;
	size_t size, capacity;
	bool failed; /* out of memory: what is appended from then on is dropped */
};

/* Make room for `more` bytes behind the end. False when out of memory. */
bool buffer_reserve(struct buffer *buffer, size_t more);

void buffer_append(struct buffer *buffer, const char *bytes, size_t size);

static inline void buffer_append_text(struct buffer *buffer, const char *text)
{
	buffer_append(buffer, text, strlen(text));
}

static inline void buffer_append_char(struct buffer *buffer, char c)
{
	if (buffer->size < buffer->capacity || buffer_reserve(buffer, 1)) {
		buffer->text[buffer->size++] = c;
	}
}

/*
 * Hand on the text, shrunk to its size and with a NUL behind it; the buffer is empty then. Returns
 * 0, or -ENOMEM when any append failed.
 */
int buffer_steal(struct buffer *buffer, char **ret_text, size_t *ret_size);

/* Free what it holds. */
void buffer_finish(struct buffer *buffer);

/* A copy with a NUL behind it, to be freed. NULL for NULL, and when out of memory. */
char *buffer_copy_text(const char *text, size_t size);

#define _cleanup_buffer_ __attribute__((cleanup(buffer_finish)))

#endif
