/* SPDX-License-Identifier: MIT */
#include "fs/binary.h"

#include "fs/file.h"
#include "fs/name.h"

#include "cache/media.h"
#include "odoo/cleanup.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

int binary_refuse(
	struct fs *fs, struct cache_model *model, uint32_t id, int r, const char *format, ...)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };
	va_list arguments;

	va_start(arguments, format);
	odoo_error_vset(&error, ODOO_FAULT_USER, format, arguments);
	va_end(arguments);
	errors_add(fs->errors, &(struct errors_subject){ cache_model_name(model), id, NULL },
		"write", -r, &error);
	return r;
}

int binary_parse(struct op *op, struct cache_model *model, const char *name,
	struct binary_target *ret_target)
{
	struct name_binary parsed;
	unsigned slot;
	int r = name_parse_binary(name, &parsed);

	/* `14.image_1920.png~` and the like are editors'. */
	if (r == 0 && parsed.suffix && !cache_media_is_suffix(parsed.suffix)) {
		return -ENOENT;
	}
	if (r == 0) {
		r = cache_binary_slot(
			op->fs->cache, model, parsed.field, parsed.field_size, &slot, &op->waiter);
	}
	if (r == 0) {
		*ret_target = (struct binary_target){ parsed.id, slot, parsed.suffix };
	}
	return r;
}

/* ── Attributes ── */

static struct inode inode_of(struct cache_model *model, const struct cache_binary *binary)
{
	return (struct inode){
		.kind = INODE_BINARY,
		.slot = binary->slot,
		.version = binary->version,
		.model = cache_model_number(model),
		.id = binary->id,
	};
}

void binary_attr(struct fs *fs, struct cache_model *model, const struct cache_binary *binary,
	struct stat *ret_stat)
{
	const struct inode inode = inode_of(model, binary);
	struct fs_model_view view;
	struct cache_attr attr = {
		.id = binary->id,
		.size = binary->size,
		.mtime = binary->mtime ? binary->mtime : fs->started,
		.ctime = binary->ctime ? binary->ctime : fs->started,
	};
	bool readonly;

	cache_binary_field(fs->cache, model, binary->slot, &readonly);
	fs_model_view(fs, model, &view);
	if (readonly) {
		view.record_mode &= ~(mode_t)0222;
	}
	fs_record_attr(fs, &view, &attr, ret_stat);
	ret_stat->st_ino = inode_number(&inode);
}

static struct fuse_entry_param entry_of(
	struct fs *fs, struct cache_model *model, const struct cache_binary *binary, double timeout)
{
	const struct inode inode = inode_of(model, binary);
	struct fuse_entry_param entry = {
		.ino = inode_pack(&inode),
		.attr_timeout = fs_timeout(fs, model),
		.entry_timeout = timeout,
	};

	binary_attr(fs, model, binary, &entry.attr);
	return entry;
}

bool binary_print_name(struct fs *fs, struct cache_model *model, const struct cache_binary *binary,
	char name[static CACHE_BINARY_NAME_MAX])
{
	const char *field = cache_binary_field(fs->cache, model, binary->slot, NULL);

	if (field) {
		cache_binary_print_name(binary->id, field, cache_media_suffix(binary->type), name);
	}
	return field != NULL;
}

bool binary_add(struct listing *listing, struct cache_model *model,
	const struct cache_binary *binary, double timeout, off_t next)
{
	struct fs *fs = listing->op->fs;
	struct fuse_entry_param entry = entry_of(fs, model, binary, timeout);
	char name[CACHE_BINARY_NAME_MAX];

	return !binary_print_name(fs, model, binary, name) || dir_add(listing, name, &entry, next);
}

/* ── LOOKUP, GETATTR ── */

/* The listed name's suffix, or none. */
static bool is_name_of(const struct binary_target *target, const struct cache_binary *binary)
{
	return !target->suffix || strcmp(target->suffix, cache_media_suffix(binary->type)) == 0;
}

static int find_target(struct op *op, struct cache_model *model, const struct binary_target *target,
	struct cache_binary *ret_binary)
{
	int r = cache_binary_stat(
		op->fs->cache, model, target->id, target->slot, ret_binary, &op->waiter);

	return r == 0 && !is_name_of(target, ret_binary) ? -ENOENT : r;
}

int binary_find(
	struct op *op, struct cache_model *model, const char *name, struct cache_binary *ret_binary)
{
	struct binary_target target;
	int r = binary_parse(op, model, name, &target);

	return r ? r : find_target(op, model, &target, ret_binary);
}

int binary_lookup(struct op *op, struct cache_model *model, bool in_view)
{
	struct fs *fs = op->fs;
	struct binary_target target;
	struct cache_binary binary;
	struct fuse_entry_param entry = { 0 };
	int r = binary_parse(op, model, op->name, &target);

	if (r != 0) {
		return r;
	}
	r = find_target(op, model, &target, &binary);
	if (r == 0) {
		entry = entry_of(fs, model, &binary, in_view ? 0 : fs_timeout(fs, model));
	}
	if (r == 0 || r == -ENOENT) { /* it may come at any time */
		fuse_reply_entry(op->req, &entry);
		r = 0;
	}
	return r;
}

int binary_getattr(struct op *op)
{
	struct cache_model *model;
	struct cache_binary binary;
	struct stat stat;
	int r = op_model(op, &model);

	if (r == 0) {
		r = cache_binary_stat(
			op->fs->cache, model, op->inode.id, op->inode.slot, &binary, &op->waiter);
	}
	if (r != 0 && r != -ENOENT) {
		return r;
	}
	if (r == 0 && binary.version == op->inode.version) {
		binary_attr(op->fs, model, &binary, &stat);
	} else if (!open_file_stat(op->fs, op->node, &stat)) {
		return -ESTALE; /* the kernel looks the name up again */
	}
	fuse_reply_attr(op->req, &stat, fs_timeout(op->fs, model));
	return 0;
}

/* ── OPEN, READ ── */

static int open_blob(struct op *op, struct cache_model **ret_model, struct cache_blob **ret_blob)
{
	int r = op_model(op, ret_model);

	if (r != 0) {
		return r;
	}
	r = cache_blob_open(op->fs->cache, *ret_model, op->inode.id, op->inode.slot,
		op->inode.version, ret_blob, &op->waiter);
	return r == -ENOENT ? -ESTALE : r;
}

int binary_open(struct op *op)
{
	struct fs *fs = op->fs;
	struct fuse_file_info info = { .flags = op->flags, .keep_cache = 1, .noflush = 1 };
	struct open_file *file;
	struct cache_model *model;
	struct cache_binary binary;
	struct cache_blob *blob;
	int r = open_blob(op, &model, &blob);

	if (r != 0) {
		return r;
	}
	file = open_file_create(fs, FILE_BINARY);
	if (!file) {
		cache_blob_release(fs->cache, blob);
		return -ENOMEM;
	}
	file->blob = blob;
	file->node = op->node;
	if (cache_binary_peek(fs->cache, model, op->inode.id, op->inode.slot, &binary) &&
		binary.version == op->inode.version) {
		binary_attr(fs, model, &binary, &file->stat);
	}
	info.fh = open_file_pack(file);
	if (fuse_reply_open(op->req, &info) == -ENOENT) { /* interrupted: there is no release */
		open_file_destroy(fs, file);
	}
	return 0;
}

int binary_read(struct op *op)
{
	struct cache *cache = op->fs->cache;
	_cleanup_free_ char *bytes = malloc(op->size ? op->size : 1);
	struct cache_blob *blob = op->handle ? op->handle->blob : NULL;
	struct cache_model *model;
	size_t n = 0;
	int r = bytes ? 0 : -ENOMEM;

	if (r == 0 && !blob) {
		r = open_blob(op, &model, &blob);
	}
	if (r != 0) {
		return r;
	}
	r = cache_blob_read(cache, blob, op->inode.version, (uint64_t)op->offset, op->size, bytes,
		&n, &op->waiter);
	if (!op->handle) {
		cache_blob_release(cache, blob);
	}
	if (r == 0) {
		fuse_reply_buf(op->req, bytes, n);
	}
	return r;
}
