/* SPDX-License-Identifier: MIT */
/* One call that tells what records have in their binary fields, and what is read off its answer. */
#ifndef CACHE_BINARY_QUESTION_H
#define CACHE_BINARY_QUESTION_H

#include "cache/binary_private.h"

/* Rows of one answer. */
#define QUESTION_ROWS 10000

struct question {
	struct binary_table *table;
	uint64_t generation;
	uint32_t *ids; /* NULL: a page past `after` */
	size_t n_ids;
	uint32_t after;
	int64_t asked_at;
	bool hints;
	const char *names[CACHE_BINARY_SLOTS]; /* the table's, as they were */
};

/* Whether the model is that of attachments, whose own fields tell. */
bool table_is_attachment(const struct binary_table *table);

/* Take an answer, a list, over into the table: 0, -EBADMSG, or -ENOMEM. With the lock held. */
int question_take(struct question *question, const cJSON *result);

#endif
