/* SPDX-License-Identifier: MIT */
#include "cache/rows.h"

#include <stdlib.h>

void cache_rows_spec_finish(struct cache_rows_spec *spec)
{
	cJSON_Delete(spec->domain);
	free(spec->name);
	free(spec->order);
	free(spec->slices);
	*spec = (struct cache_rows_spec){ 0 };
}
