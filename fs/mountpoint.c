/* SPDX-License-Identifier: MIT */
#include "fs/mountpoint.h"

#include "fs/mount_table.h"
#include "odoo/cleanup.h"
#include "odoo/log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <spawn.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* Dead mounts on top of each other: as many as anybody may have left behind. */
#define MAX_DEAD_MOUNTS 16

static void cleanup_directory(DIR **directory)
{
	if (*directory) {
		closedir(*directory);
	}
}

/* What to say of an errno; `path` as it was written. */
static int complain(const char *path, int error)
{
	if (error == ENOENT) {
		log_error("the mount point %s doesn't exist: create it with mkdir", path);
	} else if (error == ENOTDIR) {
		log_error("the mount point %s isn't a directory", path);
	} else {
		log_error("the mount point %s: %s", path, strerror(error));
	}
	return -error;
}

/*
 * The absolute path without symlinks. A dead mount may refuse to be looked at, so that where
 * realpath(3) fails on it only what leads there is resolved.
 */
static int resolve(const char *path, char **ret_path)
{
	_cleanup_free_ char *resolved = realpath(path, NULL);
	_cleanup_free_ char *copy = NULL, *base_copy = NULL, *parent = NULL;

	if (resolved) {
		*ret_path = steal(resolved);
		return 0;
	}
	if (errno != ENOTCONN) {
		return -errno;
	}
	copy = strdup(path);
	base_copy = strdup(path);
	if (!copy || !base_copy) {
		return -ENOMEM;
	}
	parent = realpath(dirname(copy), NULL);
	if (!parent) {
		return -errno;
	}
	const char *separator = strcmp(parent, "/") == 0 ? "" : "/";
	char *joined;
	if (asprintf(&joined, "%s%s%s", parent, separator, basename(base_copy)) < 0) {
		return -ENOMEM;
	}
	*ret_path = joined;
	return 0;
}

/* fusermount3(1) is what may unmount for ordinary users. Its own sentences go to stderr. */
static int run_fusermount(const char *path)
{
	char *const argv[] = { (char *)"fusermount3", (char *)"-u", (char *)"-z", (char *)"--",
		(char *)path, NULL };
	int status;
	pid_t pid;

	int error = posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ);
	if (error) {
		return -error;
	}
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR) {
			return -errno;
		}
	}
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EPERM;
}

static int unmount_lazily(const char *path)
{
	if (geteuid() == 0) {
		return umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) < 0 ? -errno : 0;
	}
	return run_fusermount(path);
}

/* A mount whose process is gone. Only one of ours is touched. */
static int clean_up(const char *path)
{
	_cleanup_(mount_table_entry_finish) struct mount_table_entry entry = { 0 };
	int r = mount_table_find(path, &entry);

	if (r < 0 || strcmp(entry.type, "fuse.odoofs") != 0) {
		log_error("the mount point %s holds a dead mount of %s (its process is gone): "
			  "unmount it with fusermount3 -u %s, or as root with umount %s",
			path, r < 0 ? "another program" : entry.type, path, path);
		return -ENOTCONN;
	}
	r = unmount_lazily(path);
	if (r < 0) {
		log_error(
			"the mount point %s holds an odoofs whose process is gone, and unmounting "
			"it failed (%s): unmount it as root with umount -l %s",
			path, strerror(-r), path);
		return -ENOTCONN;
	}
	log_warning("the mount point %s held an odoofs whose process was gone: unmounted it", path);
	return 0;
}

/*
 * Returns 0, or -EBUSY when odoofs is mounted there. `ret_automount` says whether systemd or
 * automount(8) waits there for somebody to look, which this function does not.
 */
static int check_mounted(const char *path, bool *ret_automount)
{
	_cleanup_(mount_table_entry_finish) struct mount_table_entry entry = { 0 };

	*ret_automount = false;
	if (mount_table_find(path, &entry) < 0) {
		return 0;
	}
	if (strcmp(entry.type, "fuse.odoofs") == 0) {
		log_error("odoofs is mounted on %s already, with %s: unmount it first with "
			  "fusermount3 -u %s",
			path, entry.source, path);
		return -EBUSY;
	}
	*ret_automount = strcmp(entry.type, "autofs") == 0;
	return 0;
}

/*
 * What is there, after unmounting what is dead. The kernel is told to ask: it would still know what
 * a process that is gone once answered.
 */
static int look(const char *path, struct statx *ret_st)
{
	const int flags = AT_STATX_FORCE_SYNC | AT_NO_AUTOMOUNT;
	bool ignored;

	for (int i = 0; i < MAX_DEAD_MOUNTS; i++) {
		if (statx(AT_FDCWD, path, flags, STATX_BASIC_STATS, ret_st) == 0) {
			return 0;
		}
		int error = errno;
		int r = error == ENOTCONN ? clean_up(path) : check_mounted(path, &ignored);
		if (r < 0) {
			return r;
		}
		if (error != ENOTCONN) {
			return complain(path, error);
		}
	}
	return complain(path, ENOTCONN);
}

/* fusermount3(1) asks for the same of whoever isn't root. */
static int check_rights(const char *path, const struct statx *st)
{
	if (faccessat(AT_FDCWD, path, R_OK | W_OK | X_OK, AT_EACCESS) < 0) {
		log_error("the mount point %s isn't one that you may mount on (%s): it has to be "
			  "writable for you, so take a directory of your own",
			path, strerror(errno));
		return -EACCES;
	}
	if (geteuid() != 0 && (st->stx_mode & S_ISVTX) && st->stx_uid != geteuid()) {
		log_error(
			"the mount point %s is shared (sticky) and belongs to another user: take a "
			"directory of your own",
			path);
		return -EACCES;
	}
	return 0;
}

static int check_empty(const char *path)
{
	_cleanup_(cleanup_directory) DIR *directory = opendir(path);
	const struct dirent *entry;

	if (!directory) {
		return complain(path, errno);
	}
	errno = 0;
	while ((entry = readdir(directory))) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
			log_error(
				"the mount point %s isn't empty: what is in it would be hidden, so "
				"take an empty directory",
				path);
			return -ENOTEMPTY;
		}
	}
	return errno ? complain(path, errno) : 0;
}

static int check_resolved(const char *path)
{
	bool automount;
	struct statx st;
	int r;

	r = look(path, &st);
	if (r < 0) {
		return r;
	}
	if (!S_ISDIR(st.stx_mode)) {
		return complain(path, ENOTDIR);
	}
	r = check_mounted(path, &automount);
	if (r < 0 || automount) {
		/* Opening it would wait for the mount that we are about to make. */
		return r;
	}
	r = check_rights(path, &st);
	return r < 0 ? r : check_empty(path);
}

int mountpoint_prepare(const char *path, char **ret_path)
{
	_cleanup_free_ char *resolved = NULL;
	int r = resolve(path, &resolved);

	if (r < 0) {
		return complain(path, -r);
	}
	r = check_resolved(resolved);
	if (r == 0) {
		*ret_path = steal(resolved);
	}
	return r;
}
