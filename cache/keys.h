/* SPDX-License-Identifier: MIT */
/*
 * A list of short texts, as a schema keeps many of: a selection's keys, the states in which a field
 * can be set. One block of memory; never changed once it is made. Freed by free(3).
 */
#ifndef CACHE_KEYS_H
#define CACHE_KEYS_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

struct cache_keys {
	size_t size;  /* of `text` */
	bool numbers; /* they are whole numbers, as up to Odoo 12 a selection's may be */
	char text[];  /* each with a NUL behind it */
};

/* The first key (`key` NULL), or the one behind `key`; NULL at the end. NULL `keys` has none. */
const char *cache_keys_next(const struct cache_keys *keys, const char *key);

bool cache_keys_has(const struct cache_keys *keys, const char *key);

/*
 * The keys of fields_get's "selection", [[key, label], …]: NULL when it has none or another shape.
 * Returns 0 or -ENOMEM.
 */
int cache_keys_of_selection(const cJSON *selection, struct cache_keys **ret_keys);

/*
 * Their labels, in the same order; "" for one that has none. Call it where there are keys. Returns
 * 0 or -ENOMEM.
 */
int cache_keys_of_labels(const cJSON *selection, struct cache_keys **ret_labels);

/* The label that stands where `key` does; NULL when there is none. */
const char *cache_keys_label(
	const struct cache_keys *keys, const struct cache_keys *labels, const char *key);

/*
 * The states for which fields_get's "states", {state: [["readonly", true], …], …}, says otherwise
 * than `readonly`: NULL when there are none. Returns 0 or -ENOMEM.
 */
int cache_keys_of_states(const cJSON *states, bool readonly, struct cache_keys **ret_keys);

#endif
