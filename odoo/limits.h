/* SPDX-License-Identifier: MIT */
/* Limits on everything that a server controls. Going over one is a clear error, not a crash. */
#ifndef ODOO_LIMITS_H
#define ODOO_LIMITS_H

/* An answer's body, in bytes: Odoo's own limit for a request is 128 MiB. */
#define ODOO_MAX_BODY (128u * 1024 * 1024)

/* All headers of an answer together, in bytes. */
#define ODOO_MAX_HEADERS (256u * 1024)

/* A header of a request, in bytes: the longest holds a password that is taken for an API key. */
#define ODOO_MAX_HEADER 4096

/* Nesting of arrays and objects in an answer. */
#define ODOO_MAX_DEPTH 200

/* Values in an answer, each of which takes some 80 bytes of memory: "[0,0,0,…" takes 2 of body. */
#define ODOO_MAX_VALUES 8000000

/* An error message as kept and logged, in bytes; the rest is cut at a character. */
#define ODOO_MAX_MESSAGE 4096

/* A model's or a field's name, in bytes. PostgreSQL's own limit for a table's name is 63. */
#define ODOO_MAX_NAME 200

/* A record's database id: PostgreSQL's integer. */
#define ODOO_MAX_ID 2147483647

/* Requests waiting in the client for a connection; one more fails with ODOO_FAULT_INTERNAL. */
#define ODOO_MAX_QUEUE 65536

#endif
