/* SPDX-License-Identifier: MIT */
#include "fs/left_out.h"

#include <stdio.h>

/* Of one clause. */
#define CLAUSE 320

void left_out_add_values(struct left_out *sum, uint32_t id, const char *field, size_t n)
{
	if (n && !sum->n_values) {
		sum->value_id = id;
		sum->field = field;
	}
	sum->n_values += n;
}

void left_out_add_record(struct left_out *sum, uint32_t id)
{
	sum->id = sum->n_records++ ? sum->id : id;
}

static void tell_values(const struct left_out *sum, char text[static CLAUSE])
{
	if (sum->n_values == 1) {
		snprintf(text, CLAUSE, "the \"%s\" of record %u, which can't be read or shown",
			sum->field, sum->value_id);
	} else {
		snprintf(text, CLAUSE,
			"%zu values that can't be read or shown, the first of them the \"%s\" of "
			"record %u",
			sum->n_values, sum->field, sum->value_id);
	}
}

static void tell_records(const struct left_out *sum, char text[static CLAUSE])
{
	if (sum->n_records == 1) {
		snprintf(text, CLAUSE, "record %u, which was removed meanwhile or may not be read",
			sum->id);
	} else {
		snprintf(text, CLAUSE,
			"%zu records that were removed meanwhile or may not be read, the first of "
			"them %u",
			sum->n_records, sum->id);
	}
}

bool left_out_tell(const struct left_out *sum, struct odoo_error *ret_error)
{
	char values[CLAUSE] = "", records[CLAUSE] = "";

	if (!sum->n_values && !sum->n_records) {
		return false;
	}
	if (sum->n_values) {
		tell_values(sum, values);
	}
	if (sum->n_records) {
		tell_records(sum, records);
	}
	odoo_error_set(ret_error, ODOO_FAULT_SERVER, "this is without %s%s%s", values,
		*values && *records ? "; and without " : "", records);
	return true;
}
