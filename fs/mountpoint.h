/* SPDX-License-Identifier: MIT */
/*
 * The directory to mount on, looked at before anything else is done. What is wrong with it is said
 * on stderr, with what to do about it. Called by main before there are threads; blocks for the
 * disk, and where it cleans up for umount(2) or fusermount3(1).
 */
#ifndef FS_MOUNTPOINT_H
#define FS_MOUNTPOINT_H

/*
 * Check that `path` is an empty directory that this user may mount on, and that odoofs isn't
 * mounted there yet. An odoofs whose process died there ("Transport endpoint is not connected") is
 * unmounted first.
 *
 * Returns 0 and the absolute path without symlinks, which the caller frees; or -errno after a
 * sentence: -ENOENT, -ENOTDIR, -ENOTEMPTY, -EACCES, -EBUSY where something is mounted already,
 * -ENOTCONN for a dead mount that can't be cleaned up.
 */
int mountpoint_prepare(const char *path, char **ret_path);

#endif
