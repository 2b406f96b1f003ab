/* SPDX-License-Identifier: MIT */
/*
 * What nodes of views are called: their paths, and the kernel's numbers of them. st_ino is made
 * from the path, so that it is the same on every mount; the kernel's own number counts the nodes
 * that were made. Pure: no locks, any thread.
 */
#ifndef FS_VIEW_NUMBER_H
#define FS_VIEW_NUMBER_H

#include "fs/view_node.h"

/* A number's low bits are the inode's id, those above its version. */
#define VIEW_ID_BITS 31
#define VIEW_ID_MASK ((UINT64_C(1) << VIEW_ID_BITS) - 1)

/* The hash of a path's segments, one after the other, begins with this. */
#define VIEW_NUMBER_HASH UINT64_C(0xcbf29ce484222325)

uint64_t view_number_hash(uint64_t hash, const char *segment);

/* What the kernel calls it, packed or not; and what its st_ino is made from. */
fuse_ino_t view_node_number(const struct view_node *node);
struct inode view_node_key(const struct view_node *node);
struct inode view_node_inode(const struct view_node *node);

/* The st_ino that a name in it would have. */
uint64_t view_node_child_number(const struct view_node *node, const char *name);

/* Its path below the model, cut to `size` bytes. */
void view_node_path(const struct view_node *node, char *path, size_t size);

#endif
