/* SPDX-License-Identifier: MIT */
/*
 * Domains as people write them: a Python literal, as in Odoo's code, or JSON, or a mix.
 *
 *	[('is_company', '=', True), '|', ["city", "=", "Gent"], ('zip', 'in', (9000, 9050))]
 *
 * It is read, never evaluated: there are lists, tuples, texts, numbers, True, False and None, and
 * nothing else. What is wrong is told with the byte, from 1, at which it stands.
 * Pure: no locks, any thread.
 */
#ifndef FS_DOMAIN_H
#define FS_DOMAIN_H

#include "odoo/error.h"

#include <cjson/cJSON.h>
#include <stddef.h>

/* More than a path can hold. */
#define DOMAIN_MAX_SIZE (64u * 1024)

/* Nesting of lists, the domain's own included. */
#define DOMAIN_MAX_DEPTH 64

/*
 * Parse the `size` bytes at `text` as a domain. Returns 0 and a list that the caller owns, whose
 * operators have all their operands, so that domains put one after the other are their conjunction;
 * -ENOMEM; or -EINVAL and a sentence.
 */
int domain_parse(const char *text, size_t size, cJSON **ret_domain, struct odoo_error *error);

#endif
