/* SPDX-License-Identifier: MIT */
/* odoo_request_summary: one group call over a whole model, asked and read. */
#include "odoo/cleanup.h"
#include "odoo/json.h"
#include "odoo/limits.h"
#include "odoo/request.h"

#include <errno.h>
#include <string.h>

/* From this version on read_group is deprecated for formatted_read_group. */
#define FIRST_FORMATTED 19

static int set_names(
	struct odoo_request *request, const char *name, const char *const *values, size_t n_values)
{
	return odoo_request_set(request, name, cJSON_CreateStringArray(values, (int)n_values));
}

/* The date comes last, so that leaving it out is one name less. */
static int set_formatted(struct odoo_request *request, bool has_write_date)
{
	static const char *const aggregates[] = { "__count", "id:max", "write_date:max" };

	return set_names(request, "aggregates", aggregates, has_write_date ? 3 : 2);
}

/*
 * The answer has the maxima under the plain names; "id" is the greatest, though older servers
 * select a least one under that name, too. The other syntax, "name:max(field)", is refused by 14's
 * ir.attachment.
 */
static int set_plain(struct odoo_request *request, bool has_write_date)
{
	static const char *const fields[] = { "id:max", "write_date:max" };

	if (odoo_request_set(request, "lazy", cJSON_CreateFalse())) {
		return -ENOMEM;
	}
	return set_names(request, "fields", fields, has_write_date ? 2 : 1);
}

struct odoo_request *odoo_request_summary(const char *model, int major, bool has_write_date)
{
	bool formatted = major >= FIRST_FORMATTED;
	struct odoo_request *request =
		odoo_request_create(model, formatted ? "formatted_read_group" : "read_group");

	if (!request) {
		return NULL;
	}
	request->repeatable = true;
	if (odoo_request_set(request, "domain", cJSON_CreateArray()) ||
		odoo_request_set(request, "groupby", cJSON_CreateArray()) ||
		(formatted ? set_formatted(request, has_write_date)
			   : set_plain(request, has_write_date))) {
		odoo_request_destroy(request);
		return NULL;
	}
	return request;
}

/* The value under whichever of the two names the server uses. */
static const cJSON *either(const cJSON *group, const char *formatted, const char *plain)
{
	const cJSON *value = odoo_json_get(group, formatted);

	return value ? value : odoo_json_get(group, plain);
}

/* Odoo's empty value, which is false, or null where the database's own shines through. */
static bool is_empty(const cJSON *value)
{
	return !value || cJSON_IsFalse(value) || cJSON_IsNull(value);
}

static int parse_count(const cJSON *value, uint32_t *ret_count)
{
	if (!cJSON_IsNumber(value) || !(value->valuedouble >= 0) ||
		value->valuedouble > UINT32_MAX) {
		return -EBADMSG;
	}
	*ret_count = (uint32_t)value->valuedouble;
	return 0;
}

/* "2026-11-20 08:12:44", which some servers follow with fractions of the second. */
static int parse_date(const cJSON *value, char (*ret_date)[20])
{
	static const char pattern[] = "dddd-dd-dd dd:dd:dd";
	const char *text = cJSON_IsString(value) ? value->valuestring : "";

	for (size_t i = 0; i < sizeof(pattern) - 1; i++) {
		bool digit = text[i] >= '0' && text[i] <= '9';

		if (pattern[i] == 'd' ? !digit : text[i] != pattern[i]) {
			return -EBADMSG;
		}
	}
	memcpy(*ret_date, text, sizeof(pattern) - 1);
	(*ret_date)[sizeof(pattern) - 1] = '\0';
	return 0;
}

int odoo_summary_parse(const cJSON *result, struct odoo_summary *ret_summary)
{
	struct odoo_summary summary = { 0 };
	const cJSON *group = cJSON_IsArray(result) ? result->child : NULL;
	const cJSON *max_id = either(group, "id:max", "id");
	const cJSON *date = either(group, "write_date:max", "write_date");

	/* No group at all is how some servers say that there is no record. */
	if (cJSON_IsArray(result) && !group) {
		*ret_summary = summary;
		return 0;
	}
	if (group && group->next) {
		return -EBADMSG;
	}
	if (parse_count(odoo_json_get(group, "__count"), &summary.count) ||
		(!is_empty(max_id) && odoo_json_get_id(max_id, &summary.max_id)) ||
		(!is_empty(date) && parse_date(date, &summary.write_date))) {
		return -EBADMSG;
	}
	*ret_summary = summary;
	return 0;
}
