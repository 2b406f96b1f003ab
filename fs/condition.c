/* SPDX-License-Identifier: MIT */
#include "fs/condition_private.h"
#include "fs/view_private.h"

#include "odoo/cleanup.h"

#include <errno.h>
#include <string.h>

static char id_name[] = "id";

const struct cache_field condition_id_field = { .name = id_name,
	.type = FIELD_INTEGER,
	.stored = true,
	.readonly = true,
	.searchable = true,
	.sortable = true };

/* ── Terms ── */

static int append(cJSON *list, cJSON *item)
{
	if (!item || !cJSON_AddItemToArray(list, item)) {
		cJSON_Delete(item);
		return -ENOMEM;
	}
	return 0;
}

/* Append (path, op, value), taking over the value. */
static int append_term(cJSON *domain, const char *path, const char *op, cJSON *value)
{
	cJSON *term = cJSON_CreateArray();

	if (append(domain, term) < 0 || append(term, cJSON_CreateString(path)) < 0 ||
		append(term, cJSON_CreateString(op)) < 0) {
		cJSON_Delete(value);
		return -ENOMEM;
	}
	return append(term, value);
}

static int append_operators(cJSON *domain, const char *op, size_t n)
{
	int r = 0;

	while (r == 0 && n--) {
		r = append(domain, cJSON_CreateString(op));
	}
	return r;
}

/* ── Which operators a field has ── */

static bool is_ordering(enum view_operator op)
{
	return op >= OPERATOR_GT && op <= OPERATOR_LE;
}

static bool is_pattern(enum view_operator op)
{
	return op >= OPERATOR_LIKE && op <= OPERATOR_EQ_ILIKE;
}

static bool is_list(enum view_operator op)
{
	return op == OPERATOR_IN || op == OPERATOR_NOT_IN;
}

bool condition_has_operator(const struct cache_field *field, enum view_operator op)
{
	enum value_class class = value_class_of(field->type);

	if (op == OPERATOR_EQ || op == OPERATOR_NE) {
		return class != CLASS_OTHER;
	}
	if (is_list(op)) {
		return class != CLASS_OTHER && class != CLASS_BINARY;
	}
	if (is_ordering(op)) {
		return class == CLASS_WHOLE || class == CLASS_NUMBER || class == CLASS_TEXT ||
		       class == CLASS_DATE;
	}
	if (is_pattern(op)) {
		return class == CLASS_TEXT || class == CLASS_SELECTION ||
		       class == CLASS_REFERENCE || class == CLASS_RELATION;
	}
	return class == CLASS_RELATION || field == &condition_id_field;
}

static int check_operator(
	const struct condition *c, enum value_class class, struct odoo_error *error)
{
	if (class == CLASS_OTHER) {
		return view_refuse(error, -EINVAL,
			"%s can't be compared with what a path can hold: use .domain/", c->path);
	}
	if (!condition_has_operator(c->field, c->op)) {
		return view_refuse(error, -EINVAL,
			"%s: \"%s\" doesn't apply to a field of its type", c->path,
			view_operator_text(c->op));
	}
	return 0;
}

/* ── Dates ── */

static int append_span(const struct condition *c, cJSON *domain, const struct value_span *span)
{
	const char *path = c->path, *start = span->start, *end = span->end;

	switch (c->op) {
	case OPERATOR_GT:
		return append_term(domain, path, ">=", cJSON_CreateString(end));
	case OPERATOR_GE:
		return append_term(domain, path, ">=", cJSON_CreateString(start));
	case OPERATOR_LT:
		return append_term(domain, path, "<", cJSON_CreateString(start));
	case OPERATOR_LE:
		return append_term(domain, path, "<", cJSON_CreateString(end));
	case OPERATOR_NE:
	case OPERATOR_NOT_IN:
		if (append_operators(domain, "|", 2) < 0 ||
			append_term(domain, path, "<", cJSON_CreateString(start)) < 0 ||
			append_term(domain, path, ">=", cJSON_CreateString(end)) < 0) {
			return -ENOMEM;
		}
		return append_term(domain, path, "=", cJSON_CreateFalse());
	default:
		if (append_operators(domain, "&", 1) < 0 ||
			append_term(domain, path, ">=", cJSON_CreateString(start)) < 0) {
			return -ENOMEM;
		}
		return append_term(domain, path, "<", cJSON_CreateString(end));
	}
}

static int append_date(const struct condition *c, const char *text, size_t size, cJSON *domain,
	struct odoo_error *error)
{
	bool negative = c->op == OPERATOR_NE || c->op == OPERATOR_NOT_IN;
	struct value_span span;
	int r;

	if (value_is_false(text, size)) {
		if (is_ordering(c->op)) {
			return view_refuse(
				error, -EINVAL, "%s: nothing comes before or after false", c->path);
		}
		return append_term(domain, c->path, negative ? "!=" : "=", cJSON_CreateFalse());
	}
	r = value_parse_span(c, text, size, &span, error);
	return r < 0 ? r : append_span(c, domain, &span);
}

/* ── Lists: 1,2,3 ── */

static size_t count_members(const char *text)
{
	size_t n = 1;

	for (; (text = strchr(text, ',')); text++) {
		n++;
	}
	return n;
}

/* Each of the members is a term of its own: the values of dates, and names of records. */
static int append_alternatives(const struct condition *c, const cJSON *values, cJSON *domain)
{
	const char *op = c->op == OPERATOR_IN ? "=" : "!=";
	const cJSON *value;
	int r = append_operators(
		domain, c->op == OPERATOR_IN ? "|" : "&", (size_t)cJSON_GetArraySize(values) - 1);

	cJSON_ArrayForEach (value, values) {
		r = r ? r : append_term(domain, c->path, op, cJSON_Duplicate(value, true));
	}
	return r;
}

static bool has_text(const cJSON *values)
{
	const cJSON *value;

	cJSON_ArrayForEach (value, values) {
		if (cJSON_IsString(value)) {
			return true;
		}
	}
	return false;
}

static int append_list(const struct condition *c, cJSON *domain, struct odoo_error *error)
{
	_cleanup_json_ cJSON *values = cJSON_CreateArray();
	const char *text = c->value, *member;
	int r = values ? 0 : -ENOMEM;

	for (size_t n = count_members(text); r == 0 && n; n--) {
		size_t size = view_next_name(&text, &member);
		cJSON *value = NULL;

		r = value_parse(c, member, size, &value, error);
		if (r == 0) {
			r = append(values, value);
		}
	}
	if (r < 0) {
		return r;
	}
	if (value_class_of(c->field->type) == CLASS_RELATION && has_text(values)) {
		return append_alternatives(c, values, domain);
	}
	return append_term(domain, c->path, view_operator_text(c->op), steal(values));
}

static int append_dates(const struct condition *c, cJSON *domain, struct odoo_error *error)
{
	const char *text = c->value, *member;
	size_t n = count_members(text);
	int r = append_operators(domain, c->op == OPERATOR_IN ? "|" : "&", n - 1);

	while (r == 0 && n--) {
		size_t size = view_next_name(&text, &member);

		r = append_date(c, member, size, domain, error);
	}
	return r;
}

bool condition_is_relative(const struct condition *c)
{
	const char *text = c->value, *member;
	bool relative = false;

	if (value_class_of(c->field->type) != CLASS_DATE) {
		return false;
	}
	for (size_t n = count_members(text); n; n--) {
		size_t size = view_next_name(&text, &member);

		relative = relative || (size && strchr("+-tT", *member));
	}
	return relative;
}

int condition_append(const struct condition *c, cJSON *domain, struct odoo_error *error)
{
	enum value_class class = value_class_of(c->field->type);
	size_t size = strlen(c->value);
	cJSON *value = NULL;
	int r = check_operator(c, class, error);

	if (r < 0) {
		return r;
	}
	if (class == CLASS_DATE) {
		return is_list(c->op) ? append_dates(c, domain, error)
				      : append_date(c, c->value, size, domain, error);
	}
	if (is_list(c->op)) {
		return append_list(c, domain, error);
	}
	r = is_pattern(c->op) ? value_parse_text(c->value, size, &value, error)
			      : value_parse(c, c->value, size, &value, error);
	if (r < 0) {
		return r;
	}
	return append_term(domain, c->path, view_operator_text(c->op), value);
}
