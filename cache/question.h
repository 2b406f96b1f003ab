/* SPDX-License-Identifier: MIT */
/*
 * What can be asked about a model. Each of these gets the answer of `ask`, or sends the question:
 * 0 and an answer to be released, CACHE_WAIT, or -errno.
 */
#ifndef CACHE_QUESTION_H
#define CACHE_QUESTION_H

#include "cache/ask.h"
#include "cache/rows.h"

/* The values of a field among the rows, each once: for cache_group_value. */
int cache_ask_groups(struct cache_ask *ask, struct cache_rows *rows, const char *field, bool month,
	struct cache_answer **ret_answer, struct cache_waiter *waiter);

/*
 * The value of an element of that answer as a read gives it (false, a key, [21, "Belgium"], …);
 * of months, the date that they begin with. NULL: it has a wrong shape.
 */
const cJSON *cache_group_value(const cJSON *group, const char *field, bool month);

/* All that the server says of the model's fields: {"name": {"type": "char", …}, …}. */
int cache_ask_fields(
	struct cache_ask *ask, struct cache_answer **ret_answer, struct cache_waiter *waiter);

/* What a new record begins with: the defaults of these fields. */
int cache_ask_defaults(struct cache_ask *ask, const char *const *fields, size_t n_fields,
	struct cache_answer **ret_answer, struct cache_waiter *waiter);

/* What there is to know of the model itself: a list of one object, or of none. */
int cache_ask_model(
	struct cache_ask *ask, struct cache_answer **ret_answer, struct cache_waiter *waiter);

/*
 * Begin to ask for these fields of these records, without waiting; `names` false leaves the names
 * of a many2one out. What the server fails on is left out of the answer, remembered, and reported
 * the first time, as of records that are read. The fields' names are the schema's. 0 or -errno.
 */
int cache_ask_records_ahead(struct cache_ask *ask, const uint32_t *ids, size_t n_ids,
	const char *const *fields, size_t n_fields, bool names);

/*
 * Send for the names of these records, whatever was asked before: an answer of [{"id": 14,
 * "display_name": "Azure Interior"}, …]. CACHE_WAIT or -errno.
 */
int cache_ask_names(
	struct cache_ask *ask, const uint32_t *ids, size_t n_ids, struct cache_waiter *waiter);

#endif
