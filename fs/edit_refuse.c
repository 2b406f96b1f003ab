/* SPDX-License-Identifier: MIT */
#include "fs/edit_private.h"

#include "fs/nearest.h"
#include "odoo/cleanup.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LONGEST_VALUE 60
#define MOST_KEYS 12

int edit_refuse(struct editing *e, const struct place *place, const char *format, ...)
{
	_cleanup_buffer_ struct buffer where = { 0 };
	_cleanup_free_ char *sentence = NULL;
	va_list arguments;
	size_t line;
	int n;

	if (!e->source) {
		return -EINVAL;
	}
	va_start(arguments, format);
	n = vasprintf(&sentence, format, arguments);
	va_end(arguments);
	if (n < 0) {
		sentence = NULL;
		return -ENOMEM;
	}
	line = place_line(place, e->source->text, e->source->size);
	place_append(place, &where);
	buffer_append_char(&where, '\0');
	if (where.failed) {
		return -ENOMEM;
	}
	if (line > 0) {
		odoo_error_set(e->error, ODOO_FAULT_VALIDATION, "line %zu: \"%s\" %s", line,
			where.text, sentence);
	} else {
		odoo_error_set(e->error, ODOO_FAULT_VALIDATION, "\"%s\" %s", where.text, sentence);
	}
	return -EINVAL;
}

/* The end of the first `size` bytes that isn't inside of a character. */
static size_t cut(const char *text, size_t size)
{
	while (size > 0 && ((unsigned char)text[size] & 0xc0) == 0x80) {
		size--;
	}
	return size;
}

char *edit_show(const json_t *value)
{
	char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));

	if (text && strlen(text) > LONGEST_VALUE) {
		strcpy(text + cut(text, LONGEST_VALUE - strlen("…")), "…");
	}
	return text;
}

int edit_refuse_value(
	struct editing *e, const struct place *place, const char *what, const json_t *value)
{
	_cleanup_free_ char *shown = edit_show(value);

	return shown ? edit_refuse(e, place, "has to be %s, not %s", what, shown) : -ENOMEM;
}

static void append_key(struct buffer *buffer, const struct cache_keys *keys, const char *key)
{
	const char *quote = keys->numbers ? "" : "\"";

	if (buffer->size > 0) {
		buffer_append_text(buffer, ", ");
	}
	buffer_append_text(buffer, quote);
	buffer_append_text(buffer, key);
	buffer_append_text(buffer, quote);
}

static const char *nearest_key(const struct cache_keys *keys, const char *wanted)
{
	struct nearest nearest = { .wanted = wanted, .size = strlen(wanted) };
	const char *key = NULL;

	while ((key = cache_keys_next(keys, key))) {
		nearest_offer(&nearest, key);
	}
	return nearest.found;
}

static bool are_many(const struct cache_keys *keys)
{
	const char *key = NULL;
	size_t n = 0;

	while ((key = cache_keys_next(keys, key))) {
		n++;
	}
	return n > MOST_KEYS;
}

char *edit_show_keys(const struct cache_keys *keys, const char *wanted)
{
	_cleanup_buffer_ struct buffer buffer = { 0 };
	const char *key = NULL, *nearest = NULL;
	size_t n = 0, size;
	char *text;

	if (are_many(keys)) {
		nearest = nearest_key(keys, wanted);
		append_key(&buffer, keys, nearest);
		n++;
	}
	while (n < MOST_KEYS && (key = cache_keys_next(keys, key))) {
		if (key != nearest) {
			append_key(&buffer, keys, key);
			n++;
		}
	}
	if (nearest) {
		buffer_append_text(&buffer, ", …");
	}
	return buffer_steal(&buffer, &text, &size) < 0 ? NULL : text;
}
