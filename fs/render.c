/* SPDX-License-Identifier: MIT */
#include "fs/render.h"

#include "fs/buffer.h"
#include "fs/number.h"
#include "odoo/cleanup.h"
#include "odoo/json.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct rendering {
	struct buffer *buffer;
	bool many2one_names;
};

static int render_false(struct rendering *r)
{
	buffer_append(r->buffer, "false", 5);
	return 0;
}

static void append_escape(struct buffer *buffer, unsigned char c)
{
	static const char digits[] = "0123456789abcdef";
	static const char shorts[] = { ['\b'] = 'b',
		['\t'] = 't',
		['\n'] = 'n',
		['\f'] = 'f',
		['\r'] = 'r',
		['"'] = '"',
		['\\'] = '\\' };

	if (c < sizeof(shorts) && shorts[c]) {
		char text[2] = { '\\', shorts[c] };
		buffer_append(buffer, text, sizeof(text));
	} else {
		char text[6] = { '\\', 'u', '0', '0', digits[c >> 4], digits[c & 15] };
		buffer_append(buffer, text, sizeof(text));
	}
}

/* Runs of what needs no escape are copied at once: most text is one run. */
static int render_string(struct rendering *r, const char *text)
{
	buffer_append_char(r->buffer, '"');
	for (const char *run = text;; text++) {
		unsigned char c = (unsigned char)*text;
		if (c >= 0x20 && c != '"' && c != '\\') {
			continue;
		}
		buffer_append(r->buffer, run, (size_t)(text - run));
		if (c == '\0') {
			break;
		}
		append_escape(r->buffer, c);
		run = text + 1;
	}
	buffer_append_char(r->buffer, '"');
	return 0;
}

static int render_json(struct rendering *r, const cJSON *value);

/* The members of an array or object between its brackets, on one line. */
static int render_members_of(struct rendering *r, const cJSON *value)
{
	const cJSON *member;

	cJSON_ArrayForEach (member, value) {
		if (member != value->child) {
			buffer_append(r->buffer, ", ", 2);
		}
		if (cJSON_IsObject(value)) {
			render_string(r, member->string);
			buffer_append(r->buffer, ": ", 2);
		}
		int error = render_json(r, member);
		if (error < 0) {
			return error;
		}
	}
	return 0;
}

/* Any JSON. Its depth has a limit, because odoo_json_parse has one. */
static int render_json(struct rendering *r, const cJSON *value)
{
	bool is_object = cJSON_IsObject(value);

	if (cJSON_IsString(value)) {
		return render_string(r, value->valuestring);
	}
	if (cJSON_IsNumber(value)) {
		return number_append_any(r->buffer, value->valuedouble);
	}
	if (cJSON_IsBool(value) || cJSON_IsNull(value)) {
		buffer_append_text(r->buffer, cJSON_IsNull(value)   ? "null"
					      : cJSON_IsTrue(value) ? "true"
								    : "false");
		return 0;
	}
	if (!is_object && !cJSON_IsArray(value)) {
		return -EBADMSG;
	}
	buffer_append_char(r->buffer, is_object ? '{' : '[');
	int error = render_members_of(r, value);
	buffer_append_char(r->buffer, is_object ? '}' : ']');
	return error;
}

static int render_id(struct rendering *r, const cJSON *value)
{
	return cJSON_IsNumber(value) ? number_append_whole(r->buffer, value->valuedouble)
				     : -EBADMSG;
}

/* An id, or [id, name]; a name may be empty, which is false. */
static int render_many2one(struct rendering *r, const cJSON *value)
{
	const cJSON *name;

	if (!cJSON_IsArray(value)) {
		return render_id(r, value);
	}
	name = value->child ? value->child->next : NULL;
	if (!name || name->next) {
		return -EBADMSG;
	}
	if (!cJSON_IsString(name) && !cJSON_IsFalse(name) && !cJSON_IsNull(name)) {
		return -EBADMSG;
	}
	if (!r->many2one_names) {
		return render_id(r, value->child);
	}
	buffer_append_char(r->buffer, '[');
	int error = render_id(r, value->child);
	buffer_append(r->buffer, ", ", 2);
	if (cJSON_IsString(name)) {
		render_string(r, name->valuestring);
	} else {
		render_false(r);
	}
	buffer_append_char(r->buffer, ']');
	return error;
}

static int render_x2many(struct rendering *r, const cJSON *value)
{
	const cJSON *id;

	if (!cJSON_IsArray(value)) {
		return -EBADMSG;
	}
	buffer_append_char(r->buffer, '[');
	cJSON_ArrayForEach (id, value) {
		if (id != value->child) {
			buffer_append(r->buffer, ", ", 2);
		}
		int error = render_id(r, id);
		if (error < 0) {
			return error;
		}
	}
	buffer_append_char(r->buffer, ']');
	return 0;
}

/* By the field's type; an empty value is false in all that aren't lists. */
static int render_value(struct rendering *r, enum cache_field_type type, const cJSON *value)
{
	if (type == FIELD_MANY2MANY || type == FIELD_ONE2MANY) {
		return render_x2many(r, value);
	}
	if (cJSON_IsFalse(value) || cJSON_IsNull(value)) {
		return render_false(r);
	}
	switch (type) {
	case FIELD_BOOLEAN:
		return cJSON_IsTrue(value) ? render_json(r, value) : -EBADMSG;
	case FIELD_INTEGER:
	case FIELD_MANY2ONE_REFERENCE:
		return render_id(r, value);
	case FIELD_FLOAT:
	case FIELD_MONETARY:
		return cJSON_IsNumber(value) ? number_append_float(r->buffer, value->valuedouble)
					     : -EBADMSG;
	case FIELD_MANY2ONE:
		return render_many2one(r, value);
	case FIELD_SELECTION:
		/* Up to Odoo 12 a selection may have whole numbers as its keys. */
		if (cJSON_IsNumber(value)) {
			return render_id(r, value);
		}
		__attribute__((fallthrough));
	case FIELD_CHAR:
	case FIELD_DATE:
	case FIELD_DATETIME:
	case FIELD_HTML:
	case FIELD_REFERENCE:
	case FIELD_TEXT:
		return cJSON_IsString(value) ? render_string(r, value->valuestring) : -EBADMSG;
	default:
		return render_json(r, value);
	}
}

/* What a value of this type has to be, for the sentence that says that it isn't. */
static const char *expected(enum cache_field_type type)
{
	switch (type) {
	case FIELD_BOOLEAN:
		return "true or false";
	case FIELD_INTEGER:
	case FIELD_MANY2ONE_REFERENCE:
		return "a whole number below 2^53";
	case FIELD_FLOAT:
	case FIELD_MONETARY:
		return "a finite number";
	case FIELD_MANY2ONE:
		return "an id, [id, name] or false";
	case FIELD_MANY2MANY:
	case FIELD_ONE2MANY:
		return "a list of ids";
	case FIELD_CHAR:
	case FIELD_DATE:
	case FIELD_DATETIME:
	case FIELD_HTML:
	case FIELD_REFERENCE:
	case FIELD_SELECTION:
	case FIELD_TEXT:
		return "text or false";
	default:
		return "JSON whose whole numbers are below 2^53";
	}
}

/* The field of this name at `*at` or behind it, and `*at` behind that; NULL when there is none. */
static const struct cache_field *next_field(
	const struct cache_schema *schema, size_t *at, const char *name)
{
	int order = -1;

	while (*at < schema->n_fields) {
		order = strcmp(schema->fields[*at].name, name);
		if (order >= 0) {
			break;
		}
		++*at;
	}
	return order == 0 ? &schema->fields[(*at)++] : NULL;
}

static int render_field(struct rendering *r, const struct cache_field *field, const cJSON *value)
{
	buffer_append(r->buffer, ",\n  \"", 5);
	buffer_append_text(r->buffer, field->name);
	buffer_append(r->buffer, "\": ", 3);
	return render_value(r, field->type, value) < 0 ? -EBADMSG : 0;
}

/*
 * Walk members and fields in step. Returns 0; -EBADMSG and the field; or -EXDEV and the field when
 * its member comes out of order, or twice.
 */
static int render_in_step(struct rendering *r, const struct cache_schema *schema,
	const cJSON *const *members, size_t n_members, const struct cache_field **ret_field)
{
	size_t at = 0;

	for (size_t i = 0; i < n_members; i++) {
		const char *name = members[i]->string;
		const struct cache_field *field = next_field(schema, &at, name);

		if (field) {
			int error = render_field(r, field, members[i]);
			if (error < 0) {
				*ret_field = field;
				return error;
			}
			continue;
		}
		field = cache_schema_find(schema, name);
		if (field) {
			*ret_field = field;
			return -EXDEV;
		}
	}
	return 0;
}

static int by_name(const void *a, const void *b)
{
	const cJSON *const *left = a, *const *right = b;

	return strcmp((*left)->string, (*right)->string);
}

static int render_members(struct rendering *r, const struct cache_schema *schema,
	const cJSON *record, const struct cache_field **ret_field)
{
	_cleanup_free_ const cJSON **members = NULL;
	size_t start = r->buffer->size, n_members = 0;
	const cJSON *member;

	members = malloc(((size_t)cJSON_GetArraySize(record) + 1) * sizeof(const cJSON *));
	if (!members) {
		return -ENOMEM;
	}
	cJSON_ArrayForEach (member, record) {
		if (strcmp(member->string, "id") != 0) {
			members[n_members++] = member;
		}
	}
	int error = render_in_step(r, schema, members, n_members, ret_field);
	if (error == -EXDEV) {
		r->buffer->size = start;
		qsort(members, n_members, sizeof(*members), by_name);
		error = render_in_step(r, schema, members, n_members, ret_field);
	}
	return error;
}

static int refuse_id(const struct cache_field **ret_field, struct odoo_error *error)
{
	*ret_field = NULL;
	odoo_error_set(error, ODOO_FAULT_MALFORMED, "a record's id isn't a number from 1 to 2^31");
	return -EBADMSG;
}

static int refuse_field(const struct cache_field *field, int code, struct odoo_error *error)
{
	if (code == -EXDEV) {
		odoo_error_set(error, ODOO_FAULT_MALFORMED, "the record has the field \"%s\" twice",
			field->name);
	} else {
		odoo_error_set(error, ODOO_FAULT_MALFORMED, "the value of \"%s\" isn't %s",
			field->name, expected(field->type));
	}
	return -EBADMSG;
}

int render_record(const struct cache_schema *schema, const cJSON *record, bool many2one_names,
	char **ret_text, size_t *ret_size, const struct cache_field **ret_field,
	struct odoo_error *error)
{
	_cleanup_buffer_ struct buffer buffer = { 0 };
	struct rendering r = { .buffer = &buffer, .many2one_names = many2one_names };
	const cJSON *id = odoo_json_get(record, "id");
	uint32_t ignored;
	int code;

	if (odoo_json_get_id(id, &ignored) < 0) {
		return refuse_id(ret_field, error);
	}
	buffer_append_text(&buffer, "{\n  \"id\": ");
	render_id(&r, id);
	code = render_members(&r, schema, record, ret_field);
	if (code == -EBADMSG || code == -EXDEV) {
		return refuse_field(*ret_field, code, error);
	}
	buffer_append(&buffer, "\n}\n", 3);
	if (code == 0) {
		code = buffer_steal(&buffer, ret_text, ret_size);
	}
	if (code < 0) {
		odoo_error_set(error, ODOO_FAULT_INTERNAL, "out of memory");
	}
	return code;
}

int render_append_value(struct buffer *buffer, const struct cache_field *field, const cJSON *value,
	bool many2one_names)
{
	struct rendering r = { .buffer = buffer, .many2one_names = many2one_names };

	return render_value(&r, field->type, value) < 0 ? -EBADMSG : 0;
}

int render_append_json(struct buffer *buffer, const cJSON *value)
{
	struct rendering r = { .buffer = buffer };

	return render_json(&r, value);
}

void render_append_text(struct buffer *buffer, const char *text)
{
	struct rendering r = { .buffer = buffer };

	render_string(&r, text);
}
