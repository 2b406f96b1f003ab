/* SPDX-License-Identifier: MIT */
/*
 * The grammar of views: a path below a model is a question, one segment a `struct view`.
 *
 *	sale.order / .filter / state / sale / .order / amount_total.desc / .first / 10 / .export /
 *csv MODEL        FILTER    FIELD   ROWS   ORDER    ROWS                FIRST    ROWS EXPORT FILE
 *
 * Every segment is judged by itself and by those before it, without the model's schema and without
 * a call: whether a field exists and what its values are is for view_query.h.
 * Pure: no locks, any thread; a view never changes once it is made.
 */
#ifndef FS_VIEW_H
#define FS_VIEW_H

#include "odoo/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A chain may be so long: who changes into a directory can go on from there without end. */
#define VIEW_MAX_DEPTH 256

enum view_kind {
	VIEW_MODEL, /* the model's own directory, with which each chain begins */
	VIEW_ROWS,  /* records: what narrows or orders them is the parent's kind, by its value */

	VIEW_FILTER,
	VIEW_FIELD, /* of .filter */
	VIEW_OPERATOR,
	VIEW_BY,
	VIEW_BY_FIELD,
	VIEW_DOMAIN,
	VIEW_NAME,
	VIEW_ORDER,
	VIEW_FIRST,
	VIEW_LAST,
	VIEW_OFFSET,
	VIEW_SAMPLE,
	VIEW_COLUMNS,

	VIEW_INFO,
	VIEW_EXPORT,
	VIEW_NAMES,
	VIEW_CALL,

	/* The rest are no directories. */
	VIEW_INFO_FILE,
	VIEW_EXPORT_FILE,
	VIEW_METHOD,
	VIEW_LINK,   /* in .names */
	VIEW_RECORD, /* where .columns makes it another file than the model's */
};

enum view_operator {
	OPERATOR_EQ,
	OPERATOR_NE,
	OPERATOR_GT,
	OPERATOR_GE,
	OPERATOR_LT,
	OPERATOR_LE,
	OPERATOR_IN,
	OPERATOR_NOT_IN,
	OPERATOR_LIKE,
	OPERATOR_NOT_LIKE,
	OPERATOR_ILIKE,
	OPERATOR_NOT_ILIKE,
	OPERATOR_EQ_LIKE,
	OPERATOR_EQ_ILIKE,
	OPERATOR_CHILD_OF,
	OPERATOR_PARENT_OF,
	N_OPERATORS,
};

enum view_info {
	INFO_ACCESS,
	INFO_COUNT,
	INFO_FIELDS,
	INFO_MODEL,
	INFO_SCHEMA,
	INFO_TEMPLATE,
	N_INFOS,
};

enum view_export {
	EXPORT_CSV,
	EXPORT_JSON,
	EXPORT_JSONL,
	N_EXPORTS,
};

struct view {
	const struct view *parent; /* borrowed: it has to outlive its children; NULL: VIEW_MODEL */
	enum view_kind kind;
	uint16_t depth; /* how many are above it */
	/* Of an op, a file, a page (how many), a link or a record (its id); else 0. */
	uint32_t number;
	char text[]; /* the segment as it was written */
};

/*
 * The view that `segment` leads to from `parent`. Returns 0 and a view for view_destroy; -ENOMEM;
 * -ENOENT where there is no such name, and for what has no meaning here; -EINVAL for a value that
 * can't be right: both with a sentence.
 */
int view_step(const struct view *parent, const char *segment, struct view **ret_view,
	struct odoo_error *error);

/* The view of a model's own directory; NULL when out of memory. */
struct view *view_create_root(void);

void view_destroy(struct view *view); /* NULL is allowed */

/* Whether records are listed in it. */
static inline bool view_has_rows(const struct view *view)
{
	return view->kind == VIEW_MODEL || view->kind == VIEW_ROWS;
}

static inline bool view_is_directory(enum view_kind kind)
{
	return kind < VIEW_INFO_FILE;
}

/* The nearest view with records at or above; never NULL. */
const struct view *view_rows(const struct view *view);

/* The nearest view that chose the rows of this one: .columns leaves them as they are. */
const struct view *view_chooser(const struct view *view);

/* The value of the .columns that this view is below, as it was written; NULL: none. */
const char *view_columns(const struct view *view);

/* The names below a directory that are always the same: the first is 0; NULL behind the last. */
const char *view_name(enum view_kind kind, unsigned n);

/* As a domain has it: "=", "not in". */
const char *view_operator_text(enum view_operator op);

/* Whether this could be the name of a field, or of fields joined by dots. Pure. */
bool view_is_field_path(const char *text);

/* The next of several names divided by commas: its size, and `*text` behind it; 0 at the end. */
size_t view_next_name(const char **text, const char **ret_name);

/* Of a term of an order: how long its field's name is, and whether it is turned. */
size_t view_order_size(const char *term, size_t size, bool *ret_descending);

#endif
