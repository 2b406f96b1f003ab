/* SPDX-License-Identifier: MIT */
#include "fs/view_file.h"

#include "fs/call.h"
#include "fs/export.h"
#include "fs/file.h"
#include "fs/info.h"
#include "fs/spool.h"
#include "fs/view_links.h"
#include "fs/view_record.h"

#include "odoo/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <time.h>
#include <utlist.h>

static int make_text(struct op *op, struct view_node *node, char **ret_text, size_t *ret_size,
	int64_t *ret_mtime)
{
	*ret_mtime = time(NULL);
	switch (node->view->kind) {
	case VIEW_INFO_FILE:
		return info_text(op, node, ret_text, ret_size);
	case VIEW_RECORD:
		return view_record_text(op, node, ret_text, ret_size, ret_mtime);
	case VIEW_METHOD:
		return call_text(op, node, ret_text, ret_size, ret_mtime);
	case VIEW_LINK:
		return view_link_text(op, node, ret_text, ret_size);
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
		return view_op_check(op, *node, false);
	case VIEW_EXPORT_FILE:
		return op->fs->options->read_only || (*node)->spool
			       ? spool_prepare(op, node)
			       : view_op_check(op, (*node)->parent->parent, false);
	default:
		if (view_is_directory((*node)->view->kind)) {
			return 0;
		}
	}
	r = make_text(op, *node, &text, &size, &mtime);
	return r ? r : view_node_publish(op->fs, node, text, size, mtime);
}

/* ── Opening ── */

/* Read by node: a text never changes. */
static int open_text(struct op *op)
{
	struct fuse_file_info info = { .flags = op->flags, .keep_cache = 1, .noflush = 1 };

	fuse_reply_open(op->req, &info);
	return 0;
}

static int open_export(struct op *op, struct view_node *node)
{
	struct fuse_file_info info = {
		.flags = op->flags,
		.direct_io = 1, /* its size isn't known */
		.nonseekable = 1,
		.noflush = 1,
	};
	struct open_file *handle;
	struct exporter *exporter;
	int r = export_open(op, node, true, &exporter);

	if (r != 0) {
		return r;
	}
	handle = open_file_create(op->fs, FILE_EXPORT);
	if (!handle) {
		export_close(exporter);
		return -ENOMEM;
	}
	handle->exporter = exporter;
	handle->node = op->node;
	handle->process = process_of(op->pid);
	info.fh = open_file_pack(handle);
	if (fuse_reply_open(op->req, &info) == -ENOENT) { /* interrupted: no release will come */
		open_file_destroy(op->fs, handle);
	}
	return 0;
}

int view_file_open(struct op *op)
{
	struct view_node *node;
	int r = view_op_node(op, &node);

	if (r != 0) {
		return r;
	}
	if (view_is_directory(node->view->kind)) {
		return -EISDIR;
	}
	if ((op->flags & O_ACCMODE) != O_RDONLY) {
		return node->view->kind == VIEW_METHOD ? call_open(op, node) : -EACCES;
	}
	return node->view->kind == VIEW_EXPORT_FILE && !spool_is_whole(node) ? open_export(op, node)
									     : open_text(op);
}

/* Who reads a stream asks for its size as well, and makes nothing of the answer. */
static bool is_reading(struct op *op)
{
	struct process process = process_of(op->pid);
	const struct open_file *file;

	_cleanup_unlock_ pthread_mutex_t *held = lock(&op->fs->file_mutex);
	DL_FOREACH (op->fs->files, file) {
		if (file->exporter && file->node == op->node &&
			process_is(&file->process, &process)) {
			return true;
		}
	}
	return false;
}

int view_file_stat(struct op *op, struct view_node *node)
{
	bool unknown = node->view->kind == VIEW_EXPORT_FILE && !spool_is_whole(node);

	return unknown && !is_reading(op) ? spool_complete(op, node) : 0;
}

/* ── Reading ── */

int view_file_read(struct op *op)
{
	struct view_node *node;
	int r = view_op_node(op, &node);

	if (r != 0) {
		return r;
	}
	if (op->handle && op->handle->exporter) {
		struct open_file *handle = op->handle;

		open_file_hold(handle);
		r = export_read(op, handle->exporter);
		open_file_destroy(op->fs, handle);
		return r;
	}
	if (node->spool) {
		return spool_read(op, node);
	}
	if (!node->text) {
		return view_is_directory(node->view->kind) ? -EISDIR : -ESTALE;
	}
	file_reply_part(op->req, node->text, node->size, op->size, op->offset);
	return 0;
}
