/* SPDX-License-Identifier: MIT */
/* What the handlers share that change a directory. */
#ifndef FS_CHANGE_PRIVATE_H
#define FS_CHANGE_PRIVATE_H

#include "fs/change.h"
#include "fs/op.h"

/*
 * The model in whose directory something is made: what is made in a view is made there, and seen
 * in both. Names of drafts are the kernel's: up to 255 bytes. 0, CACHE_WAIT, or -errno.
 */
int change_model(struct op *op, struct cache_model **ret_model);

/* The model's directory has to hear of what was done in a view. */
void change_tell_view(struct op *op, struct cache_model *model, const char *name);

/* Read the content of a record: what its changes are told from. 0, CACHE_WAIT, or -errno. */
int change_read_record(struct op *op, struct cache_model *model, uint32_t id,
	struct cache_attr *ret_attr, struct cache_content **ret_content);

/* A field that is made from another can't be written: says so, and returns -EPERM. */
int change_refuse_derived(struct op *op, struct cache_model *model, const char *name);

#endif
