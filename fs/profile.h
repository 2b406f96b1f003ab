/* SPDX-License-Identifier: MIT */
/*
 * Profiles: a server and what is wanted of it under a name of one's own.
 *
 * A profile is a section of ~/.config/odoofs/config, or else of ~/.odoorpcrc, where OdooRPC keeps
 * its sessions. Called by main before there are threads; blocks for the disk.
 */
#ifndef FS_PROFILE_H
#define FS_PROFILE_H

#include <stdbool.h>
#include <stddef.h>

struct profile_setting {
	char *name, *value;
	unsigned line;
};

struct profile {
	char *path; /* of the file that it stands in */
	struct profile_setting *settings;
	size_t n_settings;
	char *password; /* in locked memory, NULL where there is none */
};

/* Whether SOURCE may be the name of a profile: it has nothing of a URL in it. */
bool profile_is_name(const char *source);

/*
 * Find the profile. The settings are those of odoofs' own file: "url", "login", "database", and
 * names of options; what OdooRPC calls otherwise is translated. Returns 0 and a profile for
 * profile_finish, or -errno after a sentence on stderr that names the file and the line, or the
 * name that comes nearest: -ENOENT, -EINVAL for what can't be read, -EACCES for a file that others
 * could have written, or read a password in.
 */
int profile_find(const char *name, struct profile *ret_profile);

void profile_finish(struct profile *profile);

#endif
