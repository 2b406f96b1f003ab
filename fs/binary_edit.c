/* SPDX-License-Identifier: MIT */
#include "fs/binary_edit.h"

#include "fs/edit_file.h"
#include "fs/notifier.h"
#include "fs/save.h"

#include "cache/media.h"
#include "cache/write.h"
#include "odoo/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

/* Whether the user may write the field at all, as far as is known. */
static int may_write(struct op *op, struct cache_model *model, uint32_t id, unsigned slot)
{
	struct cache_model_attr attr;
	bool readonly;
	const char *field = cache_binary_field(op->fs->cache, model, slot, &readonly);

	cache_model_stat(op->fs->cache, model, &attr, NULL);
	if (!attr.may_write) {
		return -EACCES;
	}
	return readonly ? binary_refuse(op->fs, model, id, -EACCES, "\"%s\" is read-only", field)
			: 0;
}

/* All of a content: 0 and bytes to be freed, CACHE_WAIT, or -errno. */
static int read_all(struct op *op, struct cache_model *model, const struct cache_binary *binary,
	char **ret_bytes, size_t *ret_size)
{
	struct cache *cache = op->fs->cache;
	_cleanup_free_ char *bytes = malloc((size_t)binary->size + 1);
	struct cache_blob *blob;
	int r = bytes ? cache_blob_open(cache, model, binary->id, binary->slot, binary->version,
				&blob, &op->waiter)
		      : -ENOMEM;

	if (r != 0) {
		return r;
	}
	r = cache_blob_read(cache, blob, binary->version, 0, (size_t)binary->size, bytes, ret_size,
		&op->waiter);
	cache_blob_release(cache, blob);
	if (r == 0) {
		*ret_bytes = steal(bytes);
	}
	return r;
}

/* With draft_mutex held. NULL when out of memory. */
static struct draft *make_draft(struct op *op, struct cache_model *model, const char *name,
	const struct cache_binary *binary, fuse_ino_t node)
{
	struct draft *draft = draft_add(op->fs, model, name, DRAFT_BINARY, node);

	if (!draft) {
		return NULL;
	}
	draft->id = binary->id;
	draft->slot = binary->slot;
	draft->field = cache_binary_field(op->fs->cache, model, binary->slot, NULL);
	draft->owner = process_of(op->pid);
	return draft;
}

/* ── OPEN ── */

/* With draft_mutex held: the draft of a file that is opened in place. */
static struct draft *open_draft(struct op *op, struct cache_model *model,
	const struct cache_binary *binary, const char *bytes, size_t size)
{
	struct draft *draft = draft_by_node(op->fs, op->node);
	char name[CACHE_BINARY_NAME_MAX];

	if (draft) {
		return draft;
	}
	cache_binary_print_name(binary->id,
		cache_binary_field(op->fs->cache, model, binary->slot, NULL),
		cache_media_suffix(binary->type), name);
	draft = make_draft(op, model, name, binary, op->node);
	if (draft && bytes && draft_set_text(draft, bytes, size) < 0) {
		draft_drop(op->fs, draft);
		return NULL;
	}
	if (draft) {
		draft->in_place = true;
		draft->cut = !bytes; /* it can be replaced, but not changed */
		draft->size = bytes ? size : (size_t)binary->size;
	}
	return draft;
}

/* What the draft begins with; NULL where that is larger than what may be written. */
static int load(struct op *op, struct cache_model *model, const struct cache_binary *binary,
	char **ret_bytes, size_t *ret_size)
{
	if (binary->size > op->fs->options->max_file) {
		*ret_bytes = NULL;
		return 0;
	}
	return read_all(op, model, binary, ret_bytes, ret_size);
}

int binary_edit_open(struct op *op)
{
	struct fs *fs = op->fs;
	_cleanup_free_ char *bytes = NULL;
	struct cache_model *model;
	struct cache_binary binary;
	struct draft *draft;
	size_t size = 0;
	int r = edit_file_join(op, false);

	if (r != -ENOENT) {
		return r;
	}
	r = op_model(op, &model);
	r = r ? r : may_write(op, model, op->inode.id, op->inode.slot);
	r = r ? r
	      : cache_binary_stat(
			fs->cache, model, op->inode.id, op->inode.slot, &binary, &op->waiter);
	if (r == -ENOENT || (r == 0 && binary.version != op->inode.version)) {
		return -ESTALE; /* the name is looked up again */
	}
	r = r ? r : load(op, model, &binary, &bytes, &size);
	if (r != 0) {
		return r;
	}
	pthread_mutex_lock(&fs->draft_mutex);
	draft = open_draft(op, model, &binary, bytes, size);
	pthread_mutex_unlock(&fs->draft_mutex);
	return draft ? edit_file_join(op, false) : -ENOMEM;
}

/* ── CREATE ── */

int binary_edit_create(struct op *op, struct cache_model *model, const struct binary_target *target,
	struct draft **ret_draft)
{
	struct fs *fs = op->fs;
	struct cache_binary binary = { .id = target->id, .slot = (uint8_t)target->slot };
	struct cache_attr attr;
	struct draft *draft;
	int r = cache_record_stat(fs->cache, model, target->id, &attr, &op->waiter);

	if (r == -ENOENT) {
		return binary_refuse(fs, model, target->id, r,
			"there is no record %u whose field this could be", target->id);
	}
	r = r ? r : may_write(op, model, target->id, target->slot);
	if (r != 0) {
		return r;
	}
	pthread_mutex_lock(&fs->draft_mutex);
	draft = draft_by_name(fs, op->inode.model, op->name);
	if (draft) { /* saved before, and made anew: that one loses its name */
		draft_unname(fs, draft);
	}
	draft = make_draft(op, model, op->name, &binary, 0);
	if (!draft) {
		pthread_mutex_unlock(&fs->draft_mutex);
		return -ENOMEM;
	}
	*ret_draft = draft;
	return 0;
}

/* ── UNLINK ── */

static void on_emptied(int r, const cJSON *result, const struct odoo_error *error, void *data)
{
	struct op *op = data;
	struct cache_model *model = cache_model_by_number(op->fs->cache, op->inode.model);

	if (r < 0) {
		errors_add(op->fs->errors,
			&(struct errors_subject){
				model ? cache_model_name(model) : NULL, op->inode.id, NULL },
			"unlink", -r, error);
	}
	op_reply(op, r);
}

static int empty(struct op *op, struct cache_model *model, const struct binary_target *target)
{
	_cleanup_json_ cJSON *values = cJSON_CreateObject();
	const char *field = cache_binary_field(op->fs->cache, model, target->slot, NULL);

	op->inode.id = target->id; /* for the log */
	if (!values || !field || !cJSON_AddFalseToObject(values, field)) {
		return -ENOMEM;
	}
	cache_write(op->fs->cache, model, target->id, values, on_emptied, op);
	return OP_TAKEN;
}

/* One that was never saved is ours alone. Returns whether it was one, and is gone. */
static bool drop_draft(struct op *op)
{
	struct fs *fs = op->fs;
	struct draft *draft;

	_cleanup_unlock_ pthread_mutex_t *held = lock(&fs->draft_mutex);
	draft = draft_by_name(fs, op->inode.model, op->name);
	if (!draft || !draft->serial || draft->committed) {
		return false;
	}
	draft_unname(fs, draft);
	return true;
}

int binary_edit_unlink(struct op *op, struct cache_model *model, const struct binary_target *target)
{
	struct cache_binary binary;
	int r;

	if (drop_draft(op)) {
		op_reply(op, 0);
		return OP_TAKEN;
	}
	r = cache_binary_stat(op->fs->cache, model, target->id, target->slot, &binary, &op->waiter);
	r = r ? r : may_write(op, model, target->id, target->slot);
	if (r == 0 && op->fs->options->delete_mode == DELETE_DENY) {
		return binary_refuse(op->fs, model, target->id, -EPERM,
			"delete=deny: nothing can be removed here");
	}
	return r ? r : empty(op, model, target);
}

/* ── RENAME ── */

int binary_edit_copy(struct op *op, struct cache_model *model, const struct binary_target *target)
{
	struct fs *fs = op->fs;
	_cleanup_free_ char *bytes = NULL;
	struct cache_binary binary;
	size_t size = 0;
	int r = cache_binary_stat(fs->cache, model, target->id, target->slot, &binary, &op->waiter);

	r = r ? r : load(op, model, &binary, &bytes, &size);
	if (r != 0) {
		return r;
	}
	if (!bytes) {
		return -EFBIG;
	}
	pthread_mutex_lock(&fs->draft_mutex);
	if (!draft_add_copy(fs, model, op->new_name, bytes, size)) {
		r = -ENOMEM;
	}
	pthread_mutex_unlock(&fs->draft_mutex);
	if (r == 0) {
		notifier_post_name(fs->notifier, model, op->new_name);
		notifier_post_name(fs->notifier, model, op->name);
		op_reply(op, 0);
	}
	return r == 0 ? OP_TAKEN : r;
}
