/* SPDX-License-Identifier: MIT */
/*
 * READDIR below a model. An offset means the same as long as its listing is known:
 *
 *	records by id     the id, behind the dots, as in a model's directory
 *	other records     ┐  61     40 39                 0
 *	names             ┘  │ edition │ position + dots │
 */
#ifndef FS_VIEW_DIR_H
#define FS_VIEW_DIR_H

#include "fs/dir.h"

/* Lists the node of its op: replies and returns 0, or returns CACHE_WAIT or -errno. */
int view_list(struct listing *listing);

/* Whether there can be such a directory: 0, CACHE_WAIT, or -errno. */
int view_dir_check(struct op *op);

#endif
