/* SPDX-License-Identifier: MIT */
#include "fs/export_format.h"

#include "fs/number.h"
#include "fs/render.h"

#include "odoo/json.h"

#include <string.h>

/* ── CSV ── */

static bool is_relation(const struct cache_field *field)
{
	return field->type == FIELD_MANY2ONE || field->type == FIELD_MANY2MANY ||
	       field->type == FIELD_ONE2MANY;
}

/* Quotes where there is what would end a cell or a line, or what an import would cut off. */
static void append_cell(struct buffer *buffer, const char *text, size_t size)
{
	bool quoted = memchr(text, '"', size) || memchr(text, ',', size) ||
		      memchr(text, '\n', size) || memchr(text, '\r', size) ||
		      (size && (text[0] == ' ' || text[size - 1] == ' '));

	if (!quoted) {
		buffer_append(buffer, text, size);
		return;
	}
	buffer_append_char(buffer, '"');
	for (size_t i = 0; i < size; i++) {
		if (text[i] == '"') {
			buffer_append_char(buffer, '"');
		}
		buffer_append_char(buffer, text[i]);
	}
	buffer_append_char(buffer, '"');
}

static void append_heading(struct buffer *buffer, const struct cache_field *field)
{
	if (strcmp(field->name, "id") == 0) {
		buffer_append_text(buffer, ".id");
		return;
	}
	buffer_append_text(buffer, field->name);
	buffer_append_text(buffer, is_relation(field) ? "/.id" : "");
}

static int append_ids(struct buffer *buffer, const cJSON *ids)
{
	_cleanup_buffer_ struct buffer list = { 0 };
	const cJSON *id;
	int r = 0;

	cJSON_ArrayForEach (id, ids) {
		if (id != ids->child) {
			buffer_append_char(&list, ',');
		}
		r = r ? r : number_append_any(&list, id->valuedouble);
	}
	buffer->failed = buffer->failed || list.failed;
	append_cell(buffer, list.text ? list.text : "", list.size);
	return r;
}

/* What has no shape of its own in CSV is JSON in a cell. */
static int append_json_cell(
	struct buffer *buffer, const struct cache_field *field, const cJSON *value)
{
	_cleanup_buffer_ struct buffer text = { 0 };
	int r = render_append_value(&text, field, value, false);

	buffer->failed = buffer->failed || text.failed;
	append_cell(buffer, text.text ? text.text : "", text.size);
	return r;
}

static int append_csv_value(
	struct buffer *buffer, const struct cache_field *field, const cJSON *value)
{
	if (field->type == FIELD_BOOLEAN) {
		buffer_append_text(buffer, cJSON_IsTrue(value) ? "true" : "false");
		return 0;
	}
	if (cJSON_IsFalse(value) || cJSON_IsNull(value)) {
		return 0;
	}
	if (cJSON_IsString(value)) {
		append_cell(buffer, value->valuestring, strlen(value->valuestring));
		return 0;
	}
	if (field->type == FIELD_MANY2ONE && cJSON_IsArray(value)) {
		value = value->child; /* [id, name] */
	}
	if (is_relation(field) && cJSON_IsArray(value)) {
		return append_ids(buffer, value);
	}
	return append_json_cell(buffer, field, value);
}

static void note_missing(struct export_gaps *gaps, const struct cache_field *field)
{
	gaps->missing = gaps->n_missing++ ? gaps->missing : field;
}

static void note_wrong(struct export_gaps *gaps, const struct cache_field *field)
{
	gaps->wrong = gaps->n_wrong++ ? gaps->wrong : field;
}

static void append_row(const struct export_format *format, struct buffer *buffer,
	const cJSON *record, struct export_gaps *gaps)
{
	size_t row = buffer->size;

	for (size_t i = 0; i < format->n_fields; i++) {
		const struct cache_field *field = format->fields[i];
		const cJSON *value = odoo_json_get(record, field->name);
		size_t start;

		buffer_append(buffer, ",", i > 0);
		start = buffer->size;
		if (!value) {
			note_missing(gaps, field);
		} else if (append_csv_value(buffer, field, value) < 0) {
			buffer->size = start;
			note_wrong(gaps, field);
		}
	}
	/* A line with nothing on it is taken for none by who reads it. */
	if (buffer->size == row) {
		buffer_append_text(buffer, "\"\"");
	}
	buffer_append(buffer, "\r\n", 2);
}

/* ── JSON ── */

static void append_object(const struct export_format *format, struct buffer *buffer,
	const cJSON *record, struct export_gaps *gaps)
{
	bool any = false;

	buffer_append_char(buffer, '{');
	for (size_t i = 0; i < format->n_fields; i++) {
		const struct cache_field *field = format->fields[i];
		const cJSON *value = odoo_json_get(record, field->name);
		size_t start = buffer->size;

		if (!value) {
			note_missing(gaps, field);
			continue;
		}
		buffer_append_text(buffer, any ? ", " : "");
		render_append_text(buffer, field->name);
		buffer_append(buffer, ": ", 2);
		if (render_append_value(buffer, field, value, format->many2one_names) < 0) {
			buffer->size = start;
			note_wrong(gaps, field);
		} else {
			any = true;
		}
	}
	buffer_append_char(buffer, '}');
}

void export_begin(const struct export_format *format, struct buffer *buffer)
{
	if (format->kind == EXPORT_JSON) {
		buffer_append_char(buffer, '[');
	}
	if (format->kind != EXPORT_CSV) {
		return;
	}
	for (size_t i = 0; i < format->n_fields; i++) {
		buffer_append(buffer, ",", i > 0);
		append_heading(buffer, format->fields[i]);
	}
	buffer_append(buffer, "\r\n", 2);
}

void export_record(struct export_format *format, struct buffer *buffer, const cJSON *record,
	struct export_gaps *ret_gaps)
{
	*ret_gaps = (struct export_gaps){ 0 };
	if (format->kind == EXPORT_CSV) {
		append_row(format, buffer, record, ret_gaps);
	} else {
		if (format->kind == EXPORT_JSON) {
			buffer_append_text(buffer, format->any ? ",\n" : "\n");
		}
		append_object(format, buffer, record, ret_gaps);
		if (format->kind == EXPORT_JSONL) {
			buffer_append_char(buffer, '\n');
		}
	}
	format->any = true;
}

void export_end(const struct export_format *format, struct buffer *buffer)
{
	if (format->kind == EXPORT_JSON) {
		buffer_append_text(buffer, format->any ? "\n]\n" : "]\n");
	}
}
