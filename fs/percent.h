/* SPDX-License-Identifier: MIT */
/*
 * Percent-encoding: how a value that a file's name can't hold is a file's name after all.
 *
 *	A/B  ⇄  A%2FB        .hidden  ⇄  %2Ehidden        50%  ⇄  50%25
 *
 * Pure: no locks, any thread.
 */
#ifndef FS_PERCENT_H
#define FS_PERCENT_H

#include "fs/buffer.h"
#include "odoo/error.h"

#include <stddef.h>

/*
 * Decode the `size` bytes at `text` to a string that the caller frees. Returns 0; -ENOMEM; or
 * -EINVAL and a sentence: a "%" that no two hexadecimal digits follow, a NUL, or what isn't UTF-8.
 */
int percent_decode(const char *text, size_t size, char **ret_text, struct odoo_error *error);

/*
 * Append what of `text` has room in `room` bytes, as a name: "/", "%", control characters and a
 * dot at the beginning are encoded. What is too long ends with "…", behind a whole character.
 */
void percent_encode_cut(struct buffer *buffer, const char *text, size_t room);

/* Append `text`, of which each byte that isn't UTF-8 is encoded. */
void percent_encode_wrong(struct buffer *buffer, const char *text);

#endif
