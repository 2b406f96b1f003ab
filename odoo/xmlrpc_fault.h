/* SPDX-License-Identifier: MIT */
/* Faults of Odoo's XML-RPC as the faults of the other protocols. Pure: any thread. */
#ifndef ODOO_XMLRPC_FAULT_H
#define ODOO_XMLRPC_FAULT_H

#include "odoo/fault.h"

#include <cjson/cJSON.h>

/*
 * Replace what `error` holds by what {"faultCode": …, "faultString": …} says: by the codes 1 to 4
 * of /xmlrpc/2, or by the texts of /xmlrpc.
 */
void odoo_xmlrpc_fault(
	struct odoo_error *error, const cJSON *fault, const struct odoo_occasion *occasion);

/*
 * A method that returned None, or None within what it returned, which XML-RPC has no word for: it
 * was called all the same, and succeeded.
 */
enum odoo_none {
	ODOO_NONE_NOWHERE, /* another fault */
	ODOO_NONE_ALL,
	ODOO_NONE_WITHIN,
};

enum odoo_none odoo_xmlrpc_find_none(const cJSON *fault);

#endif
