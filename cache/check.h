/* SPDX-License-Identifier: MIT */
/*
 * A check of a model: what others changed since the last one.
 *
 *	fresh.c    when to check; has anything moved; what was written
 *	relist.c   records came or went: all ids once more
 *
 * One at a time for each model. It belongs to the client's thread, which runs its steps; all
 * functions here are called with the cache's lock held.
 */
#ifndef CACHE_CHECK_H
#define CACHE_CHECK_H

#include "cache/internal.h"

struct check {
	struct cache_model *model;
	bool probe;	    /* whether the server is there: nothing else can be told */
	int64_t started_at; /* by the server's clock, UNIX seconds */
	struct odoo_summary summary;
	uint32_t after; /* of the page that is on its way */
	uint32_t n_new; /* records that weren't listed */
	bool all_dates; /* whatever was written, however long ago */
	bool outrun;	/* there is a record now that came behind the count */

	struct cache_index relist; /* the ids, where they are all fetched again */
	bool counted_twice;	   /* with the same numbers, which the listing contradicts … */
	int64_t skew;		   /* … by this much */
};

/* It ends: the model is fresh. */
void check_succeed(struct check *check);

/* It ends without an answer: what is held is forgotten, unless the server is just away. */
void check_fail(struct check *check, const struct odoo_error *error);

/* Whether an answer is a list. If not, the check has failed. */
bool check_has_list(struct check *check, struct odoo_reply *reply);

/* The numbers don't agree: fetch all ids, as far as they are listed; ends the check. */
void relist_start(struct check *check);

#endif
