/* SPDX-License-Identifier: MIT */
/* What is wrong with a text that isn't JSON, in a sentence. Pure: no locks, any thread. */
#ifndef FS_DOCUMENT_ERROR_H
#define FS_DOCUMENT_ERROR_H

#include "fs/document.h"

#include <jansson.h>

/*
 * Set the error for what the parser says of the text, its position counted from the text's first
 * byte. Returns DOCUMENT_INCOMPLETE when only the end is missing, else DOCUMENT_NOT_JSON.
 */
int document_explain(
	const char *text, size_t size, const json_error_t *failure, struct odoo_error *error);

#endif
