/* SPDX-License-Identifier: MIT */
/*
 * ~/.netrc, as curl and ftp know it.
 *
 * libcurl reads it as well (CURLOPT_NETRC), but only to send what it finds in an Authorization
 * header of its own; it doesn't hand it out, and Odoo wants the password in the body. So it is read
 * here by the same rules: the first entry whose machine is the host, in whatever case, and whose
 * login is the login; a '#' where a word would begin starts a comment; words may stand in double
 * quotes, with \" and \\ in them; `default` is any host.
 *
 * Called by main before there are threads; blocks for the disk.
 */
#ifndef FS_NETRC_H
#define FS_NETRC_H

/*
 * Find the password of `login` on `host`. Returns 0 and locked memory for locked_destroy; -ENOENT
 * where there is no such entry or no file, of which nothing is said; or -errno after a sentence on
 * stderr: -EACCES for a file that others can read and that has the entry, -EINVAL for an entry that
 * isn't well formed.
 */
int netrc_find(const char *host, const char *login, char **ret_secret);

#endif
