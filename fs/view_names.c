/* SPDX-License-Identifier: MIT */
#include "fs/view_names.h"

#include "fs/condition.h"
#include "fs/percent.h"
#include "fs/value_name.h"

#include "cache/question.h"
#include "odoo/cleanup.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Readers in the middle of so many older editions can go on. */
#define EDITIONS_MAX 4

/* As a directory's offset has room for. */
#define EDITION_MAX ((1u << 22) - 1)

/* ── Making them ── */

static int add(struct view_names *names, const char *name)
{
	char **grown = names->names;

	/* A power of two is full: double. */
	if ((names->n_names & (names->n_names - 1)) == 0) {
		grown = reallocarray(
			grown, names->n_names ? names->n_names * 2 : 1, sizeof(*grown));
		if (!grown) {
			return -ENOMEM;
		}
		names->names = grown;
	}
	grown[names->n_names] = strdup(name);
	if (!grown[names->n_names]) {
		return -ENOMEM;
	}
	names->n_names++;
	return 0;
}

static int add_fixed(struct view_names *names, enum view_kind kind)
{
	const char *name;
	int r = 0;

	for (unsigned n = 0; r == 0 && (name = view_name(kind, n)); n++) {
		r = add(names, name);
	}
	return r;
}

/* Whether a field belongs into the list of a directory of fields. */
static bool is_listed(enum view_kind kind, const struct cache_field *field)
{
	switch (kind) {
	case VIEW_FILTER:
		return field->searchable && condition_has_operator(field, OPERATOR_EQ);
	case VIEW_BY:
		/* Those with few values, of which most records have one. */
		return field->stored && !cache_field_is_log(field->name) &&
		       (field->type == FIELD_SELECTION || field->type == FIELD_MANY2ONE ||
			       field->type == FIELD_BOOLEAN || field->type == FIELD_DATE ||
			       field->type == FIELD_DATETIME);
	case VIEW_ORDER:
		return field->sortable;
	default:
		return field->type != FIELD_BINARY;
	}
}

static int add_fields(
	struct view_names *names, enum view_kind kind, const struct view_schemas *schemas)
{
	const struct cache_schema *schema;
	int r = schemas->get(schemas->data, schemas->model, &schema);

	if (r == 0 && kind != VIEW_BY) {
		r = add(names, "id");
	}
	for (size_t i = 0; r == 0 && i < schema->n_fields; i++) {
		if (is_listed(kind, &schema->fields[i])) {
			r = add(names, schema->fields[i].name);
		}
	}
	return r;
}

/* The operators that a field has, and the values that it can have, where these are few. */
static int add_operators(struct view_names *names, const struct view *view,
	const struct view_schemas *schemas, struct odoo_error *error)
{
	const struct cache_field *field;
	const char *key = NULL, *name;
	int r = view_query_field(schemas, view->text, &field, error);

	for (unsigned n = 0; r == 0 && (name = view_name(VIEW_FIELD, n)); n++) {
		if (condition_has_operator(field, (enum view_operator)n)) {
			r = add(names, name);
		}
	}
	while (r == 0 && field->type == FIELD_SELECTION &&
		(key = cache_keys_next(field->keys, key))) {
		_cleanup_buffer_ struct buffer encoded = { 0 };

		percent_encode_cut(&encoded, key, NAME_MAX);
		buffer_append_char(&encoded, '\0');
		r = encoded.failed ? -ENOMEM : add(names, encoded.text);
	}
	if (r == 0 && field->type == FIELD_BOOLEAN) {
		r = add(names, "false") || add(names, "true") ? -ENOMEM : 0;
	}
	return r;
}

/* ── Values ── */

static bool is_date(const struct cache_field *field)
{
	return field->type == FIELD_DATE || field->type == FIELD_DATETIME;
}

static int add_values(struct view_names *names, const struct cache_field *field,
	const cJSON *groups, struct odoo_error *error)
{
	const cJSON *group;
	size_t n_long = 0;
	int r = 0;

	cJSON_ArrayForEach (group, groups) {
		const cJSON *value = cache_group_value(group, field->name, is_date(field));
		char name[NAME_MAX + 1];

		if (!value) {
			odoo_error_set(error, ODOO_FAULT_MALFORMED,
				"the server's groups by %s have a wrong shape", field->name);
			return -EIO;
		}
		r = value_name(field, value, name);
		n_long += r == -ENAMETOOLONG;
		r = r == 0 ? add(names, name) : 0;
	}
	if (n_long) {
		odoo_error_set(error, ODOO_FAULT_USER,
			"%zu values of %s are too long for a file's name, and aren't listed",
			n_long, field->name);
	}
	return r;
}

static int make_values(struct op *op, struct view_node *node, const struct cache_field *field,
	struct view_names *names)
{
	_cleanup_answer_ struct cache_answer *answer = NULL;
	_cleanup_odoo_error_ struct odoo_error error = { 0 };
	struct cache_ask *ask = view_node_ask(op->fs, node, 0, true);
	struct cache_rows *rows;
	int r = ask ? view_op_rows(op, node, &rows) : -ENOMEM;

	if (r == 0) {
		r = cache_ask_groups(ask, rows, field->name, is_date(field), &answer, &op->waiter);
	}
	if (r != 0) {
		return r < 0 && ask ? view_op_ask_failed(op, node, ask, r) : r;
	}
	r = add_values(names, field, answer->json, &error);
	view_op_failed(op, node, NULL, r < 0 ? r : -ENAMETOOLONG, &error);
	return r;
}

/* ── Editions ── */

static int make(struct op *op, struct view_node *node, struct view_names *names)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };
	const struct cache_field *field;
	const struct view *view = node->view;
	struct view_schemas_use use;
	int r;

	view_schemas_begin(&use, op, node, true);
	switch (view->kind) {
	case VIEW_FILTER:
	case VIEW_BY:
	case VIEW_ORDER:
	case VIEW_COLUMNS:
		r = add_fields(names, view->kind, &use.schemas);
		break;
	case VIEW_FIELD:
		r = add_operators(names, view, &use.schemas, &error);
		break;
	case VIEW_BY_FIELD:
		r = view_query_field(&use.schemas, view->text, &field, &error);
		r = r == 0 ? make_values(op, node, field, names) : r;
		break;
	default:
		r = add_fixed(names, view->kind);
		break;
	}
	view_schemas_end(&use);
	return view_op_failed(op, node, NULL, r, &error);
}

mode_t view_names_type(const struct view_node *node)
{
	enum view_kind kind = node->view->kind;

	return kind == VIEW_INFO || kind == VIEW_EXPORT || kind == VIEW_CALL ? S_IFREG : S_IFDIR;
}

static void names_free(struct view_names *names)
{
	for (size_t i = 0; i < names->n_names; i++) {
		free(names->names[i]);
	}
	free(names->names);
	free(names);
}

void view_names_free(struct view_names *list)
{
	while (list) {
		struct view_names *next = list->next;

		names_free(list);
		list = next;
	}
}

/* With view_mutex held. */
static void drop_oldest(struct view_node *node)
{
	struct view_names **end = &node->names_list;

	for (unsigned n = 0; *end && n < EDITIONS_MAX; n++) {
		end = &(*end)->next;
	}
	view_names_free(steal(*end));
}

int view_names_begin(struct op *op, struct view_node *node, uint32_t *ret_edition)
{
	struct view_names *names = calloc(1, sizeof(*names));
	int r = names ? make(op, node, names) : -ENOMEM;

	if (r != 0) {
		view_names_free(names);
		return r;
	}
	_cleanup_unlock_ pthread_mutex_t *held = lock(&op->fs->view_mutex);
	node->names_edition = node->names_edition % EDITION_MAX + 1;
	names->edition = node->names_edition;
	names->next = node->names_list;
	node->names_list = names;
	drop_oldest(node);
	*ret_edition = names->edition;
	return 0;
}

const struct view_names *view_names_find(const struct view_node *node, uint32_t edition)
{
	const struct view_names *names = node->names_list;

	while (names && names->edition != edition) {
		names = names->next;
	}
	return names;
}
