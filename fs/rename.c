/* SPDX-License-Identifier: MIT */
/* RENAME: of editors' files, which saves what they hold, and of what they move out of the way. */
#include "fs/binary_edit.h"
#include "fs/change_private.h"
#include "fs/edit_file.h"
#include "fs/notifier.h"
#include "fs/save.h"
#include "fs/view_node.h"

#include "odoo/cleanup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE 1
#endif

/* `14.json` → `14.json~`: the second is a copy of our own, and the first name is free. */
static int move_aside(struct op *op, struct cache_model *model, uint32_t id)
{
	struct fs *fs = op->fs;
	struct cache_content *content;
	struct cache_attr attr;
	struct draft *copy;
	const char *text;
	size_t size;
	int r = change_read_record(op, model, id, &attr, &content);

	if (r != 0) {
		return r;
	}
	edit_file_note_reading(op, model, id, attr.version); /* whoever reads the copy */
	pthread_mutex_lock(&fs->draft_mutex);
	text = cache_content_bytes(content, &size);
	copy = draft_add_copy(fs, model, op->new_name, text, size);
	if (copy) {
		copy->copy_of = id;
		copy->hides = true;
	} else {
		r = -ENOMEM;
	}
	pthread_mutex_unlock(&fs->draft_mutex);
	cache_content_release(fs->cache, content);
	if (r == 0) {
		notifier_post_name(fs->notifier, model, op->new_name);
		change_tell_view(op, model, op->name);
		op_reply(op, 0);
	}
	return r == 0 ? OP_TAKEN : r;
}

/* With draft_mutex held, which is given up. */
static int rename_scratch(struct op *op, struct draft *draft)
{
	struct fs *fs = op->fs;
	struct draft *target = draft_by_name(fs, op->inode.model, op->new_name);

	if (target && target != draft) {
		draft_unname(fs, target);
	}
	free(draft->name);
	draft->name = steal(op->new_name);
	draft->rejected = false;
	change_tell_view(op, draft->model, op->name);
	change_tell_view(op, draft->model, draft->name);
	pthread_mutex_unlock(&fs->draft_mutex);
	op_reply(op, 0);
	return OP_TAKEN;
}

static bool target_exists(struct op *op)
{
	_cleanup_unlock_ pthread_mutex_t *held = lock(&op->fs->draft_mutex);

	return op->exists || draft_by_name(op->fs, op->inode.model, op->new_name);
}

/* Whether the target is a record that is there. 0, CACHE_WAIT, or -errno. */
static int look_at_target(struct op *op, struct cache_model *model)
{
	struct cache_attr attr;
	uint32_t id = 0;
	int r;

	if (draft_kind_of(op->new_name, &id) != DRAFT_RECORD) {
		pthread_mutex_lock(&op->fs->draft_mutex);
		id = alias_find(op->fs, op->inode.model, op->new_name);
		pthread_mutex_unlock(&op->fs->draft_mutex);
	}
	r = id ? cache_record_stat(op->fs->cache, model, id, &attr, &op->waiter) : -ENOENT;
	op->exists = r == 0;
	return r == -ENOENT ? 0 : r;
}

/* A file of a binary field is written by renaming one to it, and moved aside as a copy. */
static int rename_binary(struct op *op, struct cache_model *model)
{
	struct fs *fs = op->fs;
	struct binary_target from, to;
	struct cache_binary binary;
	struct draft *draft;
	int r_to = binary_parse(op, model, op->new_name, &to), r = r_to;

	if (r == -EPERM) {
		return change_refuse_derived(op, model, op->new_name);
	}
	if (r == 0 && op->flags & RENAME_NOREPLACE) {
		r = cache_binary_stat(fs->cache, model, to.id, to.slot, &binary, &op->waiter);
		r = r == 0 ? -EEXIST : r == -ENOENT ? 0 : r;
	}
	if (r != 0 && r != -ENOENT) {
		return r;
	}
	pthread_mutex_lock(&fs->draft_mutex);
	draft = draft_by_name(fs, op->inode.model, op->name);
	if (r_to == 0 && draft && draft->kind == DRAFT_SCRATCH && !draft->target) {
		return binary_save_rename(op, draft, &to);
	}
	pthread_mutex_unlock(&fs->draft_mutex);
	if (r_to == 0) {
		return -EPERM; /* a record's, or another field's */
	}
	r = binary_parse(op, model, op->name, &from);
	if (r == 0) {
		r = draft_kind_of(op->new_name, &to.id) == DRAFT_SCRATCH
			    ? binary_edit_copy(op, model, &from)
			    : -EPERM;
	}
	return r;
}

static int run_rename(struct op *op)
{
	struct fs *fs = op->fs;
	struct cache_model *model;
	struct draft *draft;
	uint32_t id, target_id;
	enum draft_kind target;
	int r = change_model(op, &model);

	if (r == 0) {
		r = rename_binary(op, model);
		r = r == -ENOENT ? look_at_target(op, model) : r;
	}
	if (r != 0) {
		return r;
	}
	if (op->flags & RENAME_NOREPLACE && target_exists(op)) {
		return -EEXIST;
	}
	target = draft_kind_of(op->new_name, &target_id);
	pthread_mutex_lock(&fs->draft_mutex);
	draft = draft_by_name(fs, op->inode.model, op->name);
	if (draft && !draft->id && !draft->target) {
		return target == DRAFT_SCRATCH ? rename_scratch(op, draft)
					       : save_rename(op, draft, op->new_name);
	}
	pthread_mutex_unlock(&fs->draft_mutex);
	if (draft_kind_of(op->name, &id) != DRAFT_RECORD) {
		return -ENOENT;
	}
	/* A record's number is Odoo's: it can be moved aside, but not to another number. */
	return target == DRAFT_SCRATCH ? move_aside(op, model, id) : -EPERM;
}

/* Two views of a model, or one and the model's directory: names are the same in both. */
static bool is_same_model(struct fs *fs, fuse_ino_t parent, fuse_ino_t new_parent)
{
	struct inode from, to;

	return inode_unpack(parent, &from) == 0 && inode_unpack(new_parent, &to) == 0 &&
	       from.model == to.model && view_node_takes_records(fs, &from) &&
	       view_node_takes_records(fs, &to);
}

void fs_rename(fuse_req_t req, fuse_ino_t parent, const char *name, fuse_ino_t new_parent,
	const char *new_name, unsigned int flags)
{
	struct op *op;

	if (flags & ~(unsigned)RENAME_NOREPLACE) {
		fuse_reply_err(req, EINVAL);
		return;
	}
	if (parent != new_parent && !is_same_model(fuse_req_userdata(req), parent, new_parent)) {
		fuse_reply_err(req, EPERM);
		return;
	}
	op = op_create(req, parent, name, run_rename);
	if (op) {
		op->new_name = strdup(new_name);
		op->flags = (int)flags;
		op_go(op);
	}
}
