/* SPDX-License-Identifier: MIT */
/*
 * What a text is based on: the state of the record that its changes are told from.
 *
 *	what this process saved of it last	an editor that saves again doesn't read in between
 *	a state with the text's write_date	see base_choose.h when there are several
 *	what was opened				where no write_date is in the text: whatever others
 *						changed is to be overwritten
 */
#ifndef FS_BASE_H
#define FS_BASE_H

#include "fs/fs.h"
#include "fs/process.h"
#include "fs/reading.h"

struct json_t;

#define BASE_OTHER_STATE \
	"the text is of another state of the record, as its write_date says: read the record " \
	"again, or take the write_date line out to overwrite whatever others changed"

struct base_query {
	struct cache_model *model;
	uint32_t id;
	const struct cache_schema *schema;
	const struct json_t *wanted; /* the text that is saved */
	struct process process;	     /* who saves it */
	const char *opened;	     /* NUL-terminated */
	size_t opened_size;
	const char *seen; /* what the server made of `opened`, where that was saved; else NULL */
	size_t seen_size;
	bool in_place; /* the text has bytes in it that are `opened`'s */
};

struct base {
	char *text; /* NUL-terminated, as is `seen` */
	size_t size;
	char *seen; /* what others' changes are told from, where that isn't the text; else NULL */
	size_t seen_size;
	bool older;		    /* it isn't what the record is by now */
	struct reading_state state; /* to be spent; its digest is 0 where there is none */
};

/*
 * Doesn't block; takes draft_mutex. Returns 0 and a base to be given to base_finish; -ESTALE and an
 * error when the state isn't known, or which it is can't be told; -EBADMSG or -ENOMEM.
 */
int base_find(struct fs *fs, const struct base_query *query, struct base *ret_base,
	struct odoo_error *error);

void base_finish(struct base *base);

/* The write_date in a text: UNIX seconds; 0 where there is none. Pure. */
int64_t base_date(const char *text, size_t size);

#endif
