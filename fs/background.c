/* SPDX-License-Identifier: MIT */
#include "fs/background.h"

#include "odoo/cleanup.h"
#include "odoo/log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

void background_init(struct background *background)
{
	int fd;

	background->verdict = -1;
	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= STDIN_FILENO && fd <= STDERR_FILENO);
	if (fd >= 0) {
		close(fd);
	}
}

/* The child ended before it was ready: what it said is on stderr, unless it was killed. */
static int status_of_ended(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) < 0) {
		if (errno != EINTR) {
			log_error("waiting for the background process failed: %s", strerror(errno));
			return 1;
		}
	}
	if (WIFSIGNALED(status)) {
		log_error("the background process died of signal %d (%s) before it had mounted",
			WTERMSIG(status), strsignal(WTERMSIG(status)));
		return 1;
	}
	if (WEXITSTATUS(status) == 0) {
		log_error("the background process ended before it had mounted");
		return 1;
	}
	return WEXITSTATUS(status);
}

static int wait_for_verdict(int verdict, pid_t child)
{
	ssize_t n;
	char byte;

	do {
		n = read(verdict, &byte, 1);
	} while (n < 0 && errno == EINTR);
	return n == 1 ? 0 : status_of_ended(child);
}

int background_start(struct background *background, int *ret_status)
{
	int ends[2];

	/* A socket and not a pipe, so that writing to a parent that is gone raises no SIGPIPE. */
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) {
		int error = errno;
		log_error("going to the background failed: %s", strerror(error));
		return -error;
	}
	_cleanup_fd_ int parent_end = ends[0];
	_cleanup_fd_ int child_end = ends[1];

	pid_t child = fork();
	if (child < 0) {
		int error = errno;
		log_error("going to the background failed: %s", strerror(error));
		return -error;
	}
	if (child == 0) {
		background->verdict = child_end;
		child_end = -1;
		return 0;
	}
	close(child_end);
	child_end = -1;
	*ret_status = wait_for_verdict(parent_end, child);
	return 1;
}

/* stdin, stdout and stderr stay open, on nothing: what is opened next must not be one of them. */
static int leave_terminal(void)
{
	_cleanup_fd_ int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0) {
		return -errno;
	}
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (dup2(null, fd) < 0) {
			return -errno;
		}
	}
	return 0;
}

int background_ready(struct background *background)
{
	_cleanup_fd_ int verdict = background->verdict;
	int r;

	if (verdict < 0) {
		return 0;
	}
	background->verdict = -1;
	if (setsid() < 0 || chdir("/") < 0) {
		return -errno;
	}
	r = leave_terminal();
	if (r < 0) {
		return r;
	}
	return send(verdict, "", 1, MSG_NOSIGNAL) == 1 ? 0 : -errno;
}
