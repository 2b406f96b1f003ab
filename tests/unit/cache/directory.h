/* SPDX-License-Identifier: MIT */
/* A directory of a test's own, in memory, where writing waits for no disk. */
#ifndef TESTS_UNIT_CACHE_DIRECTORY_H
#define TESTS_UNIT_CACHE_DIRECTORY_H

#define DIRECTORY_SIZE 64

/* Make an empty one, and say where. */
void directory_make(char ret_path[static DIRECTORY_SIZE]);

/* Remove it and all that is in it. */
void directory_remove(const char *path);

/* One for a test, which begins and ends with these. */
extern char directory[DIRECTORY_SIZE];
int directory_setup(void **state);
int directory_teardown(void **state);

#endif
