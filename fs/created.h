/* SPDX-License-Identifier: MIT */
/* `.odoofs/created`: which id a written name became. With fs->draft_mutex held. */
#ifndef FS_CREATED_H
#define FS_CREATED_H

#include "fs/fs.h"

/*
 * Add the line "res.partner/acme.json res.partner/57.json", in which the name that was written is
 * percent-encoded (percent.h).
 */
void created_add(struct fs *fs, const char *model, const char *name, uint32_t id);

#endif
