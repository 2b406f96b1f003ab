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

/* What a failure is about: a record, a name that is none yet, a model, or the mount as a whole. */
struct errors_subject {
	const char *model; /* NULL: the mount as a whole */
	uint32_t id;	   /* 0: no record */
	const char *name;  /* of a file that is no record; NULL: none */
};

/*
 * Keep and log a failure. `number` is the errno, positive, or 0 where none was returned.
 */
void errors_add(struct errors *errors, const struct errors_subject *subject, const char *operation,
	int number, const struct odoo_error *error);

/*
 * A change's failure as it is told: itself, or, where no answer came, `ret_unsure`, which says so.
 * `ret_unsure` is set in any case, and to be finished.
 */
const struct odoo_error *errors_word(const struct odoo_error *error, struct odoo_error *ret_unsure);

/* All that is kept as JSON lines, newest last; the caller frees it. NULL when out of memory. */
char *errors_text(struct errors *errors, size_t *ret_size);

/* The last failure of a subject as a sentence to be freed, or NULL. */
char *errors_last(struct errors *errors, const struct errors_subject *subject);

/* How many there were since the start. */
uint64_t errors_count(struct errors *errors);

#endif
