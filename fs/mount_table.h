/* SPDX-License-Identifier: MIT */
/* What is mounted where, in this process's view: /proc/self/mounts. No locks: one thread. */
#ifndef FS_MOUNT_TABLE_H
#define FS_MOUNT_TABLE_H

#include <stdio.h>

struct mount_table_entry {
	char *source; /* "https://login@host/database" */
	char *type;   /* "fuse.odoofs" */
};

/*
 * What is mounted on exactly `path`, an absolute path without symlinks; the one on top where there
 * are several. Returns 0, or -ENOENT, or another -errno.
 */
int mount_table_find(const char *path, struct mount_table_entry *ret_entry);

/* The same, in a table that is opened already. */
int mount_table_find_in(FILE *table, const char *path, struct mount_table_entry *ret_entry);

/* Free what it holds. */
void mount_table_entry_finish(struct mount_table_entry *entry);

#endif
