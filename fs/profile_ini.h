/* SPDX-License-Identifier: MIT */
/* One section of an INI file, read with inih, whose buffers never see a password. */
#ifndef FS_PROFILE_INI_H
#define FS_PROFILE_INI_H

#include "fs/nearest.h"
#include "fs/profile.h"

/* Whose file it is. */
struct profile_dialect {
	const char *password; /* the name under which it has passwords */
	/*
	 * Python's: "%%" is a percent sign, "%(name)s" another value (which isn't followed), and a
	 * ';' in a value is a ';'.
	 */
	bool python;
};

/*
 * Read the section `name` of the file at `path`; what it says is not looked at, but whose the file
 * is. Returns 0 and a profile for profile_finish; -ENOENT without a sentence where there is no such
 * file or section, after offering the sections there are to `nearest`, whose `found` the caller
 * frees; or -errno after a sentence on stderr.
 */
int profile_ini_read(const char *path, const struct profile_dialect *dialect, const char *name,
	struct nearest *nearest, struct profile *ret_profile);

#endif
