/* SPDX-License-Identifier: MIT */
#include "fs/view_op.h"

#include "fs/call.h"
#include "fs/percent.h"
#include "fs/view_number.h"

#include "cache/write.h"
#include "odoo/cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A path in the log. */
#define PATH_SIZE 512

int view_op_node(struct op *op, struct view_node **ret_node)
{
	struct cache_model *model;
	int r = op_model(op, &model);

	if (r != 0) {
		return r;
	}
	*ret_node = op->inode.kind == INODE_MODEL ? view_node_root(op->fs, model)
						  : view_node_find(op->fs, &op->inode);
	return *ret_node ? 0 : -ESTALE;
}

/* ── Failures ── */

/* The node's path below its model as the log has it. NULL when out of memory. */
static char *path_of(const struct view_node *node, const char *name)
{
	_cleanup_buffer_ struct buffer clean = { 0 };
	char path[PATH_SIZE], *text;
	size_t used, size;

	view_node_path(node, path, sizeof(path));
	used = strlen(path);
	if (name) {
		snprintf(path + used, sizeof(path) - used, "%s%s", used ? "/" : "", name);
	}
	percent_encode_wrong(&clean, path);
	return buffer_steal(&clean, &text, &size) < 0 ? NULL : text;
}

static void add_error(struct fs *fs, const struct view_node *node, const char *name, int number,
	const struct odoo_error *error)
{
	_cleanup_free_ char *path = path_of(node, name);

	errors_add(fs->errors, &(struct errors_subject){ cache_model_name(node->model), 0, path },
		"view", number, error);
}

int view_op_failed(struct op *op, const struct view_node *node, const char *name, int r,
	const struct odoo_error *error)
{
	if (r < 0 && error->message) {
		add_error(op->fs, node, name, -r, error);
	}
	return r;
}

void view_op_note(struct fs *fs, const struct view_node *node, const struct odoo_error *error)
{
	add_error(fs, node, NULL, 0, error);
}

char *view_op_last_error(struct fs *fs, const struct inode *inode)
{
	const struct view_node *node = view_node_find(fs, inode);
	_cleanup_free_ char *path = node ? path_of(node, NULL) : NULL;

	return path ? errors_last(fs->errors,
			      &(struct errors_subject){ cache_model_name(node->model), 0, path })
		    : NULL;
}

int view_op_rows_failed(struct op *op, struct view_node *node, struct cache_rows *rows, int r)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };

	if (r < 0 && r != -ENOENT && r != -ESTALE) {
		cache_rows_failure(rows, &error);
		view_op_failed(op, node, NULL, r, &error);
	}
	return r;
}

int view_op_ask_failed(struct op *op, struct view_node *node, struct cache_ask *ask, int r)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };

	if (r < 0 && r != -ENODATA) {
		cache_ask_failure(ask, &error);
		view_op_failed(op, node, NULL, r, &error);
	}
	return r;
}

/* ── Schemas ── */

static int get_schema(void *data, const char *name, const struct cache_schema **ret_schema)
{
	struct view_schemas_use *use = data;
	struct cache *cache = use->op->fs->cache;
	struct cache_model *model = cache_model_find(cache, name);
	int r;

	if (!model) {
		return -ENOENT;
	}
	*ret_schema = cache_model_schema(cache, model);
	if (*ret_schema) {
		return 0;
	}
	if (!use->eager) {
		return -EAGAIN;
	}
	r = cache_schema_ensure(cache, model, &use->op->waiter);
	if (r == 0) {
		*ret_schema = cache_model_schema(cache, model);
	}
	return r == 0 && !*ret_schema ? -EIO : r;
}

void view_schemas_begin(
	struct view_schemas_use *use, struct op *op, struct view_node *node, bool eager)
{
	*use = (struct view_schemas_use){
		.op = op,
		.eager = eager,
		.schemas = { .model = cache_model_name(node->model),
			.get = get_schema,
			.data = use },
	};
	cache_schemas_hold(op->fs->cache);
}

void view_schemas_end(struct view_schemas_use *use)
{
	cache_schemas_release(use->op->fs->cache);
}

/* ── Rows ── */

static struct view_node *chooser_of(struct view_node *node)
{
	const struct view *chooser = view_chooser(node->view);

	while (node->view != chooser) {
		node = node->parent;
	}
	return node;
}

static int compile(struct op *op, struct view_node *node, bool eager, struct cache_rows_spec *spec,
	int64_t now, int64_t *ret_until)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };
	struct view_schemas_use use;
	int r;

	view_schemas_begin(&use, op, node, eager);
	r = view_query_rows(node->view, &use.schemas, now, spec, ret_until, &error);
	view_schemas_end(&use);
	return view_op_failed(op, node, NULL, r, &error);
}

int view_op_rows(struct op *op, struct view_node *node, struct cache_rows **ret_rows)
{
	struct cache_rows_spec spec = { 0 };
	int64_t now = time(NULL), until;
	struct cache_rows *rows;
	int r;

	node = chooser_of(node);
	rows = view_node_rows(op->fs, node, now);
	if (!rows) {
		r = compile(op, node, true, &spec, now, &until);
		if (r != 0) {
			return r;
		}
		rows = cache_rows_create(op->fs->cache, node->model, &spec);
		if (!rows) {
			return -ENOMEM;
		}
		rows = view_node_set_rows(op->fs, node, rows, now, until);
	}
	*ret_rows = rows;
	return 0;
}

int view_op_record(struct op *op, struct view_node *node, uint32_t id, struct cache_attr *ret_attr)
{
	struct cache_rows *rows;
	int r = view_op_rows(op, node, &rows);

	if (r == 0) {
		r = view_op_rows_failed(op, node, rows, cache_rows_has(rows, id, &op->waiter));
	}
	if (r == 0) {
		r = cache_rows_stat(rows, id, ret_attr, &op->waiter);
	}
	return r;
}

/* A field by itself is right when there is one; records when all of their chain is. */
static int check_quietly(
	struct op *op, struct view_node *node, bool eager, struct odoo_error *error)
{
	struct cache_rows_spec spec = { 0 };
	const struct cache_field **fields = NULL;
	const struct cache_field *field;
	struct view_schemas_use use;
	int64_t until;
	size_t n;
	int r = 0;

	view_schemas_begin(&use, op, node, eager);
	switch (node->view->kind) {
	case VIEW_FIELD:
	case VIEW_BY_FIELD:
		r = view_query_field(&use.schemas, node->view->text, &field, error);
		break;
	case VIEW_ROWS:
		r = view_query_rows(node->view, &use.schemas, time(NULL), &spec, &until, error);
		cache_rows_spec_finish(&spec);
		if (r == 0) {
			r = view_query_columns(node->view, &use.schemas, &fields, &n, error);
			free(fields);
		}
		break;
	default:
		break;
	}
	view_schemas_end(&use);
	return r == -EAGAIN ? 0 : r;
}

int view_op_check(struct op *op, struct view_node *node, bool eager)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };
	int r = check_quietly(op, node, eager, &error);

	return view_op_failed(op, node, NULL, r, &error);
}

/* ── Attributes ── */

static mode_t mode_of(struct fs *fs, const struct view_node *node)
{
	struct cache_model_attr attr;

	switch (node->view->kind) {
	case VIEW_METHOD:
		return fs_mode(fs, S_IFREG, call_is_allowed(fs) ? 0666 : 0444);
	case VIEW_LINK:
		return S_IFLNK | 0777;
	default:
		break;
	}
	if (!view_is_directory(node->view->kind)) {
		return fs_mode(fs, S_IFREG, 0444);
	}
	if (!view_node_has_records(node)) {
		return fs_mode(fs, S_IFDIR, 0555);
	}
	cache_model_stat(fs->cache, node->model, &attr, NULL);
	return fs_mode(fs, S_IFDIR, attr.may_populate ? 0777 : 0555);
}

void view_node_attr(struct fs *fs, const struct view_node *node, struct stat *ret_stat)
{
	const struct inode inode = view_node_inode(node);
	int64_t time = node->mtime ? node->mtime : fs->started;

	*ret_stat = (struct stat){
		.st_ino = inode_number(&inode),
		.st_mode = mode_of(fs, node),
		.st_nlink = 1,
		.st_uid = fs->options->uid,
		.st_gid = fs->options->gid,
		.st_size = (off_t)node->size,
		.st_blksize = 4096,
		.st_blocks = (blkcnt_t)((node->size + 511) / 512),
		.st_mtime = time,
		.st_ctime = time,
		.st_atime = time,
	};
}
