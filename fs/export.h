/* SPDX-License-Identifier: MIT */
/*
 * `.export/`: all rows of a view as one text of any length, in bounded memory.
 *
 *	rows ──▶ 1,000 ids ──▶ read ──┐           one page is being read from,
 *	     ──▶ 1,000 ids ──▶ read ──┴▶ text     the next is on its way
 *
 * How long the text is isn't known before its end: it is read straight from here (direct_io), and
 * can't be sought in. Who asks for its size first has to wait for all of it: see spool.h.
 *
 * An export belongs to its open file. Its own mutex is held for no network call.
 */
#ifndef FS_EXPORT_H
#define FS_EXPORT_H

#include "fs/view_op.h"

struct exporter;

/*
 * Begin: 0 and an export, CACHE_WAIT, or -errno, which was logged. It holds the node, unless the
 * node owns it.
 */
int export_open(struct op *op, struct view_node *node, bool hold, struct exporter **ret_exporter);

/* NULL is allowed. */
void export_close(struct exporter *exporter);

/* The READ of an op, which goes on where the last one ended: replies and returns 0, or as above. */
int export_read(struct op *op, struct exporter *exporter);

/*
 * All of it into a file, from where it was left off: 0 and its size, CACHE_WAIT, or -errno.
 */
int export_spool(struct op *op, struct exporter *exporter, int fd, size_t *ret_size);

#endif
