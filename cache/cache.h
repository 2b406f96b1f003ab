/* SPDX-License-Identifier: MIT */
/*
 * The cache in front of search and read.
 *
 * Nothing here waits for the network. What is in memory is answered at once; what isn't is asked
 * for, and the caller's waiter is woken when it came:
 *
 *	handler ── cache_record_stat() ──▶ 0, attributes            (a hit)
 *	                               ──▶ CACHE_WAIT … wake(0)     (ask again)
 *	                                              … wake(-errno) (give up)
 *	                               ──▶ -errno
 *
 * Every function may be called from any thread, and takes the cache's one lock for a short time.
 * Wakes and news are delivered with no lock held: on the client's thread as a rule, on the thread
 * of cache_poll, cache_refresh or cache_destroy otherwise.
 */
#ifndef CACHE_CACHE_H
#define CACHE_CACHE_H

#include "cache/schema.h"
#include "odoo/client.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cache;
struct cache_content; /* bytes of a record that stay as they are while they are held */
struct cache_model;   /* lives as long as the cache */

/* Returned instead of an answer: the waiter is queued, and will be woken exactly once. */
#define CACHE_WAIT 1

/* One for each operation, zeroed but for `wake` when the operation begins. */
struct cache_waiter {
	/* 0: ask again. Negative errno: there will be no answer. */
	void (*wake)(struct cache_waiter *waiter, int error);

	/* The cache's own while the waiter is queued. */
	struct cache_waiter *prev, *next;
	struct cache_waiter **queue; /* NULL when it isn't queued */
	uint32_t id;
	bool content;	  /* attributes alone won't do */
	bool checked;	  /* what it was told to ask again for is fresh, whatever the ttl */
	bool fetched;	  /* its record was read after it had asked: fresh, whatever came since */
	int64_t begun_ms; /* when it first asked: what was asked for since is fresh for it */
	int error;
};

enum cache_news_kind {
	CACHE_NEWS_BINARY,  /* the same of a record's binary field */
	CACHE_NEWS_RECORD,  /* a record's content changed, appeared or went: its name is stale */
	CACHE_NEWS_LISTING, /* records came or went */
	CACHE_NEWS_MODELS,  /* models came, went, or changed their rights */
};

struct cache_news {
	enum cache_news_kind kind;
	struct cache_model *model; /* NULL for CACHE_NEWS_MODELS */
	uint32_t id;		   /* for CACHE_NEWS_RECORD and CACHE_NEWS_BINARY */
	const char *field, *type;  /* for CACHE_NEWS_BINARY; live as long as the cache */
};

/* What becomes of binary fields. */
enum cache_binary_mode {
	CACHE_BINARY_FILES,  /* each content is a file, and the record names it */
	CACHE_BINARY_INLINE, /* it is in the record's text, as base64 */
	CACHE_BINARY_NONE,   /* they aren't shown */
};

struct cache_hooks {
	/*
	 * Make the text of a record: 0; -ENOMEM; or -EBADMSG with the field that can't be shown.
	 * Called without the lock, on the client's thread. See render_record.
	 */
	int (*render)(void *data, const struct cache_schema *schema, const cJSON *record,
		char **ret_text, size_t *ret_size, const struct cache_field **ret_field,
		struct odoo_error *error);

	/* Something that the kernel may remember is no longer so. Must not block. */
	void (*changed)(void *data, const struct cache_news *news);

	/*
	 * A failure worth telling; `number` is the errno that it gives, negative. `model` may be
	 * NULL, `id` 0. Must not block, nor call back.
	 */
	void (*failed)(void *data, const struct cache_model *model, uint32_t id,
		const char *operation, int number, const struct odoo_error *error);
};

struct cache_options {
	size_t size;	      /* bytes of content kept */
	unsigned ttl;	      /* seconds after which a model is checked before it is served */
	unsigned kernel_ttl;  /* seconds for which the kernel may remember what it was told */
	unsigned poll;	      /* seconds after which models in use are checked anyway; 0: never */
	unsigned max_age;     /* seconds after which a record is read again; 0: never */
	unsigned connections; /* batches on their way at once */
	bool all_fields;      /* computed ones too */
	bool one2many;	      /* show them */
	enum cache_binary_mode binary;
	bool keep_versions;  /* keep replaced content until cache_record_forget */
	char *const *models; /* globs, or NULL for all models; copied */
	size_t n_models;
	const char *store; /* directory of the store on disk, or NULL; copied where needed */
	const char *store_identity; /* what its contents depend on, apart from the models; copied */
	const char *store_origin;   /* which database it is, or NULL; copied */
	size_t store_size;	    /* bytes of it, at most */
	struct cache_hooks hooks;
	void *data; /* for the hooks */
};

/* Returns 0 or -errno. The client must be logged in and outlive the cache's last call. */
int cache_create(
	const struct cache_options *options, struct odoo_client *client, struct cache **ret_cache);

/*
 * Wake every waiter with -ESHUTDOWN and free all. Call after odoo_client_destroy, when no other
 * thread uses the cache. NULL is allowed.
 */
void cache_destroy(struct cache *cache);

/* ── Models ── */

/* Make sure that the list of models is there and fresh: 0, CACHE_WAIT, or -errno. */
int cache_models_ensure(struct cache *cache, struct cache_waiter *waiter);

/*
 * Somebody looks which models there are: where there is a list, and it is older than the ttl, the
 * next one is fetched. Doesn't wait; what is new is told.
 */
void cache_models_renew(struct cache *cache);

/* The listed model with the lowest number greater than `after`, or NULL. */
struct cache_model *cache_model_next(struct cache *cache, uint32_t after);

/* A listed model by name or number; NULL when there is none. */
struct cache_model *cache_model_find(struct cache *cache, const char *name);
struct cache_model *cache_model_by_number(struct cache *cache, uint32_t number);

/* Its technical name. Constant. */
const char *cache_model_name(const struct cache_model *model);

/*
 * Its number, 1 to CACHE_MAX_MODEL: the id of its ir.model row, or one made from its name where
 * that can't be read. The same on every mount. Constant.
 */
uint32_t cache_model_number(const struct cache_model *model);
#define CACHE_MAX_MODEL ((1u << 20) - 1)

struct cache_model_attr {
	int64_t mtime;	     /* when its listing last changed as far as we know, UNIX seconds */
	bool may_write;	     /* records */
	bool may_populate;   /* create or unlink records */
	bool guessed;	     /* what may be done isn't known before the model is used */
	bool has_write_date; /* changes can be noticed; true while the schema isn't known */
};

/*
 * A model's attributes. With a waiter, what is held of the model is checked first when it is due:
 * 0, CACHE_WAIT, or -errno. Without (NULL), what is known: 0. Never asks for a model of which
 * nothing is held.
 */
int cache_model_stat(struct cache *cache, struct cache_model *model,
	struct cache_model_attr *ret_attr, struct cache_waiter *waiter);

/* How often something of it was found to have changed: another number is another state. */
uint64_t cache_model_changes(struct cache *cache, struct cache_model *model);

struct cache_rights {
	bool write, create, unlink;
};

/* What the user may do with the model's records: 0, CACHE_WAIT, or -errno. */
int cache_model_rights(struct cache *cache, struct cache_model *model,
	struct cache_rights *ret_rights, struct cache_waiter *waiter);

/* ── Listings ── */

/*
 * Up to `max` ids greater than `after`, ascending; none at the end. `after` 0 begins a listing,
 * which is checked for freshness first. 0, CACHE_WAIT, or -errno.
 */
int cache_list(struct cache *cache, struct cache_model *model, uint32_t after, uint32_t *ids,
	size_t max, size_t *ret_n, struct cache_waiter *waiter);

/* ── Records ── */

struct cache_attr {
	uint32_t id;
	uint32_t version; /* of the content, below CACHE_VERSIONS; moves when it does */
	uint64_t size;
	int64_t mtime, ctime; /* UNIX seconds */
};

/* A record's attributes: 0, CACHE_WAIT, -ENOENT, or -errno. */
int cache_record_stat(struct cache *cache, struct cache_model *model, uint32_t id,
	struct cache_attr *ret_attr, struct cache_waiter *waiter);

/*
 * The attributes of those of the `n` records that are in memory and fresh, without asking for the
 * others: where there are none, ret_attrs[i].id is 0.
 */
void cache_record_peek(struct cache *cache, struct cache_model *model, const uint32_t *ids,
	size_t n, struct cache_attr *ret_attrs);

/*
 * The attributes of a version that was replaced, or whose record went, while its content is kept.
 * Returns 0 or -ENOENT.
 */
int cache_version_stat(struct cache *cache, struct cache_model *model, uint32_t id,
	uint32_t version, struct cache_attr *ret_attr);

/*
 * The content of this version: 0 and a content to be given back by cache_content_release;
 * CACHE_WAIT; -ESTALE when that version is gone; or -errno.
 */
int cache_record_read(struct cache *cache, struct cache_model *model, uint32_t id, uint32_t version,
	struct cache_content **ret_content, struct cache_waiter *waiter);

const char *cache_content_bytes(const struct cache_content *content, size_t *ret_size);
void cache_content_release(struct cache *cache, struct cache_content *content);

/*
 * Contents worth handing to the kernel ahead: of up to `max` records that follow `id`, are in
 * memory, and that the kernel knows of but wasn't given yet. Each is held; returns how many.
 */
struct cache_ahead {
	struct cache_attr attr;
	struct cache_content *content;
};
size_t cache_record_ahead(struct cache *cache, struct cache_model *model, uint32_t id,
	struct cache_ahead *ret_ahead, size_t max);

/* Whether there is one at least. */
bool cache_record_has_ahead(struct cache *cache, struct cache_model *model, uint32_t id);

/* The kernel took this version of a record. It has it until it forgets the node. */
void cache_record_pushed(
	struct cache *cache, struct cache_model *model, const struct cache_attr *attr);

/* The kernel dropped its inode of this version: content kept for it alone may go. */
void cache_record_forget(
	struct cache *cache, struct cache_model *model, uint32_t id, uint32_t version);

/* ── Upkeep ── */

/*
 * Take a waiter back if it is still queued and `reason` gives an errno for it: then it is the
 * caller's again, won't be woken, and waiter->error holds that errno. `reason` is called with the
 * cache's lock held, which keeps the waiter from being woken meanwhile; it must not call back.
 */
bool cache_waiter_cancel(struct cache *cache, struct cache_waiter *waiter,
	int (*reason)(const struct cache_waiter *waiter, void *data), void *data);

/* Check the models that the kernel remembers things of, as far as they are due. Call it often. */
void cache_poll(struct cache *cache);

/* Drop what is known of a model, or of all (NULL): everything is read again when it is asked for.
 */
void cache_refresh(struct cache *cache, struct cache_model *model);

struct cache_stats {
	uint64_t hits, misses, batches, batch_records, checks, evictions;
	uint64_t left_out; /* fields and records that the server fails on */
	size_t content_bytes, records, models_in_use;
	size_t store_bytes;  /* on disk */
	uint64_t store_hits; /* contents that came from there */
	bool store_works;
	bool offline; /* what was served last may be older than the ttl */
};

void cache_get_stats(struct cache *cache, struct cache_stats *ret_stats);

enum cache_store_state {
	CACHE_STORE_USED,
	CACHE_STORE_FULL, /* of as much as it may have: what it has is served */
	CACHE_STORE_OFF,  /* it couldn't be opened, or written */
};

/*
 * What became of the store on disk, and why: a sentence that the caller frees, or NULL where there
 * is nothing to say. Of one that is used, why the one before it was set aside.
 */
enum cache_store_state cache_store_report(struct cache *cache, char **ret_why);

#endif
