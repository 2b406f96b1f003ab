/* SPDX-License-Identifier: MIT */
#include "odoo/quote.h"

#include "odoo/cleanup.h"
#include "odoo/locked.h"

#include <stdbool.h>
#include <string.h>

/* Room for a string as JSON: all of it \u00xx, quotes, and what cJSON adds. */
static size_t quoted_size(const char *text)
{
	return strlen(text) * 6 + 8;
}

/* A string as JSON, in a buffer of exactly one allocation, which is this; NULL is allowed. */
static bool quote_into(const char *text, char *quoted)
{
	cJSON *string = cJSON_CreateStringReference(text);
	bool good = string && quoted &&
		    cJSON_PrintPreallocated(string, quoted, (int)quoted_size(text), false);

	cJSON_Delete(string);
	return good;
}

char *odoo_quote(const char *text)
{
	_cleanup_free_ char *quoted = malloc(quoted_size(text));

	return quote_into(text, quoted) ? steal(quoted) : NULL;
}

char *odoo_quote_secret(const char *text)
{
	_cleanup_locked_ char *quoted = locked_create(quoted_size(text));

	return quote_into(text, quoted) ? steal(quoted) : NULL;
}
