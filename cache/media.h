/* SPDX-License-Identifier: MIT */
/* Media types: what files of them are called, and which a content has. Pure. */
#ifndef CACHE_MEDIA_H
#define CACHE_MEDIA_H

#include <stdbool.h>
#include <stddef.h>

/* So many bytes at a content's beginning tell what it is. */
#define CACHE_MEDIA_HEAD 512

/* A media type as it is kept, in bytes with its NUL; a longer one isn't one. */
#define CACHE_MEDIA_MAX 128

/* The suffix, without a dot: "png"; "bin" for types that aren't known. The same on every machine.
 */
const char *cache_media_suffix(const char *type);

/* Whether it is a suffix of some type. */
bool cache_media_is_suffix(const char *suffix);

/* The type of what begins with these bytes: "application/octet-stream" where nothing tells. */
const char *cache_media_guess(const char *head, size_t size);

#endif
