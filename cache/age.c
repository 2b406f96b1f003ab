/* SPDX-License-Identifier: MIT */
#include "cache/age.h"

#include "cache/batch.h"

#include <stdlib.h>

#define TICKS (UINT32_C(1) << RECORD_TICK_BITS)

/* Of max_age. */
#define PARTS 64

/* A sweep takes what is older than this, and has until max_age for all of it. */
#define SWEPT(most) ((most) - (most) / 4)

static uint32_t seconds_of_tick(const struct cache *cache)
{
	unsigned seconds = cache->options.max_age / PARTS;

	return seconds ? seconds : 1;
}

/* max_age in ticks. */
static uint32_t most_ticks(const struct cache *cache)
{
	return cache->options.max_age / seconds_of_tick(cache);
}

static uint32_t tick_at(const struct cache *cache, int64_t ms)
{
	return (uint32_t)(ms / 1000 / seconds_of_tick(cache)) % TICKS;
}

static uint32_t ticks_since(const struct cache_record *record, uint32_t tick)
{
	return (tick - record->read_tick) % TICKS;
}

void age_begin(const struct cache_model *model, struct cache_record *record, int64_t seconds)
{
	const struct cache *cache = model->cache;
	uint32_t most = most_ticks(cache), ticks = most + 1;

	if (seconds >= 0 && seconds / seconds_of_tick(cache) < most) {
		ticks = (uint32_t)(seconds / seconds_of_tick(cache));
	}
	record->read_tick = (tick_at(cache, clock_now_ms()) - ticks) % TICKS;
}

/* Where changes can't be noticed at all, everything is read again after the ttl. */
static bool can_age(const struct cache_model *model)
{
	return model->cache->options.max_age && model->schema && model->schema->has_write_date;
}

bool age_is_over(const struct cache_model *model, const struct cache_record *record)
{
	const struct cache *cache = model->cache;

	return can_age(model) &&
	       ticks_since(record, tick_at(cache, clock_now_ms())) > most_ticks(cache);
}

struct sweep {
	struct cache_model *model;
	uint32_t tick, least; /* now; and the age from which on a record is swept */
	uint32_t oldest;      /* age in ticks */
	size_t n_due;
	uint32_t ids[BATCH_MAX]; /* the first of those that are due */
};

static void look(struct cache_record *record, void *data)
{
	struct sweep *sweep = data;
	uint32_t ticks = ticks_since(record, sweep->tick);

	if (record->state != RECORD_KNOWN || !record->known || record->stale || record->loading ||
		is_read_alone(sweep->model, record->id)) {
		return;
	}
	sweep->oldest = ticks > sweep->oldest ? ticks : sweep->oldest;
	if (ticks >= sweep->least) {
		if (sweep->n_due < BATCH_MAX) {
			sweep->ids[sweep->n_due] = record->id;
		}
		sweep->n_due++;
	}
}

static void read_due(struct cache_model *model, struct sweep *sweep)
{
	size_t n = sweep->n_due < BATCH_MAX ? sweep->n_due : BATCH_MAX;
	struct batch *batch = batch_create(model);

	if (!batch) {
		return;
	}
	qsort(sweep->ids, n, sizeof(*sweep->ids), cache_compare_ids);
	for (size_t i = 0; i < n; i++) {
		batch_add(batch, sweep->ids[i]);
	}
	batch->ahead = true;
	batch_send(batch);
}

/* Milliseconds to the next look: many batches are spread over the time that is left for them. */
static int64_t pause_after(const struct cache *cache, const struct sweep *sweep)
{
	uint32_t most = most_ticks(cache);
	uint32_t left = (sweep->n_due ? most : sweep->least);
	int64_t tick_ms = seconds_of_tick(cache) * 1000LL;

	if (left <= sweep->oldest) {
		return sweep->n_due ? 0 : tick_ms;
	}
	return (left - sweep->oldest) * tick_ms / (int64_t)(sweep->n_due / BATCH_MAX + 1);
}

static void sweep_model(struct cache_model *model, int64_t now_ms)
{
	struct sweep *sweep = calloc(1, sizeof(*sweep));

	if (!sweep) {
		return;
	}
	sweep->model = model;
	sweep->tick = tick_at(model->cache, now_ms);
	sweep->least = SWEPT(most_ticks(model->cache));
	cache_records_each(&model->records, look, sweep);
	if (sweep->n_due) {
		read_due(model, sweep);
	}
	model->sweep_ms = now_ms + pause_after(model->cache, sweep);
	free(sweep);
}

/* Who reads goes first, and reads some of it himself. */
static bool can_be_swept(const struct cache_model *model, int64_t now_ms)
{
	return model->listed && can_age(model) && model_is_in_use(model, now_ms) &&
	       model->schema_state == LOAD_DONE && !model->offline && !model->n_batches &&
	       !model->pending && now_ms >= model->sweep_ms;
}

void age_sweep(struct cache *cache, int64_t now_ms)
{
	struct cache_model *model, *next;

	HASH_ITER (by_name, cache->by_name, model, next) {
		if (can_be_swept(model, now_ms)) {
			sweep_model(model, now_ms);
			return;
		}
	}
}
