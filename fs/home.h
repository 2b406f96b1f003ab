/* SPDX-License-Identifier: MIT */
/* Where a user keeps what is his. No locks; called by main before there are threads. */
#ifndef FS_HOME_H
#define FS_HOME_H

/*
 * `name` in the home directory: $HOME where it is absolute, else what the system knows of the user,
 * because mount(8) at boot has no $HOME. NULL when out of memory or where there is none. The caller
 * frees.
 */
char *home_path(const char *name);

/* `name` in $XDG_CONFIG_HOME where that is absolute, else in ~/.config. As above. */
char *home_config_path(const char *name);

#endif
