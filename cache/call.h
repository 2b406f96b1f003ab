/* SPDX-License-Identifier: MIT */
/*
 * A call of a method that somebody wrote himself: nobody knows what it changes. Any thread.
 */
#ifndef CACHE_CALL_H
#define CACHE_CALL_H

#include "cache/write.h"

#include "odoo/request.h"

/*
 * Send a request about `model`, which it takes over; NULL is out of memory. It is sent once. When
 * `fn` is called (see write.h) with what the method returned, nothing that was held before is taken
 * for fresh any more, and what changed in the model is known.
 */
void cache_call(struct cache *cache, struct cache_model *model, struct odoo_request *request,
	cache_done_fn fn, void *data);

#endif
