/* SPDX-License-Identifier: MIT */
/*
 * The last failures, for `.odoofs/errors` and for the log. One mutex of its own, which is held for
 * no call of others; any thread.
 */
#ifndef FS_ERRORS_H
#define FS_ERRORS_H

#include "odoo/error.h"

#include <stddef.h>
#include <stdint.h>

#define ERRORS_KEPT 100

struct errors;

struct errors *errors_create(void); /* NULL when out of memory */
void errors_destroy(struct errors *errors);

/*
 * Keep and log a failure. `model` is "" for the mount as a whole, `id` 0 for a model as a whole;
 * `number` is the errno, positive, or 0 where none was returned.
 */
void errors_add(struct errors *errors, const char *model, uint32_t id, const char *operation,
	int number, const struct odoo_error *error);

/* All that is kept as JSON lines, newest last; the caller frees it. NULL when out of memory. */
char *errors_text(struct errors *errors, size_t *ret_size);

/* The last failure of a record (or of a model, id 0) as a sentence to be freed, or NULL. */
char *errors_last(struct errors *errors, const char *model, uint32_t id);

/* How many there were since the start. */
uint64_t errors_count(struct errors *errors);

#endif
