/* SPDX-License-Identifier: MIT */
/*
 * From a chain to a question: fields are looked up, values read by their fields' types, and all of
 * it put into one domain, one order and one page. Pure, but for the schemas that it asks for.
 */
#ifndef FS_VIEW_QUERY_H
#define FS_VIEW_QUERY_H

#include "fs/view.h"

#include "cache/rows.h"

/* Where the schemas of the chain's models come from. */
struct view_schemas {
	const char *model; /* the chain's own */
	/*
	 * The schema of a model, which is good until the query is made: 0, CACHE_WAIT, -ENOENT for
	 * a model that isn't shown, or -errno.
	 */
	int (*get)(void *data, const char *model, const struct cache_schema **ret_schema);
	void *data;
};

/*
 * The rows of a chain; `now` is UNIX seconds, and so is `ret_until`, at which they are others
 * because a day has passed. Returns 0 and a spec for cache_rows_create, or to be finished; what
 * schemas->get returned, when it isn't 0; -ENOMEM; -ENOENT for an unknown field; or -EINVAL for a
 * wrong value: both with a sentence.
 */
int view_query_rows(const struct view *view, const struct view_schemas *schemas, int64_t now,
	struct cache_rows_spec *ret_spec, int64_t *ret_until, struct odoo_error *error);

/*
 * The fields of the chain's .columns, an array to be freed whose elements live with the schema;
 * `*ret_n` is 0 when it has none. Returns as above.
 */
int view_query_columns(const struct view *view, const struct view_schemas *schemas,
	const struct cache_field ***ret_fields, size_t *ret_n, struct odoo_error *error);

/* The field that a path leads to from the chain's model. Returns as above. */
int view_query_field(const struct view_schemas *schemas, const char *path,
	const struct cache_field **ret_field, struct odoo_error *error);

#endif
