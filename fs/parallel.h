/* SPDX-License-Identifier: MIT */
/*
 * Lookups and listings side by side in one directory. Unless a filesystem says in its answer to
 * INIT that it can deal with them, the kernel lets only one at a time into a directory: one slow
 * read would then hold up all others there, and those who wait for it can't even be killed.
 */
#ifndef FS_PARALLEL_H
#define FS_PARALLEL_H

#include "fs/fs.h"

/* In the init handler: want it, where the kernel can. */
void parallel_want(struct fuse_conn_info *conn);

/*
 * After mounting, before serving: see that what is wanted is said. libfuse keeps it to itself
 * before 3.17. Returns 0 or -errno.
 */
int parallel_enable(struct fuse_session *session);

#endif
