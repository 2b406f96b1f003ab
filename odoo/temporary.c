/* SPDX-License-Identifier: MIT */
#include "odoo/temporary.h"

#include "odoo/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

/* Not /tmp, which may be memory. */
#define DIRECTORY "/var/tmp"

/* So many descriptors are left to connections, without which nothing goes on. */
#define KEPT 24

/* A new descriptor is the lowest there is, so a high one is one of the last. */
static bool is_one_of_the_last(int fd)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_NOFILE, &limit) == 0 && (rlim_t)fd + KEPT >= limit.rlim_cur;
}

int temporary_file_open(void)
{
	const char *directory = getenv("TMPDIR");
	int fd = open(directory ? directory : DIRECTORY, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd < 0) { /* a filesystem without such files */
		_cleanup_file_ FILE *file = tmpfile();

		fd = file ? fcntl(fileno(file), F_DUPFD_CLOEXEC, 0) : -1;
	}
	if (fd >= 0 && is_one_of_the_last(fd)) {
		close(fd);
		return -EMFILE;
	}
	return fd < 0 ? -errno : fd;
}

int temporary_file_write(int fd, const void *bytes, size_t size, uint64_t offset)
{
	const char *rest = bytes;

	while (size) {
		ssize_t n = pwrite(fd, rest, size, (off_t)offset);

		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n < 0) {
			return -errno;
		}
		rest += n;
		size -= (size_t)n;
		offset += (uint64_t)n;
	}
	return 0;
}
