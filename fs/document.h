/* SPDX-License-Identifier: MIT */
/*
 * The JSON that people and programs save: one object, strictly JSON, and when it isn't, a sentence
 * with line and column that says what is wrong.
 *
 * Lines and columns are counted from 1, columns in characters. Pure: no locks, any thread.
 */
#ifndef FS_DOCUMENT_H
#define FS_DOCUMENT_H

#include "odoo/error.h"

#include <stddef.h>

struct json_t;

/* What a text is, when it isn't a JSON object. */
enum document_condition {
	DOCUMENT_EMPTY = 1,  /* no text at all, or blanks only; no error is set */
	DOCUMENT_INCOMPLETE, /* right so far, but it ends too early */
	DOCUMENT_NOT_JSON,
	DOCUMENT_NOT_OBJECT, /* JSON, but a list, a number, … */
};

/*
 * Parse the `size` bytes at `text`. A UTF-8 byte order mark at the start is skipped. Returns 0 and
 * an object to be given back by json_decref; a document_condition with an error; or -ENOMEM. Keys
 * are there once; no string holds a NUL; whole numbers are within 64 bits, others finite; nesting
 * is within ODOO_MAX_DEPTH.
 */
int document_parse(
	const char *text, size_t size, struct json_t **ret_object, struct odoo_error *error);

/* The same for any JSON value: it is never DOCUMENT_NOT_OBJECT. */
int document_parse_any(
	const char *text, size_t size, struct json_t **ret_value, struct odoo_error *error);

/* As document_parse, for who wants to know only what it is. */
int document_check(const char *text, size_t size, struct odoo_error *error);

#endif
