/* SPDX-License-Identifier: MIT */
/*
 * The context that goes with every call: archived records too or not, language, time zone,
 * companies, and what `context=` says. Odoo fails late and oddly over a wrong one, so language and
 * companies are checked at the login.
 */
#ifndef FS_CONTEXT_H
#define FS_CONTEXT_H

#include "fs/options.h"

#include "odoo/client.h"

/*
 * Make the context of the options and the user's own preferences, and give it to the client. Blocks
 * for one call, and one more for each of `lang=` and `company=`. Returns 0, or -errno and `error`.
 */
int context_set(
	struct odoo_client *client, const struct options *options, struct odoo_error *error);

/*
 * All that the texts of records depend on, as a text that the caller frees: the server, the
 * database, the user, the context, and how records are shown. NULL when out of memory. Doesn't
 * block.
 */
char *context_identity(const struct odoo_client *client, const struct options *options);

/*
 * Which database it is, whatever its name: a text that the caller frees; NULL where the user may
 * not know. Blocks for one call.
 */
char *context_origin(struct odoo_client *client);

#endif
