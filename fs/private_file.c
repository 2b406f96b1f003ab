/* SPDX-License-Identifier: MIT */
#include "fs/private_file.h"

#include "odoo/cleanup.h"
#include "odoo/locked.h"
#include "odoo/log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

static int complain(const struct private_file *file, int error)
{
	log_error("%s%s: %s", file->option, file->path, strerror(error));
	return -error;
}

int private_file_open(const char *option, const char *path, struct private_file *ret_file)
{
	struct private_file file = { .option = option, .path = path };

	/* O_NONBLOCK, so that a FIFO is refused and not waited for. */
	_cleanup_fd_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0) {
		return errno == ENOENT ? -ENOENT : complain(&file, errno);
	}
	if (fstat(fd, &file.st) < 0) {
		return complain(&file, errno);
	}
	if (!S_ISREG(file.st.st_mode)) {
		log_error("%s%s isn't a regular file", option, path);
		return -EINVAL;
	}
	file.fd = fd;
	fd = -1;
	*ret_file = file;
	return 0;
}

void private_file_close(struct private_file *file)
{
	if (file->path && file->fd >= 0) {
		close(file->fd);
		file->fd = -1;
	}
}

int private_file_check_author(const struct private_file *file)
{
	if (file->st.st_uid != geteuid() && file->st.st_uid != 0) {
		log_error("%s%s belongs to another user (uid %u): it has to be yours (uid %u)",
			file->option, file->path, (unsigned)file->st.st_uid, (unsigned)geteuid());
		return -EACCES;
	}
	if (file->st.st_mode & 022) {
		log_error("%s%s can be changed by others (mode %04o): type chmod go-w %s",
			file->option, file->path, (unsigned)file->st.st_mode & 07777, file->path);
		return -EACCES;
	}
	return 0;
}

int private_file_check_readers(const struct private_file *file, const char *what)
{
	if (file->st.st_mode & 077) {
		log_error("%s%s holds %s, and can be read or changed by others (mode %04o): type "
			  "chmod 600 %s",
			file->option, file->path, what, (unsigned)file->st.st_mode & 07777,
			file->path);
		return -EACCES;
	}
	return 0;
}

static int read_all(int fd, char *text, size_t room, size_t *ret_size)
{
	size_t n = 0;

	while (n < room) {
		ssize_t got = read(fd, text + n, room - n);
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

int private_file_read(
	const struct private_file *file, size_t max, char **ret_text, size_t *ret_size)
{
	/* One byte more shows that there is more, and the NUL is there from the start. */
	_cleanup_locked_ char *text = locked_create(max + 2);
	size_t size = 0;
	int r;

	if (!text) {
		return complain(file, ENOMEM);
	}
	r = read_all(file->fd, text, max + 1, &size);
	if (r < 0) {
		return complain(file, -r);
	}
	if (size > max) {
		return -EFBIG;
	}
	*ret_text = steal(text);
	*ret_size = size;
	return 0;
}

int private_file_read_text(const struct private_file *file, size_t max, char **ret_text)
{
	_cleanup_locked_ char *text = NULL;
	size_t size;
	int r = private_file_read(file, max, &text, &size);

	if (r == -EFBIG) {
		log_error("%s holds more than %zu bytes", file->path, max);
	}
	if (r < 0) {
		return r;
	}
	if (strlen(text) != size) {
		log_error("%s holds a NUL byte: it is a text", file->path);
		return -EINVAL;
	}
	*ret_text = steal(text);
	return 0;
}
