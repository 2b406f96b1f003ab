/* SPDX-License-Identifier: MIT */
/*
 * Several states of a record have the write_date of a text: which of them is it based on?
 *
 * The one that the writer read last. But where another reads as if it were meant, and somebody who
 * read that may still come, or where the writer isn't known as a reader at all, and it would make
 * a difference, nothing is guessed: that would take back what somebody else saved.
 *
 * Pure: no locks, any thread.
 */
#ifndef FS_BASE_CHOOSE_H
#define FS_BASE_CHOOSE_H

#include "cache/schema.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct base_state {
	const char *text; /* as render_record made it */
	size_t size;
	uint64_t moment; /* when the writer read it; 0: never, as far as is known */
	bool open;	 /* somebody who read it may still come */
	bool in_place;	 /* the writer opened it, and left some of its bytes as they were */
};

/*
 * `states` are newest first, at least one; `complete` is false when there were more. Returns 0 and
 * the index of one; -ESTALE when it can't be told; -EBADMSG when a state's text can't be read; or
 * -ENOMEM.
 */
int base_choose(const struct cache_schema *schema, const json_t *wanted,
	const struct base_state *states, size_t n, bool complete, size_t *ret_index);

/*
 * A process saved `saved`, of which it may know `seen`, and opened `read` after that: whether
 * `wanted` is a later state of what it saved all the same, and not of what it opened. It is when it
 * has something of it that is no change: what the server computed or rounded since.
 */
bool base_is_of_save(const struct cache_schema *schema, const json_t *wanted, const json_t *saved,
	const json_t *seen, const json_t *read);

#endif
