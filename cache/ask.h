/* SPDX-License-Identifier: MIT */
/*
 * A question to the server about a model, its answer, and who waits for it.
 *
 *	cache_ask_get ──▶ 0, the answer                      (asked before, and still good)
 *	              ──▶ CACHE_WAIT                         (on its way)
 *	              ──▶ -ENODATA ── cache_ask_send ──▶ CACHE_WAIT
 *	              ──▶ -errno                             (cache_ask_failure says why)
 *
 * An answer is good for the ttl, and until a record of the model is known to have changed; and for
 * who waited for it in any case. Any thread.
 */
#ifndef CACHE_ASK_H
#define CACHE_ASK_H

#include "cache/cache.h"

#include "odoo/request.h"

#include <stdatomic.h>

struct cache_ask;

/* What the server said. It never changes, and lives until all who hold it gave it back. */
struct cache_answer {
	cJSON *json;
	atomic_uint refs;
};

void cache_answer_release(struct cache_answer *answer); /* NULL is allowed */

static inline void cleanup_answer(struct cache_answer **answer)
{
	cache_answer_release(*answer);
}

#define _cleanup_answer_ __attribute__((cleanup(cleanup_answer)))

/*
 * `strict`: what the server can't make of it is the asker's fault: EINVAL, not EIO. NULL when out
 * of memory.
 */
struct cache_ask *cache_ask_create(struct cache *cache, struct cache_model *model, bool strict);

/* From now on its answer is good for ever: for what is asked ahead. Before it is sent. */
void cache_ask_keep(struct cache_ask *ask);

/* Who waits for it is woken with -ESTALE. NULL is allowed. */
void cache_ask_destroy(struct cache_ask *ask);

/* The answer is to be released. */
int cache_ask_get(
	struct cache_ask *ask, struct cache_answer **ret_answer, struct cache_waiter *waiter);

/*
 * Send a request, which it takes over; NULL is out of memory. The waiter may be NULL. CACHE_WAIT,
 * or -errno.
 */
int cache_ask_send(
	struct cache_ask *ask, struct odoo_request *request, struct cache_waiter *waiter);

/* How often it came further, where it takes several calls. */
unsigned cache_ask_steps(struct cache_ask *ask);

/* Copy why it failed; nothing where it didn't. */
void cache_ask_failure(struct cache_ask *ask, struct odoo_error *ret_error);

/* The errno for what a server said about a question: as the table has it, but see `strict`. */
int cache_ask_errno(const struct odoo_error *error, bool strict);

#endif
