/* SPDX-License-Identifier: MIT */
/*
 * What the cache's files share. One mutex protects every field here that isn't marked constant.
 *
 *	enter(cache) … leave(cache)
 *
 * Between them nothing calls out: waiters to wake, news and failures are put on lists, which
 * leave() takes along, unlocks, and delivers. odoo_client_send is the exception: it only queues.
 * All functions declared here are called with the lock held unless they say otherwise.
 */
#ifndef CACHE_INTERNAL_H
#define CACHE_INTERNAL_H

#include "cache/cache.h"
#include "cache/content.h"
#include "cache/index.h"
#include "cache/record.h"
#include "cache/stream.h"
#include "odoo/clock.h"

#include <pthread.h>
#include <uthash.h>

/* Records of one search_read. 1,000 is what the servers are fastest with. */
#define BATCH_MAX 1000

/*
 * Ids of one listing. A call costs the server more than many ids do (a password's hash alone is as
 * much as a search of 50,000), and these are at most 1 MB.
 */
#define LISTING_PAGE 128000

struct batch;
struct binary_table;
struct cache_blob;
struct cache_answer;
struct cache_ask;
struct check;
struct interned;
struct persist;
struct prefetch;
struct prefetch_wish;

/* A record that some fields are left out of, because they can't be read or shown. */
struct bad_record {
	uint32_t id;
	bool alone; /* the server fails on them: it is read by itself, without them */
	size_t n_fields;
	const struct cache_field **fields;
	UT_hash_handle hh;
};

enum load_state {
	LOAD_NONE,
	LOAD_BUSY,
	LOAD_DONE,
};

struct cache_model {
	char *name;	     /* constant */
	uint32_t number;     /* constant */
	struct cache *cache; /* constant */
	bool listed;	     /* readable, and wanted by `models=` */
	unsigned rights;     /* enum model_rights */
	unsigned new_rights; /* while a list of models is taken over */
	UT_hash_handle by_name, by_number;

	/* Schema */
	enum load_state schema_state;
	unsigned n_probes; /* questions about rights on their way; the schema waits for them */
	struct cache_schema *schema;
	struct cache_schema *retired; /* those before: batches on their way may refer to them */
	const char **read_fields;     /* borrowed from the schema */
	size_t n_read_fields;
	struct cache_waiter *schema_waiters;

	/* Listing */
	struct cache_index index;
	bool listing; /* a page is on its way */
	uint32_t listing_generation;
	struct cache_waiter *list_waiters;
	int64_t mtime;
	uint64_t listing_digest; /* of the last complete one that was dropped; 0: none */

	/* Records */
	struct cache_records records;
	struct stream_set streams;
	struct batch *batches; /* on their way */
	unsigned n_batches;
	struct batch *pending; /* misses that wait for a connection; utlist, first to go first */

	struct binary_table *binaries; /* NULL: no such fields */

	/* What the server fails on */
	struct bad_record *bad_records; /* uthash */
	uint8_t *suspects; /* by field of the schema: in how many records in a row it failed, … */
			   /* … or that it is left out of all */

	/* Freshness */
	uint64_t changes;   /* how often something of it is known to have changed */
	int64_t checked_ms; /* when what is held was last known to be fresh */
	int64_t asked_ms;   /* when the kernel was last told something of it */
	int64_t polled_ms;  /* when a check was last started for the kernel's sake */
	int64_t sweep_ms;   /* when to look next for records that are too old */
	bool offline; /* the server couldn't be reached: what is held is served, stale or not */
	int64_t offline_ms;   /* when it is tried again */
	int64_t unchecked_ms; /* the server fails on the group call: until then all is read again */
	bool has_baseline;
	bool settled; /* no transaction of before the baseline can still be under way */
	struct odoo_summary baseline;
	int64_t count_skew; /* what the server counts more than it lists */
	bool has_broken;    /* records that couldn't be read */
	int64_t since;	    /* changes before this server time are known, UNIX seconds; 0: none */

	/* The store on disk (persist.h) */
	bool persist_loaded; /* what there was is taken over */
	bool persist_known;  /* there is something of it, or will be */
	bool lacks_field;    /* one was left out of all records */
	bool seeded;	     /* what is held came from the disk, and wasn't checked yet */
	size_t n_doubtful;   /* records of which `doubtful` is set */

	struct check *check; /* on its way */
	struct cache_waiter *check_waiters;
};

/* Content that was replaced, or whose record went, while the kernel may still read it. */
struct old_version {
	uint64_t key;
	const struct cache_model *model;
	struct cache_attr attr;
	int64_t write_date;
	uint64_t digest;
	struct cache_content *content;
	bool shown, lost; /* as in struct cache_record */
	UT_hash_handle hh;
};

struct cache {
	pthread_mutex_t mutex;
	struct odoo_client *client;   /* constant */
	struct cache_options options; /* constant */

	struct cache_model *by_name, *by_number; /* uthash; models are never freed before the end */
	enum load_state models_state;
	int64_t models_ms;
	bool models_known; /* a list was loaded once */
	/* A list that is older than a refresh isn't good enough: which refresh each is younger
	 * than. */
	unsigned models_wanted, models_asked, models_have;
	bool models_complete; /* what it lacks can't be read */
	struct cache_waiter *models_waiters;

	unsigned n_holders; /* of schemas: while there are any, none is freed */

	struct persist *persist; /* NULL without a store on disk */
	struct cache_contents contents;
	struct cache_blob *blobs, *blobs_by_key; /* utlist, uthash */
	struct interned *interned;
	struct old_version *old_versions;
	size_t n_old_versions;

	/* Whole models in advance (prefetch.h) */
	struct prefetch *prefetches; /* utlist, in the order in which they were asked for */
	struct prefetch_wish *prefetch_wishes; /* that wait for the list of models */
	int64_t prefetch_retry_ms;	       /* the server was away: nothing begins before */
	size_t prefetched;   /* records that were sent for since nothing was under way */
	bool prefetch_ended; /* nothing is sent any more */

	int64_t started;      /* UNIX seconds; constant */
	int64_t clock_offset; /* the server's clock minus clock_now_ms, seconds: ours may be set */
	bool offline;
	struct cache_stats stats;

	/* Delivered by leave() */
	struct cache_waiter *woken;
	struct news_item *news;
	struct failure_item *failures;
};

/* cache.c */
void enter(struct cache *cache);
void leave(struct cache *cache); /* unlocks, then delivers */
int64_t server_now(const struct cache *cache);
void note_clock(struct cache *cache, int64_t server_time);
void wait_on(struct cache_waiter **queue, struct cache_waiter *waiter, uint32_t id);
void wake_all(struct cache *cache, struct cache_waiter **queue, int error);
void wake_one(struct cache *cache, struct cache_waiter *waiter, int error);
void post_news(
	struct cache *cache, enum cache_news_kind kind, struct cache_model *model, uint32_t id);
void post_binary_news(struct cache *cache, struct cache_model *model, uint32_t id,
	const char *field, const char *type);
void post_failure(struct cache *cache, const struct cache_model *model, uint32_t id,
	const char *operation, const struct odoo_error *error);

/* ask.c */
/* When this waiter first asked for anything. */
int64_t waiter_begun(struct cache_waiter *waiter);
/* As the functions of ask.h. */
int ask_get(struct cache_ask *ask, struct cache_answer **ret_answer, struct cache_waiter *waiter);
int ask_send(struct cache_ask *ask, struct odoo_request *request, struct cache_waiter *waiter);
const struct odoo_error *ask_failure(const struct cache_ask *ask);
void ask_drop(struct cache_ask *ask);
/* Constant, so no lock is needed. */
struct cache_model *ask_model_of(const struct cache_ask *ask);
/* For an answer that takes several calls: false when one is on its way already. */
bool ask_begin(struct cache_ask *ask);
/* Wake who waits, to show that it isn't stuck; false when nobody wants it any more. */
bool ask_step(struct cache_ask *ask);
/* What was begun ends with this. Called without the lock. */
void ask_answered(struct cache_ask *ask, struct odoo_reply *reply);

/* poll.c */
/* Whether the kernel may remember something of it. */
bool model_is_in_use(const struct cache_model *model, int64_t now);

/* models.c */
int models_ensure(struct cache *cache, struct cache_waiter *waiter);
bool model_is_readable(struct cache *cache, const char *name);

/* fields.c: the schema, and which fields are read */
int schema_ensure(struct cache_model *model, struct cache_waiter *waiter);
void schema_wake(struct cache_model *model); /* when it is complete */
void schema_drop(struct cache_model *model);
void schema_finish(struct cache_model *model);
void leave_out_field(
	struct cache_model *model, const struct cache_field *field, const struct odoo_error *error);
/* The server fails on this field of this record. */
void leave_out_record_field(struct cache_model *model, uint32_t id, const struct cache_field *field,
	const struct odoo_error *error);
/* This field of this record can't be shown. */
void hide_record_field(struct cache_model *model, uint32_t id, const struct cache_field *field,
	const struct odoo_error *error);
/* Records were read with these fields, and none failed. */
void clear_suspects(struct cache_model *model, const char *const *names, size_t n_names);
bool is_left_out_of_all(const struct cache_model *model, const char *name);
bool is_left_out(const struct bad_record *bad, const char *name);
struct bad_record *bad_record_find(struct cache_model *model, uint32_t id);
/* Whether the server fails on one of these fields of the record. */
bool is_known_to_fail(
	struct cache_model *model, uint32_t id, const char *const *names, size_t n_names);
bool is_read_alone(struct cache_model *model, uint32_t id);
void bad_record_forget(struct cache_model *model, uint32_t id);

/* rights.c */
void rights_ask(struct cache_model *model);

/* store.c: one record's state */
struct rendered {
	uint32_t id;
	char *text; /* NULL: the record couldn't be shown */
	size_t size;
	int64_t write_date;
	int64_t create_date;
	bool unsettled; /* written just before it was read */
};
/* Read a record's date field, UNIX seconds; 0 where there is none. No lock needed. */
int64_t record_date(const cJSON *record, const char *field);
int64_t parse_date(const char *text);
void format_date(int64_t seconds, char text[static 20]);
void store_rendered(struct cache_model *model, struct rendered *rendered); /* takes the text */
void store_gone(struct cache_model *model, uint32_t id); /* the listing apart: see listing_lose */
void store_broken(struct cache_model *model, uint32_t id, int error);
void store_unlisted(struct cache_model *model, uint32_t id); /* gone by what a listing says */
void retry_broken(struct cache_model *model); /* they are read when they are asked for again */
void tell_stale(struct cache_model *model);   /* that stale records were served ends now */
void make_stale(struct cache_model *model, struct cache_record *record);
void mark_stale(struct cache_model *model, uint32_t id);
void mark_all_stale(struct cache_model *model);
void evict(struct cache *cache);
void attr_of(const struct cache_record *record, struct cache_attr *ret_attr);

/* version.c */
/* Keep what the record has now for who opened it. False when it is lost. */
bool version_keep(struct cache_model *model, const struct cache_record *record);
/* The record is about to have another content, with this write_date. */
void version_replace(struct cache_model *model, struct cache_record *record, int64_t write_date);
struct cache_content *old_version_find(
	const struct cache_model *model, uint32_t id, uint32_t version);
void old_versions_finish(struct cache *cache);

/* batch.c */
/* Whether an answer is a list of records; else its error says why there is none. No lock needed. */
bool cache_has_records(struct odoo_reply *reply);
int batch_miss(struct cache_model *model, uint32_t id, bool content, struct cache_waiter *waiter);
/* Read these, of which the first is missing and waited for; it is in no batch yet. */
int batch_miss_these(
	struct cache_model *model, const uint32_t *ids, size_t n, struct cache_waiter *waiter);
void batch_reached(struct cache_model *model, struct cache_record *record); /* its marker */
void batches_finish(struct cache_model *model);

/* listing.c */
int listing_page(struct cache_model *model, struct cache_waiter *waiter);
void listing_drop(struct cache_model *model);
void listing_complete(struct cache_model *model); /* its last page was appended */
/* Those of the records behind `after`, up to `last`, that aren't listed are to be read again. */
void listing_doubt(struct cache_model *model, uint32_t after, uint32_t last);

/*
 * The ids of a page behind `after`; room for as many as it has. Those that no record can have are
 * left out, and named in `error`. Returns 0, or -EIO when they don't ascend: that is what keyset
 * paging stands on. No lock needed.
 */
int listing_read_ids(const cJSON *result, uint32_t after, uint32_t *ids, size_t *ret_n,
	struct odoo_error *error);
void listing_lose(struct cache_model *model, const uint32_t *ids, size_t n_ids); /* ascending */

/* fresh.c */
int fresh_ensure(struct cache_model *model, struct cache_waiter *waiter);
/* The server was away a moment ago, and isn't asked again yet: what is known is served. */
bool fresh_is_away(const struct cache_model *model);
bool fresh_is_stale(const struct cache_model *model, const struct cache_record *record);
bool fresh_holds_nothing(const struct cache_model *model);
void fresh_start(struct cache_model *model);
void note_first_use(struct cache_model *model); /* before the first request for its data */
void note_reply(struct cache_model *model, const struct odoo_error *error);

/*
 * The errno for a failure to read: as the table has it, but never EINVAL, which would blame the
 * caller for what the server can't do. No lock needed.
 */
int read_errno(const struct odoo_error *error);

/* Whether a fault means that the server couldn't be asked at all. No lock needed. */
bool is_offline_fault(const struct odoo_error *error);

#endif
