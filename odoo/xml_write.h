/* SPDX-License-Identifier: MIT */
/*
 * Calls in XML-RPC, written into memory that is overwritten when it moves or is given back: a
 * secret may be in it. No locks.
 */
#ifndef ODOO_XML_WRITE_H
#define ODOO_XML_WRITE_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

/* Begins with all zeros. Once something failed, nothing more is written. */
struct xml_text {
	char *text; /* NUL-terminated behind size, where it isn't NULL */
	size_t size, room;
	int failed; /* -ENOMEM, or -EILSEQ for a character that XML can't hold */
};

/* As it is. */
void xml_put(struct xml_text *x, const char *markup);

/* With what XML would take for its own escaped. */
void xml_put_text(struct xml_text *x, const char *text);

/* <param><value>…</value></param> */
void xml_put_param(struct xml_text *x, const cJSON *value);
void xml_put_text_param(struct xml_text *x, const char *text);

/* What precedes the params of a call, and what follows them. */
void xml_begin_call(struct xml_text *x, const char *method);
void xml_end_call(struct xml_text *x);

void xml_finish(struct xml_text *x);

#endif
