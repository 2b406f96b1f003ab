/* SPDX-License-Identifier: MIT */
/* OPEN, READ, RELEASE, and the one file that can be written. */
#include "fs/file.h"

#include "fs/binary_edit.h"
#include "fs/call.h"
#include "fs/control.h"
#include "fs/edit_file.h"
#include "fs/export.h"
#include "fs/fs.h"
#include "fs/inode.h"
#include "fs/notifier.h"
#include "fs/op.h"
#include "fs/pusher.h"
#include "fs/save.h"
#include "fs/view_file.h"

#include "odoo/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <utlist.h>

struct open_file *open_file_create(struct fs *fs, enum file_kind kind)
{
	struct open_file *handle = calloc(1, sizeof(*handle));

	if (handle) {
		handle->kind = kind;
		handle->refs = 1;
		pthread_mutex_lock(&fs->file_mutex);
		DL_APPEND(fs->files, handle);
		pthread_mutex_unlock(&fs->file_mutex);
	}
	return handle;
}

void open_file_destroy(struct fs *fs, struct open_file *handle)
{
	if (!handle || --handle->refs) {
		return;
	}
	pthread_mutex_lock(&fs->file_mutex);
	DL_DELETE(fs->files, handle);
	pthread_mutex_unlock(&fs->file_mutex);
	if (handle->draft) {
		edit_file_release(fs, handle);
	}
	if (handle->content) {
		cache_content_release(fs->cache, handle->content);
	}
	cache_blob_release(fs->cache, handle->blob);
	export_close(handle->exporter);
	call_destroy(handle->call);
	free(handle->written);
	free(handle);
}

bool open_file_stat(struct fs *fs, uint64_t node, struct stat *ret_stat)
{
	_cleanup_unlock_ pthread_mutex_t *held = lock(&fs->file_mutex);
	const struct open_file *handle;

	DL_FOREACH (fs->files, handle) {
		if (handle->node == node && handle->stat.st_ino) {
			*ret_stat = handle->stat;
			return true;
		}
	}
	return false;
}

void files_finish(struct fs *fs)
{
	while (fs->files) {
		open_file_destroy(fs, fs->files);
	}
}

static void reply_open(struct op *op, struct open_file *handle)
{
	struct fuse_file_info info = {
		.flags = op->flags,
		.fh = open_file_pack(handle),
		.keep_cache = handle->kind == FILE_RECORD, /* a version never changes */
		.noflush = handle->kind == FILE_RECORD,
	};

	/* Interrupted: there will be no release. */
	if (fuse_reply_open(op->req, &info) == -ENOENT) {
		open_file_destroy(op->fs, handle);
	}
}

/* Whoever has it open can ask for these, whatever became of the version meanwhile. */
static void fill_stat(struct op *op, struct cache_model *model, struct open_file *handle)
{
	struct cache *cache = op->fs->cache;
	struct fs_model_view view;
	struct cache_attr attr;
	size_t size;

	cache_record_peek(cache, model, &op->inode.id, 1, &attr);
	if ((!attr.id || attr.version != op->inode.version) &&
		cache_version_stat(cache, model, op->inode.id, op->inode.version, &attr) < 0 &&
		!attr.id) {
		attr.mtime = attr.ctime = time(NULL);
	}
	cache_content_bytes(handle->content, &size);
	attr.id = op->inode.id;
	attr.version = op->inode.version;
	attr.size = size;
	fs_model_view(op->fs, model, &view);
	fs_record_attr(op->fs, &view, &attr, &handle->stat);
}

static int open_record(struct op *op)
{
	struct cache_model *model;
	struct cache_content *content;
	struct open_file *handle;
	int r = op_model(op, &model);

	if (r != 0) {
		return r;
	}
	r = cache_record_read(
		op->fs->cache, model, op->inode.id, op->inode.version, &content, &op->waiter);
	if (r != 0) {
		return r == -ENOENT ? -ESTALE : r; /* look the name up again */
	}
	edit_file_note_reading(op, model, op->inode.id, op->inode.version);
	handle = open_file_create(op->fs, FILE_RECORD);
	if (!handle) {
		cache_content_release(op->fs->cache, content);
		return -ENOMEM;
	}
	handle->content = content;
	handle->node = op->node;
	fill_stat(op, model, handle);
	reply_open(op, handle);
	return 0;
}

static int open_control(struct op *op)
{
	struct fuse_file_info info = { .flags = op->flags, .keep_cache = 1 };
	struct open_file *handle;

	if ((op->flags & O_ACCMODE) == O_RDONLY) {
		fuse_reply_open(op->req, &info); /* read by node: a snapshot never changes */
		return 0;
	}
	if (!control_is_writable(op->inode.id)) {
		return -EROFS;
	}
	handle = open_file_create(op->fs, FILE_CONTROL);
	if (!handle) {
		return -ENOMEM;
	}
	handle->control = op->inode.id;
	reply_open(op, handle);
	return 0;
}

static int run_open(struct op *op)
{
	int r;

	switch (op->inode.kind) {
	case INODE_CONTROL:
		return open_control(op);
	case INODE_DRAFT:
		return edit_file_open_draft(op);
	case INODE_VIEW:
		return view_file_open(op);
	case INODE_RECORD:
		break;
	case INODE_BINARY:
		if ((op->flags & O_ACCMODE) != O_RDONLY) {
			return binary_edit_open(op);
		}
		r = edit_file_open_shared(op);
		return r == -ENOENT ? binary_open(op) : r;
	default:
		return -EISDIR;
	}
	if ((op->flags & O_ACCMODE) != O_RDONLY) {
		return edit_file_open_record(op);
	}
	r = edit_file_open_shared(op);
	return r == -ENOENT ? open_record(op) : r;
}

void fs_open(fuse_req_t req, fuse_ino_t node, struct fuse_file_info *info)
{
	struct fs *fs = fuse_req_userdata(req);
	struct op *op;

	if (fs->options->read_only) {
		fuse_reply_err(req, ENOSYS); /* and the kernel never asks again */
		return;
	}
	op = op_create(req, node, NULL, run_open);
	if (op) {
		op->flags = info->flags;
		op_go(op);
	}
}

void file_reply_part(fuse_req_t req, const char *data, size_t size, size_t wanted, off_t offset)
{
	if ((uint64_t)offset >= size) {
		fuse_reply_buf(req, NULL, 0);
		return;
	}
	size -= (size_t)offset;
	fuse_reply_buf(req, data + offset, size < wanted ? size : wanted);
}

static int run_read(struct op *op)
{
	struct cache_model *model;
	struct cache_content *content;
	const char *data;
	size_t size;
	int r;

	if (op->inode.kind == INODE_CONTROL) {
		return control_read(op);
	}
	if (op->inode.kind == INODE_VIEW) {
		return view_file_read(op);
	}
	if (op->inode.kind == INODE_BINARY) {
		return binary_read(op);
	}
	if (op->inode.kind != INODE_RECORD) {
		return -EISDIR;
	}
	r = op_model(op, &model);
	if (r != 0) {
		return r;
	}
	r = cache_record_read(
		op->fs->cache, model, op->inode.id, op->inode.version, &content, &op->waiter);
	if (r != 0) {
		return r == -ENOENT ? -ESTALE : r;
	}
	data = cache_content_bytes(content, &size);
	file_reply_part(op->req, data, size, op->size, op->offset);
	cache_content_release(op->fs->cache, content);
	if (op->fs->pusher) {
		pusher_follow(op->fs->pusher, model, op->inode.id);
	}
	return 0;
}

void fs_read(
	fuse_req_t req, fuse_ino_t node, size_t size, off_t offset, struct fuse_file_info *info)
{
	struct open_file *handle = open_file_of(info->fh);
	struct fs *fs = fuse_req_userdata(req);
	struct op *op;

	if (handle && handle->draft) {
		edit_file_read(fs, req, handle->draft, size, offset);
		return;
	}
	if (handle && handle->call) {
		call_read(fs, req, handle->call, size, offset);
		return;
	}
	if (handle && handle->content) {
		size_t whole;
		const char *data = cache_content_bytes(handle->content, &whole);

		open_file_hold(handle);
		file_reply_part(req, data, whole, size, offset);
		open_file_destroy(fs, handle);
		return;
	}
	op = op_create(req, node, NULL, run_read);
	if (op) {
		op->handle = handle;
		op->size = size;
		op->offset = offset;
		op_go(op);
	}
}

void fs_write(fuse_req_t req, fuse_ino_t node, const char *data, size_t size, off_t offset,
	struct fuse_file_info *info)
{
	struct open_file *handle = open_file_of(info->fh);
	int r = -EROFS;

	if (handle && handle->call) {
		call_write(req, node, handle, data, size, offset);
		return;
	}
	if (handle && handle->draft) {
		r = edit_file_write(fuse_req_userdata(req), handle->draft, data, size, offset);
	} else if (handle && handle->kind == FILE_CONTROL) {
		r = control_write(fuse_req_userdata(req), handle, data, size);
	}
	if (r < 0) {
		fuse_reply_err(req, -r);
	} else {
		fuse_reply_write(req, size);
	}
}

/* Who asked for a refresh reads what is there from then on: the kernel has to know by then. */
static int run_committed(struct op *op)
{
	notifier_reply(op->fs->notifier, op, 0);
	return OP_TAKEN;
}

static void flush_control(fuse_req_t req, fuse_ino_t node, struct open_file *handle)
{
	int r = control_commit(fuse_req_userdata(req), handle);

	if (r < 0) {
		fuse_reply_err(req, -r);
	} else {
		op_start(req, node, run_committed);
	}
}

void fs_flush(fuse_req_t req, fuse_ino_t node, struct fuse_file_info *info)
{
	struct fs *fs = fuse_req_userdata(req);
	struct open_file *handle = open_file_of(info->fh);

	if (fs->options->read_only) {
		fuse_reply_err(req, ENOSYS);
		return;
	}
	if (handle && handle->draft) {
		op_start(req, node, save_run);
	} else if (handle && handle->call) {
		call_flush(fs, req, handle->call);
	} else if (handle && handle->kind == FILE_CONTROL) {
		flush_control(req, node, handle);
	} else {
		fuse_reply_err(req, 0);
	}
}

void fs_fsync(fuse_req_t req, fuse_ino_t node, int datasync, struct fuse_file_info *info)
{
	const struct open_file *handle = open_file_of(info->fh);

	if (handle && handle->draft) {
		op_start(req, node, save_run);
	} else {
		fuse_reply_err(req, 0);
	}
}

void fs_release(fuse_req_t req, fuse_ino_t node, struct fuse_file_info *info)
{
	struct open_file *handle = open_file_of(info->fh);

	open_file_destroy(fuse_req_userdata(req), handle);
	fuse_reply_err(req, 0);
}
