/* SPDX-License-Identifier: MIT */
#include "fs/options_split.h"

#include "fs/buffer.h"
#include "fs/options_table.h"
#include "odoo/cleanup.h"

#include <string.h>

static bool has_prefix(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

/*
 * Copy a JSON value up to its closing brace, or to the end where it has none, and return what is
 * behind it. Backslashes stay, they are JSON's own, except that "\," is a comma.
 */
static const char *copy_json(const char *text, struct buffer *out)
{
	bool in_string = false;
	int depth = 0;

	while (*text) {
		char c = *text++;
		if (c == '\\' && *text == ',') {
			c = *text++;
		} else if (c == '\\' && *text) {
			buffer_append_char(out, c);
			buffer_append_char(out, *text++);
			continue;
		} else if (c == '"') {
			in_string = !in_string;
		} else if (!in_string && (c == '{' || c == '[')) {
			depth++;
		} else if (!in_string && (c == '}' || c == ']')) {
			depth--;
		}
		buffer_append_char(out, c);
		if (depth <= 0 && !in_string) {
			break;
		}
	}
	return text;
}

/* Copy what is before the next comma and return what is behind it. */
static const char *copy_piece(const char *text, struct buffer *out)
{
	while (*text && *text != ',') {
		if (text[0] == '\\' && (text[1] == ',' || text[1] == '\\')) {
			text++;
		}
		buffer_append_char(out, *text++);
	}
	return *text ? text + 1 : text;
}

static const char *copy_setting(const char *text, struct buffer *out)
{
	static const char *const names[] = { "context=", "odoo_context=" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t length = strlen(names[i]);
		if (has_prefix(text, names[i]) && text[length] == '{') {
			buffer_append(out, text, length);
			text = copy_json(text + length, out);
			break;
		}
	}
	return copy_piece(text, out);
}

static bool is_company(const char *piece)
{
	return *piece && piece[strspn(piece, "0123456789")] == '\0';
}

static bool is_model(const char *piece)
{
	return (strpbrk(piece, ".*?[") || has_prefix(piece, "x_")) && !strchr(piece, '=') &&
	       !options_table_knows(piece);
}

/* Add the members that follow a list. */
static const char *copy_members(
	const char *text, bool (*belongs)(const char *piece), struct buffer *out)
{
	while (*text) {
		_cleanup_buffer_ struct buffer piece = { 0 };
		const char *behind = copy_piece(text, &piece);

		buffer_append_char(&piece, '\0');
		if (piece.failed) {
			out->failed = true;
			break;
		}
		if (!belongs(piece.text)) {
			break;
		}
		buffer_append_char(out, ':');
		buffer_append_text(out, piece.text);
		text = behind;
	}
	return text;
}

int options_split_next(const char **text, char **ret_setting)
{
	_cleanup_buffer_ struct buffer setting = { 0 };
	const char *at = *text + strspn(*text, ",");
	size_t size;

	if (!*at) {
		return 0;
	}
	if (has_prefix(at, "models=") || has_prefix(at, "prefetch=")) {
		at = copy_members(copy_setting(at, &setting), is_model, &setting);
	} else if (has_prefix(at, "company=")) {
		at = copy_members(copy_setting(at, &setting), is_company, &setting);
	} else {
		at = copy_setting(at, &setting);
	}
	int r = buffer_steal(&setting, ret_setting, &size);
	if (r < 0) {
		return r;
	}
	*text = at;
	return 1;
}
