/* SPDX-License-Identifier: MIT */
#include "cache/ask.h"

#include "cache/internal.h"

#include "odoo/cleanup.h"

#include <errno.h>
#include <stdlib.h>

/* The cache's lock protects what isn't marked constant. */
struct cache_ask {
	struct cache *cache;	   /* constant */
	struct cache_model *model; /* constant */
	bool strict;		   /* constant */
	bool kept;		   /* constant once it was sent */
	unsigned refs;		   /* its owner's, and the request's that is on its way */
	bool busy;
	bool dropped;	/* nobody wants it any more */
	unsigned steps; /* that brought it further */
	bool asked;	/* there is an answer, or a failure */
	int error;
	struct cache_answer *answer; /* NULL: there was a failure */
	struct odoo_error failure;
	int64_t asked_ms;
	uint64_t changes; /* of the model, when it was sent */
	struct cache_waiter *waiters;
};

struct cache_ask *cache_ask_create(struct cache *cache, struct cache_model *model, bool strict)
{
	struct cache_ask *ask = calloc(1, sizeof(*ask));

	if (ask) {
		ask->cache = cache;
		ask->model = model;
		ask->strict = strict;
		ask->refs = 1;
	}
	return ask;
}

void cache_ask_keep(struct cache_ask *ask)
{
	ask->kept = true;
}

static void unref(struct cache_ask *ask)
{
	if (--ask->refs == 0) {
		cache_answer_release(ask->answer);
		odoo_error_finish(&ask->failure);
		free(ask);
	}
}

void ask_drop(struct cache_ask *ask)
{
	if (ask) {
		ask->dropped = true;
		wake_all(ask->cache, &ask->waiters, -ESTALE);
		unref(ask);
	}
}

void cache_ask_destroy(struct cache_ask *ask)
{
	struct cache *cache;

	if (ask) {
		cache = ask->cache;
		enter(cache);
		ask_drop(ask);
		leave(cache);
	}
}

int64_t waiter_begun(struct cache_waiter *waiter)
{
	if (!waiter->begun_ms) {
		waiter->begun_ms = clock_now_ms();
	}
	return waiter->begun_ms;
}

/* Who waited for the answer gets it, whatever it is and however long it took. */
static bool is_good(const struct cache_ask *ask, struct cache_waiter *waiter)
{
	if (ask->kept || ask->asked_ms >= waiter_begun(waiter)) {
		return ask->asked;
	}
	return ask->asked && !ask->error && ask->changes == ask->model->changes &&
	       clock_now_ms() < ask->asked_ms + ask->cache->options.ttl * 1000LL;
}

int ask_get(struct cache_ask *ask, struct cache_answer **ret_answer, struct cache_waiter *waiter)
{
	if (ask->busy) {
		waiter_begun(waiter);
		wait_on(&ask->waiters, waiter, 0);
		return CACHE_WAIT;
	}
	if (!is_good(ask, waiter)) {
		return -ENODATA;
	}
	if (ask->error) {
		return ask->error;
	}
	ask->answer->refs++;
	*ret_answer = ask->answer;
	return 0;
}

int cache_ask_get(
	struct cache_ask *ask, struct cache_answer **ret_answer, struct cache_waiter *waiter)
{
	int r;

	enter(ask->cache);
	r = ask_get(ask, ret_answer, waiter);
	leave(ask->cache);
	return r;
}

int cache_ask_errno(const struct odoo_error *error, bool strict)
{
	switch (error->fault) {
	case ODOO_FAULT_VALIDATION:
	case ODOO_FAULT_USER:
	case ODOO_FAULT_SERVER:
		return strict ? -EINVAL : -EIO;
	default:
		return odoo_error_errno(error);
	}
}

void cache_answer_release(struct cache_answer *answer)
{
	if (answer && --answer->refs == 0) {
		cJSON_Delete(answer->json);
		free(answer);
	}
}

static struct cache_answer *make_answer(struct odoo_reply *reply)
{
	struct cache_answer *answer = malloc(sizeof(*answer));

	if (answer) {
		answer->json = steal(reply->result);
		answer->refs = 1;
	}
	return answer;
}

void ask_answered(struct cache_ask *ask, struct odoo_reply *reply)
{
	struct cache *cache = ask->cache;

	enter(cache);
	note_reply(ask->model, &reply->error);
	ask->busy = false;
	ask->asked = true;
	ask->error = reply->error.fault ? cache_ask_errno(&reply->error, ask->strict) : 0;
	cache_answer_release(steal(ask->answer));
	if (!ask->error) {
		ask->answer = make_answer(reply);
		ask->error = ask->answer ? 0 : -ENOMEM;
	}
	odoo_error_finish(&ask->failure);
	ask->failure = reply->error;
	odoo_error_init(&reply->error);
	wake_all(cache, &ask->waiters, 0);
	unref(ask);
	leave(cache);
}

bool ask_begin(struct cache_ask *ask)
{
	if (ask->busy) {
		return false;
	}
	ask->busy = true;
	ask->asked_ms = clock_now_ms();
	ask->changes = ask->model->changes;
	ask->refs++;
	return true;
}

bool ask_step(struct cache_ask *ask)
{
	ask->steps++;
	wake_all(ask->cache, &ask->waiters, 0);
	return !ask->dropped;
}

unsigned cache_ask_steps(struct cache_ask *ask)
{
	unsigned steps;

	enter(ask->cache);
	steps = ask->steps;
	leave(ask->cache);
	return steps;
}

static void on_answer(struct odoo_reply *reply, void *data)
{
	ask_answered(data, reply);
}

int ask_send(struct cache_ask *ask, struct odoo_request *request, struct cache_waiter *waiter)
{
	if (!request) {
		return -ENOMEM;
	}
	if (waiter) {
		waiter_begun(waiter);
	}
	wait_on(&ask->waiters, waiter, 0);
	if (!ask_begin(ask)) { /* somebody else was faster */
		odoo_request_destroy(request);
		return CACHE_WAIT;
	}
	odoo_client_send(ask->cache->client, request, on_answer, ask);
	return CACHE_WAIT;
}

int cache_ask_send(struct cache_ask *ask, struct odoo_request *request, struct cache_waiter *waiter)
{
	int r;

	enter(ask->cache);
	r = ask_send(ask, request, waiter);
	leave(ask->cache);
	return r;
}

struct cache_model *ask_model_of(const struct cache_ask *ask)
{
	return ask->model;
}

const struct odoo_error *ask_failure(const struct cache_ask *ask)
{
	return &ask->failure;
}

void cache_ask_failure(struct cache_ask *ask, struct odoo_error *ret_error)
{
	enter(ask->cache);
	odoo_error_init(ret_error);
	if (ask->error) {
		odoo_error_copy(ret_error, &ask->failure);
	}
	leave(ask->cache);
}
