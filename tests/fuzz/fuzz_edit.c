/* SPDX-License-Identifier: MIT */
/*
 * Edits from any text, against any record. The input is a byte of flags and up to three parts with
 * 0x1e between them: what was saved; the record as the server has it now; the record that was
 * opened. A part that is missing, or isn't a record, is the one of edit_unit.c.
 */
#include "fuzz.h"

#include "tests/unit/fs/edit_unit.h"

#include "fs/document.h"
#include "fs/render.h"
#include "odoo/json.h"

#include <unistr.h>

#define SEPARATOR 0x1e

enum { FLAG_CREATE = 1, FLAG_NO_SCHEMAS = 2 };

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	return edit_set_up(NULL);
}

/* The next part, with a NUL behind it; NULL when there is none. */
static char *next_part(const uint8_t **data, size_t *size, size_t *ret_size)
{
	const uint8_t *end;
	char *part;

	if (!*data) {
		return NULL;
	}
	end = *size > 0 ? memchr(*data, SEPARATOR, *size) : NULL;
	*ret_size = end ? (size_t)(end - *data) : *size;
	part = malloc(*ret_size + 1);
	must(part);
	if (*ret_size > 0) {
		memcpy(part, *data, *ret_size);
	}
	part[*ret_size] = '\0';
	*size -= end ? *ret_size + 1 : *ret_size;
	*data = end ? end + 1 : NULL;
	return part;
}

static cJSON *record_of(const char *text, size_t size)
{
	cJSON *record = NULL;

	if (!text || odoo_json_parse(text, size, &record, NULL) != 0) {
		return cJSON_Parse(edit_record);
	}
	return record;
}

/* What render_record makes of it, or edit_base. */
static char *base_of(const cJSON *record, size_t *ret_size)
{
	const struct cache_field *field;
	char *text;

	if (render_record(edit_schema, record, true, &text, ret_size, &field, NULL) < 0) {
		text = strdup(edit_base);
		*ret_size = strlen(text);
	}
	return text;
}

/* Who hears of an error gets a sentence. */
static void check_error(int r, const struct odoo_error *error)
{
	must((r < 0) == (error->fault != ODOO_FAULT_NONE));
	if (r < 0) {
		must(r == -EINVAL || r == -EBADMSG || r == -ESTALE);
		must(error->message && error->message[0]);
		must(!u8_check((const uint8_t *)error->message, strlen(error->message)));
	}
}

static void check_value(const struct cache_field *field, const cJSON *value)
{
	switch (field->type) {
	case FIELD_MANY2ONE:
		must(cJSON_IsNumber(value) || cJSON_IsFalse(value));
		break;
	case FIELD_MANY2MANY:
	case FIELD_ONE2MANY:
		must(cJSON_IsArray(value) && value->child);
		must(cJSON_IsArray(value->child) && cJSON_IsNumber(value->child->child));
		break;
	case FIELD_INTEGER:
		must(cJSON_IsNumber(value));
		break;
	case FIELD_BOOLEAN:
		must(cJSON_IsBool(value));
		break;
	case FIELD_CHAR:
	case FIELD_TEXT:
	case FIELD_DATE:
		must(cJSON_IsString(value) || cJSON_IsFalse(value));
		break;
	case FIELD_BINARY:
		abort();
	default:
		break;
	}
}

/* Each is of a field that may be set, and JSON when it is printed. */
static void check_values(struct edit *edit)
{
	_cleanup_json_ cJSON *values = NULL, *again = NULL;
	const cJSON *value;

	must(edit_take_values(edit, &values) == 0);
	must(edit->n_changes == 0);
	cJSON_ArrayForEach (value, values) {
		const struct cache_field *field = cache_schema_find(edit_schema, value->string);
		must(field && !cache_field_is_readonly(field, NULL));
		check_value(field, value);
	}
	_cleanup_json_text_ char *printed = cJSON_PrintUnformatted(values);
	must(printed);
	must(odoo_json_parse(printed, strlen(printed), &again, NULL) == 0);
}

static void go_on(struct edit *edit, bool create, const cJSON *now)
{
	_cleanup_json_ cJSON *found = cJSON_Parse("[[21, \"x\"]]");
	_cleanup_odoo_error_ struct odoo_error error;
	int r;

	odoo_error_init(&error);
	for (size_t i = 0; i < edit->n_names; i++) {
		must(edit_resolve(edit, i, found, NULL) == 0);
	}
	edit_settle(edit);
	if (!create) {
		r = edit_conflicts(edit, edit_schema, now, &error);
		check_error(r, &error);
	}
	check_values(edit);
}

static int parse(const struct edit_source *source, struct edit **ret_edit)
{
	_cleanup_odoo_error_ struct odoo_error error;
	int r;

	odoo_error_init(&error);
	r = edit_parse(source, ret_edit, &error);
	check_error(r, &error);
	must(r <= 0 || r == EDIT_EMPTY || r == EDIT_WANTS_SCHEMAS);
	return r;
}

/* Saving what was opened changes nothing. */
static void check_base(struct edit_source source)
{
	struct edit *edit = NULL;
	int r;

	source.text = source.base;
	source.size = source.base_size;
	r = parse(&source, &edit);
	must(r == 0 || r == -EBADMSG || r == -EINVAL);
	must(r != 0 || edit->n_changes == 0);
	edit_destroy(edit);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t flags = size > 0 ? data[0] : 0;
	const uint8_t *rest = size > 0 ? data + 1 : NULL;
	size_t left = size > 0 ? size - 1 : 0, text_size = 0, now_size = 0, record_size = 0;
	_cleanup_free_ char *text = next_part(&rest, &left, &text_size);
	_cleanup_free_ char *now_text = next_part(&rest, &left, &now_size);
	_cleanup_free_ char *record_text = next_part(&rest, &left, &record_size);
	_cleanup_json_ cJSON *now = record_of(now_text, now_size);
	_cleanup_json_ cJSON *record = record_of(record_text, record_size);
	bool create = flags & FLAG_CREATE;
	struct edit_source source = edit_source_of("", create);
	struct edit *edit = NULL;
	_cleanup_free_ char *base = base_of(record, &source.base_size);

	if (!text) {
		return 0;
	}
	source.base = base;
	source.text = text;
	source.size = text_size;
	if (flags & FLAG_NO_SCHEMAS) {
		source.schema_of = NULL;
	}
	int r = parse(&source, &edit);
	must((r == EDIT_EMPTY) == (document_check(text, text_size, NULL) == DOCUMENT_EMPTY));
	if (r == 0) {
		go_on(edit, create, now);
	} else if (r == EDIT_WANTS_SCHEMAS) {
		must(edit->n_models > 0 && edit->n_changes == 0 && edit->n_names == 0);
	}
	edit_destroy(edit);
	if (!create && record_text) {
		check_base(source);
	}
	return 0;
}
