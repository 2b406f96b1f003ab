/* SPDX-License-Identifier: MIT */
/*
 * What is known of each record: its attributes, and its content while that is in memory.
 *
 *	uthash, by id / 256             ascending by id, 48 bytes each
 *	┌──────────┐   ┌────────────────────────────────────────┐
 *	│ page  0  │──▶│ id 1 │ id 2 │ id 5 │ … at most 256       │
 *	│ page  7  │──▶│ id 1792 │ …                             │
 *	└──────────┘   └────────────────────────────────────────┘
 *
 * One hash entry for 256 records keeps a million evicted records at some 50 bytes each.
 * A pointer to a record is good until the next record is added to its table.
 * Pure; the cache's lock protects it.
 */
#ifndef CACHE_RECORD_H
#define CACHE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Versions of a record's content are counted modulo this: the inode scheme has ten bits for it. */
#define CACHE_VERSIONS 1024

/* All flags and small numbers together are eight bytes. */
#define RECORD_TICK_BITS 21

struct cache_content;
struct cache_index;
struct cache_record_page;

enum cache_record_state {
	RECORD_UNKNOWN, /* not asked for yet, or being fetched */
	RECORD_KNOWN,	/* attributes are valid */
	RECORD_GONE,	/* the server says that there is none */
	RECORD_BROKEN,	/* reading it fails; `error` is the errno */
};

struct cache_record {
	uint32_t id;
	uint32_t size;		       /* of the content, in bytes */
	uint32_t mtime, ctime;	       /* cache_record_time() */
	int64_t write_date;	       /* the server's, UNIX seconds; 0 where there is none */
	uint64_t digest;	       /* of the content, to see a change */
	struct cache_content *content; /* NULL when evicted */
	uint32_t version : 10;	       /* below CACHE_VERSIONS */
	uint32_t aliases : 10;	       /* so many versions before this one have the same content */
	uint32_t error : 8;	       /* positive errno of a broken one */
	uint32_t state : 2;	       /* enum cache_record_state */
	bool stale : 1;		       /* must be read again before it is served */
	bool loading : 1;	       /* in a batch on its way */
	bool again : 1;		       /* became stale while it was: what comes is stale, too */
	bool marker : 1;	       /* reaching it starts the stream's next batch */
	bool unsettled : 1; /* written in the second in which it was read: may have moved since */
	bool doubtful : 1;  /* stored by an earlier mount, and to be confirmed by the first check */
	bool known : 1;	    /* the kernel was told of this version, and may remember it */
	bool pushed : 1;    /* its content was handed to the kernel ahead of a read */
	bool shown : 1;	    /* somebody opened this version */
	bool crowded : 1;   /* so was one before it that has the same write_date */
	bool lost : 1;	    /* and that one isn't kept any more */
	uint32_t read_tick : RECORD_TICK_BITS; /* when it was read: see age.h */
};

struct cache_records {
	struct cache_record_page *pages; /* uthash */
	size_t n_known;
	const struct cache_index *index; /* of the ids that there may be; NULL: they aren't known */
};

/* Whether the record's content is that of `version`. */
static inline bool cache_record_is(const struct cache_record *record, uint32_t version)
{
	return (record->version - version) % CACHE_VERSIONS <= record->aliases &&
	       version < CACHE_VERSIONS;
}

/* UNIX seconds as a record keeps them, from 1970 to 2106: what lies beyond is the nearest of them.
 */
static inline uint32_t cache_record_time(int64_t seconds)
{
	return seconds < 0 ? 0 : seconds > UINT32_MAX ? UINT32_MAX : (uint32_t)seconds;
}

/* NULL when nothing was ever kept of this id. */
struct cache_record *cache_records_find(const struct cache_records *records, uint32_t id);

/* Find or add, as RECORD_UNKNOWN. NULL when out of memory. */
struct cache_record *cache_records_add(struct cache_records *records, uint32_t id);

/* Call `fn` for each, in no order. It must not add. */
void cache_records_each(
	struct cache_records *records, void (*fn)(struct cache_record *, void *), void *data);

/* Free the table; contents are not touched. */
void cache_records_finish(struct cache_records *records);

#endif
