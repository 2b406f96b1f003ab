/* SPDX-License-Identifier: MIT */
/* Whether and when a request that failed is sent again. Pure: any thread. */
#ifndef ODOO_RETRY_H
#define ODOO_RETRY_H

#include "odoo/error.h"

#include <stdint.h>

struct retry_case {
	const struct odoo_error *error;
	bool again;	      /* a broken connection that may work a moment later */
	bool left;	      /* the server may have received the request */
	bool repeatable;      /* and may do so twice */
	bool hasty;	      /* the server was known to be gone: no second attempt */
	unsigned attempts;    /* made so far, 1 or more */
	unsigned retry_after; /* seconds that the server asked for; 0 where it didn't */
	int64_t left_ms;      /* until the deadline */
	unsigned chance;      /* any number, to spread those that failed together */
};

/* Milliseconds to wait before the next attempt, or -1: there is none. */
int64_t retry_delay(const struct retry_case *c);

/*
 * Whether a request that failed and isn't repeatable may have taken effect all the same.
 */
bool retry_is_unsure(const struct odoo_error *error, bool left);

#endif
