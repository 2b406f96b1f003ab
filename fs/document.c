/* SPDX-License-Identifier: MIT */
#include "fs/document.h"

#include "fs/document_error.h"
#include "fs/scan.h"
#include "odoo/limits.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

/* A text of nothing but blanks. */
static bool is_empty(const char *text, size_t size)
{
	struct scan scan;

	scan_begin(&scan, text, size);
	return !scan_next(&scan);
}

/* The rest of the program is recursive over values, so their depth has a limit. */
static int check_depth(const char *text, size_t size, struct odoo_error *error)
{
	struct scan scan;
	size_t depth = 0, line, column;

	scan_begin(&scan, text, size);
	while (scan_next(&scan)) {
		char c = scan_char(&scan);
		if (c == '}' || c == ']') {
			depth--;
		} else if ((c == '{' || c == '[') && ++depth > ODOO_MAX_DEPTH) {
			scan_position(&scan, scan.start, &line, &column);
			odoo_error_set(error, ODOO_FAULT_VALIDATION,
				"line %zu, column %zu: nested too deeply: %d levels are the limit",
				line, column, ODOO_MAX_DEPTH);
			return DOCUMENT_NOT_JSON;
		}
	}
	return 0;
}

static int refuse_kind(const json_t *json, struct odoo_error *error)
{
	static const char *const kinds[] = {
		[JSON_ARRAY] = "a list",
		[JSON_STRING] = "text",
		[JSON_INTEGER] = "a number",
		[JSON_REAL] = "a number",
		[JSON_TRUE] = "true",
		[JSON_FALSE] = "false",
		[JSON_NULL] = "null",
	};

	odoo_error_set(error, ODOO_FAULT_VALIDATION,
		"a record is one JSON object, {\"field\": value, …}, and this is %s",
		kinds[json_typeof(json)]);
	return DOCUMENT_NOT_OBJECT;
}

/* JSON begins with an ASCII character, so that the zeroes beside it tell; NULL for UTF-8. */
static const char *other_encoding(const char *text, size_t size)
{
	static const struct {
		const char *start, *name;
		size_t size;
	} encodings[] = {
		{ "\xff\xfe\0\0", "UTF-32", 4 },
		{ "\0\0\xfe\xff", "UTF-32", 4 },
		{ "{\0\0\0", "UTF-32", 4 },
		{ "\0\0\0{", "UTF-32", 4 },
		{ "\xff\xfe", "UTF-16", 2 },
		{ "\xfe\xff", "UTF-16", 2 },
		{ "{\0", "UTF-16", 2 },
		{ "\0{", "UTF-16", 2 },
	};

	for (size_t i = 0; i < sizeof(encodings) / sizeof(encodings[0]); i++) {
		if (size >= encodings[i].size &&
			memcmp(text, encodings[i].start, encodings[i].size) == 0) {
			return encodings[i].name;
		}
	}
	return NULL;
}

static int parse(const char *text, size_t size, json_t **ret_json, struct odoo_error *error)
{
	const char *encoding = other_encoding(text, size);
	json_error_t failure = { 0 };
	struct scan scan;

	if (encoding) {
		odoo_error_set(error, ODOO_FAULT_VALIDATION,
			"the text is in %s: it has to be in UTF-8", encoding);
		return DOCUMENT_NOT_JSON;
	}
	scan_begin(&scan, text, size);
	*ret_json = json_loadb(text + scan.end, size - scan.end,
		JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &failure);
	if (*ret_json) {
		return 0;
	}
	/* It has words for everything but a lack of memory. */
	if (!failure.text[0]) {
		return -ENOMEM;
	}
	failure.position += (int)scan.end;
	return document_explain(text, size, &failure, error);
}

int document_parse_any(
	const char *text, size_t size, struct json_t **ret_value, struct odoo_error *error)
{
	json_t *json = NULL;
	int r;

	if (is_empty(text, size)) {
		return DOCUMENT_EMPTY;
	}
	r = parse(text, size, &json, error);
	if (r == 0) {
		r = check_depth(text, size, error);
	}
	if (r != 0) {
		json_decref(json);
		return r;
	}
	*ret_value = json;
	return 0;
}

int document_parse(
	const char *text, size_t size, struct json_t **ret_object, struct odoo_error *error)
{
	json_t *json = NULL;
	int r = document_parse_any(text, size, &json, error);

	if (r == 0 && !json_is_object(json)) {
		r = refuse_kind(json, error);
		json_decref(json);
	}
	if (r == 0) {
		*ret_object = json;
	}
	return r;
}

int document_check(const char *text, size_t size, struct odoo_error *error)
{
	json_t *json = NULL;
	int r = document_parse(text, size, &json, error);

	json_decref(json);
	return r;
}
