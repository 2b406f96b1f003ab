/* SPDX-License-Identifier: MIT */
#include "fs/options_file.h"

#include "fs/private_file.h"
#include "odoo/cleanup.h"
#include "odoo/locked.h"

#include <errno.h>
#include <string.h>

/* A key of any kind has a few KiB, and may stand below a chain of certificates. */
#define MAX_KEY_SIZE (256 * 1024)

/* What begins a key in PEM, and what shows that a passphrase is needed for it. */
#define KEY_MARK "PRIVATE KEY-----"
#define ENCRYPTED_MARK "ENCRYPTED"

static int check_readable(const char *option, const char *path, const char *what)
{
	if (path && access(path, R_OK) < 0) {
		log_error("%s=%s: %s: it is a file of %s, in PEM", option, path, strerror(errno),
			what);
		return -EINVAL;
	}
	return 0;
}

/* libcurl would say that it can't load it, and not why. */
static int check_key_text(const struct private_file *file, const char *text)
{
	if (!strstr(text, KEY_MARK)) {
		log_error("%s%s holds no private key in PEM (\"-----BEGIN PRIVATE KEY-----\")%s",
			file->option, file->path,
			strcmp(file->option, "cert=") == 0 ? ": give the file that has it by key="
							   : "");
		return -EINVAL;
	}
	if (strstr(text, ENCRYPTED_MARK)) {
		log_error("%s%s is encrypted, and odoofs has nobody to ask for the passphrase: "
			  "write it without one (openssl pkey -in … -out …) to a file that only "
			  "you can read",
			file->option, file->path);
		return -EINVAL;
	}
	return 0;
}

static int check_key(const char *option, const char *path)
{
	_cleanup_private_file_ struct private_file file = { .fd = -1 };
	_cleanup_locked_ char *text = NULL;
	size_t size;
	int r = private_file_open(option, path, &file);

	if (r == -ENOENT) {
		log_error("%s%s: %s", option, path, strerror(ENOENT));
	}
	if (r == 0) {
		r = private_file_read(&file, MAX_KEY_SIZE, &text, &size);
	}
	if (r == -EFBIG) {
		log_error("%s%s holds more than %d bytes", option, path, MAX_KEY_SIZE);
	}
	if (r == 0) {
		r = check_key_text(&file, text);
	}
	if (r == 0) {
		r = private_file_check_readers(&file, "a private key");
	}
	return r < 0 ? r : private_file_check_author(&file);
}

int options_check_files(const struct options *options)
{
	int r = check_readable("cacert", options->cacert, "trusted certificates");

	if (r == 0) {
		r = check_readable("cert", options->cert, "your own certificate");
	}
	if (r == 0 && options->cert) {
		r = options->key ? check_key("key=", options->key)
				 : check_key("cert=", options->cert);
	}
	return r;
}
