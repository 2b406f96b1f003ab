/* SPDX-License-Identifier: MIT */
/* Texts as JSON strings, made without leaving copies behind. Pure: any thread. */
#ifndef ODOO_QUOTE_H
#define ODOO_QUOTE_H

/* A text with its quotes and escapes; NULL when out of memory. The caller frees it with free. */
char *odoo_quote(const char *text);

/* The same in locked memory, for a secret. The caller frees it with locked_destroy. */
char *odoo_quote_secret(const char *text);

#endif
