/* SPDX-License-Identifier: MIT */
/* CREATE, UNLINK, RENAME, SYMLINK, READLINK: what changes a directory. */
#include "fs/change.h"

#include "fs/edit_file.h"
#include "fs/name.h"
#include "fs/notifier.h"
#include "fs/overlay.h"
#include "fs/save.h"
#include "fs/view_node.h"

#include "cache/write.h"
#include "odoo/cleanup.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE 1
#endif

/*
 * What is made in a view is made in the model's directory, and seen in both. Names of drafts are
 * the kernel's: up to 255 bytes.
 */
static int writable_model(struct op *op, struct cache_model **ret_model)
{
	if (!view_node_takes_records(op->fs, &op->inode)) {
		return -EPERM;
	}
	return op_model(op, ret_model);
}

/* The model's directory has to hear of what was done in a view. */
static void tell_of_view(struct op *op, struct cache_model *model, const char *name)
{
	if (op->inode.kind == INODE_VIEW) {
		notifier_post_name(op->fs->notifier, model, name);
	}
}

/* Read the content of a record: what its changes are told from. 0, CACHE_WAIT, or -errno. */
static int read_record(struct op *op, struct cache_model *model, uint32_t id,
	struct cache_attr *ret_attr, struct cache_content **ret_content)
{
	int r = cache_record_stat(op->fs->cache, model, id, ret_attr, &op->waiter);

	return r ? r
		 : cache_record_read(
			   op->fs->cache, model, id, ret_attr->version, ret_content, &op->waiter);
}

/* ── CREATE ── */

static void reply_create(struct op *op, struct draft *draft, struct open_file *file)
{
	struct fuse_entry_param entry = { .ino = draft->node };
	struct fuse_file_info info = { .flags = op->flags, .fh = open_file_pack(file) };

	draft_attr(op->fs, draft, &entry.attr);
	fuse_reply_create(op->req, &entry, &info);
}

/* With draft_mutex held. */
static struct draft *make_draft(
	struct op *op, struct cache_model *model, uint32_t id, struct cache_content *content)
{
	enum draft_kind kind = id ? DRAFT_RECORD : draft_kind_of(op->name, &(uint32_t){ 0 });
	struct draft *draft = draft_by_name(op->fs, op->inode.model, op->name);
	const char *text;
	size_t size;

	if (draft) { /* saved before, and made anew: that one loses its name */
		draft_unname(op->fs, draft);
	}
	draft = draft_add(
		op->fs, model, op->name, !id && kind == DRAFT_RECORD ? DRAFT_NEW : kind, 0);
	if (!draft || !content) {
		return draft;
	}
	draft->id = id;
	text = cache_content_bytes(content, &size);
	if (draft_set_base(draft, text, size) < 0) {
		draft_drop(op->fs, draft);
		return NULL;
	}
	return draft;
}

static int run_create(struct op *op)
{
	struct fs *fs = op->fs;
	struct cache_model *model;
	struct cache_content *content = NULL;
	struct cache_attr attr;
	struct open_file *file;
	struct draft *draft;
	uint32_t id;
	int r = writable_model(op, &model);

	if (r != 0) {
		return r;
	}
	if (draft_kind_of(op->name, &id) == DRAFT_RECORD) {
		r = read_record(op, model, id, &attr, &content);
		if (r == -ENOENT) {
			id = 0; /* a number that no record has is a new one */
		} else if (r != 0) {
			return r;
		}
	}
	file = open_file_create(fs, FILE_DRAFT);
	pthread_mutex_lock(&fs->draft_mutex);
	draft = file ? make_draft(op, model, id, content) : NULL;
	if (draft) {
		if (id) {
			draft_set_hidden(fs, op->inode.model, id, false);
		}
		draft->handles = draft->writing = 1;
		draft->owner = process_of(op->pid);
		file->writes = true;
		draft->writers = true;
		file->draft = draft;
		reply_create(op, draft, file);
	}
	pthread_mutex_unlock(&fs->draft_mutex);
	if (content) {
		cache_content_release(fs->cache, content);
	}
	if (!draft) {
		open_file_destroy(fs, file);
		return -ENOMEM;
	}
	tell_of_view(op, model, op->name);
	return 0;
}

void fs_create_file(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode,
	struct fuse_file_info *info)
{
	struct op *op = op_create(req, parent, name, run_create);

	if (op) {
		op->flags = info->flags;
		op_go(op);
	}
}

/* ── SYMLINK: emacs' locks ── */

static int run_symlink(struct op *op)
{
	struct fs *fs = op->fs;
	struct fuse_entry_param entry = { 0 };
	struct cache_model *model;
	struct draft *draft;
	uint32_t id;
	int r = writable_model(op, &model);

	if (r != 0) {
		return r;
	}
	if (draft_kind_of(op->name, &id) != DRAFT_SCRATCH) {
		return -EPERM;
	}
	_cleanup_unlock_ pthread_mutex_t *held = lock(&fs->draft_mutex);
	if (draft_by_name(fs, op->inode.model, op->name)) {
		return -EEXIST;
	}
	draft = draft_add(fs, model, op->name, DRAFT_SCRATCH, 0);
	if (!draft) {
		return -ENOMEM;
	}
	draft->target = steal(op->new_name);
	entry.ino = draft->node;
	draft_attr(fs, draft, &entry.attr);
	fuse_reply_entry(op->req, &entry);
	tell_of_view(op, model, op->name);
	return 0;
}

void fs_symlink(fuse_req_t req, const char *target, fuse_ino_t parent, const char *name)
{
	struct op *op = op_create(req, parent, name, run_symlink);

	if (op) {
		op->new_name = strdup(target);
		op_go(op);
	}
}

void fs_readlink(fuse_req_t req, fuse_ino_t node)
{
	struct fs *fs = fuse_req_userdata(req);
	const struct view_node *link;
	struct inode inode;
	struct draft *draft;

	if (inode_unpack(node, &inode) == 0 && inode.kind == INODE_VIEW) {
		link = view_node_find(fs, &inode);
		if (link && link->view->kind == VIEW_LINK && link->text) {
			fuse_reply_readlink(req, link->text);
		} else {
			fuse_reply_err(req, EINVAL);
		}
		return;
	}
	_cleanup_unlock_ pthread_mutex_t *held = lock(&fs->draft_mutex);
	draft = draft_by_node(fs, node);
	if (draft && draft->target) {
		fuse_reply_readlink(req, draft->target);
	} else {
		fuse_reply_err(req, EINVAL);
	}
}

/* ── UNLINK ── */

static void on_removed(int r, const cJSON *result, const struct odoo_error *error, void *data)
{
	struct op *op = data;
	struct cache_model *model = cache_model_by_number(op->fs->cache, op->inode.model);

	_cleanup_odoo_error_ struct odoo_error unsure;

	odoo_error_init(&unsure);
	if (r < 0) {
		r = error->unsure ? -EIO : r;
		errors_add(op->fs->errors,
			&(struct errors_subject){
				model ? cache_model_name(model) : NULL, op->inode.id, NULL },
			"unlink", -r, errors_word(error, &unsure));
	} else if (op->fs->options->delete_mode == DELETE_ARCHIVE && !op->fs->options->archived) {
		cache_record_hide(op->fs->cache, model, op->inode.id);
	}
	op_reply(op, r);
}

static int refuse_removal(struct op *op, struct cache_model *model, const char *why)
{
	_cleanup_odoo_error_ struct odoo_error error;

	odoo_error_init(&error);
	odoo_error_set(&error, ODOO_FAULT_USER, "%s", why);
	errors_add(op->fs->errors,
		&(struct errors_subject){ cache_model_name(model), op->inode.id, NULL }, "unlink",
		EPERM, &error);
	return -EPERM;
}

static bool has_active(struct cache *cache, struct cache_model *model)
{
	const struct cache_schema *schema;
	bool found;

	cache_schemas_hold(cache);
	schema = cache_model_schema(cache, model);
	found = schema && cache_schema_find(schema, "active");
	cache_schemas_release(cache);
	return found;
}

static int archive(struct op *op, struct cache_model *model)
{
	_cleanup_json_ cJSON *values = cJSON_CreateObject();

	if (!has_active(op->fs->cache, model)) {
		return refuse_removal(op, model,
			"delete=archive: this model has no field `active` to archive it by");
	}
	cJSON_AddFalseToObject(values, "active");
	cache_write(op->fs->cache, model, op->inode.id, values, on_removed, op);
	return OP_TAKEN;
}

static int remove_record(struct op *op, struct cache_model *model, uint32_t id)
{
	op->inode.id = id; /* for the log */
	switch (op->fs->options->delete_mode) {
	case DELETE_DENY:
		return refuse_removal(op, model, "delete=deny: records can't be removed here");
	case DELETE_ARCHIVE:
		return archive(op, model);
	default:
		cache_unlink(op->fs->cache, model, id, on_removed, op);
		return OP_TAKEN;
	}
}

/* Returns 1 when it was one, and is gone. */
static int unlink_scratch(struct op *op, uint32_t *ret_id)
{
	struct fs *fs = op->fs;
	struct draft *draft;

	_cleanup_unlock_ pthread_mutex_t *held = lock(&fs->draft_mutex);
	draft = draft_by_name(fs, op->inode.model, op->name);
	/*
	 * A record's name that was created anew and never saved is ours alone. vim removes it so,
	 * to put its backup back, when saving failed: the record is not meant.
	 */
	if (draft && (!draft->id || (draft->serial && !draft->committed))) {
		draft_unname(fs, draft);
		return 1;
	}
	if (draft_kind_of(op->name, ret_id) == DRAFT_RECORD) {
		return draft_is_hidden(fs, op->inode.model, *ret_id) ? -ENOENT : 0;
	}
	*ret_id = alias_find(fs, op->inode.model, op->name);
	return *ret_id ? 0 : -ENOENT;
}

static int run_unlink(struct op *op)
{
	struct cache_model *model;
	struct cache_attr attr;
	uint32_t id = 0;
	int r = writable_model(op, &model);

	if (r != 0) {
		return r;
	}
	r = unlink_scratch(op, &id);
	if (r > 0) {
		tell_of_view(op, model, op->name);
		op_reply(op, 0);
		return OP_TAKEN;
	}
	if (r == 0) {
		r = cache_record_stat(op->fs->cache, model, id, &attr, &op->waiter);
	}
	return r ? r : remove_record(op, model, id);
}

void fs_unlink(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct op *op = op_create(req, parent, name, run_unlink);

	if (op) {
		op_go(op);
	}
}

/* ── RENAME ── */

/* `14.json` → `14.json~`: the second is a copy of our own, and the first name is free. */
static int move_aside(struct op *op, struct cache_model *model, uint32_t id)
{
	struct fs *fs = op->fs;
	struct cache_content *content;
	struct cache_attr attr;
	struct draft *copy;
	const char *text;
	size_t size;
	int r = read_record(op, model, id, &attr, &content);

	if (r != 0) {
		return r;
	}
	edit_file_note_reading(op, model, id, attr.version); /* whoever reads the copy */
	pthread_mutex_lock(&fs->draft_mutex);
	copy = draft_by_name(fs, op->inode.model, op->new_name);
	if (copy) {
		draft_unname(fs, copy);
	}
	copy = draft_add(fs, model, op->new_name, DRAFT_SCRATCH, 0);
	text = cache_content_bytes(content, &size);
	if (copy && draft_set_text(copy, text, size) == 0) {
		copy->copy_of = id;
		copy->hides = true;
	} else {
		r = -ENOMEM;
	}
	pthread_mutex_unlock(&fs->draft_mutex);
	cache_content_release(fs->cache, content);
	if (r == 0) {
		notifier_post_name(fs->notifier, model, op->new_name);
		tell_of_view(op, model, op->name);
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
	tell_of_view(op, draft->model, op->name);
	tell_of_view(op, draft->model, draft->name);
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

static int run_rename(struct op *op)
{
	struct fs *fs = op->fs;
	struct cache_model *model;
	struct draft *draft;
	uint32_t id, target_id;
	enum draft_kind target;
	int r = writable_model(op, &model);

	if (r == 0) {
		r = look_at_target(op, model);
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
