/* SPDX-License-Identifier: MIT */
/*
 * Exports whose size somebody has to know: they are put in a temporary file, which has no name. On
 * a read-only mount that is everybody, as the kernel opens files by itself there, and reads no
 * further than their size: so it is done when they are looked up. On others it is done for who asks
 * stat, and who only reads gets a stream. Another lookup gets the same file, as long as the rows
 * are the same.
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

/* All of the text of this very node is there, and its size: 0, CACHE_WAIT, or as above. */
int spool_complete(struct op *op, struct view_node *node);

static inline bool spool_is_whole(const struct view_node *node)
{
	return node->spool && node->mtime;
}

/* The READ of an op. */
int spool_read(struct op *op, const struct view_node *node);

void spool_release(struct spool *spool); /* NULL is allowed */

#endif
