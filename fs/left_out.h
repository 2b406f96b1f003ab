/* SPDX-License-Identifier: MIT */
/* What a text of many records is without, counted, and told in one sentence. No locks. */
#ifndef FS_LEFT_OUT_H
#define FS_LEFT_OUT_H

#include "cache/schema.h"
#include "odoo/error.h"

struct left_out {
	size_t n_values;
	uint32_t value_id; /* the first of them: its record, … */
	const char *field; /* … and its field; borrowed */
	size_t n_records;
	uint32_t id; /* the first of them */
};

void left_out_add_values(struct left_out *sum, uint32_t id, const char *field, size_t n);
void left_out_add_record(struct left_out *sum, uint32_t id);

/* Whether there is anything to tell; then `ret_error` has it. */
bool left_out_tell(const struct left_out *sum, struct odoo_error *ret_error);

#endif
