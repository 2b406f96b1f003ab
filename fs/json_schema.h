/* SPDX-License-Identifier: MIT */
/*
 * A JSON Schema (2020-12) of a model's records, for editors and validators, made from fields_get:
 * what a record's file has, and what may be written there. Pure: no locks, any thread.
 */
#ifndef FS_JSON_SCHEMA_H
#define FS_JSON_SCHEMA_H

#include "cache/schema.h"

/*
 * `fields` is all that fields_get says; `shown` are the names of the fields that files have,
 * ascending. The caller owns it; NULL when out of memory.
 */
cJSON *json_schema_make(const char *model, const cJSON *fields, const struct cache_schema *schema,
	const char *const *shown, size_t n_shown);

#endif
