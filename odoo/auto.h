/* SPDX-License-Identifier: MIT */
/* What `transport=auto` takes, and why. Pure: any thread. */
#ifndef ODOO_AUTO_H
#define ODOO_AUTO_H

#include "odoo/transport.h"

#define ODOO_MAX_REASON 160

struct odoo_choice {
	enum odoo_transport_kind kind;
	char reason[ODOO_MAX_REASON]; /* for people: "Odoo 14 has no JSON-2" */
};

/* What to begin with, by the server's major version and by what the secret looks like. */
void odoo_auto_begin(unsigned major, const char *secret, struct odoo_choice *ret_choice);

/*
 * What to go on with, because `choice` failed with `error`: true when it did because its door is
 * closed, and there is another. A secret that was refused is never tried at another door.
 */
bool odoo_auto_go_on(unsigned major, const char *secret, const struct odoo_error *error,
	struct odoo_choice *choice);

/* Whether somebody in front of Odoo, or Odoo itself, says that there is nothing at this address. */
bool odoo_is_closed_door(const struct odoo_error *error);

/* Whether a secret has the form of Odoo's API keys: 40 hexadecimal digits in small letters. */
bool odoo_looks_like_key(const char *secret);

#endif
