/* SPDX-License-Identifier: MIT */
/*
 * The password or API key: where it comes from, and how it is kept from where it doesn't belong.
 *
 * A secret lies in a page of its own that is locked in memory, where the system allows it, and left
 * out of core dumps. It is read into that page directly: no buffer holds a second copy. Called by
 * main before there are threads. What is wrong is said on stderr.
 */
#ifndef FS_SECRET_H
#define FS_SECRET_H

/* The longest secret, in bytes. */
#define SECRET_MAX 1024

/* The environment variable. */
#define SECRET_VARIABLE "ODOOFS_PASSWORD"

/*
 * Take the secret from `password_file` where that isn't NULL, else from the environment, else from
 * a prompt on the terminal that names `login` and `url`. The environment's copy is wiped in every
 * case. Blocks for the prompt. Returns 0 and text to be given to secret_wipe, or -errno after a
 * sentence on stderr:
 * -EACCES for a file that others can read, -EINVAL for one that holds no secret, -ENXIO where
 * there is no terminal, -EINTR when the prompt was interrupted, what opening the file gave.
 */
int secret_read(const char *password_file, const char *login, const char *url, char **ret_secret);

/* Overwrite it and give its memory back. NULL is allowed. */
void secret_wipe(char *secret);

/*
 * Lock it in memory again: a lock doesn't survive fork(2). Best effort. NULL is allowed.
 */
void secret_lock(char *secret);

/*
 * Overwrite the variable where the kernel shows it as /proc/PID/environ, and remove it. secret_read
 * does so; for paths that end before it.
 */
void secret_wipe_environment(void);

/* Make this process one that others of the same user can't trace, nor read a core dump of. */
void secret_protect_process(void);

#endif
