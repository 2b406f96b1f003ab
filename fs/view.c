/* SPDX-License-Identifier: MIT */
#include "fs/view.h"

#include "fs/domain.h"
#include "fs/name.h"
#include "fs/nearest.h"
#include "fs/percent.h"
#include "fs/view_private.h"
#include "odoo/cleanup.h"
#include "odoo/limits.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

/* Letters by which a word may be wrong and still be meant. */
#define MISTYPED 2

static const char *const operators[N_OPERATORS] = {
	[OPERATOR_EQ] = ".eq",
	[OPERATOR_NE] = ".ne",
	[OPERATOR_GT] = ".gt",
	[OPERATOR_GE] = ".ge",
	[OPERATOR_LT] = ".lt",
	[OPERATOR_LE] = ".le",
	[OPERATOR_IN] = ".in",
	[OPERATOR_NOT_IN] = ".not-in",
	[OPERATOR_LIKE] = ".like",
	[OPERATOR_NOT_LIKE] = ".not-like",
	[OPERATOR_ILIKE] = ".ilike",
	[OPERATOR_NOT_ILIKE] = ".not-ilike",
	[OPERATOR_EQ_LIKE] = ".eq-like",
	[OPERATOR_EQ_ILIKE] = ".eq-ilike",
	[OPERATOR_CHILD_OF] = ".child-of",
	[OPERATOR_PARENT_OF] = ".parent-of",
};

static const char *const operator_texts[N_OPERATORS] = {
	[OPERATOR_EQ] = "=",
	[OPERATOR_NE] = "!=",
	[OPERATOR_GT] = ">",
	[OPERATOR_GE] = ">=",
	[OPERATOR_LT] = "<",
	[OPERATOR_LE] = "<=",
	[OPERATOR_IN] = "in",
	[OPERATOR_NOT_IN] = "not in",
	[OPERATOR_LIKE] = "like",
	[OPERATOR_NOT_LIKE] = "not like",
	[OPERATOR_ILIKE] = "ilike",
	[OPERATOR_NOT_ILIKE] = "not ilike",
	[OPERATOR_EQ_LIKE] = "=like",
	[OPERATOR_EQ_ILIKE] = "=ilike",
	[OPERATOR_CHILD_OF] = "child_of",
	[OPERATOR_PARENT_OF] = "parent_of",
};

static const char *const infos[N_INFOS] = {
	[INFO_ACCESS] = "access.json",
	[INFO_COUNT] = "count",
	[INFO_FIELDS] = "fields.json",
	[INFO_MODEL] = "model.json",
	[INFO_SCHEMA] = "schema.json",
	[INFO_TEMPLATE] = "template.json",
};

static const char *const exports[N_EXPORTS] = {
	[EXPORT_CSV] = "csv",
	[EXPORT_JSON] = "json",
	[EXPORT_JSONL] = "jsonl",
};

/* What may follow records. */
static const struct {
	const char *name;
	enum view_kind kind;
} words[] = {
	{ ".by", VIEW_BY },
	{ ".call", VIEW_CALL },
	{ ".columns", VIEW_COLUMNS },
	{ ".domain", VIEW_DOMAIN },
	{ ".export", VIEW_EXPORT },
	{ ".filter", VIEW_FILTER },
	{ ".first", VIEW_FIRST },
	{ ".info", VIEW_INFO },
	{ ".last", VIEW_LAST },
	{ ".name", VIEW_NAME },
	{ ".names", VIEW_NAMES },
	{ ".offset", VIEW_OFFSET },
	{ ".order", VIEW_ORDER },
	{ ".sample", VIEW_SAMPLE },
};

#define N_WORDS (sizeof(words) / sizeof(words[0]))

const char *view_operator_text(enum view_operator op)
{
	return operator_texts[op];
}

const char *view_name(enum view_kind kind, unsigned n)
{
	switch (kind) {
	case VIEW_FIELD:
		return n < N_OPERATORS ? operators[n] : NULL;
	case VIEW_INFO:
		return n < N_INFOS ? infos[n] : NULL;
	case VIEW_EXPORT:
		return n < N_EXPORTS ? exports[n] : NULL;
	default:
		return NULL;
	}
}

/* The names of this model's fields, and no others, follow Python's rule. */
bool view_is_field_path(const char *text)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
	static const char others[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";

	for (;;) {
		if (!strspn(text, letters)) {
			return false;
		}
		size_t n = strspn(text, others);
		if (n > ODOO_MAX_NAME || (text[n] && text[n] != '.')) {
			return false;
		}
		if (!text[n]) {
			return true;
		}
		text += n + 1;
	}
}

size_t view_next_name(const char **text, const char **ret_name)
{
	size_t n = strcspn(*text, ",");

	*ret_name = *text;
	*text += n + ((*text)[n] == ',');
	return n;
}

const struct view *view_rows(const struct view *view)
{
	while (!view_has_rows(view)) {
		view = view->parent;
	}
	return view;
}

const struct view *view_chooser(const struct view *view)
{
	view = view_rows(view);
	while (view->kind == VIEW_ROWS && view->parent->kind == VIEW_COLUMNS) {
		view = view_rows(view->parent);
	}
	return view;
}

const char *view_columns(const struct view *view)
{
	for (; view; view = view->parent) {
		if (view->kind == VIEW_ROWS && view->parent->kind == VIEW_COLUMNS) {
			return view->text;
		}
	}
	return NULL;
}

struct view *view_create_root(void)
{
	return calloc(1, sizeof(struct view) + 1);
}

void view_destroy(struct view *view)
{
	free(view);
}

static int make(const struct view *parent, enum view_kind kind, uint32_t number,
	const char *segment, struct view **ret_view)
{
	size_t size = strlen(segment) + 1;
	struct view *view = malloc(sizeof(*view) + size);

	if (!view) {
		return -ENOMEM;
	}
	view->parent = parent;
	view->depth = (uint16_t)(parent->depth + 1);
	view->kind = kind;
	view->number = number;
	memcpy(view->text, segment, size);
	*ret_view = view;
	return 0;
}

/* ── What follows records ── */

/* Whether a chain has a word of this kind, with its value. */
static bool has(const struct view *view, enum view_kind kind)
{
	for (; view->parent; view = view->parent) {
		if (view->kind == VIEW_ROWS && view->parent->kind == kind) {
			return true;
		}
	}
	return false;
}

static bool has_page(const struct view *view)
{
	return has(view, VIEW_FIRST) || has(view, VIEW_LAST) || has(view, VIEW_OFFSET) ||
	       has(view, VIEW_SAMPLE);
}

/* Why a word has no meaning where it stands; NULL: it has one. */
static const char *meaningless(const struct view *rows, enum view_kind kind)
{
	switch (kind) {
	case VIEW_BY:
	case VIEW_DOMAIN:
	case VIEW_FILTER:
	case VIEW_NAME:
		if (has_page(rows)) {
			return "stands before .first, .last, .offset and .sample: Odoo looks for "
			       "records before it counts them off";
		}
		return kind == VIEW_NAME && has(rows, VIEW_NAME)
			       ? "can be there once: Odoo looks for one text"
			       : NULL;
	case VIEW_ORDER:
		if (has_page(rows)) {
			return "stands before .first, .last, .offset and .sample: Odoo orders "
			       "records before it counts them off";
		}
		return has(rows, VIEW_ORDER) ? "can be there once: .order/a,b.desc orders by both"
					     : NULL;
	case VIEW_COLUMNS:
		return has(rows, VIEW_COLUMNS) ? "can be there once" : NULL;
	case VIEW_CALL:
		return rows->kind != VIEW_MODEL ? "is in the model's own directory" : NULL;
	default:
		return NULL;
	}
}

static int step_word(const struct view *parent, const char *segment, struct view **ret_view,
	struct odoo_error *error)
{
	struct nearest nearest = { .wanted = segment, .size = strlen(segment) };

	for (size_t i = 0; i < N_WORDS; i++) {
		const char *why;

		nearest_offer(&nearest, words[i].name);
		if (strcmp(words[i].name, segment) != 0) {
			continue;
		}
		why = meaningless(parent, words[i].kind);
		if (!why) {
			return make(parent, words[i].kind, 0, segment, ret_view);
		}
		return view_refuse(error, -ENOENT, "%s %s", segment, why);
	}
	/* What programs look for in every directory is no mistake: .git, .hg. */
	if (nearest.distance > MISTYPED || nearest.distance * 2 > nearest.size) {
		return -ENOENT;
	}
	return view_refuse(error, -ENOENT,
		"there is no \"%.40s\" in a directory of records: the nearest is \"%s\"", segment,
		nearest.found);
}

/* ── Names of which there are few ── */

static int step_choice(const struct view *parent, enum view_kind kind, const char *segment,
	struct view **ret_view, struct odoo_error *error)
{
	struct nearest nearest = { .wanted = segment, .size = strlen(segment) };
	const char *name;

	for (unsigned n = 0; (name = view_name(parent->kind, n)); n++) {
		if (strcmp(name, segment) == 0) {
			return make(parent, kind, n, segment, ret_view);
		}
		nearest_offer(&nearest, name);
	}
	return view_refuse(error, -ENOENT, "there is no \"%.40s\" in %s: the nearest is \"%s\"",
		segment, parent->text, nearest.found);
}

static int step_field(const struct view *parent, enum view_kind kind, const char *segment,
	struct view **ret_view, struct odoo_error *error)
{
	if (!view_is_field_path(segment)) {
		return view_refuse(error, -ENOENT,
			"\"%.80s\" isn't the name of a field, or names joined by dots", segment);
	}
	if (kind == VIEW_BY_FIELD && strchr(segment, '.')) {
		return view_refuse(error, -ENOENT,
			"%.80s: .by takes a field of this model: .filter/%.80s goes further",
			segment, segment);
	}
	return make(parent, kind, 0, segment, ret_view);
}

static int step_method(const struct view *parent, const char *segment, struct view **ret_view,
	struct odoo_error *error)
{
	if (!view_is_field_path(segment) || strchr(segment, '.')) {
		return view_refuse(
			error, -ENOENT, "\"%.80s\" can't be the name of a method", segment);
	}
	if (segment[0] == '_') {
		return view_refuse(error, -EACCES,
			"%.80s: methods whose names begin with \"_\" are private to Odoo", segment);
	}
	return make(parent, VIEW_METHOD, 0, segment, ret_view);
}

/* ── Links and records ── */

/* "Azure Interior (14).json", "Azure Interior (14).image_1920.png" */
static int step_link(const struct view *parent, const char *segment, struct view **ret_view,
	struct odoo_error *error)
{
	const char *number = strrchr(segment, '(');
	struct name_binary binary;
	char name[NAME_MAX + 1];
	uint32_t id;
	size_t n;

	if (!number || number - segment < 2 || number[-1] != ' ') {
		return -ENOENT;
	}
	n = strcspn(++number, ")");
	if (n > 10 || !number[n]) {
		return -ENOENT;
	}
	snprintf(name, sizeof(name), "%.*s%s", (int)n, number, number + n + 1);
	if (name_parse_record(name, &id) < 0) {
		if (name_parse_binary(name, &binary) < 0) {
			return -ENOENT;
		}
		id = binary.id;
	}
	return make(parent, VIEW_LINK, id, segment, ret_view);
}

static int step_from_rows(const struct view *parent, const char *segment, struct view **ret_view,
	struct odoo_error *error)
{
	uint32_t id;

	if (segment[0] == '.') {
		return step_word(parent, segment, ret_view, error);
	}
	if (!view_columns(parent) || name_parse_record(segment, &id) < 0) {
		return -ENOENT;
	}
	return make(parent, VIEW_RECORD, id, segment, ret_view);
}

/* A value: records follow. */
static int step_value(const struct view *parent, const char *segment, struct view **ret_view,
	struct odoo_error *error)
{
	uint32_t number = 0;
	int r = view_check_value(parent->kind, segment, &number, error);

	return r < 0 ? r : make(parent, VIEW_ROWS, number, segment, ret_view);
}

int view_step(const struct view *parent, const char *segment, struct view **ret_view,
	struct odoo_error *error)
{
	if (parent->depth >= VIEW_MAX_DEPTH) {
		return view_refuse(error, -EINVAL,
			"the path is too long: %d directories below a model will do",
			VIEW_MAX_DEPTH);
	}
	switch (parent->kind) {
	case VIEW_MODEL:
	case VIEW_ROWS:
		return step_from_rows(parent, segment, ret_view, error);
	case VIEW_FILTER:
		return step_field(parent, VIEW_FIELD, segment, ret_view, error);
	case VIEW_BY:
		return step_field(parent, VIEW_BY_FIELD, segment, ret_view, error);
	case VIEW_FIELD:
		if (segment[0] == '.') {
			return step_choice(parent, VIEW_OPERATOR, segment, ret_view, error);
		}
		return step_value(parent, segment, ret_view, error);
	case VIEW_INFO:
		return step_choice(parent, VIEW_INFO_FILE, segment, ret_view, error);
	case VIEW_EXPORT:
		return step_choice(parent, VIEW_EXPORT_FILE, segment, ret_view, error);
	case VIEW_CALL:
		return step_method(parent, segment, ret_view, error);
	case VIEW_NAMES:
		return step_link(parent, segment, ret_view, error);
	default:
		return view_is_directory(parent->kind)
			       ? step_value(parent, segment, ret_view, error)
			       : -ENOTDIR;
	}
}
