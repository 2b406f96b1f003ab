/* SPDX-License-Identifier: MIT */
/*
 * What the store on disk is told, and what is taken from it.
 *
 *	first use of a model ──▶ its records as they were stored, all to be checked (fresh.c)
 *	a record's content is wanted and isn't in memory ──▶ from the disk, else from the server
 *	a record was read, went, or became stale ─┐
 *	a check ended, a listing is complete ─────┴▶ queue ──▶ writer's thread ──▶ disk
 *
 * The queue is first in, first out, and each transaction holds a part of it from its front. So
 * what is stored of a model after a check never lies before a record that the check found stale:
 * whatever ends the process, the next mount's check starts from where the stored records are.
 *
 * The cache's lock protects all of this, but for the disk itself; all functions are called with it
 * held unless they say otherwise. None fails: without a store everything comes from the server.
 */
#ifndef CACHE_PERSIST_H
#define CACHE_PERSIST_H

#include "cache/internal.h"

struct persist;

/* Open the store that the cache's options name. Blocks. Without the lock, before it is used. */
void persist_open(struct cache *cache);

/* Write what is queued, and close. Blocks. Without the lock, when nobody else uses the cache. */
void persist_close(struct cache *cache);

/*
 * Take over what is stored of a model, once. The schema is loaded first, as it tells what the texts
 * were made by. 0, CACHE_WAIT, or -errno.
 */
int persist_ensure(struct cache_model *model, struct cache_waiter *waiter);

/* The time at which the model's directory was last seen to change; 0 where none is stored. */
int64_t persist_mtime(struct cache *cache, const char *name);

/* Give a known record its content. Returns whether it was there. */
bool persist_read(struct cache_model *model, struct cache_record *record);

/* A record was read; what it has is stored if it is whole. */
void persist_put(struct cache_model *model, const struct cache_record *record);

/* A record isn't as it is stored any more; all of a model's aren't. */
void persist_forget(struct cache_model *model, uint32_t id);
void persist_forget_model(struct cache_model *model);

/* Whether what is read of the model is kept on the disk from here on. */
bool persist_keeps(const struct cache_model *model);

/* Whether the disk is slower than the server: then more shouldn't be read just to be stored. */
bool persist_is_behind(const struct cache *cache);

/* Fill in what is said of the store. */
void persist_get_stats(struct cache *cache, struct cache_stats *ret_stats);

/* What is known of the model as a whole moved. */
void persist_model(struct cache_model *model);

#endif
