/* SPDX-License-Identifier: MIT */
/*
 * The password or API key: where it comes from, and how it is kept from where it doesn't belong.
 *
 * A secret lies in locked memory (odoo/locked.h) and is read into it directly: no buffer holds a
 * second copy. Called by main before there are threads. What is wrong is said on stderr, in
 * sentences that never hold the secret.
 */
#ifndef FS_SECRET_H
#define FS_SECRET_H

/* The longest secret, in bytes. */
#define SECRET_MAX 1024

/* The environment variable. */
#define SECRET_VARIABLE "ODOOFS_PASSWORD"

/* How long password_command= may take; somebody may have to type a passphrase meanwhile. */
#define SECRET_COMMAND_SECONDS 120

/* One place where a secret may stand: at most one of the three. */
struct secret_place {
	char *file;    /* password_file= */
	char *command; /* password_command= */
	char *text;    /* the secret itself, in locked memory */
};

/* Whose secret it is, and where it may be. Everything but login and url may be NULL. */
struct secret_wanted {
	const char *login, *url, *host;
	const struct secret_place *given, *profile; /* the command line's, and the profile's */
};

/*
 * Take the secret from the first of these that there is: what the command line says, the
 * environment, what the profile says, ~/.netrc, a prompt on the terminal that names login and url.
 * The environment's copy is wiped in every case. Blocks for the command and the prompt.
 *
 * Returns 0 and text for locked_destroy, or -errno after a sentence on stderr: -EACCES for a file
 * that others can read, -EINVAL for a place that holds no secret, -EIO for a command that failed,
 * -ENXIO where there is no terminal, -EINTR when the prompt was interrupted, what opening the file
 * gave.
 */
int secret_read(const struct secret_wanted *wanted, char **ret_secret);

/* Free what it holds, wiping the secret. */
void secret_place_finish(struct secret_place *place);

/*
 * Overwrite the variable where the kernel shows it as /proc/PID/environ, and remove it. secret_read
 * does so; for paths that end before it.
 */
void secret_wipe_environment(void);

/* Make this process one that others of the same user can't trace, nor read a core dump of. */
void secret_protect_process(void);

#endif
