/* SPDX-License-Identifier: MIT */
/* The SOURCE argument: https://login@host[:port]/database, read with libcurl's URL API. */
#ifndef ODOO_SOURCE_H
#define ODOO_SOURCE_H

#include "odoo/error.h"

struct odoo_source {
	char *url;	/* scheme, host and port only: "https://erp.example.com:8069" */
	char *login;	/* percent-decoded; a login with '@' is written %40 or as it is */
	char *database; /* percent-decoded */
	bool loopback;	/* the host is localhost, 127.0.0.0/8 or ::1 */
	bool plain;	/* http */
};

/*
 * Parse. Returns 0, or -EINVAL with a sentence that names what is wrong and what would be right:
 * another scheme, no host, no login, no database, a password (never accepted on a command line,
 * and never repeated in the sentence), a query or a fragment, more than one path segment.
 */
int odoo_source_parse(const char *text, struct odoo_source *ret_source, struct odoo_error *error);

/* Whether a host, as it stands in a URL, is this machine: localhost, 127.0.0.0/8 or [::1]. */
bool odoo_host_is_loopback(const char *host);

/* Free what it holds. */
void odoo_source_finish(struct odoo_source *source);

#endif
