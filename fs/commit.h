/* SPDX-License-Identifier: MIT */
/*
 * A commit: from a saved text to one write or create, without blocking anybody.
 *
 *	schema ─▶ edit_parse ─▶ names ─▶ the server's record of now ─▶ write ─▶ read back
 *	             │            │               │                      create ─▶ read back
 *	             ▼            ▼               ▼
 *	           EINVAL       EINVAL          ESTALE              nothing was sent
 *
 * Nothing changed: nothing is sent. Which state of the record the text is based on (base.h) is told
 * by its own write_date, so that what a colleague saved since is kept, and never taken for a change
 * back.
 */
#ifndef FS_COMMIT_H
#define FS_COMMIT_H

#include "fs/fs.h"
#include "fs/process.h"

struct commit;

/* Good during the call. */
struct commit_result {
	uint32_t id;	   /* of the record; 0 when none was created */
	const char *why;   /* on failure: a sentence */
	const char *known; /* on success: what the saver may know of it now; NULL: unknown */
};

/*
 * How it ended: 0, or a negative errno. Called once, on the client's thread or from inside
 * commit_go, with no lock held.
 */
typedef void (*commit_done_fn)(int r, const struct commit_result *result, void *data);

struct commit_source {
	struct cache_model *model;
	uint32_t id;	  /* 0: create */
	const char *name; /* that was written, for the log; NULL: none */
	const char *text; /* copied, like the others */
	size_t size;
	struct process process; /* who saves it */
	const char *opened;	/* NULL: nothing was */
	size_t opened_size;
	const char *seen; /* what the server made of `opened`, where that was saved; else NULL */
	size_t seen_size;
	bool in_place; /* some of the text's bytes are still what was opened */
};

/* Make one, with copies of all texts; NULL when out of memory. Doesn't call back. */
struct commit *commit_create(
	struct fs *fs, const struct commit_source *source, commit_done_fn fn, void *data);

/* Begin, taking it over. Call it with no lock held. */
void commit_go(struct commit *commit);

#endif
