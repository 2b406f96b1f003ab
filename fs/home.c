/* SPDX-License-Identifier: MIT */
#include "fs/home.h"

#include <pwd.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char *join(const char *directory, const char *name)
{
	char *path;

	return asprintf(&path, "%s/%s", directory, name) < 0 ? NULL : path;
}

/* A relative one would mean another place wherever it is looked at from. */
static const char *get_absolute(const char *variable)
{
	const char *value = getenv(variable);

	return value && value[0] == '/' ? value : NULL;
}

char *home_path(const char *name)
{
	const char *home = get_absolute("HOME");
	const struct passwd *user;

	if (!home) {
		user = getpwuid(geteuid());
		home = user && user->pw_dir && user->pw_dir[0] == '/' ? user->pw_dir : NULL;
	}
	return home ? join(home, name) : NULL;
}

char *home_config_path(const char *name)
{
	const char *config = get_absolute("XDG_CONFIG_HOME");
	char *in_config, *path;

	if (config) {
		return join(config, name);
	}
	in_config = join(".config", name);
	path = in_config ? home_path(in_config) : NULL;
	free(in_config);
	return path;
}
