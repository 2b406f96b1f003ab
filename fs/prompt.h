/* SPDX-License-Identifier: MIT */
/* A question on the terminal whose answer isn't shown. */
#ifndef FS_PROMPT_H
#define FS_PROMPT_H

#include <stddef.h>

/*
 * Write `question` on the process's terminal and read a line into `answer`, which holds `size`
 * bytes with the NUL; the newline is left out. Echo is off meanwhile, and on again whatever
 * happens: a signal that ends or stops the process first restores the terminal, and a stop asks
 * again afterwards. Blocks.
 *
 * Returns 0, -ENXIO without a terminal, -ENODATA when the terminal was closed (Ctrl-D), -E2BIG for
 * a longer line, -EINTR when a signal that we don't die of interrupted it, or another -errno.
 */
int prompt_secret(const char *question, char *answer, size_t size);

#endif
