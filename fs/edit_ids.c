/* SPDX-License-Identifier: MIT */
#include "fs/edit_ids.h"

#include "odoo/limits.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int by_value(const void *a, const void *b)
{
	const uint32_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

int edit_ids_append(struct edit_ids *ids, uint32_t id)
{
	/* Full at every power of two. */
	if ((ids->n & (ids->n - 1)) == 0) {
		size_t capacity = ids->n > 0 ? ids->n * 2 : 1;
		uint32_t *more = reallocarray(ids->ids, capacity, sizeof(*more));
		if (!more) {
			return -ENOMEM;
		}
		ids->ids = more;
	}
	ids->ids[ids->n++] = id;
	return 0;
}

uint32_t edit_ids_sort(struct edit_ids *ids)
{
	uint32_t repeated = 0;
	size_t kept = 0;

	if (ids->n > 0) {
		qsort(ids->ids, ids->n, sizeof(*ids->ids), by_value);
	}
	for (size_t i = 0; i < ids->n; i++) {
		if (kept > 0 && ids->ids[i] == ids->ids[kept - 1]) {
			repeated = ids->ids[i];
		} else {
			ids->ids[kept++] = ids->ids[i];
		}
	}
	ids->n = kept;
	return repeated;
}

int edit_ids_parse(const json_t *list, struct edit_ids *ret_ids)
{
	struct edit_ids ids = { 0 };
	int r = json_is_array(list) ? 0 : -EINVAL;

	for (size_t i = 0; r == 0 && i < json_array_size(list); i++) {
		json_int_t id = json_integer_value(json_array_get(list, i));
		r = id < 1 || id > ODOO_MAX_ID ? -EINVAL : edit_ids_append(&ids, (uint32_t)id);
	}
	if (r < 0) {
		edit_ids_finish(&ids);
		return r;
	}
	edit_ids_sort(&ids);
	*ret_ids = ids;
	return 0;
}

bool edit_ids_has(const struct edit_ids *ids, uint32_t id)
{
	return ids->n > 0 && bsearch(&id, ids->ids, ids->n, sizeof(id), by_value);
}

bool edit_ids_same(const struct edit_ids *a, const struct edit_ids *b)
{
	return a->n == b->n && (a->n == 0 || memcmp(a->ids, b->ids, a->n * sizeof(*a->ids)) == 0);
}

int edit_ids_without(const struct edit_ids *a, const struct edit_ids *b, struct edit_ids *ret_ids)
{
	uint32_t *ids = malloc((a->n + 1) * sizeof(*ids));
	size_t n = 0;

	if (!ids) {
		return -ENOMEM;
	}
	for (size_t i = 0; i < a->n; i++) {
		if (!edit_ids_has(b, a->ids[i])) {
			ids[n++] = a->ids[i];
		}
	}
	*ret_ids = (struct edit_ids){ .ids = ids, .n = n };
	return 0;
}

void edit_ids_finish(struct edit_ids *ids)
{
	free(ids->ids);
	*ids = (struct edit_ids){ 0 };
}
