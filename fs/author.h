/* SPDX-License-Identifier: MIT */
/*
 * Who saved what: an editor that saves, and saves again, doesn't read the file in between. Its
 * second text still carries the write_date that it opened, and the changes that it saved already.
 * So what a process saved last is remembered: that, and not what it opened long ago, is what its
 * next text is compared with. Another process with the same old text is a colleague.
 *
 * fs->draft_mutex protects it all.
 */
#ifndef FS_AUTHOR_H
#define FS_AUTHOR_H

#include "fs/fs.h"

struct author {
	struct author *prev, *next;
	uint32_t model_number, id;
	pid_t process;
	char *text; /* as it was saved, NUL-terminated */
	size_t size;
	char *seen; /* what the server made of it, NUL-terminated */
	size_t seen_size;
};

/* The process that a thread belongs to; the thread itself where that can't be told. No lock. */
pid_t author_process(pid_t thread);

/*
 * What this process saved of this record last, if `text` is a later state of that: it has the same
 * write_date. NULL otherwise.
 */
const struct author *author_find(struct fs *fs, uint32_t model_number, uint32_t id, pid_t process,
	const char *text, size_t size);

/* Remember it: copies. */
void author_note(struct fs *fs, const struct author *saved);

void authors_finish(struct fs *fs);

#endif
