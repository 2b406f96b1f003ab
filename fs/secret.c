/* SPDX-License-Identifier: MIT */
#include "fs/secret.h"

#include "fs/prompt.h"
#include "odoo/cleanup.h"
#include "odoo/log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

/* Room for the end of the line, for one more byte that shows that there is more, and the NUL. */
#define ROOM (SECRET_MAX + 4)

static char *create(void)
{
	char *secret = mmap(NULL, ROOM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (secret == MAP_FAILED) {
		return NULL;
	}
	madvise(secret, ROOM, MADV_DONTDUMP);
	secret_lock(secret);
	return secret;
}

void secret_lock(char *secret)
{
	if (secret) {
		mlock(secret, ROOM);
	}
}

void secret_wipe(char *secret)
{
	if (secret) {
		explicit_bzero(secret, ROOM);
		munmap(secret, ROOM);
	}
}

static void cleanup_secret(char **secret)
{
	secret_wipe(*secret);
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
static int check(const char *secret, const char *where, const char *path)
{
	if (strlen(secret) > SECRET_MAX) {
		log_error("%s%s holds more than %d bytes: a password or an API key and nothing "
			  "else stands there",
			where, path, SECRET_MAX);
		return -EINVAL;
	}
	if (!*secret) {
		log_error("%s%s is empty: the password or an API key stands there", where, path);
		return -EINVAL;
	}
	return 0;
}

static int check_file(const char *path, int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0) {
		int error = errno;
		log_error("password_file=%s: %s", path, strerror(error));
		return -error;
	}
	if (!S_ISREG(st.st_mode)) {
		log_error("password_file=%s isn't a regular file", path);
		return -EINVAL;
	}
	if (st.st_uid != geteuid()) {
		log_error("password_file=%s belongs to another user (uid %u): it has to be yours "
			  "(uid %u)",
			path, (unsigned)st.st_uid, (unsigned)geteuid());
		return -EACCES;
	}
	if (st.st_mode & 077) {
		log_error(
			"password_file=%s can be read or changed by others (mode %04o): run chmod "
			"600 on it",
			path, (unsigned)st.st_mode & 07777);
		return -EACCES;
	}
	return 0;
}

static int read_all(int fd, char *secret, size_t size, size_t *ret_size)
{
	size_t n = 0;

	while (n < size) {
		ssize_t got = read(fd, secret + n, size - n);
		if (got < 0 && errno == EINTR) {
			continue;
		}
		if (got < 0) {
			return -errno;
		}
		if (got == 0) {
			break;
		}
		n += (size_t)got;
	}
	*ret_size = n;
	return 0;
}

/* One line, whose end may be missing; the NUL behind it is there from the start. */
static int take_line(char *secret, size_t size, const char *path)
{
	if (size > 0 && secret[size - 1] == '\n') {
		secret[--size] = '\0';
		if (size > 0 && secret[size - 1] == '\r') {
			secret[--size] = '\0';
		}
	}
	if (strlen(secret) != size || strchr(secret, '\n')) {
		log_error("password_file=%s holds %s: the secret is its only line", path,
			strlen(secret) != size ? "a NUL byte" : "more than one line");
		return -EINVAL;
	}
	return 0;
}

static int read_file(const char *path, char *secret)
{
	/* O_NONBLOCK, so that a FIFO is refused and not waited for. */
	_cleanup_fd_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	size_t size = 0;
	int r;

	if (fd < 0) {
		r = -errno;
		log_error("password_file=%s: %s", path, strerror(-r));
		return r;
	}
	r = check_file(path, fd);
	if (r < 0) {
		return r;
	}
	r = read_all(fd, secret, ROOM - 1, &size);
	if (r < 0) {
		log_error("password_file=%s: %s", path, strerror(-r));
		return r;
	}
	r = take_line(secret, size, path);
	if (r < 0) {
		return r;
	}
	return check(secret, "password_file=", path);
}

static int read_environment(const char *value, char *secret)
{
	memcpy(secret, value, strnlen(value, ROOM - 1));
	return check(secret, SECRET_VARIABLE, " in the environment");
}

static int read_terminal(const char *login, const char *url, char *secret)
{
	_cleanup_free_ char *question = NULL;
	int r;

	if (asprintf(&question, "Password or API key of %s on %s: ", login, url) < 0) {
		question = NULL;
		log_error("out of memory");
		return -ENOMEM;
	}
	r = prompt_secret(question, secret, ROOM);
	switch (r) {
	case 0:
		return check(secret, "the answer", "");
	case -ENXIO:
		log_error("there is no password: give -o password_file=FILE, set " SECRET_VARIABLE
			  " in the environment, or run odoofs on a terminal to be asked");
		return r;
	case -ENODATA:
		log_error("no password was given");
		return r;
	case -E2BIG:
		log_error("the answer is longer than %d bytes", SECRET_MAX);
		return r;
	default:
		log_error("asking for the password failed: %s", strerror(-r));
		return r;
	}
}

int secret_read(const char *password_file, const char *login, const char *url, char **ret_secret)
{
	_cleanup_(cleanup_secret) char *secret = create();
	const char *value = getenv(SECRET_VARIABLE);
	int r;

	if (!secret) {
		log_error("out of memory");
		return -ENOMEM;
	}
	if (password_file) {
		r = read_file(password_file, secret);
	} else if (value) {
		r = read_environment(value, secret);
	} else {
		r = read_terminal(login, url, secret);
	}
	secret_wipe_environment();
	if (r == 0) {
		*ret_secret = steal(secret);
	}
	return r;
}
