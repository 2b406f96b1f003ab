/* SPDX-License-Identifier: MIT */
/* CREATE, UNLINK, SYMLINK, READLINK: what changes a directory. */
#include "fs/change_private.h"

#include "fs/binary_edit.h"
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

/* Whether a name is none that a file can have here: the kernel lets longer ones pass, for views. */
static bool is_too_long(const char *name)
{
	return name && strlen(name) > NAME_MAX;
}

int change_model(struct op *op, struct cache_model **ret_model)
{
	if (is_too_long(op->name) || is_too_long(op->new_name)) {
		return -ENAMETOOLONG;
	}
	if (!view_node_takes_records(op->fs, &op->inode)) {
		return -EPERM;
	}
	return op_model(op, ret_model);
}

void change_tell_view(struct op *op, struct cache_model *model, const char *name)
{
	if (op->inode.kind == INODE_VIEW) {
		notifier_post_name(op->fs->notifier, model, name);
	}
}

int change_read_record(struct op *op, struct cache_model *model, uint32_t id,
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

/* With draft_mutex held. */
static void open_made(struct op *op, struct draft *draft, struct open_file *file)
{
	draft->handles = draft->writing = 1;
	draft->owner = process_of(op->pid);
	file->writes = true;
	draft->writers = true;
	file->draft = draft;
	reply_create(op, draft, file);
}

int change_refuse_derived(struct op *op, struct cache_model *model, const char *name)
{
	return binary_refuse(op->fs, model, 0, -EPERM,
		"%s: Odoo makes this field from another: write that one", name);
}

static int create_binary(
	struct op *op, struct cache_model *model, const struct binary_target *target)
{
	struct open_file *file;
	struct draft *draft;
	int r = binary_edit_create(op, model, target, &draft);

	if (r != 0) {
		return r;
	}
	file = open_file_create(op->fs, FILE_DRAFT);
	if (file) {
		open_made(op, draft, file);
	} else {
		draft_drop(op->fs, draft);
		r = -ENOMEM;
	}
	pthread_mutex_unlock(&op->fs->draft_mutex);
	change_tell_view(op, model, op->name);
	return r;
}

static int run_create(struct op *op)
{
	struct fs *fs = op->fs;
	struct cache_model *model;
	struct cache_content *content = NULL;
	struct cache_attr attr;
	struct binary_target target;
	struct open_file *file;
	struct draft *draft;
	uint32_t id;
	int r = change_model(op, &model);

	if (r != 0) {
		return r;
	}
	r = binary_parse(op, model, op->name, &target);
	if (r != -ENOENT) {
		return r == 0	     ? create_binary(op, model, &target)
		       : r == -EPERM ? change_refuse_derived(op, model, op->name)
				     : r;
	}
	if (draft_kind_of(op->name, &id) == DRAFT_RECORD) {
		r = change_read_record(op, model, id, &attr, &content);
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
		open_made(op, draft, file);
	}
	pthread_mutex_unlock(&fs->draft_mutex);
	if (content) {
		cache_content_release(fs->cache, content);
	}
	if (!draft) {
		open_file_destroy(fs, file);
		return -ENOMEM;
	}
	change_tell_view(op, model, op->name);
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
	int r = change_model(op, &model);

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
	change_tell_view(op, model, op->name);
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

	_cleanup_odoo_error_ struct odoo_error unsure = { 0 };

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
	_cleanup_odoo_error_ struct odoo_error error = { 0 };

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
	struct binary_target target;
	struct cache_model *model;
	struct cache_attr attr;
	uint32_t id = 0;
	int r = change_model(op, &model);

	if (r != 0) {
		return r;
	}
	r = binary_parse(op, model, op->name, &target);
	if (r != -ENOENT && r != -EPERM) {
		return r ? r : binary_edit_unlink(op, model, &target);
	}
	r = unlink_scratch(op, &id);
	if (r > 0) {
		change_tell_view(op, model, op->name);
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
