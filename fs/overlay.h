/* SPDX-License-Identifier: MIT */
/* What is written lies over what the server has: names, nodes, and listings of drafts. */
#ifndef FS_OVERLAY_H
#define FS_OVERLAY_H

#include "fs/draft.h"
#include "fs/op.h"

enum overlay_answer {
	OVERLAY_NONE,	 /* nothing lies over it */
	OVERLAY_REPLIED, /* the draft's attributes were replied */
	OVERLAY_GONE,	 /* the name was taken out of the way: there is no such file */
	OVERLAY_ALIAS,	 /* it became the record `ret_id` */
};

enum overlay_answer overlay_lookup(struct op *op, uint32_t *ret_id);

/* Whether a draft replied. */
bool overlay_getattr(struct op *op);

/* Names of drafts that are listed, by serial number: the first above `after`; 0 at the end. */
uint32_t overlay_next(
	struct fs *fs, uint32_t model_number, uint32_t after, char *name, size_t name_size);

/* Whether an editor moved a record out of the way, so that its name isn't listed. */
bool overlay_hides(struct fs *fs, uint32_t model_number, uint32_t id);

/* Drop drafts that were truncated by path and never opened. Upkeep's thread. */
void overlay_scan(struct fs *fs);

#endif
