/* SPDX-License-Identifier: MIT */
#include "fs/secret.h"

#include "fs/netrc.h"
#include "fs/private_file.h"
#include "fs/prompt.h"
#include "fs/secret_command.h"
#include "odoo/cleanup.h"
#include "odoo/locked.h"
#include "odoo/log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

/* Room for the end of the line. */
#define MAX_WITH_END (SECRET_MAX + 2)

void secret_place_finish(struct secret_place *place)
{
	free(place->file);
	free(place->command);
	locked_destroy(place->text);
	*place = (struct secret_place){ 0 };
}

void secret_wipe_environment(void)
{
	char *value = getenv(SECRET_VARIABLE);

	if (value) {
		explicit_bzero(value, strlen(value));
		unsetenv(SECRET_VARIABLE);
	}
}

void secret_protect_process(void)
{
	const struct rlimit none = { 0, 0 };

	prctl(PR_SET_DUMPABLE, 0);
	setrlimit(RLIMIT_CORE, &none);
}

/* `where` and `path` together name the place in sentences. */
static int complain_too_long(const char *where, const char *path)
{
	log_error("%s%s holds more than %d bytes: a password or an API key and nothing else "
		  "stands there",
		where, path, SECRET_MAX);
	return -EINVAL;
}

static int check(const char *secret, const char *where, const char *path)
{
	if (strlen(secret) > SECRET_MAX) {
		return complain_too_long(where, path);
	}
	if (!*secret) {
		log_error("%s%s is empty: the password or the API key stands there", where, path);
		return -EINVAL;
	}
	return 0;
}

/* One line, whose end may be missing; the NUL behind it is there already. */
static int check_line(char *secret, size_t size, const char *where, const char *path)
{
	if (size > 0 && secret[size - 1] == '\n') {
		secret[--size] = '\0';
		if (size > 0 && secret[size - 1] == '\r') {
			secret[--size] = '\0';
		}
	}
	if (strlen(secret) != size || strchr(secret, '\n')) {
		log_error("%s%s holds %s: the secret is its only line", where, path,
			strlen(secret) != size ? "a NUL byte" : "more than one line");
		return -EINVAL;
	}
	return check(secret, where, path);
}

static int read_file(const char *path, char **ret_secret)
{
	static const char option[] = "password_file=";
	_cleanup_private_file_ struct private_file file = { .fd = -1 };
	_cleanup_locked_ char *secret = NULL;
	size_t size = 0;
	int r = private_file_open(option, path, &file);

	if (r == -ENOENT) {
		log_error("%s%s: %s", option, path, strerror(ENOENT));
	}
	if (r == 0) {
		r = private_file_check_readers(&file, "the secret");
	}
	if (r == 0) {
		r = private_file_check_author(&file);
	}
	if (r == 0) {
		r = private_file_read(&file, MAX_WITH_END, &secret, &size);
	}
	if (r < 0) {
		return r == -EFBIG ? complain_too_long(option, path) : r;
	}
	r = check_line(secret, size, option, path);
	if (r == 0) {
		*ret_secret = steal(secret);
	}
	return r;
}

static int run_command(const char *command, char **ret_secret)
{
	_cleanup_locked_ char *secret = NULL;
	size_t size;
	int r = secret_command_run(
		command, SECRET_COMMAND_SECONDS * 1000, MAX_WITH_END, &secret, &size);

	if (r < 0) {
		return r;
	}
	r = check_line(secret, size, "what password_command= writes", "");
	if (r == 0) {
		*ret_secret = steal(secret);
	}
	return r;
}

static int copy_text(const char *text, const char *where, char **ret_secret)
{
	int r = check(text, where, "");

	if (r < 0) {
		return r;
	}
	*ret_secret = locked_copy(text);
	if (!*ret_secret) {
		log_error("out of memory");
		return -ENOMEM;
	}
	return 0;
}

static int ask(const struct secret_wanted *wanted, char **ret_secret)
{
	_cleanup_locked_ char *secret = locked_create(SECRET_MAX + 1);
	_cleanup_free_ char *question = NULL;
	int r;

	if (!secret || asprintf(&question, "Password or API key of %s on %s: ", wanted->login,
			       wanted->url) < 0) {
		question = NULL;
		log_error("out of memory");
		return -ENOMEM;
	}
	r = prompt_secret(question, secret, SECRET_MAX + 1);
	switch (r) {
	case 0:
		r = check(secret, "the answer", "");
		break;
	case -ENXIO:
		log_error("there is no password: give -o password_file=FILE, set " SECRET_VARIABLE
			  " in the environment, or run odoofs on a terminal to be asked");
		break;
	case -ENODATA:
		log_error("no password was given");
		break;
	case -E2BIG:
		log_error("the answer is longer than %d bytes", SECRET_MAX);
		break;
	default:
		log_error("asking for the password failed: %s", strerror(-r));
	}
	if (r == 0) {
		*ret_secret = steal(secret);
	}
	return r;
}

/* Returns -ENOENT, and has said nothing, where nothing stands there. */
static int look_into(const struct secret_place *place, char **ret_secret)
{
	if (place && place->file) {
		return read_file(place->file, ret_secret);
	}
	if (place && place->command) {
		return run_command(place->command, ret_secret);
	}
	if (place && place->text) {
		return copy_text(place->text, "password= in the profile", ret_secret);
	}
	return -ENOENT;
}

static bool is_given(const struct secret_place *place)
{
	return place && (place->file || place->command || place->text);
}

static int find(const struct secret_wanted *wanted, char **ret_secret)
{
	const char *value = getenv(SECRET_VARIABLE);
	int r = -ENOENT;

	if (is_given(wanted->given)) {
		/* A command that is run has no business with it. */
		secret_wipe_environment();
		return look_into(wanted->given, ret_secret);
	}
	if (value) {
		return copy_text(value, SECRET_VARIABLE " in the environment", ret_secret);
	}
	if (is_given(wanted->profile)) {
		return look_into(wanted->profile, ret_secret);
	}
	if (wanted->host) {
		r = netrc_find(wanted->host, wanted->login, ret_secret);
	}
	return r == -ENOENT ? ask(wanted, ret_secret) : r;
}

int secret_read(const struct secret_wanted *wanted, char **ret_secret)
{
	int r = find(wanted, ret_secret);

	secret_wipe_environment();
	return r;
}
