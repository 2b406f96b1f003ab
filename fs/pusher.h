/* SPDX-License-Identifier: MIT */
/*
 * The thread that hands contents to the kernel before they are read, on a read-only mount: who
 * reads one record will read the next ones, and finds them in the page cache.
 *
 * It must not be a thread that serves requests: notify_store waits for pages that a READ may hold.
 */
#ifndef FS_PUSHER_H
#define FS_PUSHER_H

#include "fs/fs.h"

/* Make it and start its thread. NULL when that fails. */
struct pusher *pusher_create(struct fs *fs);

/* A record was read: push those that follow. Any thread; doesn't block. */
void pusher_follow(struct pusher *pusher, struct cache_model *model, uint32_t id);

/* End the thread, wait for it, and free all. NULL is allowed. */
void pusher_destroy(struct pusher *pusher);

#endif
