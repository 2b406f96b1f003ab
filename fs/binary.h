/* SPDX-License-Identifier: MIT */
/*
 * Files of binary fields, `14.image_1920.png`, as they are looked up and read. Writing them is in
 * binary_edit.h. `14.image_1920` is another name of it, which isn't listed.
 */
#ifndef FS_BINARY_H
#define FS_BINARY_H

#include "fs/dir.h"
#include "fs/op.h"

#include "cache/binary.h"

struct open_file;

/* What a name in a model's directory stands for. */
struct binary_target {
	uint32_t id;
	unsigned slot;
	const char *suffix; /* within the name; NULL: it has none */
};

/*
 * 0 when it is a binary field's, whether or not the record has anything in it; -ENOENT when it
 * isn't; -EPERM when the field is derived from another; CACHE_WAIT; or -errno.
 */
int binary_parse(struct op *op, struct cache_model *model, const char *name,
	struct binary_target *ret_target);

/* What a file of that name is of, if there is one: 0, -ENOENT, or as above. */
int binary_find(struct op *op, struct cache_model *model, const char *name,
	struct cache_binary *ret_binary);

/* LOOKUP in a model's directory, or in a view of it: 0 when it was replied, else as above. */
int binary_lookup(struct op *op, struct cache_model *model, bool in_view);

/* GETATTR and OPEN of a node, READ by node or of an open file: runs of an op. */
int binary_getattr(struct op *op);
int binary_open(struct op *op);
int binary_read(struct op *op);

/* Its attributes. */
void binary_attr(struct fs *fs, struct cache_model *model, const struct cache_binary *binary,
	struct stat *ret_stat);

/* Print its name; false when the schema is another by now, and has no such field. */
bool binary_print_name(struct fs *fs, struct cache_model *model, const struct cache_binary *binary,
	char name[static CACHE_BINARY_NAME_MAX]);

/* Add one to a listing; false when it is full. */
bool binary_add(struct listing *listing, struct cache_model *model,
	const struct cache_binary *binary, double timeout, off_t next);

/* Write an error about a record's field to the log. Returns `r`. */
__attribute__((format(printf, 5, 6))) int binary_refuse(
	struct fs *fs, struct cache_model *model, uint32_t id, int r, const char *format, ...);

#endif
