/* SPDX-License-Identifier: MIT */
/*
 * Which server, who, and which database: https://login@host[:port]/database, read with libcurl's
 * URL API, or the same in three parts. Pure: any thread.
 */
#ifndef ODOO_SOURCE_H
#define ODOO_SOURCE_H

#include "odoo/error.h"

struct odoo_source {
	char *url;	/* scheme, host and port only: "https://erp.example.com:8069" */
	char *host;	/* the same host alone, an IPv6 address without its brackets */
	char *login;	/* percent-decoded; a login with '@' is written %40 or as it is */
	char *database; /* percent-decoded */
	bool loopback;	/* the host is localhost, 127.0.0.0/8 or ::1 */
	bool plain;	/* http */
};

/*
 * Parse SOURCE. Hosts are in small letters, and in ASCII: "xn--bcher-kva.example" for
 * "bücher.example". Returns 0, or -EINVAL with a sentence that names what is wrong and what would
 * be right: another scheme, no host, no login, no database, a password (never accepted on a command
 * line, and never repeated in the sentence), a query or a fragment, more than one path segment.
 */
int odoo_source_parse(const char *text, struct odoo_source *ret_source, struct odoo_error *error);

/*
 * Make one of parts: `url` is https://host[:port], login and database are as they are. As above;
 * the sentences speak of "url=", "login=" and "database=".
 */
int odoo_source_make(const char *url, const char *login, const char *database,
	struct odoo_source *ret_source, struct odoo_error *error);

/* Free what it holds. */
void odoo_source_finish(struct odoo_source *source);

#endif
