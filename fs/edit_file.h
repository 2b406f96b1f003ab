/* SPDX-License-Identifier: MIT */
/* Open files that are drafts: opened, read, written, truncated, saved, closed. */
#ifndef FS_EDIT_FILE_H
#define FS_EDIT_FILE_H

#include "fs/file.h"
#include "fs/op.h"

/* Open a record for writing, or a draft for whatever. Runs of an op; reply on success. */
int edit_file_open_record(struct op *op);
int edit_file_open_draft(struct op *op);

/*
 * Open a node that has a draft already: 0 when it was replied, OP_TAKEN when it waits for its turn,
 * -ENOENT when there is none (or it wasn't touched), or -ENOMEM.
 */
int edit_file_join(struct op *op, bool dirty_only);

/*
 * A record that is being written by somebody, opened for reading. Run of an op: -ENOENT when it
 * isn't being written, and nothing was replied.
 */
int edit_file_open_shared(struct op *op);

/* The op's process gets to see this version of the record: what it writes may be based on it. */
void edit_file_note_reading(
	struct op *op, struct cache_model *model, uint32_t id, uint32_t version);

void edit_file_read(struct fs *fs, fuse_req_t req, struct draft *draft, size_t size, off_t offset);

/* 0 or -errno. */
int edit_file_write(
	struct fs *fs, struct draft *draft, const char *data, size_t size, off_t offset);

/* Run of an op for SETATTR with a size: makes a draft of a record where there is none. */
int edit_file_truncate(struct op *op);

void edit_file_release(struct fs *fs, struct open_file *file);

#endif
