/* SPDX-License-Identifier: MIT */
/*
 * What the files of rows share. The cache's lock protects all that isn't marked constant.
 *
 *	rows.c         editions: what was listed, and who reads it
 *	rows_page.c    their pages: what is asked for
 *	rows_take.c    and what comes
 *	rows_record.c  who is among them
 */
#ifndef CACHE_ROWS_PRIVATE_H
#define CACHE_ROWS_PRIVATE_H

#include "cache/ask.h"
#include "cache/internal.h"
#include "cache/rows.h"

/* Readers in the middle of so many older editions can go on. */
#define EDITIONS_MAX 4

/* So many questions whether a record is among the rows are remembered. */
#define PROBES_MAX 64

struct edition {
	struct edition *prev, *next; /* in rows->editions */
	struct cache_rows *rows;     /* constant */
	uint32_t number;	     /* constant */
	uint32_t *ids;		     /* in the order of the rows */
	size_t n_ids, capacity;
	uint32_t *sorted; /* the same, ascending; NULL: not made yet */
	uint32_t scanned; /* how far by offset the server was read */
	unsigned rescans; /* how often it was read again from its beginning */
	bool found;	  /* by name: what remains is to order it */
	bool complete;
	bool loading;
	unsigned pins;
	bool dropped; /* nobody will read it: freed when its page has come */
	int error;
	int64_t begun_ms;
	uint64_t changes; /* of the model, when it was begun */
	uint32_t page_size;
	struct cache_waiter *waiters;
};

struct cache_rows {
	struct cache *cache;	     /* constant */
	struct cache_model *model;   /* constant */
	struct cache_rows_spec spec; /* constant */
	bool named;		     /* names are a call of their own. Constant */
	bool whole;		     /* nothing can be said of it before all of it came. Constant */
	bool destroyed;
	unsigned n_loading;	  /* pages on their way, those of dropped editions too */
	struct edition *editions; /* the newest first */
	unsigned n_editions;
	uint32_t last_number;
	struct odoo_error failure; /* of the last page that failed */

	struct {
		uint32_t id;
		struct cache_ask *ask;
	} probes[PROBES_MAX];
	unsigned next_probe;
	struct cache_ask *count; /* NULL until it is asked for */

	/* Who reads records one after the other */
	uint32_t next_position;
	uint32_t window;
};

/* rows_page.c */

/* Ask for the next page. 0 or -errno. */
int page_start(struct edition *edition);

/* rows_take.c */

/*
 * Take a page: 0 or -errno. `wanted` is how many there may have been, those that were in the page
 * before included.
 */
int page_take(struct edition *edition, const cJSON *result, struct odoo_error *error);

bool rows_are_by_id(const struct cache_rows *rows);
uint32_t page_overlap(const struct edition *edition);
uint32_t page_limit(const struct edition *edition); /* how many may be new; 0: no more are wanted */

/* The ids, ascending; NULL when out of memory. The caller frees it. */
uint32_t *edition_sort(const struct edition *edition);

/* rows_record.c */

/*
 * A domain that finds the rows, to be freed: where they are found by a name, that of their ids. 0,
 * CACHE_WAIT, or -errno.
 */
int rows_domain(struct cache_rows *rows, cJSON **ret_domain, struct cache_waiter *waiter);

/* [("id", "in", ids)]; NULL when out of memory. The caller frees it. */
cJSON *edition_domain(const struct edition *edition);

/* rows.c */

/* The newest edition that is fresh enough for this waiter, or a new one; NULL: out of memory. */
struct edition *rows_current(struct cache_rows *rows, struct cache_waiter *waiter);
bool edition_is_fresh(const struct edition *edition, struct cache_waiter *waiter);

/* Wait until more of it is there: 0 when it turns out to be complete, CACHE_WAIT, or -errno. */
int edition_wait(struct edition *edition, struct cache_waiter *waiter);

/* A page of it came: free it, and the rows, if nobody needs them any more. */
void edition_settle(struct edition *edition);

#endif
