/* SPDX-License-Identifier: MIT */
/* A program that knows the secret: password_command=. */
#ifndef FS_SECRET_COMMAND_H
#define FS_SECRET_COMMAND_H

#include <stddef.h>

/*
 * Run `command` with /bin/sh and read what it writes, at most `max` bytes. Its stdin is empty, its
 * stderr is ours, and it may ask on the terminal. The environment is ours as well. Blocks until it
 * has ended, or has been killed after `timeout_ms`.
 *
 * Returns 0 and locked memory for locked_destroy, with a NUL behind `ret_size` bytes; or -errno
 * after a sentence on stderr, which repeats neither the command nor what it wrote: -EIO for another
 * exit status than 0, -E2BIG for more output, -ETIMEDOUT. Called by main before there are threads.
 */
int secret_command_run(
	const char *command, unsigned timeout_ms, size_t max, char **ret_text, size_t *ret_size);

#endif
