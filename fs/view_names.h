/* SPDX-License-Identifier: MIT */
/*
 * What `ls` says in the directories of a chain: which fields there are, which operators a field
 * has, which values there are of it, which files.
 */
#ifndef FS_VIEW_NAMES_H
#define FS_VIEW_NAMES_H

#include "fs/view_op.h"

/*
 * The edition of names that a listing which begins now reads: 0 and `ret_edition`, CACHE_WAIT, or
 * -errno. Names are kept in the node, under view_mutex.
 */
int view_names_begin(struct op *op, struct view_node *node, uint32_t *ret_edition);

/* What the names of a directory are: S_IFDIR or S_IFREG. */
mode_t view_names_type(const struct view_node *node);

/* Free a list of editions; NULL is allowed. */
void view_names_free(struct view_names *list);

/* With view_mutex held: an edition, or NULL when it is gone. */
const struct view_names *view_names_find(const struct view_node *node, uint32_t edition);

#endif
