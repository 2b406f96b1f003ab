/* SPDX-License-Identifier: MIT */
/*
 * What came of the last call of each method: the last hundred, and of them as many as have room.
 * With call_mutex held, all of these.
 */
#ifndef FS_CALL_RESULT_H
#define FS_CALL_RESULT_H

#include "fs/fs.h"

struct call_result {
	struct call_result *prev, *next; /* in fs->results, the newest first */
	uint32_t model_number;
	char *method;
	char *text; /* size bytes */
	size_t size;
	int64_t time; /* UNIX seconds */
};

/* Keep a copy of the text in place of the last one. Without memory for it there is none. */
void call_result_set(
	struct fs *fs, uint32_t model_number, const char *method, const char *text, size_t size);

/* NULL: there is none. */
const struct call_result *call_result_find(
	const struct fs *fs, uint32_t model_number, const char *method);

/* Free all. Without the mutex: no other thread is left. */
void call_results_free(struct fs *fs);

#endif
