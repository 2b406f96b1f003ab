/* SPDX-License-Identifier: MIT */
/* The handlers that change a directory. */
#ifndef FS_CHANGE_H
#define FS_CHANGE_H

#include "fs/fs.h"

void fs_create_file(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode,
	struct fuse_file_info *info);
void fs_unlink(fuse_req_t req, fuse_ino_t parent, const char *name);
void fs_rename(fuse_req_t req, fuse_ino_t parent, const char *name, fuse_ino_t new_parent,
	const char *new_name, unsigned int flags);
void fs_symlink(fuse_req_t req, const char *target, fuse_ino_t parent, const char *name);
void fs_readlink(fuse_req_t req, fuse_ino_t node);

#endif
