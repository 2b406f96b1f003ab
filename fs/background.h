/* SPDX-License-Identifier: MIT */
/*
 * Going to the background without losing what goes wrong on the way.
 *
 *	parent ── fork ── waits for the verdict ─────────────── exits with it
 *	             └─── logs in, mounts ── INIT ── ready ──── serves
 *
 * Until it is ready the child writes on the terminal, and Ctrl-C reaches it. libcurl and threads
 * don't survive a fork, so both begin behind background_start.
 */
#ifndef FS_BACKGROUND_H
#define FS_BACKGROUND_H

struct background {
	int verdict; /* where the child reports; -1 where nobody waits */
};

/*
 * The first thing that main does: make sure that stdin, stdout and stderr are open, so that no
 * other file gets their numbers. Without background_start, background_ready does nothing.
 */
void background_init(struct background *background);

/*
 * Fork. In the child returns 0 at once. In the parent blocks until the child is ready or has ended
 * and returns 1 and the exit status that main has to end with: 0 when it is ready, else the
 * child's own, or 1 after a sentence on stderr where the child had none. Returns -errno after a
 * sentence when there was no fork.
 */
int background_start(struct background *background, int *ret_status);

/*
 * In the child, once the mount answers: leave the session and the terminal, change to "/", and let
 * the parent go. Any thread, once; the log has to go to syslog before. Returns 0, or -errno when
 * the parent is gone or something of this failed: then nobody knows of this mount, and it ends.
 */
int background_ready(struct background *background);

#endif
