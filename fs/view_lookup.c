/* SPDX-License-Identifier: MIT */
#include "fs/view_lookup.h"

#include "fs/binary.h"
#include "fs/name.h"
#include "fs/overlay.h"
#include "fs/spool.h"
#include "fs/view_file.h"
#include "fs/view_number.h"
#include "fs/view_op.h"

#include <errno.h>
#include <string.h>

/* Nothing of this name; asked again each time, as records come into a view and leave it. */
static int reply_none(struct op *op)
{
	fuse_reply_entry(op->req, &(struct fuse_entry_param){ 0 });
	return 0;
}

/*
 * Directories are what their path says, as long as the kernel knows them. Files are looked up each
 * time, so that who opens one gets what it is by then.
 */
static double entry_timeout(const struct view_node *node)
{
	return view_is_directory(node->view->kind) ? FS_KERNEL_TTL : 0;
}

/* Of a file that nobody asked for its size yet, it isn't known. */
static double attr_timeout(struct fs *fs, const struct view_node *node)
{
	if (view_node_has_records(node)) {
		return fs_timeout(fs, node->model);
	}
	return node->view->kind == VIEW_EXPORT_FILE && !spool_is_whole(node) ? 0 : FS_KERNEL_TTL;
}

static int reply_node(struct op *op, struct view_node *node)
{
	struct fuse_entry_param entry = {
		.ino = view_node_number(node),
		.entry_timeout = entry_timeout(node),
		.attr_timeout = attr_timeout(op->fs, node),
	};

	view_node_attr(op->fs, node, &entry.attr);
	if (!node->parent) { /* a model's directory has no count */
		fuse_reply_entry(op->req, &entry);
		return 0;
	}
	view_node_looked_up(op->fs, node);		    /* first: it may be forgotten at once */
	if (fuse_reply_entry(op->req, &entry) == -ENOENT) { /* interrupted: it won't be forgotten */
		const struct inode key = view_node_key(node);

		view_node_forget(op->fs, &key, 1);
	}
	return 0;
}

static int lookup_record(struct op *op, struct view_node *node, uint32_t id)
{
	struct fs_model_view view;
	struct fuse_entry_param entry;
	struct cache_attr attr;
	int r = view_op_record(op, node, id, &attr);

	if (r == 0) {
		fs_model_view(op->fs, node->model, &view);
		fs_record_entry(op->fs, &view, &attr, &entry);
		entry.entry_timeout = 0;
		fuse_reply_entry(op->req, &entry);
	}
	return r;
}

/* A binary field's file of a record that is in the view. -ENOENT: it isn't, or is no such name. */
static int lookup_binary(struct op *op, struct view_node *node)
{
	struct binary_target target;
	struct cache_attr attr;
	int r = binary_parse(op, node->model, op->name, &target);

	r = r ? r : view_op_record(op, node, target.id, &attr);
	r = r ? r : binary_lookup(op, node->model, true);
	return r == -EPERM ? -ENOENT : r;
}

/* A record's own name, or what was written beside it. -ENOENT: neither. */
static int lookup_beside(struct op *op, struct view_node *node)
{
	uint32_t id = 0;

	switch (overlay_lookup(op, &id)) {
	case OVERLAY_REPLIED:
		return 0;
	case OVERLAY_GONE:
		return -ENOENT;
	case OVERLAY_ALIAS:
		break;
	case OVERLAY_NONE:
		if (name_parse_record(op->name, &id) < 0) {
			return lookup_binary(op, node);
		}
	}
	return lookup_record(op, node, id);
}

static int lookup_step(struct op *op, struct view_node *parent)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };
	struct view_node *node;
	int r = view_node_step(op->fs, parent, op->name, &node, &error);

	if (r < 0) {
		return view_op_failed(op, parent, op->name, r, &error);
	}
	r = view_file_prepare(op, &node);
	if (r == 0) {
		reply_node(op, node);
	}
	view_node_let_go(op->fs, node);
	return r;
}

int view_lookup(struct op *op)
{
	struct view_node *node;
	int r = view_op_node(op, &node);

	if (r != 0) {
		return r;
	}
	if (strcmp(op->name, ".") == 0) {
		return reply_node(op, node);
	}
	if (strcmp(op->name, "..") == 0) {
		return reply_node(op, node->parent ? node->parent : node);
	}
	r = -ENOENT;
	if (op->inode.kind == INODE_VIEW && view_node_has_records(node)) {
		r = lookup_beside(op, node);
	}
	if (r == -ENOENT && (op->name[0] == '.' || !view_node_has_records(node))) {
		r = lookup_step(op, node);
	}
	return r == -ENOENT ? reply_none(op) : r;
}

int view_getattr(struct op *op)
{
	struct view_node *node;
	struct stat stat;
	int r = view_op_node(op, &node);

	if (r == 0) {
		r = view_file_stat(op, node);
	}
	if (r != 0) {
		return r;
	}
	view_node_attr(op->fs, node, &stat);
	fuse_reply_attr(op->req, &stat, attr_timeout(op->fs, node));
	return 0;
}
