/* SPDX-License-Identifier: MIT */
/*
 * One condition of a chain, `.filter/FIELD/.OP/VALUE`, as terms of an Odoo domain. What a value
 * may be is told by the field's type:
 *
 *	boolean               true, false (also 1, 0, yes, no)
 *	integer, float        a number
 *	char, text, html      any text; false: none
 *	selection             a key; false
 *	date, datetime        2026, 2026-11, 2026-11-20, 2026-11-20 08:12, today, -7d, +2w, -3m,
 *-1y: each stands for all of its time, in UTC; false many2one, x2many      an id, or an exact name;
 *false
 *
 * A value with a percent-escape is always meant literally: %66alse is the text "false".
 * Pure: no locks, any thread.
 */
#ifndef FS_CONDITION_H
#define FS_CONDITION_H

#include "fs/view.h"

#include "cache/schema.h"

struct condition {
	const char *path;		 /* as a domain names the field: "country_id.code" */
	const struct cache_field *field; /* that the path ends in */
	enum view_operator op;
	const char *value; /* as it was written */
	bool listed; /* by `ls` of `.by/FIELD/`: "Belgium (21)", "draft (Quotation)" will do, too */
	int64_t now; /* UNIX seconds, for "today" */
};

/*
 * Append the terms to `domain`, a list. Returns 0; -ENOMEM; or -EINVAL and a sentence that says
 * what is wrong with the value or the op, and what would be right.
 */
int condition_append(const struct condition *condition, cJSON *domain, struct odoo_error *error);

/* Whether a field has this operator, with a value that a path can hold. */
bool condition_has_operator(const struct cache_field *field, enum view_operator op);

/* Whether it has a date that counts from today, so that it is another one tomorrow. */
bool condition_is_relative(const struct condition *condition);

/* What "id" is; it is no field of a schema. */
extern const struct cache_field condition_id_field;

#endif
