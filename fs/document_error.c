/* SPDX-License-Identifier: MIT */
#include "fs/document_error.h"

#include "fs/scan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Longer pieces of the text are cut when they are shown. */
#define LONGEST_PIECE 40

/* What is known of the place where the parser stopped. */
struct trouble {
	const char *what; /* in the parser's words */
	size_t stop;	  /* it had read this far */
	struct scan scan; /* the token there */
	char before;	  /* the first character of the token before it; NUL when it's the first */
	char piece[LONGEST_PIECE + sizeof("…")];
};

/* The character that a text begins with when it can't be seen; else 0. */
static unsigned invisible(const char *text)
{
	const unsigned char *c = (const unsigned char *)text;
	unsigned code;

	if (c[0] == 0xc2 && (c[1] == 0xa0 || c[1] == 0xad)) {
		return c[1];
	}
	if ((c[0] != 0xe2 && c[0] != 0xef) || !c[1] || !c[2]) {
		return 0;
	}
	code = (c[0] & 0x0fu) << 12 | (c[1] & 0x3fu) << 6 | (c[2] & 0x3fu);
	return (code >= 0x2000 && code <= 0x200f) || (code >= 0x2028 && code <= 0x202f) ||
			       code == 0x2060 || code == 0xfeff
		       ? code
		       : 0;
}

/* The token, as far as the parser has seen that it's UTF-8, and not more than fits. */
static void cut_piece(struct trouble *t)
{
	size_t n = 0, start = 0; /* of the last character */

	for (size_t i = t->scan.start; i < t->scan.end; i++) {
		unsigned char c = (unsigned char)t->scan.text[i];
		if (c < ' ' || (c >= 0x80 && i >= t->stop)) {
			n = (c & 0xc0) == 0x80 ? start : n;
			break;
		}
		start = (c & 0xc0) == 0x80 ? start : n;
		if (n >= LONGEST_PIECE - 3 && (c & 0xc0) != 0x80) {
			memcpy(t->piece + n, "…", sizeof("…"));
			return;
		}
		t->piece[n++] = (char)c;
	}
	t->piece[n] = '\0';
	if (n == 0) {
		snprintf(t->piece, sizeof(t->piece), "a control character");
	} else if (invisible(t->piece)) {
		snprintf(t->piece, sizeof(t->piece), "the invisible character U+%04X",
			invisible(t->piece));
	}
}

/* The last token that begins before where the parser stopped. */
static void locate(struct trouble *t, const char *text, size_t size)
{
	struct scan next;

	scan_begin(&t->scan, text, size);
	next = t->scan;
	while (scan_next(&next) && (next.start < t->stop || t->stop == 0)) {
		t->before = scan_char(&t->scan);
		t->scan = next;
		if (next.end >= t->stop) {
			break;
		}
	}
	cut_piece(t);
}

static bool says(const struct trouble *t, const char *words)
{
	return strncmp(t->what, words, strlen(words)) == 0;
}

static bool is_closing(const struct trouble *t)
{
	return scan_char(&t->scan) == '}' || scan_char(&t->scan) == ']';
}

/* Sentences go here; they are cut when they are too long. */
struct sentence {
	size_t at; /* the byte that it's about */
	char text[200];
};

__attribute__((format(printf, 3, 4))) static void write_sentence(
	struct sentence *s, size_t at, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(s->text, sizeof(s->text), format, arguments);
	va_end(arguments);
	s->at = at;
}

static void explain_end(const struct trouble *t, struct sentence *s)
{
	const char *where = says(t, "'}'")	? "inside of an object: a } is missing"
			    : says(t, "']'")	? "inside of a list: a ] is missing"
			    : says(t, "':'")	? "behind a key, without a value"
			    : says(t, "string") ? "inside of an object"
			    : says(t, "premat") ? "inside of a string: its last \" is missing"
						: "where a value is due";

	write_sentence(s, t->stop, "the text ends here, %s", where);
}

static bool is_any_of(const char *word, const char *const *words)
{
	for (; *words; words++) {
		if (strcasecmp(*words, word) == 0) {
			return true;
		}
	}
	return false;
}

static bool is_comment(const struct trouble *t)
{
	return strncmp(t->piece, "//", 2) == 0 || strncmp(t->piece, "/*", 2) == 0 ||
	       t->piece[0] == '#';
}

static bool is_number(const struct trouble *t)
{
	return strchr("+-.0123456789", scan_char(&t->scan)) && scan_char(&t->scan);
}

static void explain_word(const struct trouble *t, struct sentence *s)
{
	static const char *const numbers[] = { "nan", "infinity", "-infinity", "inf", "-inf",
		NULL };
	static const char *const others[] = { "none", "nil", "undefined", NULL };
	static const char *const booleans[] = { "true", "false", "null", NULL };
	size_t at = t->scan.start;

	if (is_any_of(t->piece, numbers)) {
		write_sentence(s, at, "JSON has no number %s", t->piece);
	} else if (is_any_of(t->piece, booleans)) {
		write_sentence(s, at, "JSON writes true, false and null in small letters, not %s",
			t->piece);
	} else if (is_any_of(t->piece, others)) {
		write_sentence(s, at, "JSON has no %s; Odoo's empty value is false", t->piece);
	} else if (is_number(t)) {
		write_sentence(s, at, "%s is not how JSON writes a number", t->piece);
	} else {
		write_sentence(s, at,
			"text stands in straight double quotes in JSON: \"…\", not %s", t->piece);
	}
}

/* Something else than a comma or the closing bracket behind a value. */
static void explain_missing_comma(const struct trouble *t, char bracket, struct sentence *s)
{
	size_t at = t->scan.start;
	char c = scan_char(&t->scan);

	if (t->stop < t->scan.end && is_number(t)) {
		/* The parser stopped inside of 0x1f or 1_000, taking the 0 or 1 for the value. */
		write_sentence(s, at, "%s is not how JSON writes a number", t->piece);
	} else if (c == '"' || c == '{' || c == '[' || is_number(t)) {
		write_sentence(s, at, "a comma is missing before %s", t->piece);
	} else if (t->before == '"' && !strchr("{}[],:", c)) {
		write_sentence(s, at,
			"a comma or %c is due here, not %s (a quote inside of text is written "
			"\\\")",
			bracket, t->piece);
	} else {
		write_sentence(s, at, "a comma or %c is due here, not %s", bracket, t->piece);
	}
}

static void explain_escape(const struct trouble *t, struct sentence *s)
{
	size_t at = t->stop;

	while (at > t->scan.start && t->scan.text[at] != '\\') {
		at--;
	}
	if (at + 1 < t->scan.size && t->scan.text[at + 1] == 'u') {
		write_sentence(s, at, "\\u has to be followed by four hexadecimal digits");
	} else {
		write_sentence(
			s, at, "no escape that JSON knows (a backslash itself is written \\\\)");
	}
}

static void explain_string(const struct trouble *t, struct sentence *s)
{
	if (says(t, "unexpected newline")) {
		write_sentence(s, t->stop,
			"the line ends inside of a string: a \" is missing, or the line break is "
			"to be "
			"written \\n");
	} else if (says(t, "control character")) {
		write_sentence(s, t->stop,
			"a control character inside of a string: a tab is written \\t, others "
			"\\u0001 "
			"and so on");
	} else if (says(t, "invalid Unicode")) {
		write_sentence(s, t->scan.start, "half of a surrogate pair: no character");
	} else {
		explain_escape(t, s);
	}
}

/* A token where none like it can stand. */
static void explain_token(const struct trouble *t, struct sentence *s)
{
	size_t at = t->scan.start;
	bool key = says(t, "string or");

	if (is_closing(t) && t->before == ',') {
		write_sentence(s, at, "the comma before %s is one too many", t->piece);
	} else if (key && t->before == ',' && is_number(t)) {
		write_sentence(s, at,
			"a key in double quotes is due here, not %s (numbers have a decimal point, "
			"no comma)",
			t->piece);
	} else if (key) {
		write_sentence(s, at, "a key in double quotes is due here, not %s", t->piece);
	} else if (!t->before) {
		write_sentence(
			s, at, "an object, {\"field\": value, …}, is due here, not %s", t->piece);
	} else if (says(t, "unexpected token")) {
		write_sentence(s, at, "a value is due here, not %s", t->piece);
	} else {
		explain_word(t, s);
	}
}

static void explain_syntax(const struct trouble *t, struct sentence *s)
{
	if (is_comment(t)) {
		write_sentence(s, t->scan.start, "JSON has no comments");
	} else if (says(t, "'}' expected")) {
		explain_missing_comma(t, '}', s);
	} else if (says(t, "']' expected")) {
		explain_missing_comma(t, ']', s);
	} else if (says(t, "':' expected")) {
		write_sentence(
			s, t->scan.start, "a colon is due here, behind the key, not %s", t->piece);
	} else if (scan_char(&t->scan) == '"') {
		explain_string(t, s);
	} else {
		explain_token(t, s);
	}
}

static void explain(const struct trouble *t, enum json_error_code code, struct sentence *s)
{
	size_t at = t->scan.start;

	switch (code) {
	case json_error_premature_end_of_input:
		explain_end(t, s);
		break;
	case json_error_duplicate_key:
		write_sentence(s, at, "the key %s stands here a second time", t->piece);
		break;
	case json_error_end_of_input_expected:
		write_sentence(s, at, "more stands behind the end: %s", t->piece);
		break;
	case json_error_invalid_utf8:
		write_sentence(s, t->stop, "byte 0x%02x here isn't UTF-8",
			(unsigned char)t->scan.text[t->stop]);
		break;
	case json_error_null_character:
	case json_error_null_byte_in_key:
		write_sentence(s, at, "a string can't hold the character \\u0000");
		break;
	case json_error_numeric_overflow:
		write_sentence(s, at, "the number %s is too large", t->piece);
		break;
	case json_error_stack_overflow:
		write_sentence(s, at, "nested too deeply");
		break;
	default:
		explain_syntax(t, s);
	}
}

/* A number that goes on, as "-", "1." and "1e+" do. */
static bool is_begun_number(const char *token, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (!token[i] || !strchr("0123456789+-.eE", token[i])) {
			return false;
		}
	}
	return (token[0] == '-' || (token[0] >= '0' && token[0] <= '9')) &&
	       strchr("+-.eE", token[size - 1]);
}

/* The end of the text may have been cut inside of a word, an escape or a character. */
static bool is_cut(const struct trouble *t, enum json_error_code code)
{
	static const char *const words[] = { "true", "false", "null" };
	size_t size = t->scan.end - t->scan.start;
	const char *token = t->scan.text + t->scan.start;

	if (t->scan.end < t->scan.size || size == 0) {
		return false;
	}
	if (code == json_error_invalid_utf8) {
		return t->scan.size - t->stop < 4;
	}
	if (says(t, "invalid escape")) {
		return t->stop + 1 >= t->scan.size;
	}
	for (size_t i = 0; says(t, "invalid token") && i < 3; i++) {
		if (strncmp(words[i], token, size) == 0) {
			return true;
		}
	}
	return says(t, "invalid token") && is_begun_number(token, size);
}

int document_explain(
	const char *text, size_t size, const json_error_t *failure, struct odoo_error *error)
{
	struct trouble t = { .what = failure->text, .stop = (size_t)failure->position };
	enum json_error_code code = json_error_code(failure);
	struct sentence s = { 0 };
	size_t line, column;
	bool incomplete;

	if (t.stop > size) {
		t.stop = size;
	}
	locate(&t, text, size);
	incomplete = code == json_error_premature_end_of_input;
	if (!incomplete && is_cut(&t, code)) {
		incomplete = true;
		write_sentence(&s, size, "the text ends here, in the middle of %s",
			code == json_error_invalid_utf8 ? "a character" : t.piece);
	} else {
		explain(&t, code, &s);
	}
	scan_position(&t.scan, s.at, &line, &column);
	odoo_error_set(
		error, ODOO_FAULT_VALIDATION, "line %zu, column %zu: %s", line, column, s.text);
	return incomplete ? DOCUMENT_INCOMPLETE : DOCUMENT_NOT_JSON;
}
