/* SPDX-License-Identifier: MIT */
/* OdooRPC's sessions in the words of our own profiles. */
#ifndef FS_PROFILE_ODOORPC_H
#define FS_PROFILE_ODOORPC_H

#include "fs/profile.h"

/*
 * Replace the settings of a session by ours:
 *
 *	type = ODOO
 *	host, port, protocol = jsonrpc or jsonrpc+ssl	→ url
 *	user						→ login
 *	database					  database
 *	timeout = 120 or 120.5 or None			→ timeout, in whole seconds
 *
 * What else stands there is OdooRPC's own affair. On failure says a sentence on stderr, finishes
 * the profile and returns -EINVAL or -ENOMEM.
 */
int profile_translate_odoorpc(struct profile *profile);

#endif
