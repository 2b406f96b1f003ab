/* SPDX-License-Identifier: MIT */
/*
 * Answers in XML-RPC from a server that isn't trusted, as the JSON that the other protocols give.
 *
 * expat reads. There is no document type and so no entity of its own, nesting and the number of
 * values are bounded as those of JSON are, and a carriage return stays one, which XML by itself
 * would make a newline. No locks.
 */
#ifndef ODOO_XML_READ_H
#define ODOO_XML_READ_H

#include "odoo/error.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * Read a <methodResponse>. Returns 0 and the one value in it, which the caller owns, and whether it
 * is a fault's; or -1 and an error with ODOO_FAULT_MALFORMED that names what is wrong and where, or
 * with ODOO_FAULT_TOO_LARGE.
 */
int odoo_xml_parse(const char *text, size_t size, cJSON **ret_value, bool *ret_is_fault,
	struct odoo_error *error);

#endif
