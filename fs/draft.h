/* SPDX-License-Identifier: MIT */
/*
 * Drafts: what users write before it is committed, and files that live in this mount's memory only.
 *
 *	kind      name                        becomes
 *	RECORD    14.json                     a write to record 14
 *	NEW       acme.json, new.json         a create
 *	BINARY    14.image_1920.png           a write to that field (binary_edit.h)
 *	SCRATCH   .14.json.swp, 14.json~, …   nothing; renamed over 14.json, a write
 *
 * One draft a name, shared by all handles and mappings of a program; another program that wants to
 * write waits until that one has closed it (edit_file.c), as two texts in one draft would be one
 * that nobody wrote. A draft of a record that was opened in place has the record's own node; one
 * that was created has a node of its own, a serial number. `hidden` records are those that an
 * editor moved out of the way (14.json → 14.json~): their name is free until the copy is removed,
 * or the name is written again.
 *
 * fs->draft_mutex protects the lists and every draft in them. The locks of the cache and of the
 * notifier's queue may be taken inside of it, never the other way round.
 */
#ifndef FS_DRAFT_H
#define FS_DRAFT_H

#include "fs/fs.h"
#include "fs/inode.h"
#include "fs/process.h"

enum draft_kind {
	DRAFT_RECORD,
	DRAFT_NEW,
	DRAFT_BINARY,
	DRAFT_SCRATCH,
};

struct draft {
	struct draft *prev, *next;
	enum draft_kind kind;
	struct cache_model *model; /* constant */
	uint32_t model_number;	   /* constant */
	char *name;		   /* NULL when it was unlinked or taken over, but is open still */
	fuse_ino_t node;	   /* constant */
	uint32_t serial;	   /* of the node; 0: the node is the record's. Constant */
	uint32_t id;		   /* the record; 0 while there is none */
	unsigned slot;		   /* DRAFT_BINARY: the field's … */
	const char *field;	   /* … and its name, which lives as long as the cache */
	uint32_t copy_of;	   /* the record that this scratch file was moved aside from */
	bool hides;		   /* and whose name is free now */
	unsigned handles;
	unsigned writing;     /* of those */
	struct process owner; /* who opened it for writing first */
	struct process saver; /* who committed it last */
	bool writers;	      /* was ever opened for writing, or truncated */
	bool dirty;	      /* differs from what was committed, or opened */
	bool in_place;	      /* was never empty: has bytes of what was opened */
	bool cut;	      /* some of what was written found no place */
	bool committed;	      /* at least once */
	bool busy;	      /* a commit is on its way */
	bool rejected; /* a text that couldn't be saved, and that nobody made his own since */
	int64_t touched_ms;
	struct timespec mtime;
	char *text; /* not NUL-terminated */
	size_t size, capacity;
	char *base; /* the text that the user's changes are told from; NULL for none */
	size_t base_size;
	char *seen; /* what the server had when we last knew; NULL: as base */
	size_t seen_size;
	char *target;  /* of a symlink */
	char *failure; /* why the last commit failed */
};

/* A name that was written, and became a record. */
struct alias {
	struct alias *prev, *next;
	uint32_t model_number;
	char *name;
	uint32_t id;
};

/* All of these with draft_mutex held. */

struct draft *draft_by_node(struct fs *fs, fuse_ino_t node);
struct draft *draft_by_name(struct fs *fs, uint32_t model_number, const char *name);

/* Add one with a copy of `name`. `node` 0 gives it a serial number's. NULL when out of memory. */
struct draft *draft_add(struct fs *fs, struct cache_model *model, const char *name,
	enum draft_kind kind, fuse_ino_t node);

/*
 * Add a file of our own with a copy of this text, in place of the draft that has the name. NULL
 * when out of memory.
 */
struct draft *draft_add_copy(
	struct fs *fs, struct cache_model *model, const char *name, const char *text, size_t size);

/* Take it off the list and free it. Nobody may have it open. */
void draft_drop(struct fs *fs, struct draft *draft);

/* Unlink: its name goes; it is freed with its last handle. */
void draft_unname(struct fs *fs, struct draft *draft);

/* Replace the text by a copy. 0 or -ENOMEM. */
int draft_set_text(struct draft *draft, const char *text, size_t size);
int draft_set_base(struct draft *draft, const char *text, size_t size);

/* 0, -EFBIG past max_file, or -ENOMEM. */
int draft_write(struct fs *fs, struct draft *draft, const char *data, size_t size, off_t offset);
int draft_truncate(struct fs *fs, struct draft *draft, off_t size);

/* Whether an editor moved record `id` out of the way. */
bool draft_is_hidden(struct fs *fs, uint32_t model_number, uint32_t id);

/* Its name is there again; or, when what was written in its place was refused, free again. */
void draft_set_hidden(struct fs *fs, uint32_t model_number, uint32_t id, bool hidden);

/* The record that a written name became; 0 for none. */
uint32_t alias_find(struct fs *fs, uint32_t model_number, const char *name);
void alias_set(struct fs *fs, uint32_t model_number, const char *name, uint32_t id);

/* What a name stands for by itself: a record's number, a new record, or a file of an editor. */
enum draft_kind draft_kind_of(const char *name, uint32_t *ret_id);

void draft_attr(struct fs *fs, const struct draft *draft, struct stat *ret_stat);

/* Free all. No lock needed: no other thread is left. */
void drafts_finish(struct fs *fs);

#endif
