/* SPDX-License-Identifier: MIT */
/*
 * Reading records although the server fails on some: what it fails on is found by halving, left
 * out, named and remembered.
 *
 * One repair runs on the client's thread from its start to `done`, one call at a time. It owns
 * nothing of its target.
 */
#ifndef CACHE_REPAIR_H
#define CACHE_REPAIR_H

#include "odoo/client.h"

struct cache_model;

/* What is read, and who takes it. All but `fields` are called without the cache's lock. */
struct repair_target {
	struct cache_model *model;
	void *data;

	/* The names of the fields that are wanted: the array is good for now. With the lock. */
	const char *const *(*fields)(void *data, size_t *ret_n);

	/* Ask for these of them. NULL when out of memory. */
	struct odoo_request *(*request)(void *data, const uint32_t *ids, size_t n_ids,
		const char *const *fields, size_t n_fields);

	/*
	 * Each id is told of once. These came, as far as they are in `result`, which may be
	 * emptied; the others are gone, or hidden. Nothing came, as the server couldn't be asked.
	 * None of them can be read, whatever is asked of them.
	 */
	void (*take)(
		void *data, const uint32_t *ids, size_t n_ids, cJSON *result, int64_t server_time);
	void (*fail)(void *data, const uint32_t *ids, size_t n_ids, const struct odoo_error *error);
	void (*unreadable)(
		void *data, const uint32_t *ids, size_t n_ids, const struct odoo_error *error);

	/* All ids are dealt with. */
	void (*done)(void *data);
};

/* The server failed on these over their data: find out on which. */
void repair_failed(const struct repair_target *target, const uint32_t *ids, size_t n_ids);

/* Read these. Those behind the first `n_good` are known to fail, and read one by one. */
void repair_read(
	const struct repair_target *target, const uint32_t *ids, size_t n_ids, size_t n_good);

#endif
