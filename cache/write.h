/* SPDX-License-Identifier: MIT */
/*
 * Changes: what reaches the server, and what the cache has to know of it.
 *
 * Each of these sends one call and returns at once; `fn` is called exactly once, on the client's
 * thread, with no lock held. Any thread may call them.
 */
#ifndef CACHE_WRITE_H
#define CACHE_WRITE_H

#include "cache/cache.h"

/*
 * How it ended: 0, or a negative errno and `error`, which is valid during the call. `result` is
 * what the call gives (below), NULL on failure; it is freed after the call.
 */
typedef void (*cache_done_fn)(
	int r, const cJSON *result, const struct odoo_error *error, void *data);

/* The record's fields as the server has them at this moment: an object. -ENOENT: it is gone. */
void cache_fetch(struct cache *cache, struct cache_model *model, uint32_t id,
	const char *const *fields, size_t n_fields, cache_done_fn fn, void *data);

/*
 * Records of `model` (any name, as a relation has it) whose name is `text`: [[14, "…"], …], at
 * most two: one is found, two are ambiguous.
 */
void cache_name_search(
	struct cache *cache, const char *model, const char *text, cache_done_fn fn, void *data);

/* Whether `model` (any name) has this record: [{"id": 14}], or []. */
void cache_look_for(
	struct cache *cache, const char *model, uint32_t id, cache_done_fn fn, void *data);

/*
 * Write `values` (copied) to a record, and read it back: when `fn` is called with 0, the cache has
 * what the server made of it. `result` is NULL. A failure to read it back isn't one to write it:
 * the record is stale then.
 */
void cache_write(struct cache *cache, struct cache_model *model, uint32_t id, const cJSON *values,
	cache_done_fn fn, void *data);

/* Create a record of `values` (copied), list it, and read it back. `result` is its id. */
void cache_create_record(struct cache *cache, struct cache_model *model, const cJSON *values,
	cache_done_fn fn, void *data);

/* Remove a record from the server and from the listing. `result` is NULL. */
void cache_unlink(
	struct cache *cache, struct cache_model *model, uint32_t id, cache_done_fn fn, void *data);

/*
 * Whether writing these values twice does the same as writing them once: commands may create and
 * remove lines, but only say who is in a many2many. Pure.
 */
bool cache_values_are_absolute(const struct cache_schema *schema, const cJSON *values);

/* The schema of a model while it is loaded, else NULL. It is good between cache_schemas_hold and
 * cache_schemas_release. */
const struct cache_schema *cache_model_schema(struct cache *cache, struct cache_model *model);

/* Keep all schemas, also those that are replaced meanwhile. As often released as held. */
void cache_schemas_hold(struct cache *cache);
void cache_schemas_release(struct cache *cache);

/* Load the schema: 0 when it is there, CACHE_WAIT, or -errno. */
int cache_schema_ensure(
	struct cache *cache, struct cache_model *model, struct cache_waiter *waiter);

/*
 * The names of the fields that are read of the model's records, ascending: an array to be freed,
 * whose names are good until the schemas are released. The schema is loaded. 0 or -ENOMEM.
 */
int cache_model_read_fields(
	struct cache *cache, struct cache_model *model, const char ***ret_names, size_t *ret_n);

/*
 * Give a record's content another version, though it is the same: the kernel's copy of this one
 * was written to, and is to be forgotten.
 */
void cache_record_renew(struct cache *cache, struct cache_model *model, uint32_t id);

/* The server doesn't have it any more, or lists it no more: neither do we. */
void cache_record_hide(struct cache *cache, struct cache_model *model, uint32_t id);

/* Drop what is held of one record: it is read again when it is asked for. */
void cache_refresh_record(struct cache *cache, struct cache_model *model, uint32_t id);

/* "2026-11-20 08:12:44" as UNIX seconds; 0 for anything else, NULL included. Pure. */
int64_t cache_parse_date(const char *text);

/* The content of a record as it is in memory: 0 and one to be given back, or -ENODATA. */
int cache_record_peek_content(struct cache *cache, struct cache_model *model, uint32_t id,
	struct cache_content **ret_content);

/* What is to be remembered of somebody who opens a version of a record. */
struct cache_showing {
	uint64_t digest; /* of its content */
	bool alike;	 /* another version may have the same write_date: it matters who it is */
	bool again;	 /* it was opened before */
};

/* Somebody opened this version of a record. */
void cache_record_show(struct cache *cache, struct cache_model *model, uint32_t id,
	uint32_t version, struct cache_showing *ret_showing);

/* A state of a record that is known: the present one, or one that was replaced. */
struct cache_version {
	struct cache_content *content; /* to be given back by cache_content_release */
	uint64_t digest;
	bool shown; /* somebody opened it */
};

/*
 * The states of a record whose write_date is `write_date` (UNIX seconds; 0 where there is none),
 * newest first, each once. Returns how many, at most `max`. `ret_complete` is false when others
 * that were opened aren't kept any more.
 */
size_t cache_record_versions(struct cache *cache, struct cache_model *model, uint32_t id,
	int64_t write_date, struct cache_version *versions, size_t max, bool *ret_complete);

#endif
