/* SPDX-License-Identifier: MIT */
/*
 * Signals, taken by one thread with sigwait(3) and blocked in all others: HUP drops the cache, USR1
 * logs the statistics, INT and TERM end the session.
 */
#ifndef FS_SIGNALS_H
#define FS_SIGNALS_H

#include "fs/fs.h"

struct signals;

/* Start the thread, on the thread that is about to serve. Returns 0 or -errno. */
int signals_start(struct fs *fs, struct signals **ret_signals);

/* End it and wait for it. */
void signals_stop(struct signals *signals);

#endif
