/* SPDX-License-Identifier: MIT */
#include "fs/buffer.h"

#include <errno.h>
#include <stdlib.h>

#define FIRST_CAPACITY 1024

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

int buffer_steal(struct buffer *buffer, char **ret_text, size_t *ret_size)
{
	buffer_append_char(buffer, '\0');
	if (buffer->failed) {
		return -ENOMEM;
	}
	/* Kept for long in a cache of bounded size: what doubling took too much goes back. */
	char *text = realloc(buffer->text, buffer->size);
	*ret_text = text ? text : buffer->text;
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
