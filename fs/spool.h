/* SPDX-License-Identifier: MIT */
/*
 * Exports on a read-only mount: the kernel opens files by itself there, and reads no further than
 * their size. So an export is put in a temporary file, which has no name, when it is looked up.
 * Another lookup gets the same one, as long as the rows are the same.
 */
#ifndef FS_SPOOL_H
#define FS_SPOOL_H

#include "fs/view_op.h"

struct spool;

/*
 * The text of an export is there: 0, and the node, perhaps another one, has its size; CACHE_WAIT;
 * or -errno, which was logged.
 */
int spool_prepare(struct op *op, struct view_node **node);

/* The READ of an op. */
int spool_read(struct op *op, const struct view_node *node);

void spool_release(struct spool *spool); /* NULL is allowed */

#endif
