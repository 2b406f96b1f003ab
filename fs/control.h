/* SPDX-License-Identifier: MIT */
/*
 * `.odoofs/`: the mount itself, as files.
 *
 * Each lookup of one of its files takes a snapshot of its text under a node of its own, so that
 * its size is exact and what is read fits together. The kernel's FORGET frees it.
 */
#ifndef FS_CONTROL_H
#define FS_CONTROL_H

#include "fs/op.h"

#define CONTROL_DIR ".odoofs"

enum control_file {
	CONTROL_CREATED,
	CONTROL_ERRORS,
	CONTROL_PREFETCH,
	CONTROL_README,
	CONTROL_REFRESH,
	CONTROL_STATS,
	CONTROL_STATUS,
	CONTROL_FILES,
};

struct open_file;

/* The name of a file, or NULL past the last. */
const char *control_name(uint32_t file);

/* Operations on an op; they reply and return 0, or return an errno. None waits. */
int control_lookup_dir(struct op *op);
int control_lookup(struct op *op);
int control_getattr(struct op *op);
int control_read(struct op *op);

void control_forget(struct fs *fs, fuse_ino_t node);

/* Whether it can be written. */
bool control_is_writable(uint32_t file);

/*
 * Collect what is written, and do it when the line is whole, or at the flush. 0 or -errno, which
 * `.odoofs/errors` explains.
 */
int control_write(struct fs *fs, struct open_file *handle, const char *data, size_t size);
int control_commit(struct fs *fs, struct open_file *handle);

/* Free all snapshots. */
void control_finish(struct fs *fs);

/* The README's chapters on what is in a mount. Made from it when odoofs is built. */
extern const char control_readme[];

/* report.c: the texts; the caller frees them. NULL when out of memory. */
char *report_status(struct fs *fs);
char *report_stats(struct fs *fs);

#endif
