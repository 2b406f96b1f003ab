/* SPDX-License-Identifier: MIT */
/*
 * Texts that couldn't be saved. What a user typed isn't thrown away: it is kept beside the record,
 * and why it was refused beside that.
 *
 *	14.json.rej	14.json.rej.txt
 *	14.json.rej.1	14.json.rej.1.txt	a later one, while the first is there
 *
 * They are files of the mount's memory like an editor's own, listed, to be read, moved and removed.
 * A text that is kept already isn't kept twice. All together are bounded (REJECTED_MAX and so on):
 * past that the oldest goes, and the log says which.
 */
#ifndef FS_REJECT_H
#define FS_REJECT_H

#include "fs/draft.h"

#define REJECTED_MAX 1000
#define REJECTED_BYTES_MIN (64u * 1024 * 1024) /* or four files of max_file, if that is more */

/*
 * Keep a text that the draft has, or had when it was refused, under a name made of the draft's.
 * `why` is a sentence. With draft_mutex held.
 */
void reject_keep(
	struct fs *fs, const struct draft *draft, const char *text, size_t size, const char *why);

#endif
