/* SPDX-License-Identifier: MIT */
/*
 * A cache over a small Odoo, and programs that ask it: what a test starts from.
 *
 * An ask is what the filesystem makes of a request: it asks the cache, and when it has to wait, it
 * asks again each time it is woken, until there is an answer.
 */
#ifndef TESTS_UNIT_CACHE_WORLD_H
#define TESTS_UNIT_CACHE_WORLD_H

#include "cache/cache.h"
#include "small_odoo.h"
#include "unit.h"

#define WORLD_MODEL "res.partner"
#define WORLD_NEWS 4096

struct world_options {
	uint32_t records;     /* 1 to this */
	unsigned extra;	      /* fields */
	unsigned connections; /* default 2 */
	unsigned ttl;	      /* seconds; default 10; models are polled as often */
	bool no_ttl;	      /* a ttl of 0 */
	unsigned max_age;     /* seconds; default 0: never */
	size_t size;	      /* of the contents; default 256 MB */
	bool no_write_date, forget_versions;
	const char *const *models; /* globs, ending with NULL */
	bool unloaded;		   /* the list of models isn't loaded yet */
	int major;		   /* default 14 */
	int64_t skew;		   /* of the server's clock, seconds */
	const char *store;	   /* directory of the store on disk */
	size_t store_size;	   /* default 64 MB */
};

struct world {
	struct world_options options;
	struct odoo_client client;
	struct small_odoo odoo;
	struct small_table *table; /* WORLD_MODEL */
	struct cache *cache;
	struct cache_model *model; /* WORLD_MODEL */

	pthread_mutex_t mutex; /* protects what follows, where threads run */
	struct cache_news news[WORLD_NEWS];
	size_t n_news;
	unsigned n_failures;
	char failure[1024]; /* the last one */
	enum odoo_fault failure_fault;
	int failure_number;
	unsigned rendered;
};

struct world *world_create(const struct world_options *options);
void world_destroy(struct world *world);

/* End the cache, and begin another with the same options: the next mount. Counts begin at 0. */
void world_remount(struct world *world);

/* The same, leaving the client alone: with stub_finish(&world->client) before it. */
void world_free(struct world *world);

/* A world of which all is listed and read. */
struct world *world_begin(const struct world_options *options);

/* What a world that is `unloaded` can't answer yet: which models there are. */
void world_can_models(struct small_odoo *odoo);

/* Past the ttl. */
void world_later(void);

/* News since world_forget: of this kind, and of this record (0: any). */
unsigned world_news(const struct world *world, enum cache_news_kind kind, uint32_t id);

/* Forget the news, the failures and the calls that were counted. */
void world_forget(struct world *world);

/* ── Asking ── */

#define ASK_IDS 65536

struct ask {
	struct cache_waiter waiter; /* must be first */
	struct world *world;
	struct cache_model *model;
	int (*run)(struct ask *ask);
	uint32_t id; /* or, for a listing, the one before */
	unsigned runs;
	bool done, has_attr;
	int result;

	struct cache_attr attr;
	struct cache_model_attr model_attr;
	char *text; /* NUL-terminated */
	uint32_t *ids;
	size_t n_ids;
};

/* Start asking; the ask is the caller's, to be freed when it is done. */
struct ask *ask_stat(struct world *world, uint32_t id);
struct ask *ask_cat(struct world *world, uint32_t id); /* stat, then read that version */
struct ask *ask_list(struct world *world, uint32_t after);
struct ask *ask_model(struct world *world);
struct ask *ask_models(struct world *world);

/* Answer requests, oldest first, until it is done; then its result. */
int ask_finish(struct ask *ask);
void ask_free(struct ask *ask);

/* The whole way: 0 or -errno. */
int world_stat(struct world *world, uint32_t id, struct cache_attr *ret_attr);

/* The same of a record that is there. */
struct cache_attr world_attr(struct world *world, uint32_t id);
int world_cat(struct world *world, uint32_t id, char **ret_text);
int world_touch(struct world *world, uint32_t id); /* cat, and throw it away */

/* All ids, as many readdirs. The caller frees them. */
size_t world_list(struct world *world, uint32_t **ret_ids);

/* Read these records, one after the other. */
void world_walk(struct world *world, uint32_t first, uint32_t last);

#endif
