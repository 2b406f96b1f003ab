/* SPDX-License-Identifier: MIT */
/*
 * What xml_read.c and xml_reader.c share: the elements that are open, and the value that grows out
 * of them. expat calls xml_reader.c's handlers.
 */
#ifndef ODOO_XML_READER_H
#define ODOO_XML_READER_H

#include "odoo/error.h"
#include "odoo/limits.h"
#include "odoo/xml_value.h"

#include <expat.h>
#include <stdbool.h>

/* What may stand in what. A scalar is any element that holds nothing but text. */
enum element {
	TOP,
	RESPONSE,
	PARAMS,
	PARAM,
	FAULT,
	VALUE,
	SCALAR,
	ARRAY,
	DATA,
	STRUCT,
	MEMBER,
	NAME,
};

/* A nesting of JSON is at most four elements: value, struct, member and value. */
#define MAX_OPEN (4 * ODOO_MAX_DEPTH + 8)

struct xml_open {
	enum element element;
	const struct xml_type *type; /* of a scalar */
	cJSON *value;		     /* of a value what is in it; of an array or a struct itself */
	char *name;		     /* of a member */
};

struct xml_reader {
	XML_Parser parser;
	struct odoo_error *error;
	bool failed, is_fault;
	cJSON *result;
	struct xml_open open[MAX_OPEN];
	size_t n_open;
	unsigned depth; /* of arrays and structs */
	char *text;
	size_t text_size, text_room;
	size_t n_returns; /* carriage returns so far, each of which we made four bytes longer */
	char near[ODOO_MAX_NAME + 1];
};

/* NULL when out of memory. */
struct xml_reader *xml_reader_create(struct odoo_error *error);
void xml_reader_destroy(struct xml_reader *r);

/* Stop, and say why and where; the first to say so is heard. */
__attribute__((format(printf, 3, 4))) void xml_reader_fail(
	struct xml_reader *r, enum odoo_fault fault, const char *format, ...);

/* Which byte of the answer expat is at. */
size_t xml_reader_get_offset(const struct xml_reader *r);

#endif
