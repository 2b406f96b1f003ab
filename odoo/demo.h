/* SPDX-License-Identifier: MIT */
/*
 * A database of the public demo service, asked for as Odoo's documentation shows: the XML-RPC
 * method `start` answers with a host, a database, a user and a password.
 */
#ifndef ODOO_DEMO_H
#define ODOO_DEMO_H

#include "odoo/client.h"
#include "odoo/source.h"

#define ODOO_DEMO_URL "https://demo.odoo.com/start"

/*
 * Ask the service at way->url, path included; of `way` only that, the files, the proxy and the time
 * matter. Blocks up to the deadline. Uses libcurl, so not before the last fork. Returns 0, a source
 * for odoo_source_finish and a secret for locked_destroy; or -errno and `error`.
 */
int odoo_demo_start(const struct odoo_client_options *way, struct odoo_source *ret_source,
	char **ret_secret, struct odoo_error *error);

#endif
