/* SPDX-License-Identifier: MIT */
/* A commit's insides, and how it ends: each of the ends calls back and frees it. */
#ifndef FS_COMMIT_PRIVATE_H
#define FS_COMMIT_PRIVATE_H

#include "fs/base.h"
#include "fs/commit.h"

#include "cache/write.h"

struct edit;

struct commit {
	struct cache_waiter waiter; /* must be first */
	struct fs *fs;
	struct cache_model *model;
	uint32_t id;
	struct process process;
	char *text, *opened, *seen;
	char *written; /* the name */
	size_t size, opened_size, seen_size;
	bool in_place;
	struct base base;
	struct edit *edit;
	size_t name; /* being searched */
	commit_done_fn fn;
	void *data;
};

void commit_destroy(struct commit *commit);

void commit_succeed(struct commit *commit, bool created);

/* `r` is a negative errno. */
void commit_fail(struct commit *commit, int r, const struct odoo_error *error);

/* The same with a sentence of ours. */
void commit_fail_text(struct commit *commit, int r, const char *text);

#endif
