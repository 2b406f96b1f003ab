/* SPDX-License-Identifier: MIT */
/* A listing as READDIR and READDIRPLUS want it; one op's, on one thread. */
#ifndef FS_DIR_H
#define FS_DIR_H

#include "fs/op.h"

/* Offsets begin behind "." (1) and ".." (2). */
#define DIR_DOTS 2

/* The smallest entries: a header, a name of up to eight bytes, and attributes where there are. */
#define DIR_ENTRY_MIN 32
#define DIR_ENTRY_PLUS_MIN (DIR_ENTRY_MIN + 128)

struct listing {
	struct op *op;
	char *buffer;
	size_t used;
};

/*
 * Add an entry; false when the buffer is full. A node of 0 in a plus listing carries no attributes
 * but type and number: the kernel looks it up when somebody wants to know.
 */
bool dir_add(struct listing *listing, const char *name, const struct fuse_entry_param *entry,
	off_t next);

/* "." and ".." with these st_ino, unless the listing is past them. */
bool dir_add_dots(struct listing *listing, uint64_t self, uint64_t parent);

/* A record, with its attributes where `attr` has any. */
bool dir_add_record(struct listing *listing, const struct fs_model_view *view, uint32_t id,
	const struct cache_attr *attr, double entry_timeout, off_t next);

/* Reply what was added. Returns 0. */
int dir_reply(struct listing *listing);

/* How many entries have room at most. */
size_t dir_room(const struct listing *listing);

#endif
