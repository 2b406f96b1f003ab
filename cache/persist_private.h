/* SPDX-License-Identifier: MIT */
/* What the files of persist share. The cache's lock protects it, but for what is constant. */
#ifndef CACHE_PERSIST_PRIVATE_H
#define CACHE_PERSIST_PRIVATE_H

#include "cache/disk.h"
#include "cache/persist.h"

#include <uthash.h>

enum persist_kind {
	PERSIST_PUT,
	PERSIST_REMOVE,
	PERSIST_MODEL,
	PERSIST_REMOVE_MODEL,
};

struct persist_key {
	struct cache_model *model;
	uint64_t id;
};

/* One thing to write. Constant once it is queued, but for its place in the table. */
struct persist_op {
	struct persist_op *prev, *next;
	enum persist_kind kind;
	struct cache_model *model;
	struct disk_record record;     /* of PUT; of REMOVE, its id */
	struct cache_content *content; /* of PUT; a reference */
	struct disk_model state;       /* of MODEL */
	uint32_t *ids;		       /* likewise; owned */
	size_t n_ids;

	struct persist_key key; /* of PUT */
	bool newest;		/* it is in the table of texts that wait */
	UT_hash_handle hh;
};

struct persist {
	struct disk *disk;		     /* constant; NULL where none could be opened */
	char *directory, *identity, *origin; /* constant; `origin` may be NULL */
	pthread_t thread;
	bool runs; /* constant */

	pthread_cond_t changed;
	struct persist_op *queue; /* utlist */
	size_t queued_bytes;
	size_t taken_bytes;	    /* that the writer has at the moment */
	struct persist_op *waiting; /* uthash: a record's newest text that isn't on the disk yet */
	bool stopping;
	bool full; /* nothing more is stored */
	bool off;  /* it couldn't be opened, or failed */
	char *why; /* it is off: a sentence, or NULL */
	uint64_t hits;
};

/* A record's newest text that waits for the disk, or NULL. */
struct persist_op *persist_waiting(
	const struct persist *persist, struct cache_model *model, uint32_t id);

/* What the texts of a model are made by: its fields, as far as they are read. */
uint64_t persist_schema_digest(const struct cache_model *model);

#endif
