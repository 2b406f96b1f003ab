/* SPDX-License-Identifier: MIT */
/*
 * A file that decides over an account, or holds a secret: whose it is, and who else gets at it.
 *
 * What is checked is what was opened, so that nobody can change it in between. What is wrong is
 * said on stderr, with the command that makes it right. No locks; blocks for the disk.
 */
#ifndef FS_PRIVATE_FILE_H
#define FS_PRIVATE_FILE_H

#include <stddef.h>
#include <sys/stat.h>

struct private_file {
	const char *option; /* how it was given: "password_file=", or "" */
	const char *path;
	int fd; /* -1 before and after */
	struct stat st;
};

/*
 * Open a regular file. Texts are borrowed. Returns 0, -ENOENT, of which nothing is said, or -errno
 * after a sentence: -EINVAL where it isn't a regular file, which is not waited for.
 */
int private_file_open(const char *option, const char *path, struct private_file *ret_file);

/* Close. May be called on what was never opened. */
void private_file_close(struct private_file *file);

/*
 * Refuse what another user could have written: it has to be this user's own, or root's, and others
 * must not be able to change it. Returns 0, or -EACCES after a sentence.
 */
int private_file_check_author(const struct private_file *file);

/*
 * Refuse what others can read. `what` stands in it: "a password". Returns 0, or -EACCES after a
 * sentence.
 */
int private_file_check_readers(const struct private_file *file, const char *what);

/*
 * Read all of it, at most `max` bytes, into locked memory with a NUL behind it. Returns 0 and
 * memory for locked_destroy, -EFBIG, of which nothing is said, or -errno after a sentence.
 */
int private_file_read(
	const struct private_file *file, size_t max, char **ret_text, size_t *ret_size);

/* The same for a text, which holds no NUL byte; all that is wrong is said. */
int private_file_read_text(const struct private_file *file, size_t max, char **ret_text);

#define _cleanup_private_file_ __attribute__((cleanup(private_file_close)))

#endif
