/* SPDX-License-Identifier: MIT */
/* The scalar types of XML-RPC as JSON values. Pure: any thread. */
#ifndef ODOO_XML_VALUE_H
#define ODOO_XML_VALUE_H

#include <cjson/cJSON.h>
#include <stddef.h>

struct xml_type;

/* By the name of its element: "int", "boolean", …; NULL where there is none. */
const struct xml_type *xml_type_find(const char *name);

/*
 * A value of this type (NULL: a string) from the text of its element, which is NUL-terminated
 * behind `size`. NULL when out of memory, or, with what it should be in `ret_why`, when it isn't
 * one.
 */
cJSON *xml_value_make(
	const struct xml_type *type, const char *text, size_t size, const char **ret_why);

#endif
