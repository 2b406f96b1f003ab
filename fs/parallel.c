/* SPDX-License-Identifier: MIT */
#include "fs/parallel.h"

#include <linux/fuse.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

/* Set between the init handler and the answer to INIT, which one thread writes right after it. */
static _Thread_local bool answers_init;

void parallel_want(struct fuse_conn_info *conn)
{
	if (conn->capable & FUSE_CAP_PARALLEL_DIROPS) {
		conn->want |= FUSE_CAP_PARALLEL_DIROPS;
		answers_init = true;
	}
}

static ssize_t write_init(int fd, const struct iovec *header, const struct iovec *body)
{
	struct fuse_init_out answer;
	struct iovec iov[2] = { *header, { .iov_base = &answer, .iov_len = sizeof(answer) } };

	memcpy(&answer, body->iov_base, sizeof(answer));
	answer.flags |= FUSE_PARALLEL_DIROPS;
	return writev(fd, iov, 2);
}

static ssize_t write_all(int fd, struct iovec *iov, int count, void *data)
{
	if (!answers_init) {
		return writev(fd, iov, count);
	}
	answers_init = false;
	if (count == 2 && iov[0].iov_len == sizeof(struct fuse_out_header) &&
		iov[1].iov_len == sizeof(struct fuse_init_out)) {
		return write_init(fd, &iov[0], &iov[1]);
	}
	return writev(fd, iov, count);
}

static ssize_t read_some(int fd, void *buffer, size_t size, void *data)
{
	return read(fd, buffer, size);
}

int parallel_enable(struct fuse_session *session)
{
	static const struct fuse_custom_io io = { .writev = write_all, .read = read_some };

	return fuse_session_custom_io(session, &io, fuse_session_fd(session));
}
