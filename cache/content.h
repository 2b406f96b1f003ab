/* SPDX-License-Identifier: MIT */
/*
 * The contents of records: bytes that never change, shared by whoever reads them, kept in memory
 * as long as `limit` allows, least recently used first to go.
 *
 * To be read once is what a content is there for: it keeps its place then, so that who walks
 * through the records doesn't push out what was read ahead for him. Who comes again moves it to the
 * front.
 *
 * A content is in the list while its record points to it. One that a reader holds outlives its
 * place in the list. The cache's lock protects all of this; the bytes themselves are read without.
 */
#ifndef CACHE_CONTENT_H
#define CACHE_CONTENT_H

#include <stddef.h>
#include <stdint.h>

struct cache_model;

struct cache_content {
	struct cache_content *prev, *next; /* utlist; most recently used first */
	struct cache_model *model;	   /* whose record points here; NULL when none does */
	uint32_t id;
	uint32_t references : 31;
	uint32_t used : 1;
	size_t size;
	char *data;
};

struct cache_contents {
	struct cache_content *list;
	size_t bytes, limit;
	size_t usual; /* size of a content, a moving average; 0: none was seen */
	uint64_t evictions;
};

/* Take over `data` (from malloc) at the front of the list, with one reference, the record's. NULL
 * when out of memory; `data` is the caller's then. */
struct cache_content *cache_content_create(struct cache_contents *contents,
	struct cache_model *model, uint32_t id, char *data, size_t size);

/* Read just now. */
void cache_content_touch(struct cache_contents *contents, struct cache_content *content);

/* Take it out of the list and give up the record's reference. */
void cache_content_detach(struct cache_contents *contents, struct cache_content *content);

struct cache_content *cache_content_ref(struct cache_content *content);
void cache_content_unref(struct cache_content *content); /* NULL is allowed */

/* How many contents of the usual size there is room for; while none was seen, it is guessed. */
size_t cache_contents_capacity(const struct cache_contents *contents);

/* How many of them may be ahead of one reader; the rest is what he is done with. */
size_t cache_contents_share(const struct cache_contents *contents);

/* How many of them may be fetched at once. */
size_t cache_contents_room(const struct cache_contents *contents);

/*
 * The content to give up next, or NULL while all is within the limit. One stays however large it
 * is: the kernel reads it in many parts, and each would be a fetch of the whole.
 */
struct cache_content *cache_contents_victim(const struct cache_contents *contents);

#endif
