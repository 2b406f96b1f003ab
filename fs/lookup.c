/* SPDX-License-Identifier: MIT */
/* LOOKUP, GETATTR, FORGET: from names to nodes, and what is known of a node. */
#include "fs/binary.h"
#include "fs/control.h"
#include "fs/file.h"
#include "fs/fs.h"
#include "fs/inode.h"
#include "fs/name.h"
#include "fs/op.h"
#include "fs/overlay.h"
#include "fs/view_lookup.h"
#include "fs/view_node.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

/* Nothing of this name, for so long. */
static int reply_none(struct op *op, double timeout)
{
	fuse_reply_entry(op->req, &(struct fuse_entry_param){ .entry_timeout = timeout });
	return 0;
}

static int reply_root(struct op *op)
{
	struct fuse_entry_param entry = {
		.ino = FUSE_ROOT_ID,
		.attr_timeout = FS_KERNEL_TTL,
		.entry_timeout = FS_KERNEL_TTL,
	};

	fs_root_attr(op->fs, &entry.attr);
	fuse_reply_entry(op->req, &entry);
	return 0;
}

static int reply_model(struct op *op, struct cache_model *model)
{
	struct fuse_entry_param entry = {
		.ino = fs_model_node(cache_model_number(model)),
		.entry_timeout = FS_KERNEL_TTL,
	};
	struct cache_model_attr attr;
	int r = cache_model_stat(op->fs->cache, model, &attr, &op->waiter);

	if (r != 0) {
		return r;
	}
	entry.attr_timeout = fs_timeout(op->fs, model);
	fs_model_attr(op->fs, cache_model_number(model), &attr, &entry.attr);
	fuse_reply_entry(op->req, &entry);
	return 0;
}

static int lookup_in_root(struct op *op)
{
	struct cache_model *model;
	int r;

	if (strcmp(op->name, ".") == 0 || strcmp(op->name, "..") == 0) {
		return reply_root(op);
	}
	if (op->name[0] == '.') {
		return strcmp(op->name, CONTROL_DIR) == 0 ? control_lookup_dir(op)
							  : reply_none(op, FS_KERNEL_TTL);
	}
	r = cache_models_ensure(op->fs->cache, &op->waiter);
	if (r != 0) {
		return r;
	}
	model = cache_model_find(op->fs->cache, op->name);
	/* A model may be installed at any time, and no notice can be given of each name. */
	return model ? reply_model(op, model) : reply_none(op, 0);
}

static int lookup_in_model(struct op *op)
{
	struct cache_model *model;
	struct fuse_entry_param entry;
	struct fs_model_view view;
	struct cache_attr attr;
	uint32_t id = 0;
	int r;

	if (strcmp(op->name, "..") == 0) {
		return reply_root(op);
	}
	if (strlen(op->name) > NAME_MAX) {
		return -ENAMETOOLONG;
	}
	r = op_model(op, &model);
	if (r != 0) {
		return r;
	}
	if (strcmp(op->name, ".") == 0) {
		return reply_model(op, model);
	}
	switch (overlay_lookup(op, &id)) {
	case OVERLAY_REPLIED:
		return 0;
	case OVERLAY_GONE:
		return reply_none(op, 0);
	case OVERLAY_ALIAS:
		break;
	case OVERLAY_NONE:
		if (op->name[0] == '.') {
			return view_lookup(op);
		}
		if (name_parse_record(op->name, &id) < 0) {
			r = binary_lookup(op, model, false);
			if (r != -ENOENT && r != -EPERM) {
				return r;
			}
			/* What was refused is put beside the record by us, not by the kernel. */
			return reply_none(op, strstr(op->name, ".rej") ? 0 : FS_KERNEL_TTL);
		}
	}
	r = cache_record_stat(op->fs->cache, model, id, &attr, &op->waiter);
	if (r == -ENOENT) {
		/* It may be created at any time, and after a refresh no notice is given of that. */
		return reply_none(op, 0);
	}
	if (r == 0) {
		fs_model_view(op->fs, model, &view);
		fs_record_entry(op->fs, &view, &attr, &entry);
		fuse_reply_entry(op->req, &entry);
	}
	return r;
}

/* Only "." and "..", for file handles that outlive us (NFS, open_by_handle_at). */
static int lookup_in_record(struct op *op)
{
	struct cache_model *model;
	struct fuse_entry_param entry;
	struct fs_model_view view;
	struct cache_attr attr;
	int r = op_model(op, &model);

	if (r != 0) {
		return r;
	}
	if (strcmp(op->name, "..") == 0) {
		return reply_model(op, model);
	}
	if (strcmp(op->name, ".") != 0) {
		return -ENOTDIR;
	}
	r = cache_record_stat(op->fs->cache, model, op->inode.id, &attr, &op->waiter);
	if (r == -ENOENT || (r == 0 && attr.version != op->inode.version)) {
		return -ESTALE;
	}
	if (r == 0) {
		fs_model_view(op->fs, model, &view);
		fs_record_entry(op->fs, &view, &attr, &entry);
		fuse_reply_entry(op->req, &entry);
	}
	return r;
}

static int run_lookup(struct op *op)
{
	switch (op->inode.kind) {
	case INODE_MOUNT:
		return op->inode.id == INODE_ROOT ? lookup_in_root(op) : control_lookup(op);
	case INODE_MODEL:
		return lookup_in_model(op);
	case INODE_RECORD:
		return lookup_in_record(op);
	case INODE_VIEW:
		return view_lookup(op);
	default:
		return -ENOTDIR;
	}
}

void fs_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct op *op = op_create(req, parent, name, run_lookup);

	if (op) {
		op_go(op);
	}
}

static int reply_attr(struct op *op, const struct stat *attr, double timeout)
{
	fuse_reply_attr(op->req, attr, timeout);
	return 0;
}

static int getattr_model(struct op *op, struct cache_model *model)
{
	struct cache_model_attr attr;
	struct stat stat;
	int r = cache_model_stat(op->fs->cache, model, &attr, &op->waiter);

	if (r != 0) {
		return r;
	}
	fs_model_attr(op->fs, cache_model_number(model), &attr, &stat);
	return reply_attr(op, &stat, fs_timeout(op->fs, model));
}

/*
 * A version that is no more: who has it open is told what was opened. On a read-only mount nobody
 * says what he has open, but the kernel forgets a version as soon as nobody has.
 */
static bool find_open(struct op *op, struct cache_model *model, const struct fs_model_view *view,
	struct stat *ret_stat)
{
	struct cache_attr attr;

	if (!op->fs->options->read_only) {
		return open_file_stat(op->fs, op->node, ret_stat);
	}
	if (cache_version_stat(op->fs->cache, model, op->inode.id, op->inode.version, &attr) < 0) {
		return false;
	}
	fs_record_attr(op->fs, view, &attr, ret_stat);
	return true;
}

/* For others it is ESTALE: the kernel then looks the name up again by itself. */
static int getattr_record(struct op *op, struct cache_model *model)
{
	struct fs_model_view view;
	struct cache_attr attr;
	struct stat stat;
	int r = cache_record_stat(op->fs->cache, model, op->inode.id, &attr, &op->waiter);

	if (r != 0 && r != -ENOENT) {
		return r;
	}
	fs_model_view(op->fs, model, &view);
	if (r == 0 && attr.version == op->inode.version) {
		fs_record_attr(op->fs, &view, &attr, &stat);
	} else if (!find_open(op, model, &view, &stat)) {
		return -ESTALE;
	}
	return reply_attr(op, &stat, view.timeout);
}

static int run_getattr(struct op *op)
{
	struct cache_model *model;
	struct stat stat;
	int r;

	if (op->inode.kind == INODE_MOUNT && op->inode.id == INODE_ROOT) {
		/* Who only lists the root is told of new models in the end, too. */
		if (cache_model_next(op->fs->cache, 0)) {
			cache_models_ensure(op->fs->cache, NULL);
		}
		fs_root_attr(op->fs, &stat);
		return reply_attr(op, &stat, FS_KERNEL_TTL);
	}
	if (op->inode.kind == INODE_MOUNT || op->inode.kind == INODE_CONTROL) {
		return control_getattr(op);
	}
	if (op->inode.kind == INODE_VIEW) {
		return view_getattr(op);
	}
	if (overlay_getattr(op)) {
		return 0;
	}
	if (op->inode.kind == INODE_DRAFT) {
		return -ESTALE;
	}
	r = op_model(op, &model);
	if (r != 0) {
		return r;
	}
	if (op->inode.kind == INODE_BINARY) {
		return binary_getattr(op);
	}
	return op->inode.kind == INODE_MODEL ? getattr_model(op, model) : getattr_record(op, model);
}

void fs_getattr(fuse_req_t req, fuse_ino_t node, struct fuse_file_info *info)
{
	const struct open_file *handle = info ? open_file_of(info->fh) : NULL;

	/* Who has it open sees what was opened. */
	if (handle && handle->stat.st_ino) {
		fuse_reply_attr(req, &handle->stat, FS_KERNEL_TTL);
		return;
	}
	op_start(req, node, run_getattr);
}

static void forget(struct fs *fs, fuse_ino_t node, uint64_t n)
{
	struct cache_model *model;
	struct inode inode;

	if (inode_unpack(node, &inode) < 0) {
		return;
	}
	if (inode.kind == INODE_CONTROL) {
		control_forget(fs, node);
	}
	if (inode.kind == INODE_VIEW) {
		view_node_forget(fs, &inode, n);
	}
	if (inode.kind == INODE_RECORD && fs->options->read_only &&
		(model = cache_model_by_number(fs->cache, inode.model))) {
		cache_record_forget(fs->cache, model, inode.id, inode.version);
	}
}

void fs_forget(fuse_req_t req, fuse_ino_t node, uint64_t nlookup)
{
	forget(fuse_req_userdata(req), node, nlookup);
	fuse_reply_none(req);
}

void fs_forget_multi(fuse_req_t req, size_t count, struct fuse_forget_data *forgets)
{
	for (size_t i = 0; i < count; i++) {
		forget(fuse_req_userdata(req), forgets[i].ino, forgets[i].nlookup);
	}
	fuse_reply_none(req);
}
