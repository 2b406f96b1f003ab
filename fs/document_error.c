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

/* The token, as far as the parser has seen that it's UTF-8, and not more than fits. */
static void cut_piece(struct trouble *t)
{
	size_t n = 0;

	for (size_t i = t->scan.start; i < t->scan.end; i++) {
		unsigned char c = (unsigned char)t->scan.text[i];
		if (c < ' ' || (c >= 0x80 && i >= t->stop)) {
			break;
		}
		if (n >= LONGEST_PIECE - 3 && (c & 0xc0) != 0x80) {
			memcpy(t->piece + n, "…", sizeof("…"));
			return;
		}
		t->piece[n++] = (char)c;
	}
	t->piece[n] = '\0';
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

static void explain_word(const struct trouble *t, struct sentence *s)
{
	static const char *const numbers[] = {"nan", "infinity", "-infinity", "inf", "-inf", NULL};
	static const char *const others[] = {"none", "nil", "undefined", NULL};
	static const char *const booleans[] = {"true", "false", "null", NULL};
	const char *word = t->piece;
	size_t at = t->scan.start;

	if (is_any_of(word, numbers)) {
		write_sentence(s, at, "JSON has no number %s", word);
	} else if (is_any_of(word, booleans)) {
		write_sentence(
			s, at, "JSON writes true, false and null in small letters, not %s", word);
	} else if (is_any_of(word, others)) {
		write_sentence(s, at, "JSON has no %s; Odoo's empty value is false", word);
	} else if (word[0] == '/' || word[0] == '#') {
		write_sentence(s, at, "JSON has no comments");
	} else if (!word[0]) {
		write_sentence(s, at, "a control character");
	} else if (strchr("+-.0123456789", word[0])) {
		write_sentence(s, at, "%s is not how JSON writes a number", word);
	} else {
		write_sentence(s, at,
			"text stands in straight double quotes in JSON: \"…\", not %s", word);
	}
}

/* Something else than a comma or the closing bracket behind a value. */
static void explain_missing_comma(const struct trouble *t, char bracket, struct sentence *s)
{
	size_t at = t->scan.start;
	char c = scan_char(&t->scan);

	if (c == '/' || c == '#') {
		explain_word(t, s);
	} else if (c == '"' || c == '{' || c == '[') {
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
		write_sentence(s, t->stop - 1,
			"no escape that JSON knows (a backslash itself is written \\\\)");
	}
}

static void explain_syntax(const struct trouble *t, struct sentence *s)
{
	size_t at = t->scan.start;

	if (says(t, "'}' expected")) {
		explain_missing_comma(t, '}', s);
	} else if (says(t, "']' expected")) {
		explain_missing_comma(t, ']', s);
	} else if (says(t, "':' expected")) {
		write_sentence(s, at, "a colon is due here, behind the key, not %s", t->piece);
	} else if ((says(t, "string or") || says(t, "unexpected token")) && is_closing(t) &&
		   t->before == ',') {
		write_sentence(s, at, "the comma before %s is one too many", t->piece);
	} else if (says(t, "string or")) {
		write_sentence(s, at, "a key in double quotes is due here, not %s", t->piece);
	} else if (says(t, "unexpected token")) {
		write_sentence(s, at, "a value is due here, not %s", t->piece);
	} else if (says(t, "invalid token")) {
		explain_word(t, s);
	} else {
		explain_string(t, s);
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
		write_sentence(s, at, "more stands behind the end of the object: %s", t->piece);
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

/* The end of the text may have been cut inside of a word, an escape or a character. */
static bool is_cut(const struct trouble *t, enum json_error_code code)
{
	static const char *const words[] = {"true", "false", "null"};
	size_t size = t->scan.end - t->scan.start;
	const char *token = t->scan.text + t->scan.start;

	if (t->scan.end < t->scan.size || size == 0) {
		return false;
	}
	if (code == json_error_invalid_utf8) {
		return t->scan.size - t->stop < 4;
	}
	if (token[0] == '"') {
		return says(t, "invalid escape") && t->stop + 1 >= t->scan.size;
	}
	for (size_t i = 0; says(t, "invalid token") && i < 3; i++) {
		if (strncmp(words[i], token, size) == 0) {
			return true;
		}
	}
	return token[0] == '-' && size == 1;
}

int document_explain(
	const char *text, size_t size, const json_error_t *failure, struct odoo_error *error)
{
	struct trouble t = {.what = failure->text, .stop = (size_t)failure->position};
	enum json_error_code code = json_error_code(failure);
	struct sentence s = {0};
	size_t line, column;

	if (t.stop > size) {
		t.stop = size;
	}
	locate(&t, text, size);
	explain(&t, code, &s);
	scan_position(&t.scan, s.at, &line, &column);
	odoo_error_set(
		error, ODOO_FAULT_VALIDATION, "line %zu, column %zu: %s", line, column, s.text);
	return code == json_error_premature_end_of_input || is_cut(&t, code) ? DOCUMENT_INCOMPLETE
									     : DOCUMENT_NOT_JSON;
}
