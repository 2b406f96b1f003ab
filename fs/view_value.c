/* SPDX-License-Identifier: MIT */
/* Values of a chain, as far as they can be judged without a schema. */
#include "fs/domain.h"
#include "fs/percent.h"
#include "fs/view_private.h"
#include "odoo/cleanup.h"
#include "odoo/limits.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

int view_refuse(struct odoo_error *error, int r, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	odoo_error_vset(error, ODOO_FAULT_USER, format, arguments);
	va_end(arguments);
	return r;
}

static int check_text(const char *segment, struct odoo_error *error)
{
	_cleanup_free_ char *decoded = NULL;

	return percent_decode(segment, strlen(segment), &decoded, error);
}

static int check_domain(const char *segment, struct odoo_error *error)
{
	_cleanup_free_ char *decoded = NULL;
	_cleanup_json_ cJSON *domain = NULL;
	int r = percent_decode(segment, strlen(segment), &decoded, error);

	return r < 0 ? r : domain_parse(decoded, strlen(decoded), &domain, error);
}

/* How many, or behind which: a whole number from `least` on. */
static int check_number(
	const char *segment, uint32_t least, uint32_t *ret_number, struct odoo_error *error)
{
	uint64_t number = 0;
	const char *c = segment;

	for (; *c >= '0' && *c <= '9' && number <= ODOO_MAX_ID; c++) {
		number = number * 10 + (uint64_t)(*c - '0');
	}
	if (c == segment || *c || number > ODOO_MAX_ID || number < least) {
		return view_refuse(error, -EINVAL,
			"\"%.40s\" isn't how many: a whole number from %u to %d is right", segment,
			least, ODOO_MAX_ID);
	}
	*ret_number = (uint32_t)number;
	return 0;
}

/* Names divided by commas; of an order, each may say in which direction. */
static int check_names(const char *segment, bool order, struct odoo_error *error)
{
	const char *text = segment, *name;
	char copy[ODOO_MAX_NAME + 8];

	do {
		size_t n = view_next_name(&text, &name);

		snprintf(copy, sizeof(copy), "%.*s", (int)n, name);
		if (order) {
			copy[view_order_size(copy, strlen(copy), &(bool){ false })] = '\0';
		}
		if (n >= sizeof(copy) || !view_is_field_path(copy) || strchr(copy, '.')) {
			return view_refuse(error, -ENOENT,
				"\"%.80s\" isn't the name of a field: names are divided by "
				"commas%s",
				copy, order ? ", and .desc behind one turns its order" : "");
		}
	} while (*text || text[-1] == ',');
	return 0;
}

size_t view_order_size(const char *term, size_t size, bool *ret_descending)
{
	*ret_descending = size > 5 && strncmp(term + size - 5, ".desc", 5) == 0;
	if (*ret_descending) {
		return size - 5;
	}
	return size > 4 && strncmp(term + size - 4, ".asc", 4) == 0 ? size - 4 : size;
}

int view_check_value(
	enum view_kind kind, const char *segment, uint32_t *ret_number, struct odoo_error *error)
{
	switch (kind) {
	case VIEW_DOMAIN:
		return check_domain(segment, error);
	case VIEW_ORDER:
		return check_names(segment, true, error);
	case VIEW_COLUMNS:
		return check_names(segment, false, error);
	case VIEW_FIRST:
	case VIEW_LAST:
	case VIEW_SAMPLE:
		return check_number(segment, 1, ret_number, error);
	case VIEW_OFFSET:
		return check_number(segment, 0, ret_number, error);
	default:
		return check_text(segment, error);
	}
}
