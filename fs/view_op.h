/* SPDX-License-Identifier: MIT */
/* What the handlers of views share: from an op to its node, from a node to what it asks. */
#ifndef FS_VIEW_OP_H
#define FS_VIEW_OP_H

#include "fs/op.h"
#include "fs/view_node.h"
#include "fs/view_query.h"

/* The node of op->inode, a model's directory included: 0, CACHE_WAIT, or -errno. */
int view_op_node(struct op *op, struct view_node **ret_node);

/*
 * Schemas for view_query.h, which are good until view_schemas_end: those that aren't loaded are
 * waited for by the op; or, with `eager` false, are -EAGAIN.
 */
struct view_schemas_use {
	struct op *op;
	bool eager;
	struct view_schemas schemas;
};

void view_schemas_begin(
	struct view_schemas_use *use, struct op *op, struct view_node *node, bool eager);
void view_schemas_end(struct view_schemas_use *use);

/* The rows at a node, or the nearest above it: 0, CACHE_WAIT, or -errno, which was logged. */
int view_op_rows(struct op *op, struct view_node *node, struct cache_rows **ret_rows);

/*
 * A record of the rows at a node: 0 and its attributes, CACHE_WAIT, -ENOENT where it isn't among
 * them, or -errno, which was logged.
 */
int view_op_record(struct op *op, struct view_node *node, uint32_t id, struct cache_attr *ret_attr);

/*
 * Whether a chain is right: 0, CACHE_WAIT, or -errno, which was logged. With `eager` false, as far
 * as can be told without a call.
 */
int view_op_check(struct op *op, struct view_node *node, bool eager);

/* Log what the server said of the rows when `r` is a failure; returns `r`. */
int view_op_rows_failed(struct op *op, struct view_node *node, struct cache_rows *rows, int r);
int view_op_ask_failed(struct op *op, struct view_node *node, struct cache_ask *ask, int r);

/* Log a failure that has a sentence; `name` is what was looked for in the node, or NULL. */
int view_op_failed(struct op *op, const struct view_node *node, const char *name, int r,
	const struct odoo_error *error);

/* Log what is worth knowing of a view, though nothing failed. */
void view_op_note(struct fs *fs, const struct view_node *node, const struct odoo_error *error);

/* What was logged last of a view: a sentence to be freed, or NULL. */
char *view_op_last_error(struct fs *fs, const struct inode *inode);

void view_node_attr(struct fs *fs, const struct view_node *node, struct stat *ret_stat);

#endif
