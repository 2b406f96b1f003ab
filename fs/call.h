/* SPDX-License-Identifier: MIT */
/*
 * `.call/METHOD`: what is written is called, what is read is what came of it.
 *
 *	write [[5]]     as soon as the JSON is whole, it is sent; the write ends when the server
 *	                has answered, and its errno is the call's
 *	read            on the same open file: what came of its own last call
 *	open, read      what came of the last call of this method, by whomever
 *
 * What came of it is the result as JSON, or, for a call that failed, why. Who reads on where he
 * wrote begins at the beginning, as with a socket; so does who seeks there.
 *
 * fs->call_mutex protects what is marked so; no lock is taken inside of it, and replies are given.
 */
#ifndef FS_CALL_H
#define FS_CALL_H

#include "fs/file.h"
#include "fs/view_op.h"

struct call;

/* The OPEN of an op, for writing: replies and returns 0, or -errno, which was logged. */
int call_open(struct op *op, const struct view_node *node);

/* READ, WRITE and FLUSH of such a file; they reply in every case. */
void call_read(struct fs *fs, fuse_req_t req, struct call *call, size_t size, off_t offset);
void call_write(fuse_req_t req, fuse_ino_t node, struct open_file *file, const char *data,
	size_t size, off_t offset);
void call_flush(struct fs *fs, fuse_req_t req, struct call *call);

void call_destroy(struct call *call); /* NULL is allowed */

/* What came of a method's last call, to be freed: 0 or -ENOMEM. Empty where there was none. */
int call_text(struct op *op, const struct view_node *node, char **ret_text, size_t *ret_size,
	int64_t *ret_mtime);

/* Whether methods can be called on this mount at all. */
static inline bool call_is_allowed(const struct fs *fs)
{
	return !fs->options->read_only && !fs->options->calls_denied;
}

#endif
