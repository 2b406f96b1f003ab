/* SPDX-License-Identifier: MIT */
#include "fs/mount_table.h"

#include "odoo/cleanup.h"

#include <errno.h>
#include <mntent.h>
#include <string.h>

/* A line holds a path, escaped, and the mount's options. */
#define MAX_LINE 65536

static int replace(struct mount_table_entry *found, const struct mntent *entry)
{
	mount_table_entry_finish(found);
	found->source = strdup(entry->mnt_fsname);
	found->type = strdup(entry->mnt_type);
	return found->source && found->type ? 0 : -ENOMEM;
}

int mount_table_find_in(FILE *table, const char *path, struct mount_table_entry *ret_entry)
{
	_cleanup_(mount_table_entry_finish) struct mount_table_entry found = { 0 };
	_cleanup_free_ char *line = malloc(MAX_LINE);
	struct mntent entry;

	if (!line) {
		return -ENOMEM;
	}
	/* To the end: a later one covers those before it. */
	while (getmntent_r(table, &entry, line, MAX_LINE)) {
		if (strcmp(entry.mnt_dir, path) == 0 && replace(&found, &entry) < 0) {
			return -ENOMEM;
		}
	}
	if (!found.type) {
		return -ENOENT;
	}
	*ret_entry = found;
	found = (struct mount_table_entry){ 0 };
	return 0;
}

int mount_table_find(const char *path, struct mount_table_entry *ret_entry)
{
	_cleanup_file_ FILE *table = fopen("/proc/self/mounts", "re");

	return table ? mount_table_find_in(table, path, ret_entry) : -errno;
}

void mount_table_entry_finish(struct mount_table_entry *entry)
{
	free(entry->source);
	free(entry->type);
	*entry = (struct mount_table_entry){ 0 };
}
