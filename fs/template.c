/* SPDX-License-Identifier: MIT */
#include "fs/template.h"

#include "fs/render.h"

#include "odoo/cleanup.h"
#include "odoo/json.h"

#include <errno.h>
#include <stdlib.h>

static bool is_offered(const struct cache_field *field)
{
	return field->stored && field->type != FIELD_BINARY && !cache_field_is_log(field->name) &&
	       !cache_field_is_readonly(field, NULL);
}

const char **template_fields(const struct cache_schema *schema, size_t *ret_n)
{
	const char **names = calloc(schema->n_fields + 1, sizeof(*names));

	*ret_n = 0;
	for (size_t i = 0; names && i < schema->n_fields; i++) {
		if (is_offered(&schema->fields[i])) {
			names[(*ret_n)++] = schema->fields[i].name;
		}
	}
	return names;
}

/* [[6, 0, ids]], or [[4, id, 0], …], as a list of ids; NULL: there is more than that in it. */
static cJSON *ids_of_commands(const cJSON *commands)
{
	_cleanup_json_ cJSON *ids = cJSON_CreateArray();
	const cJSON *command, *id;

	cJSON_ArrayForEach (command, commands) {
		const cJSON *code = cJSON_GetArrayItem(command, 0);
		const cJSON *second = cJSON_GetArrayItem(command, 1);
		const cJSON *third = cJSON_GetArrayItem(command, 2);

		if (cJSON_IsNumber(command)) {
			cJSON_AddItemToArray(ids, cJSON_CreateNumber(command->valuedouble));
		} else if (cJSON_IsNumber(code) && code->valueint == 4 && cJSON_IsNumber(second)) {
			cJSON_AddItemToArray(ids, cJSON_CreateNumber(second->valuedouble));
		} else if (cJSON_IsNumber(code) && code->valueint == 6 && cJSON_IsArray(third)) {
			cJSON_ArrayForEach (id, third) {
				cJSON_AddItemToArray(ids, cJSON_CreateNumber(id->valuedouble));
			}
		} else if (!cJSON_IsNumber(code) || code->valueint != 5) {
			return NULL;
		}
	}
	return steal(ids);
}

/* A default as a file may have it. A value that has a wrong shape is left to be filled in. */
static void append_default(
	struct buffer *buffer, const struct cache_field *field, const cJSON *value)
{
	bool x2many = field->type == FIELD_ONE2MANY || field->type == FIELD_MANY2MANY;
	_cleanup_json_ cJSON *ids = x2many ? ids_of_commands(value) : NULL;
	size_t start = buffer->size;
	int r;

	if (x2many && !ids) {
		r = render_append_json(buffer, value);
	} else {
		r = render_append_value(buffer, field, ids ? ids : value, false);
	}
	if (r < 0) {
		buffer->size = start;
		buffer_append_text(buffer, "false");
	}
}

int template_text_make(
	const struct cache_schema *schema, const cJSON *defaults, char **ret_text, size_t *ret_size)
{
	_cleanup_buffer_ struct buffer buffer = { 0 };
	const char *separator = "\n";

	buffer_append_char(&buffer, '{');
	for (size_t i = 0; i < schema->n_fields; i++) {
		const struct cache_field *field = &schema->fields[i];
		const cJSON *value = odoo_json_get(defaults, field->name);

		if (!is_offered(field) || (!value && !field->required)) {
			continue;
		}
		buffer_append_text(&buffer, separator);
		buffer_append(&buffer, "  ", 2);
		render_append_text(&buffer, field->name);
		buffer_append(&buffer, ": ", 2);
		if (value) {
			append_default(&buffer, field, value);
		} else {
			buffer_append_text(&buffer, "false");
		}
		separator = ",\n";
	}
	buffer_append_text(&buffer, "\n}\n");
	return buffer_steal(&buffer, ret_text, ret_size);
}
