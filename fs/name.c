/* SPDX-License-Identifier: MIT */
#include "fs/name.h"

#include "odoo/limits.h"

#include <errno.h>
#include <string.h>

int name_parse_record(const char *name, uint32_t *ret_id)
{
	uint64_t id = 0;
	const char *c = name;

	if (*c < '1' || *c > '9') {
		return -ENOENT;
	}
	for (; *c >= '0' && *c <= '9' && id <= ODOO_MAX_ID; c++) {
		id = id * 10 + (uint64_t)(*c - '0');
	}
	if (id > ODOO_MAX_ID || strcmp(c, ".json") != 0) {
		return -ENOENT;
	}
	*ret_id = (uint32_t)id;
	return 0;
}

void name_of_record(uint32_t id, char name[static NAME_RECORD_MAX])
{
	static const char suffix[] = ".json";
	char digits[10]; /* the last first: a listing asks for every name, and snprintf takes its
			    time */
	size_t n = 0;

	do {
		digits[n++] = (char)('0' + id % 10);
	} while (id /= 10);
	while (n) {
		*name++ = digits[--n];
	}
	memcpy(name, suffix, sizeof(suffix));
}
