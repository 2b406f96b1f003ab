/* SPDX-License-Identifier: MIT */
/* `.info/`: what there is to know of a model, and how many records a view has. */
#ifndef FS_INFO_H
#define FS_INFO_H

#include "fs/view_op.h"

/* The text of a file of `.info/`, to be freed: 0, CACHE_WAIT, or -errno, which was logged. */
int info_text(struct op *op, struct view_node *node, char **ret_text, size_t *ret_size);

#endif
