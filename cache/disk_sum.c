/* SPDX-License-Identifier: MIT */
/*
 * A digest of the data file, beside it, from its closing to its next opening. LMDB has none of its
 * own, and writing to a file that has a wrong bit in it may end the process.
 */
#include "cache/disk_private.h"

#include "odoo/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#define CHUNK ((size_t)1024 * 1024)

/* 32 digits. */
#define SUM_SIZE 32

static void cleanup_state(XXH3_state_t **state)
{
	XXH3_freeState(*state);
}

static int open_in(const char *path, const char *name, int flags)
{
	_cleanup_free_ char *file = NULL;
	int fd;

	if (asprintf(&file, "%s/%s", path, name) < 0) {
		file = NULL;
		return -ENOMEM;
	}
	fd = open(file, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
	return fd < 0 ? -errno : fd;
}

static int digest(const char *path, char ret_text[SUM_SIZE + 1])
{
	_cleanup_fd_ int fd = open_in(path, "data.mdb", O_RDONLY);
	_cleanup_(cleanup_state) XXH3_state_t *state = XXH3_createState();
	_cleanup_free_ char *chunk = malloc(CHUNK);
	XXH128_hash_t hash;
	ssize_t n;

	if (fd < 0 || !state || !chunk) {
		return fd < 0 ? fd : -ENOMEM;
	}
	XXH3_128bits_reset(state);
	while ((n = read(fd, chunk, CHUNK)) > 0) {
		XXH3_128bits_update(state, chunk, (size_t)n);
	}
	if (n < 0) {
		return -errno;
	}
	hash = XXH3_128bits_digest(state);
	snprintf(ret_text, SUM_SIZE + 1, "%016llx%016llx", (unsigned long long)hash.high64,
		(unsigned long long)hash.low64);
	return 0;
}

int disk_sum_write(const char *path)
{
	char text[SUM_SIZE + 1];
	_cleanup_fd_ int fd = -1;
	int r = digest(path, text);

	if (r < 0) {
		return r;
	}
	fd = open_in(path, "sum", O_WRONLY | O_CREAT | O_EXCL);
	if (fd < 0) {
		return fd;
	}
	/* Half a sum fits nothing: there is no need to wait for the disk. */
	return write(fd, text, SUM_SIZE) == SUM_SIZE ? 0 : -EIO;
}

int disk_sum_check(const char *path)
{
	char text[SUM_SIZE + 1], stored[SUM_SIZE];
	_cleanup_fd_ int fd = open_in(path, "sum", O_RDONLY);
	int r;

	if (fd < 0) {
		return fd == -ENOENT ? fd : -EBADMSG;
	}
	r = digest(path, text);
	if (r < 0) {
		return r;
	}
	return read(fd, stored, SUM_SIZE) == SUM_SIZE && memcmp(text, stored, SUM_SIZE) == 0
		       ? 0
		       : -EBADMSG;
}

int disk_sum_remove(const char *path)
{
	_cleanup_fd_ int directory = open_in(path, "", O_RDONLY | O_DIRECTORY);

	if (directory < 0) {
		return directory;
	}
	if (unlinkat(directory, "sum", 0) < 0) {
		return errno == ENOENT ? 0 : -errno;
	}
	/* It must not come back after a power failure, beside a file that was written to since. */
	return fsync(directory) < 0 ? -errno : 0;
}
