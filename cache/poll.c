/* SPDX-License-Identifier: MIT */
/* What is asked without anybody waiting for it, as long as the kernel may remember something. */
#include "cache/age.h"
#include "cache/prefetch_private.h"

bool model_is_in_use(const struct cache_model *model, int64_t now)
{
	return model->asked_ms && now < model->asked_ms + model->cache->options.kernel_ttl * 1000LL;
}

static bool is_due(const struct cache_model *model, int64_t now)
{
	const struct cache_options *options = &model->cache->options;

	return options->poll && model->listed && !model->check && model_is_in_use(model, now) &&
	       now >= model->checked_ms + options->poll * 1000LL && now >= model->offline_ms &&
	       now >= model->polled_ms + options->poll * 1000LL &&
	       (!model->schema || model->schema->has_write_date) && !fresh_holds_nothing(model);
}

static void poll_model(struct cache_model *model, int64_t now)
{
	model->polled_ms = now;
	if (model->schema_state != LOAD_DONE) {
		/* Where only a listing is held. The check comes with the next poll. */
		schema_ensure(model, NULL);
		return;
	}
	fresh_start(model);
	if (!model->check) {
		model->asked_ms = 0; /* the kernel was told to forget all that it has of it */
	}
}

/* One check at a time, the one that is longest overdue: polling must not crowd out the users. */
static void poll_models(struct cache *cache, int64_t now)
{
	struct cache_model *model, *next, *due = NULL;
	bool busy = false;

	HASH_ITER (by_name, cache->by_name, model, next) {
		busy = busy || model->check;
		if (is_due(model, now) && (!due || model->checked_ms < due->checked_ms)) {
			due = model;
		}
	}
	if (due && !busy) {
		poll_model(due, now);
	}
}

void cache_poll(struct cache *cache)
{
	int64_t now = clock_now_ms();

	enter(cache);
	poll_models(cache, now);
	age_sweep(cache, now);
	prefetch_poll(cache, now);
	leave(cache);
}
