/* SPDX-License-Identifier: MIT */
/* A listing as READDIR and READDIRPLUS want it; one op's, on one thread. */
#ifndef FS_DIR_H
#define FS_DIR_H

#include "fs/op.h"

#include "cache/binary.h"

/*
 * Offsets begin behind "." (1) and ".." (2). A record has several: its own file is the first, the
 * files of its binary fields follow by their slots.
 */
#define DIR_DOTS 2
#define DIR_FILES 64

/* Of a record's place: its id, or where it stands in a view. */
static inline off_t dir_offset(uint32_t place, unsigned file)
{
	return (off_t)place * DIR_FILES + file + DIR_DOTS;
}

static inline uint32_t dir_place(off_t offset)
{
	return offset > DIR_DOTS ? (uint32_t)((offset - DIR_DOTS) / DIR_FILES) : 0;
}

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

/* The files of binary fields of some of a listing's records, by id. */
struct dir_binaries {
	struct cache_binary *binaries;
	size_t n;
};

/*
 * Load those of the records in `scope`, whose ids may be in whatever order: they are put into
 * theirs. 0, CACHE_WAIT, or -errno. To be finished in every case.
 */
int dir_binaries_load(struct listing *listing, struct cache_model *model,
	struct cache_binary_scope scope, struct dir_binaries *ret_binaries);
void dir_binaries_finish(struct dir_binaries *binaries);

/* Add one; false when it is full. */
typedef bool (*dir_binary_fn)(
	struct listing *listing, const struct cache_binary *binary, off_t next, void *data);

/*
 * Add those of a record that come behind the listing's offset, by `add`; `own` is that of the
 * record's own file. False when it is full.
 */
bool dir_each_binary(struct listing *listing, const struct dir_binaries *binaries, uint32_t id,
	off_t own, dir_binary_fn add, void *data);

/* The same as files. */
bool dir_add_binaries(struct listing *listing, struct cache_model *model,
	const struct dir_binaries *binaries, uint32_t id, off_t own, double entry_timeout);

/* Reply what was added. Returns 0. */
int dir_reply(struct listing *listing);

/* How many entries have room at most. */
size_t dir_room(const struct listing *listing);

#endif
