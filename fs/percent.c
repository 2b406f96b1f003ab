/* SPDX-License-Identifier: MIT */
#include "fs/percent.h"

#include "odoo/cleanup.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>

#define ELLIPSIS "…"

/* The value of a hexadecimal digit. */
static int digit_value(char c)
{
	return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

static int refuse_escape(size_t at, const char *what, struct odoo_error *error)
{
	odoo_error_set(error, ODOO_FAULT_USER,
		"byte %zu: %s: a percent sign is written %%25, and a byte that a name can't hold "
		"as %% and two hexadecimal digits",
		at + 1, what);
	return -EINVAL;
}

/* Returns how many bytes there are, or -EINVAL. `to` has room for `size` bytes. */
static int decode(const char *text, size_t size, char *to, struct odoo_error *error)
{
	int n = 0;

	for (size_t i = 0; i < size; i++) {
		char c = text[i];

		if (c == '%') {
			if (size - i < 3 || !isxdigit((unsigned char)text[i + 1]) ||
				!isxdigit((unsigned char)text[i + 2])) {
				return refuse_escape(
					i, "\"%\" without two hexadecimal digits", error);
			}
			c = (char)(digit_value(text[i + 1]) << 4 | digit_value(text[i + 2]));
			i += 2;
		}
		if (c == '\0') {
			return refuse_escape(i, "Odoo's texts can't hold a NUL", error);
		}
		to[n++] = c;
	}
	return n;
}

int percent_decode(const char *text, size_t size, char **ret_text, struct odoo_error *error)
{
	_cleanup_free_ char *decoded = malloc(size + 1);
	const uint8_t *wrong;
	int n;

	if (!decoded) {
		return -ENOMEM;
	}
	n = decode(text, size, decoded, error);
	if (n < 0) {
		return n;
	}
	decoded[n] = '\0';
	wrong = u8_check((const uint8_t *)decoded, (size_t)n);
	if (wrong) {
		odoo_error_set(error, ODOO_FAULT_USER,
			"byte %td of the decoded text isn't UTF-8, as Odoo's texts are",
			wrong - (const uint8_t *)decoded + 1);
		return -EINVAL;
	}
	*ret_text = steal(decoded);
	return 0;
}

static bool is_encoded(const char *text, size_t at)
{
	unsigned char c = (unsigned char)text[at];

	return c < 0x20 || c == 0x7f || c == '/' || c == '%' || (c == '.' && at == 0);
}

/* How many bytes of `text` have room when they are encoded, up to the end of a character. */
static size_t fitting(const char *text, size_t room)
{
	size_t used = 0, whole = 0;

	for (size_t i = 0; text[i]; i++) {
		if (((unsigned char)text[i] & 0xc0) != 0x80) {
			whole = i;
		}
		used += is_encoded(text, i) ? 3 : 1;
		if (used > room) {
			return whole;
		}
	}
	return strlen(text);
}

static void append_encoded(struct buffer *buffer, unsigned char c)
{
	static const char digits[] = "0123456789ABCDEF";
	const char escape[3] = { '%', digits[c >> 4], digits[c & 15] };

	buffer_append(buffer, escape, sizeof(escape));
}

void percent_encode_wrong(struct buffer *buffer, const char *text)
{
	const uint8_t *at = (const uint8_t *)text, *wrong;

	while ((wrong = u8_check(at, strlen((const char *)at)))) {
		buffer_append(buffer, (const char *)at, (size_t)(wrong - at));
		append_encoded(buffer, *wrong);
		at = wrong + 1;
	}
	buffer_append_text(buffer, (const char *)at);
}

void percent_encode_cut(struct buffer *buffer, const char *text, size_t room)
{
	size_t n = fitting(text, room);
	bool cut = text[n] != '\0';

	if (cut && room < strlen(ELLIPSIS)) {
		return;
	}
	if (cut) {
		n = fitting(text, room - strlen(ELLIPSIS));
	}
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)text[i];

		if (is_encoded(text, i)) {
			append_encoded(buffer, c);
		} else {
			buffer_append_char(buffer, (char)c);
		}
	}
	if (cut) {
		buffer_append_text(buffer, ELLIPSIS);
	}
}
