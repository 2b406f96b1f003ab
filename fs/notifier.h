/* SPDX-License-Identifier: MIT */
/*
 * The thread that tells the kernel what changed. It holds no lock while it does: a handler may be
 * waiting for the kernel's. And what concerns a directory in which somebody waits for the server is
 * held back until that is over, as the kernel would let it wait, and with it all other news.
 */
#ifndef FS_NOTIFIER_H
#define FS_NOTIFIER_H

#include "fs/fs.h"

/* Make its queue: news may be posted from then on. NULL when out of memory. */
struct notifier *notifier_create(struct fs *fs);

/* Start its thread. Returns 0 or -errno. */
int notifier_start(struct notifier *notifier);

/* Any thread; doesn't block. */
void notifier_post(struct notifier *notifier, const struct cache_news *news);

/* A name in a model's directory stands for something else now. Any thread; doesn't block. */
void notifier_post_name(struct notifier *notifier, struct cache_model *model, const char *name);

/* Reply `r` (0 or -errno) to an op when all that was posted before has been told. Likewise. */
struct op;
void notifier_reply(struct notifier *notifier, struct op *op, int r);

/* An operation ended: what was held back on its account may go. Likewise. */
void notifier_nudge(struct notifier *notifier);

/* End the thread and wait for it. */
void notifier_stop(struct notifier *notifier);

/* NULL is allowed. */
void notifier_destroy(struct notifier *notifier);

#endif
