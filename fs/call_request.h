/* SPDX-License-Identifier: MIT */
/*
 * What is written to `.call/METHOD`, as a request:
 *
 *	[[5], {"name": "Azure"}]	the arguments by their positions, the records' ids first
 *	{"ids": [5], "args": [], "kwargs": {"limit": 3}, "context": {"lang": "fr_BE"}}
 *
 * Pure: no locks, any thread.
 */
#ifndef FS_CALL_REQUEST_H
#define FS_CALL_REQUEST_H

#include "odoo/error.h"
#include "odoo/request.h"

/*
 * Returns 0 and a request that the caller owns; DOCUMENT_EMPTY, or DOCUMENT_INCOMPLETE and an
 * error, for a text that may go on (see document.h); -EINVAL and an error for one that can't be
 * right; or -ENOMEM.
 */
int call_request_parse(const char *model, const char *method, const char *text, size_t size,
	struct odoo_request **ret_request, struct odoo_error *error);

#endif
