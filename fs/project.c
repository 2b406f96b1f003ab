/* SPDX-License-Identifier: MIT */
#include "fs/project.h"

#include "fs/buffer.h"

#include <string.h>

/* Before each field's name. */
#define MARGIN "  \""

static bool is_wanted(
	const char *line, size_t size, const struct cache_field *const *fields, size_t n_fields)
{
	const char *name = line + strlen(MARGIN);
	const char *end = size > strlen(MARGIN) ? memchr(name, '"', size - strlen(MARGIN)) : NULL;
	size_t n = end ? (size_t)(end - name) : 0;

	if (n == 2 && memcmp(name, "id", 2) == 0) {
		return true;
	}
	for (size_t i = 0; n && i < n_fields; i++) {
		if (strlen(fields[i]->name) == n && memcmp(fields[i]->name, name, n) == 0) {
			return true;
		}
	}
	return false;
}

int project_fields(const char *text, size_t size, const struct cache_field *const *fields,
	size_t n_fields, char **ret_text, size_t *ret_size)
{
	_cleanup_buffer_ struct buffer buffer = { 0 };
	const char *end = text + size;

	buffer_append_char(&buffer, '{');
	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		size_t length = newline ? (size_t)(newline - text) : (size_t)(end - text);
		size_t line = length && text[length - 1] == ',' ? length - 1 : length;

		if (line > 1 && is_wanted(text, line, fields, n_fields)) {
			buffer_append(&buffer, ",", buffer.size > 1);
			buffer_append_char(&buffer, '\n');
			buffer_append(&buffer, text, line);
		}
		text += length + 1;
	}
	buffer_append(&buffer, "\n}\n", 3);
	return buffer_steal(&buffer, ret_text, ret_size);
}
