/* SPDX-License-Identifier: MIT */
#include "fs/literal.h"

#include "fs/buffer.h"
#include "odoo/cleanup.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>

/* Whole numbers above are no longer the number that was written. */
#define EXACT 9007199254740992.0

struct reader {
	const char *text;
	size_t size, at;
	unsigned depth, max_depth;
	struct odoo_error *error;
};

static int refuse(struct reader *r, size_t at, const char *what)
{
	odoo_error_set(r->error, ODOO_FAULT_USER, "byte %zu: %s", at + 1, what);
	return -EINVAL;
}

/* The next byte that isn't a blank; NUL at the end. */
static char peek(struct reader *r)
{
	while (r->at < r->size && strchr(" \t\r\n", r->text[r->at]) && r->text[r->at]) {
		r->at++;
	}
	return r->at < r->size ? r->text[r->at] : '\0';
}

/* ── Texts ── */

/* `n` hexadecimal digits at r->at. */
static int read_hex(struct reader *r, unsigned n, uint32_t *ret_value)
{
	uint32_t value = 0;

	for (unsigned i = 0; i < n; i++, r->at++) {
		char c = r->at < r->size ? r->text[r->at] : '\0';

		if (!isxdigit((unsigned char)c)) {
			return refuse(r, r->at, "an escape lacks hexadecimal digits");
		}
		value = value << 4 |
			(uint32_t)(isdigit((unsigned char)c) ? c - '0' : (c | 0x20) - 'a' + 10);
	}
	*ret_value = value;
	return 0;
}

/* JSON writes characters past 0xffff as two. */
static int read_second_half(struct reader *r, uint32_t *character)
{
	uint32_t low;

	if (*character < 0xd800 || *character > 0xdbff || r->size - r->at < 2 ||
		memcmp(r->text + r->at, "\\u", 2) != 0) {
		return 0;
	}
	r->at += 2;
	int error = read_hex(r, 4, &low);
	if (error == 0 && (low < 0xdc00 || low > 0xdfff)) {
		return refuse(r, r->at - 4, "the second half of a character is none");
	}
	if (error == 0) {
		*character = 0x10000 + ((*character - 0xd800) << 10) + (low - 0xdc00);
	}
	return error;
}

static int append_character(
	struct reader *r, struct buffer *buffer, uint32_t character, size_t start)
{
	uint8_t bytes[6];
	int n = u8_uctomb(bytes, character, sizeof(bytes));

	if (n <= 0 || character == 0) {
		return refuse(r, start, "an escape stands for no character");
	}
	buffer_append(buffer, (const char *)bytes, (size_t)n);
	return 0;
}

/* At the character behind a backslash. */
static int read_escape(struct reader *r, struct buffer *buffer)
{
	static const char plain[] = "\\'\"/bfnrt", meant[] = "\\'\"/\b\f\n\r\t";
	size_t start = r->at - 1;
	char c = r->at < r->size ? r->text[r->at++] : '\0';
	const char *found = c ? strchr(plain, c) : NULL;
	uint32_t character;

	if (found) {
		buffer_append_char(buffer, meant[found - plain]);
		return 0;
	}
	if (c != 'x' && c != 'u' && c != 'U') {
		return refuse(r, start, "a backslash is written twice, or begins an escape");
	}
	int error = read_hex(r, c == 'x' ? 2 : c == 'u' ? 4 : 8, &character);
	if (error == 0 && c == 'u') {
		error = read_second_half(r, &character);
	}
	return error ? error : append_character(r, buffer, character, start);
}

static int read_text(struct reader *r, cJSON **ret_value)
{
	_cleanup_buffer_ struct buffer buffer = { 0 };
	size_t start = r->at;
	char quote = r->text[r->at++];

	for (;;) {
		if (r->at == r->size) {
			return refuse(r, start, "a text that begins here isn't closed");
		}
		char c = r->text[r->at++];
		if (c == quote) {
			break;
		}
		if (c == '\\') {
			int error = read_escape(r, &buffer);
			if (error < 0) {
				return error;
			}
			continue;
		}
		buffer_append_char(&buffer, c);
	}
	buffer_append_char(&buffer, '\0');
	*ret_value = buffer.failed ? NULL : cJSON_CreateString(buffer.text);
	return *ret_value ? 0 : -ENOMEM;
}

/* ── Numbers and names ── */

/* Whether a word has the shape of a number in JSON or Python: 1, -1, 1.5, .5, 1e3. */
static bool is_number(const char *word)
{
	size_t whole, fraction = 0;

	word += *word == '-' || *word == '+';
	whole = strspn(word, "0123456789");
	if (word[0] == '0' && whole > 1) {
		return false; /* octal, once upon a time */
	}
	word += whole;
	if (*word == '.') {
		fraction = strspn(++word, "0123456789");
		word += fraction;
	}
	if (whole + fraction > 0 && (*word | 0x20) == 'e') {
		word++;
		word += *word == '-' || *word == '+';
		size_t exponent = strspn(word, "0123456789");
		if (!exponent) {
			return false;
		}
		word += exponent;
	}
	return whole + fraction > 0 && *word == '\0';
}

static int read_number(struct reader *r, const char *word, size_t start, cJSON **ret_value)
{
	double number = strtod(word, NULL);

	if (!isfinite(number) || (!strpbrk(word, ".eE") && (number >= EXACT || number <= -EXACT))) {
		return refuse(r, start, "a number is past 2^53, where not each has its own value");
	}
	*ret_value = cJSON_CreateNumber(number);
	return *ret_value ? 0 : -ENOMEM;
}

static cJSON *constant(const char *word)
{
	if (strcmp(word, "True") == 0 || strcmp(word, "true") == 0) {
		return cJSON_CreateTrue();
	}
	if (strcmp(word, "False") == 0 || strcmp(word, "false") == 0) {
		return cJSON_CreateFalse();
	}
	if (strcmp(word, "None") == 0 || strcmp(word, "null") == 0) {
		return cJSON_CreateNull();
	}
	return NULL;
}

static int read_word(struct reader *r, cJSON **ret_value)
{
	size_t start = r->at, n = strcspn(r->text + start, " \t\r\n,:()[]{}'\"");
	char word[64];

	if (n == 0) {
		return refuse(r, start,
			"a text in quotes, a number, a list, True, False or None is expected");
	}
	if (n >= sizeof(word)) {
		return refuse(r, start, "a word that is no number, True, False or None");
	}
	memcpy(word, r->text + start, n);
	word[n] = '\0';
	r->at += n;
	if (is_number(word)) {
		return read_number(r, word, start, ret_value);
	}
	*ret_value = constant(word);
	return *ret_value ? 0
			  : refuse(r, start,
				    "a word that is no number, True, False or None: texts have "
				    "quotes, and nothing is evaluated");
}

/* ── Lists ── */

static int read_value(struct reader *r, cJSON **ret_value);

/* Append the next element. */
static int read_element(struct reader *r, cJSON *list)
{
	cJSON *value = NULL;
	int error = read_value(r, &value);

	if (error == 0 && !cJSON_AddItemToArray(list, value)) {
		cJSON_Delete(value);
		error = -ENOMEM;
	}
	return error;
}

/* Up to the closing bracket. `ret_commas` is how many commas there were. */
static int read_elements(struct reader *r, cJSON *list, char close, size_t *ret_commas)
{
	size_t start = r->at - 1;

	while (peek(r) != close) {
		if (r->at == r->size) {
			return refuse(r, start, "a list that begins here isn't closed");
		}
		int error = read_element(r, list);
		if (error < 0) {
			return error;
		}
		if (peek(r) == ',') {
			r->at++;
			++*ret_commas;
		} else if (peek(r) != close && r->at < r->size) {
			return refuse(r, r->at, "a comma or the list's end is expected");
		}
	}
	r->at++;
	return 0;
}

static int read_list(struct reader *r, cJSON **ret_value)
{
	_cleanup_json_ cJSON *list = cJSON_CreateArray();
	char open = r->text[r->at++];
	size_t commas = 0;
	int error;

	if (!list) {
		return -ENOMEM;
	}
	if (r->depth == r->max_depth) {
		return refuse(r, r->at - 1, "lists are nested too deep");
	}
	r->depth++;
	error = read_elements(r, list, open == '[' ? ']' : ')', &commas);
	r->depth--;
	if (error < 0) {
		return error;
	}
	/* In Python, parentheses around one value are just that. */
	if (open == '(' && !commas && list->child) {
		*ret_value = cJSON_DetachItemFromArray(list, 0);
	} else {
		*ret_value = steal(list);
	}
	return 0;
}

static int read_value(struct reader *r, cJSON **ret_value)
{
	char c = peek(r);

	if (c == '[' || c == '(') {
		return read_list(r, ret_value);
	}
	if (c == '\'' || c == '"') {
		return read_text(r, ret_value);
	}
	return read_word(r, ret_value);
}

static int parse(struct reader *r, cJSON **ret_value)
{
	_cleanup_json_ cJSON *value = NULL;
	const uint8_t *wrong = u8_check((const uint8_t *)r->text, r->size);
	int error;

	if (wrong) {
		return refuse(r, (size_t)(wrong - (const uint8_t *)r->text), "this isn't UTF-8");
	}
	if (strlen(r->text) != r->size) {
		return refuse(r, strlen(r->text), "a NUL");
	}
	error = read_value(r, &value);
	if (error == 0 && peek(r)) {
		error = refuse(r, r->at, "something follows where it should end");
	}
	if (error == 0) {
		*ret_value = steal(value);
	}
	return error;
}

int literal_parse(const char *text, size_t size, unsigned max_depth, cJSON **ret_value,
	struct odoo_error *error)
{
	_cleanup_free_ char *copy = malloc(size + 1);
	struct reader reader = {
		.text = copy, .size = size, .max_depth = max_depth, .error = error
	};

	if (!copy) {
		return -ENOMEM;
	}
	if (size > 0) {
		memcpy(copy, text, size);
	}
	copy[size] = '\0'; /* so that the end stops every search */
	return parse(&reader, ret_value);
}
