/* SPDX-License-Identifier: MIT */
#include "fs/view_file.h"

#include "fs/file.h"
#include "fs/info.h"

#include "odoo/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <time.h>

static int make_text(struct op *op, struct view_node *node, char **ret_text, size_t *ret_size,
	int64_t *ret_mtime)
{
	*ret_mtime = time(NULL);
	switch (node->view->kind) {
	case VIEW_INFO_FILE:
		return info_text(op, node, ret_text, ret_size);
	default:
		return -ENOENT;
	}
}

int view_file_prepare(struct op *op, struct view_node **node)
{
	char *text;
	size_t size;
	int64_t mtime;
	int r;

	switch ((*node)->view->kind) {
	case VIEW_FIELD:
	case VIEW_BY_FIELD:
	case VIEW_ROWS:
		return view_op_check(op, *node);
	default:
		if (view_is_directory((*node)->view->kind)) {
			return 0;
		}
	}
	r = make_text(op, *node, &text, &size, &mtime);
	if (r == 0) {
		*node = view_node_publish(op->fs, *node, text, size, mtime);
		r = *node ? 0 : -ENOMEM;
	}
	return r;
}

int view_file_open(struct op *op)
{
	struct fuse_file_info info = { .flags = op->flags, .keep_cache = 1, .noflush = 1 };
	struct view_node *node;
	int r = view_op_node(op, &node);

	if (r != 0) {
		return r;
	}
	if (view_is_directory(node->view->kind)) {
		return -EISDIR;
	}
	if ((op->flags & O_ACCMODE) != O_RDONLY) {
		return -EACCES;
	}
	fuse_reply_open(op->req, &info); /* read by node: a text never changes */
	return 0;
}

int view_file_read(struct op *op)
{
	struct view_node *node;
	int r = view_op_node(op, &node);

	if (r != 0) {
		return r;
	}
	if (!node->text) {
		return view_is_directory(node->view->kind) ? -EISDIR : -ESTALE;
	}
	file_reply_part(op->req, node->text, node->size, op->size, op->offset);
	return 0;
}
