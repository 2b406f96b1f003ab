/* SPDX-License-Identifier: MIT */
#include "fs/view_record.h"

#include "fs/project.h"

#include "cache/write.h"
#include "odoo/cleanup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool has_name(const char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(names[i], name) == 0) {
			return true;
		}
	}
	return strcmp(name, "id") == 0;
}

/* A file can only have what the record's own file has: that is what is cached, and kept fresh. */
static int check_fields(struct op *op, struct view_node *node,
	const struct cache_field *const *fields, size_t n, struct odoo_error *error)
{
	_cleanup_free_ const char **shown = NULL;
	size_t n_shown = 0;
	int r = cache_model_read_fields(op->fs->cache, node->model, &shown, &n_shown);

	for (size_t i = 0; r == 0 && i < n; i++) {
		if (!has_name(shown, n_shown, fields[i]->name)) {
			odoo_error_set(error, ODOO_FAULT_USER,
				"%s is no part of a record's file here: .export has it, and so has "
				"a "
				"mount with fields=all where it is computed",
				fields[i]->name);
			r = -EINVAL;
		}
	}
	return r;
}

/* The columns of the node's view, with the schemas held. */
static int get_fields(struct op *op, struct view_node *node, struct view_schemas *schemas,
	const struct cache_field ***ret_fields, size_t *ret_n)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };
	int r = view_query_columns(node->view, schemas, ret_fields, ret_n, &error);

	if (r == 0) {
		r = check_fields(op, node, *ret_fields, *ret_n, &error);
	}
	return view_op_failed(op, node, NULL, r, &error);
}

static int project(struct op *op, struct view_node *node, struct cache_content *content,
	char **ret_text, size_t *ret_size)
{
	_cleanup_free_ const struct cache_field **fields = NULL;
	struct view_schemas_use use;
	const char *text;
	size_t size, n = 0;
	int r;

	view_schemas_begin(&use, op, node, true);
	r = get_fields(op, node, &use.schemas, &fields, &n);
	if (r == 0) {
		text = cache_content_bytes(content, &size);
		r = project_fields(text, size, fields, n, ret_text, ret_size);
	}
	view_schemas_end(&use);
	return r;
}

int view_record_text(struct op *op, struct view_node *node, char **ret_text, size_t *ret_size,
	int64_t *ret_mtime)
{
	struct cache *cache = op->fs->cache;
	uint32_t id = node->view->number;
	struct cache_content *content;
	struct cache_attr attr;
	int r = view_op_record(op, node, id, &attr);

	if (r == 0) {
		r = cache_record_read(cache, node->model, id, attr.version, &content, &op->waiter);
	}
	if (r != 0) {
		return r;
	}
	r = project(op, node, content, ret_text, ret_size);
	cache_content_release(cache, content);
	*ret_mtime = attr.mtime;
	return r;
}
