/* SPDX-License-Identifier: MIT */
#include "fs/view_query.h"

#include "fs/condition.h"
#include "fs/domain.h"
#include "fs/nearest.h"
#include "fs/percent.h"
#include "fs/view_private.h"
#include "odoo/cleanup.h"
#include "odoo/limits.h"

#include <errno.h>
#include <string.h>

/* In seconds. */
#define DAY 86400

struct making {
	const struct view_schemas *schemas;
	int64_t now;
	struct cache_rows_spec spec;
	struct buffer order;
	bool relative; /* there is a date that counts from today */
	bool by_id;    /* the order ends in the id, so that it is unique */
	struct odoo_error *error;
};

/* ── Fields ── */

static const struct cache_field *find(const struct cache_schema *schema, const char *name)
{
	return strcmp(name, "id") == 0 ? &condition_id_field : cache_schema_find(schema, name);
}

static bool has_field(
	const struct cache_field *const *fields, size_t n, const struct cache_field *field)
{
	while (n && fields[n - 1] != field) {
		n--;
	}
	return n > 0;
}

static int refuse_field(const struct cache_schema *schema, const char *model, const char *name,
	struct odoo_error *error)
{
	struct nearest nearest = { .wanted = name, .size = strlen(name) };

	for (size_t i = 0; i < schema->n_fields; i++) {
		nearest_offer(&nearest, schema->fields[i].name);
	}
	return view_refuse(error, -ENOENT, "%s has no field \"%.80s\": the nearest is \"%s\"",
		model, name, nearest.found ? nearest.found : "id");
}

static int get_schema(const struct view_schemas *schemas, const char *model, const char *path,
	const struct cache_schema **ret_schema, struct odoo_error *error)
{
	int r = schemas->get(schemas->data, model, ret_schema);

	if (r == -ENOENT) {
		return view_refuse(error, -ENOENT,
			"%s leads to %s, which this mount doesn't show: its fields aren't known",
			path, model);
	}
	return r;
}

int view_query_field(const struct view_schemas *schemas, const char *path,
	const struct cache_field **ret_field, struct odoo_error *error)
{
	const char *model = schemas->model, *rest = path;
	const struct cache_field *field = NULL;
	const struct cache_schema *schema;
	char name[ODOO_MAX_NAME + 1];

	for (;;) {
		size_t n = strcspn(rest, ".");
		int r = get_schema(schemas, model, path, &schema, error);

		if (r != 0) {
			return r;
		}
		snprintf(name, sizeof(name), "%.*s", (int)n, rest);
		field = find(schema, name);
		if (!field) {
			return refuse_field(schema, model, name, error);
		}
		if (!rest[n]) {
			break;
		}
		if (!field->relation) {
			return view_refuse(error, -ENOENT,
				"%s: \"%s\" of %s isn't a relation, so nothing follows it", path,
				name, model);
		}
		model = field->relation;
		rest += n + 1;
	}
	*ret_field = field;
	return 0;
}

/* ── What narrows ── */

static int add_condition(struct making *m, const struct view *rows)
{
	const struct view *above = rows->parent;
	struct condition condition = {
		.op = above->kind == VIEW_OPERATOR ? (enum view_operator)above->number
						   : OPERATOR_EQ,
		.value = rows->text,
		.listed = above->kind == VIEW_BY_FIELD,
		.now = m->now,
	};
	int r;

	if (above->kind == VIEW_OPERATOR) {
		above = above->parent;
	}
	condition.path = above->text;
	r = view_query_field(m->schemas, above->text, &condition.field, m->error);
	if (r != 0) {
		return r;
	}
	if (!condition.field->searchable) {
		return view_refuse(m->error, -EINVAL,
			"%s is computed, and the server can't look for its values", above->text);
	}
	m->relative = m->relative || condition_is_relative(&condition);
	return condition_append(&condition, m->spec.domain, m->error);
}

static int add_domain(struct making *m, const struct view *rows)
{
	_cleanup_free_ char *decoded = NULL;
	_cleanup_json_ cJSON *domain = NULL;
	int r = percent_decode(rows->text, strlen(rows->text), &decoded, m->error);

	if (r == 0) {
		r = domain_parse(decoded, strlen(decoded), &domain, m->error);
	}
	while (r == 0 && domain->child) {
		if (!cJSON_AddItemToArray(m->spec.domain, cJSON_DetachItemFromArray(domain, 0))) {
			r = -ENOMEM;
		}
	}
	return r;
}

/* ── What orders ── */

/* One term of an order. */
static int add_term(struct making *m, const char *term, size_t size)
{
	const struct cache_field *field;
	char name[ODOO_MAX_NAME + 1];
	bool descending;
	int r;

	size = view_order_size(term, size, &descending);
	snprintf(name, sizeof(name), "%.*s", (int)size, term);
	r = view_query_field(m->schemas, name, &field, m->error);
	if (r != 0) {
		return r;
	}
	if (!field->sortable) {
		return view_refuse(m->error, -EINVAL,
			"%s: the server can't order by it: it is computed, or a list", name);
	}
	if (!m->by_id) {
		buffer_append_text(&m->order, m->order.size ? ", " : "");
		buffer_append_text(&m->order, name);
		buffer_append_text(&m->order, descending != m->spec.reversed ? " desc" : "");
	}
	m->by_id = m->by_id || field == &condition_id_field;
	return 0;
}

static int add_order(struct making *m, const struct view *rows)
{
	const char *text = rows->text, *term;
	int r = 0;

	while (r == 0 && *text) {
		size_t size = view_next_name(&text, &term);

		r = add_term(m, term, size);
	}
	return r;
}

/* The text of the order; none where it is by id, as it is anyway. */
static int finish_order(struct making *m)
{
	size_t size;

	if (!m->order.size && !m->spec.reversed) {
		return 0;
	}
	if (!m->by_id) {
		buffer_append_text(&m->order, m->order.size ? ", id" : "id");
		buffer_append_text(&m->order, m->spec.reversed ? " desc" : "");
	}
	if (buffer_steal(&m->order, &m->spec.order, &size) < 0) {
		return -ENOMEM;
	}
	if (strcmp(m->spec.order, "id") == 0) {
		free(steal(m->spec.order));
	}
	return 0;
}

/* ── What counts off ── */

static enum cache_slice_kind slice_of(enum view_kind kind)
{
	switch (kind) {
	case VIEW_FIRST:
		return SLICE_FIRST;
	case VIEW_LAST:
		return SLICE_LAST;
	case VIEW_OFFSET:
		return SLICE_OFFSET;
	default:
		return SLICE_SAMPLE;
	}
}

static bool is_page(const struct view *rows)
{
	return rows->kind == VIEW_ROWS && rows->parent->kind >= VIEW_FIRST &&
	       rows->parent->kind <= VIEW_SAMPLE;
}

static int add_slice(struct cache_rows_spec *spec, const struct cache_slice *slice)
{
	struct cache_slice *grown =
		reallocarray(spec->slices, spec->n_slices + 1, sizeof(*spec->slices));

	if (!grown) {
		return -ENOMEM;
	}
	spec->slices = grown;
	grown[spec->n_slices++] = *slice;
	return 0;
}

/* What the server can count off itself: the first, all but the first. */
static bool fold(struct cache_rows_spec *spec, const struct cache_slice *slice)
{
	if (spec->n_slices || spec->reversed) {
		return false;
	}
	if (slice->kind == SLICE_FIRST) {
		spec->limit = spec->limited && spec->limit < slice->n ? spec->limit : slice->n;
		spec->limited = true;
		return true;
	}
	if (slice->kind == SLICE_OFFSET && slice->n <= ODOO_MAX_ID - spec->offset) {
		spec->offset += slice->n;
		spec->limit -= spec->limit < slice->n ? spec->limit : slice->n;
		return true;
	}
	return false;
}

static int add_page(struct making *m, const struct view *rows)
{
	struct cache_rows_spec *spec = &m->spec;
	const struct cache_slice slice = { slice_of(rows->parent->kind), rows->number };

	if (fold(spec, &slice)) {
		return 0;
	}
	/* The last of all are the first in the opposite order. */
	if (slice.kind == SLICE_LAST && spec->reversed && !spec->limited) {
		spec->limited = true;
		spec->limit = slice.n;
		return 0;
	}
	return add_slice(spec, &slice);
}

/* Whether the chain's first page is .last: then its order is turned. */
static bool is_reversed(const struct view *view)
{
	const struct view *first = NULL;

	for (; view->parent; view = view->parent) {
		first = is_page(view) ? view : first;
	}
	return first && first->parent->kind == VIEW_LAST;
}

/* ── All of it ── */

static int add_value(struct making *m, const struct view *rows)
{
	switch (rows->parent->kind) {
	case VIEW_FIELD:
	case VIEW_OPERATOR:
	case VIEW_BY_FIELD:
		return add_condition(m, rows);
	case VIEW_DOMAIN:
		return add_domain(m, rows);
	case VIEW_NAME:
		return percent_decode(rows->text, strlen(rows->text), &m->spec.name, m->error);
	case VIEW_ORDER:
		return add_order(m, rows);
	default:
		return is_page(rows) ? add_page(m, rows) : 0; /* .columns are for others */
	}
}

static int add(struct making *m, const struct view *view)
{
	int r = view->parent ? add(m, view->parent) : 0;

	return r == 0 && view->kind == VIEW_ROWS ? add_value(m, view) : r;
}

int view_query_rows(const struct view *view, const struct view_schemas *schemas, int64_t now,
	struct cache_rows_spec *ret_spec, int64_t *ret_until, struct odoo_error *error)
{
	struct making m = {
		.schemas = schemas,
		.now = now,
		.spec = { .domain = cJSON_CreateArray(), .reversed = is_reversed(view) },
		.error = error,
	};
	int r = m.spec.domain ? add(&m, view) : -ENOMEM;

	if (r == 0) {
		r = finish_order(&m);
	}
	buffer_finish(&m.order);
	if (r != 0) {
		cache_rows_spec_finish(&m.spec);
		return r;
	}
	m.spec.strict = m.spec.domain->child || m.spec.name || m.spec.order;
	*ret_spec = m.spec;
	*ret_until = m.relative ? (now / DAY + 1) * DAY : INT64_MAX;
	return 0;
}

int view_query_columns(const struct view *view, const struct view_schemas *schemas,
	const struct cache_field ***ret_fields, size_t *ret_n, struct odoo_error *error)
{
	const char *text = view_columns(view), *name;
	_cleanup_free_ const struct cache_field **fields = NULL;
	size_t n = 0;

	fields = calloc(text ? strlen(text) + 1 : 1, sizeof(*fields));
	if (!fields) {
		return -ENOMEM;
	}
	while (text && *text) {
		char copy[ODOO_MAX_NAME + 1];
		size_t size = view_next_name(&text, &name);
		int r;

		snprintf(copy, sizeof(copy), "%.*s", (int)size, name);
		r = view_query_field(schemas, copy, &fields[n], error);
		if (r != 0) {
			return r;
		}
		if (fields[n]->type == FIELD_BINARY) {
			return view_refuse(
				error, -EINVAL, "%s: contents of files are no column", copy);
		}
		n += !has_field(fields, n, fields[n]); /* once will do */
	}
	*ret_fields = steal(fields);
	*ret_n = n;
	return 0;
}
