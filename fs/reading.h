/* SPDX-License-Identifier: MIT */
/*
 * Who read which state of a record, where several states have the same write_date: then a text
 * doesn't say which of them it is based on.
 *
 * A process that reads, and writes later, is known by that. One that writes what another read (jq
 * and sponge, an editor's copy and mv) isn't; for it, a state counts as long as somebody who read
 * it may still come: until it was written from, or its readers read another, as often as it was
 * read.
 *
 * Bounded: what is forgotten counts as read by somebody who may still come. fs->draft_mutex
 * protects it all.
 */
#ifndef FS_READING_H
#define FS_READING_H

#include "fs/fs.h"
#include "fs/process.h"

/* A state of a record: its content's digest tells it from others. */
struct reading_state {
	uint32_t model_number, id;
	uint64_t digest;
};

/* `process` opened it now; `again` where it was opened before, by whomever. */
void reading_note(struct fs *fs, const struct reading_state *state, const struct process *process,
	bool again);

/* `process` wrote what was based on it. */
void reading_spend(struct fs *fs, const struct reading_state *state, const struct process *process);

/* Whether somebody who read it may still come. True for what isn't known. */
bool reading_is_open(struct fs *fs, const struct reading_state *state);

/*
 * When `process` read it last, counted in fs->moment; 0: never, as far as is known.
 */
uint64_t reading_moment(
	struct fs *fs, const struct reading_state *state, const struct process *process);

void readings_finish(struct fs *fs);

#endif
