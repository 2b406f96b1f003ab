/* SPDX-License-Identifier: MIT */
/* The arguments of Odoo's own methods in their order. Constant. */
#ifndef ODOO_SIGNATURE_H
#define ODOO_SIGNATURE_H

#include <stdbool.h>

#define ODOO_MAX_ARGUMENTS 7

struct odoo_signature {
	const char *method;
	bool records;	/* called on records: "ids" come first */
	unsigned fixed; /* so many go by position in every protocol that can: names changed */
	struct {
		const char *name;
		const char *usual;	     /* the default, as JSON */
	} arguments[ODOO_MAX_ARGUMENTS + 1]; /* a NULL name behind the last */
};

/* NULL for a method that isn't known. */
const struct odoo_signature *odoo_signature_find(const char *method);

#endif
