/* SPDX-License-Identifier: MIT */
/* The files that options name. */
#ifndef FS_OPTIONS_FILE_H
#define FS_OPTIONS_FILE_H

#include "fs/options.h"

/*
 * Look at cacert=, cert= and key= before the server does: whether they can be read, hold what they
 * should, and whether others get at the key. Returns 0, or -errno after a sentence on stderr.
 */
int options_check_files(const struct options *options);

#endif
