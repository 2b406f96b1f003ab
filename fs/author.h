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
#include "fs/process.h"

struct author {
	struct author *prev, *next;
	uint32_t model_number, id;
	struct process process;
	int64_t date;	 /* the write_date that is in the text; 0 where there is none */
	uint64_t moment; /* when it was saved, counted in fs->moment */
	char *text;	 /* as it was saved, NUL-terminated */
	size_t size;
	char *seen; /* what its author may know of the record since, NUL-terminated */
	size_t seen_size;
};

/*
 * What this process saved of this record last, if its text had this write_date, so that another
 * with the same one may be a later state of it. NULL otherwise.
 */
const struct author *author_find(struct fs *fs, uint32_t model_number, uint32_t id,
	const struct process *process, int64_t date);

/* Remember it: copies. The moment is now. */
void author_note(struct fs *fs, const struct author *saved);

void authors_finish(struct fs *fs);

#endif
