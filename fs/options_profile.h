/* SPDX-License-Identifier: MIT */
/* What a profile says, for whatever the command line doesn't. */
#ifndef FS_OPTIONS_PROFILE_H
#define FS_OPTIONS_PROFILE_H

#include "fs/options_table.h"
#include "fs/profile.h"

/*
 * Take the server, the secret's place, and the options that haven't been given. Flags are written
 * `ro = yes`; a file's path is relative to the profile's, and may begin with "~/". `ro` holds even
 * where rw has been given, because mount(8) always gives one of them. What the profile holds of the
 * secret is moved into the options. Returns 0, or -EINVAL or -ENOMEM after a sentence on stderr
 * that names the file and the line.
 */
int options_profile_apply(struct option_set *set, struct profile *profile);

#endif
