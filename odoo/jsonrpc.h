/* SPDX-License-Identifier: MIT */
/* The envelope that Odoo's JSON controllers ask for and answer in. Pure: any thread. */
#ifndef ODOO_JSONRPC_H
#define ODOO_JSONRPC_H

#include "odoo/fault.h"
#include "odoo/transport.h"

#include <cjson/cJSON.h>
#include <inttypes.h>

/* The format of a body; its first argument is the id, a uint32_t. */
#define ODOO_ENVELOPE(params) \
	"{\"jsonrpc\":\"2.0\",\"method\":\"call\",\"id\":%" PRIu32 ",\"params\":" params "}"

/*
 * Open an answer {"jsonrpc": "2.0", "id": …, "result": … | "error": {…}}. Returns 0 and the result,
 * which the caller owns (JSON's null where a method returned None), or -1 and `error`.
 */
int odoo_jsonrpc_result(const struct odoo_http_answer *answer, const struct odoo_occasion *occasion,
	cJSON **ret_result, struct odoo_error *error);

#endif
