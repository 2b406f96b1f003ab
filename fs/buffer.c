/* SPDX-License-Identifier: MIT */
#include "fs/buffer.h"

#include <errno.h>
#include <stdlib.h>

#define FIRST_CAPACITY 1024

/* Up to this many bytes are copied to give back what is behind them. */
#define COPIED_MAX 65536

bool buffer_reserve(struct buffer *buffer, size_t more)
{
	size_t capacity = buffer->capacity ? buffer->capacity : FIRST_CAPACITY;

	if (buffer->failed) {
		return false;
	}
	while (capacity - buffer->size < more) {
		if (__builtin_mul_overflow(capacity, 2, &capacity)) {
			buffer->failed = true;
			return false;
		}
	}
	if (capacity == buffer->capacity) {
		return true;
	}
	char *text = realloc(buffer->text, capacity);
	if (!text) {
		buffer->failed = true;
		return false;
	}
	buffer->text = text;
	buffer->capacity = capacity;
	return true;
}

void buffer_append(struct buffer *buffer, const char *bytes, size_t size)
{
	if (buffer->capacity - buffer->size < size && !buffer_reserve(buffer, size)) {
		return;
	}
	if (size > 0) {
		memcpy(buffer->text + buffer->size, bytes, size);
		buffer->size += size;
	}
}

/*
 * What doubling took too much goes back. Of a shorter text all of it does: thousands of these are
 * kept, and a hole behind each would be too small for the next one's buffer.
 */
static char *fit(struct buffer *buffer)
{
	char *text;

	if (buffer->size > COPIED_MAX) {
		text = realloc(buffer->text, buffer->size);
		return text ? text : buffer->text;
	}
	text = malloc(buffer->size);
	if (!text) {
		return buffer->text;
	}
	memcpy(text, buffer->text, buffer->size);
	free(buffer->text);
	return text;
}

int buffer_steal(struct buffer *buffer, char **ret_text, size_t *ret_size)
{
	buffer_append_char(buffer, '\0');
	if (buffer->failed) {
		return -ENOMEM;
	}
	*ret_text = fit(buffer);
	*ret_size = buffer->size - 1;
	*buffer = (struct buffer){ 0 };
	return 0;
}

void buffer_finish(struct buffer *buffer)
{
	free(buffer->text);
	*buffer = (struct buffer){ 0 };
}

char *buffer_copy_text(const char *text, size_t size)
{
	char *copy = text ? malloc(size + 1) : NULL;

	if (copy) {
		memcpy(copy, text, size);
		copy[size] = '\0';
	}
	return copy;
}
