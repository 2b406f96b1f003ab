/* SPDX-License-Identifier: MIT */
/*
 * A commit: from a saved text to one write or create, without blocking anybody.
 *
 *	schema ─▶ edit_parse ─▶ names ─▶ the server's record of now ─▶ write ─▶ read back
 *	             │            │               │                      create ─▶ read back
 *	             ▼            ▼               ▼
 *	           EINVAL       EINVAL          ESTALE              nothing was sent
 *
 * Nothing changed: nothing is sent. Which state of the record the text is based on is told by its
 * own write_date, so that what a colleague saved since is kept, and never taken for a change back.
 */
#ifndef FS_COMMIT_H
#define FS_COMMIT_H

#include "fs/fs.h"

struct commit;

/*
 * How it ended: 0 and the record's id, or a negative errno and a sentence. Called once, on the
 * client's thread or from inside commit_go, with no lock held.
 */
typedef void (*commit_done_fn)(int r, uint32_t id, const char *why, void *data);

struct commit_source {
	struct cache_model *model;
	uint32_t id;	  /* 0: create */
	const char *name; /* that was written, for the log; NULL: none */
	const char *text; /* copied, like the others */
	size_t size;
	const char *base; /* what was opened; NULL: find it by the text's write_date */
	size_t base_size;
	const char *seen; /* what the server had when we last knew; NULL: as base */
	size_t seen_size;
};

/* Make one, with copies of all texts; NULL when out of memory. Doesn't call back. */
struct commit *commit_create(
	struct fs *fs, const struct commit_source *source, commit_done_fn fn, void *data);

/* Begin, taking it over. Call it with no lock held. */
void commit_go(struct commit *commit);

#endif
