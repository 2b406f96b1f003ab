/* SPDX-License-Identifier: MIT */
#include "fs/info.h"

#include "fs/json_schema.h"
#include "fs/json_text.h"
#include "fs/template.h"

#include "cache/question.h"
#include "cache/write.h"
#include "odoo/cleanup.h"
#include "odoo/json.h"

#include <errno.h>
#include <string.h>

/* Questions belong to the directory: what one file asks may serve another. */
static struct cache_ask *question(struct op *op, struct view_node *node, enum view_info which)
{
	return view_node_ask(op->fs, node->parent, which, false);
}

static int ensure_schema(struct op *op, struct view_node *node)
{
	return cache_schema_ensure(op->fs->cache, node->model, &op->waiter);
}

/* Says what is wrong with an answer. Returns -EIO. */
static int refuse(struct op *op, struct view_node *node, const char *why)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };

	odoo_error_set(&error, ODOO_FAULT_MALFORMED, "%s", why);
	return view_op_failed(op, node, NULL, -EIO, &error);
}

static int ask_fields(struct op *op, struct view_node *node, struct cache_answer **ret_answer)
{
	struct cache_ask *ask = question(op, node, INFO_FIELDS);
	int r = ask ? cache_ask_fields(ask, ret_answer, &op->waiter) : -ENOMEM;

	if (r == 0 && !cJSON_IsObject((*ret_answer)->json)) {
		return refuse(op, node, "the server's answer to fields_get isn't an object");
	}
	return r < 0 && ask ? view_op_ask_failed(op, node, ask, r) : r;
}

/* ── The files ── */

static int fields_text(struct op *op, struct view_node *node, char **ret_text, size_t *ret_size)
{
	_cleanup_answer_ struct cache_answer *answer = NULL;
	int r = ask_fields(op, node, &answer);

	return r ? r : json_text(answer->json, 1, ret_text, ret_size);
}

static int schema_text(struct op *op, struct view_node *node, char **ret_text, size_t *ret_size)
{
	_cleanup_answer_ struct cache_answer *answer = NULL;
	_cleanup_json_ cJSON *json = NULL;
	_cleanup_free_ const char **shown = NULL;
	const struct cache_schema *schema;
	size_t n_shown = 0;
	int r = ensure_schema(op, node);

	if (r == 0) {
		r = ask_fields(op, node, &answer);
	}
	if (r != 0) {
		return r;
	}
	cache_schemas_hold(op->fs->cache);
	schema = cache_model_schema(op->fs->cache, node->model);
	r = schema ? cache_model_read_fields(op->fs->cache, node->model, &shown, &n_shown) : -EIO;
	if (r == 0) {
		json = json_schema_make(
			cache_model_name(node->model), answer->json, schema, shown, n_shown);
	}
	cache_schemas_release(op->fs->cache);
	return r ? r : json ? json_text(json, 2, ret_text, ret_size) : -ENOMEM;
}

static int count_text(struct op *op, struct view_node *node, char **ret_text, size_t *ret_size)
{
	struct cache_rows *rows;
	uint32_t count;
	int r = view_op_rows(op, node, &rows);

	if (r == 0) {
		r = cache_rows_count(rows, &count, &op->waiter);
		view_op_rows_failed(op, node, rows, r);
	}
	if (r != 0) {
		return r;
	}
	r = asprintf(ret_text, "%u\n", count);
	*ret_size = r < 0 ? 0 : (size_t)r;
	return r < 0 ? -ENOMEM : 0;
}

static int access_text(struct op *op, struct view_node *node, char **ret_text, size_t *ret_size)
{
	_cleanup_json_ cJSON *json = cJSON_CreateObject();
	struct cache_rights rights;
	int r = cache_model_rights(op->fs->cache, node->model, &rights, &op->waiter);

	if (r != 0) {
		return r;
	}
	cJSON_AddBoolToObject(json, "create", rights.create);
	cJSON_AddTrueToObject(json, "read");
	cJSON_AddBoolToObject(json, "unlink", rights.unlink);
	cJSON_AddBoolToObject(json, "write", rights.write);
	return json_text(json, 0, ret_text, ret_size);
}

/* An ordinary user may not read ir.model: what is left is what is known anyway. */
static int model_text(struct op *op, struct view_node *node, char **ret_text, size_t *ret_size)
{
	_cleanup_answer_ struct cache_answer *answer = NULL;
	_cleanup_json_ cJSON *json = NULL;
	struct cache_ask *ask = question(op, node, INFO_MODEL);
	struct cache_model_attr attr;
	int r = ask ? cache_ask_model(ask, &answer, &op->waiter) : -ENOMEM;

	if (r != 0 && r != -EACCES) {
		return r < 0 && ask ? view_op_ask_failed(op, node, ask, r) : r;
	}
	r = ensure_schema(op, node);
	if (r != 0) {
		return r;
	}
	json = cJSON_Duplicate(answer ? cJSON_GetArrayItem(answer->json, 0) : NULL, true);
	json = json ? json : cJSON_CreateObject();
	cache_model_stat(op->fs->cache, node->model, &attr, NULL);
	cJSON_DeleteItemFromObjectCaseSensitive(json, "model");
	cJSON_AddStringToObject(json, "model", cache_model_name(node->model));
	cJSON_AddBoolToObject(json, "has_write_date", attr.has_write_date);
	return json_text(json, 0, ret_text, ret_size);
}

static int ask_defaults(struct op *op, struct view_node *node, struct cache_answer **ret_answer)
{
	struct cache_ask *ask = question(op, node, INFO_TEMPLATE);
	const struct cache_schema *schema;
	_cleanup_free_ const char **names = NULL;
	size_t n = 0;
	int r = ask ? ensure_schema(op, node) : -ENOMEM;

	if (r != 0) {
		return r;
	}
	cache_schemas_hold(op->fs->cache);
	schema = cache_model_schema(op->fs->cache, node->model);
	names = schema ? template_fields(schema, &n) : NULL;
	r = names ? cache_ask_defaults(ask, names, n, ret_answer, &op->waiter) : -ENOMEM;
	cache_schemas_release(op->fs->cache);
	return r < 0 ? view_op_ask_failed(op, node, ask, r) : r;
}

static int template_text(struct op *op, struct view_node *node, char **ret_text, size_t *ret_size)
{
	_cleanup_answer_ struct cache_answer *answer = NULL;
	const struct cache_schema *schema;
	int r = ask_defaults(op, node, &answer);

	if (r != 0) {
		return r;
	}
	cache_schemas_hold(op->fs->cache);
	schema = cache_model_schema(op->fs->cache, node->model);
	r = schema ? template_text_make(schema, answer->json, ret_text, ret_size) : -EIO;
	cache_schemas_release(op->fs->cache);
	return r;
}

int info_text(struct op *op, struct view_node *node, char **ret_text, size_t *ret_size)
{
	static int (*const texts[N_INFOS])(struct op *, struct view_node *, char **, size_t *) = {
		[INFO_ACCESS] = access_text,
		[INFO_COUNT] = count_text,
		[INFO_FIELDS] = fields_text,
		[INFO_MODEL] = model_text,
		[INFO_SCHEMA] = schema_text,
		[INFO_TEMPLATE] = template_text,
	};

	int r = texts[node->view->number](op, node, ret_text, ret_size);

	return r == -ERANGE
		       ? refuse(op, node, "the server's answer has a number that JSON can't hold")
		       : r;
}
