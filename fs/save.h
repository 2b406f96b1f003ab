/* SPDX-License-Identifier: MIT */
/*
 * Saving: the moments at which a draft reaches the server, and what becomes of it afterwards.
 *
 *	FLUSH, FSYNC   the draft is unchanged or empty: 0. A JSON object: committed, and the errno
 *	               is the commit's. Anything else: EINVAL, and the draft stays
 *	RELEASE        a draft that never was committed: empty, it is dropped; else it is kept
 *	               beside the record as `14.json.rej`, and why in `14.json.rej.txt`
 *	RENAME         a scratch file over or to `*.json`: committed; when that fails the scratch
 *	               file stays
 */
#ifndef FS_SAVE_H
#define FS_SAVE_H

#include "fs/draft.h"
#include "fs/op.h"

/* Returned by what replies by itself, later: the same as CACHE_WAIT. */
#define OP_TAKEN CACHE_WAIT

/* FLUSH and FSYNC of a draft's node; runs of an op. */
int save_run(struct op *op);

/* The text is past max_file: log it. With draft_mutex held. Returns -EFBIG. */
int save_refuse_size(struct fs *fs, struct draft *draft);

/* The last handle is gone. With draft_mutex held; may free the draft. */
void save_release(struct fs *fs, struct draft *draft);

/*
 * RENAME of a scratch file to a record's name, or to a new one. With draft_mutex held, which is
 * given up. Returns OP_TAKEN, or -errno.
 */
int save_rename(struct op *op, struct draft *draft, const char *name);

#endif
