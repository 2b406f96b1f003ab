/* SPDX-License-Identifier: MIT */
/*
 * How long ago a record was read. Some of what changes on the server leaves write_date alone, so no
 * check finds it: who asks for a record that is older than `max_age` has it read again. What the
 * kernel knows is read again before that, a batch at a time, so that it need not ask:
 *
 *	read ──────────────────────────────┬── swept ──────┬── read when it is asked for
 *	0                          3/4 max_age         max_age
 *
 * Ages are counted in ticks of max_age / 64, a second at least, modulo 2^21: a record of which
 * nobody asked for 32,768 times as long as max_age (or, of a short one, for 24 days) may pass for
 * young once more.
 *
 * The cache's lock is held for all of these.
 */
#ifndef CACHE_AGE_H
#define CACHE_AGE_H

#include "cache/internal.h"

/*
 * It was read so many seconds ago. Below zero it isn't known when, since somebody set the clock
 * back: it is too old then.
 */
void age_begin(const struct cache_model *model, struct cache_record *record, int64_t seconds);

/* Whether the record is too old to be served. */
bool age_is_over(const struct cache_model *model, const struct cache_record *record);

/* Read some of what will be too old soon, of one model, if it is time to. */
void age_sweep(struct cache *cache, int64_t now_ms);

#endif
