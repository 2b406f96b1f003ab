/* SPDX-License-Identifier: MIT */
/* Values as names, as `ls` lists them and fs/condition.h takes them back. Pure: any thread. */
#ifndef FS_VALUE_NAME_H
#define FS_VALUE_NAME_H

#include "cache/schema.h"

#include <limits.h>

/*
 * "Belgium (21)", "draft (Quotation)", "2026-11", "true", "false" for none, "a text". Returns 0;
 * -ENAMETOOLONG where it has no room; or -EBADMSG for what no such value looks like.
 */
int value_name(const struct cache_field *field, const cJSON *value, char name[static NAME_MAX + 1]);

#endif
