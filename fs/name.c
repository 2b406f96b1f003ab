/* SPDX-License-Identifier: MIT */
#include "fs/name.h"

#include "odoo/limits.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The id at a name's beginning; what follows it, or NULL. */
static const char *parse_id(const char *name, uint32_t *ret_id)
{
	uint64_t id = 0;
	const char *c = name;

	if (*c < '1' || *c > '9') {
		return NULL;
	}
	for (; *c >= '0' && *c <= '9' && id <= ODOO_MAX_ID; c++) {
		id = id * 10 + (uint64_t)(*c - '0');
	}
	*ret_id = (uint32_t)id;
	return id > ODOO_MAX_ID ? NULL : c;
}

int name_parse_record(const char *name, uint32_t *ret_id)
{
	uint32_t id = 0;
	const char *rest = parse_id(name, &id);

	if (!rest || strcmp(rest, ".json") != 0) {
		return -ENOENT;
	}
	*ret_id = id;
	return 0;
}

int name_parse_binary(const char *name, struct name_binary *ret_binary)
{
	uint32_t id = 0;
	const char *rest = parse_id(name, &id);
	size_t size;

	if (!rest || *rest++ != '.') {
		return -ENOENT;
	}
	size = strcspn(rest, ".");
	if (!size || size > ODOO_MAX_NAME || strcmp(rest, "json") == 0) {
		return -ENOENT;
	}
	*ret_binary = (struct name_binary){
		.id = id,
		.field = rest,
		.field_size = size,
		.suffix = rest[size] ? rest + size + 1 : NULL,
	};
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
