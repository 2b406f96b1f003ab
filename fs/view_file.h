/* SPDX-License-Identifier: MIT */
/*
 * Files below a model that aren't records: their texts are made when they are looked up, so that
 * their sizes are exact, and read by node.
 */
#ifndef FS_VIEW_FILE_H
#define FS_VIEW_FILE_H

#include "fs/view_op.h"

/*
 * See to it that what was looked up is there, and that a file has its text: the node may be another
 * one afterwards. 0, CACHE_WAIT, or -errno.
 */
int view_file_prepare(struct op *op, struct view_node **node);

/* See to it that a file's size is known: 0, CACHE_WAIT, or -errno. */
int view_file_stat(struct op *op, struct view_node *node);

/* Runs of an op. */
int view_file_open(struct op *op);
int view_file_read(struct op *op);

#endif
