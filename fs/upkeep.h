/* SPDX-License-Identifier: MIT */
/*
 * The thread that does what is due every now and then: it polls the models that the kernel
 * remembers things of, ends operations that nobody waits for any more, drops drafts that nobody
 * came for, and gives memory back. Nothing of that waits for the kernel or for the network.
 */
#ifndef FS_UPKEEP_H
#define FS_UPKEEP_H

#include "fs/fs.h"

/* Start it. Returns 0 or -errno. */
int upkeep_start(struct fs *fs, struct upkeep **ret_upkeep);

/* End it, wait for it, and free it. NULL is allowed. */
void upkeep_stop(struct upkeep *upkeep);

#endif
