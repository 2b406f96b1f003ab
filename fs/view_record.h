/* SPDX-License-Identifier: MIT */
/* Records' files in views where .columns makes them others than the model's own: read-only. */
#ifndef FS_VIEW_RECORD_H
#define FS_VIEW_RECORD_H

#include "fs/view_op.h"

/* 0, CACHE_WAIT, or -errno. */
int view_record_text(struct op *op, struct view_node *node, char **ret_text, size_t *ret_size,
	int64_t *ret_mtime);

#endif
