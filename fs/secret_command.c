/* SPDX-License-Identifier: MIT */
#include "fs/secret_command.h"

#include "odoo/cleanup.h"
#include "odoo/clock.h"
#include "odoo/locked.h"
#include "odoo/log.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

/* How often it is looked whether a program that closed its output has ended. */
#define PAUSE_NS (5 * 1000 * 1000)

/* What a program that is told to end gets to tidy up. */
#define GRACE_MS 500

struct program {
	pid_t pid;
	bool own_group; /* its process group is its own, named by its pid */
	int output;
	int64_t deadline;
};

/*
 * A program that asks on the terminal has to be in the terminal's foreground group, which is ours.
 * Without a terminal it gets a group of its own, so that all it started can be ended with it.
 */
static bool has_terminal(void)
{
	_cleanup_fd_ int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);

	return terminal >= 0;
}

static int spawn_shell(const char *command, int output, struct program *program)
{
	char *const argv[] = { (char *)"sh", (char *)"-c", (char *)"--", (char *)command, NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int error;

	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	error = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (!error) {
		error = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	}
	if (!error && program->own_group) {
		error = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
	}
	if (!error) {
		error = posix_spawn(&program->pid, "/bin/sh", &actions, &attributes, argv, environ);
	}
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return -error;
}

static int start(const char *command, unsigned timeout_ms, struct program *ret_program)
{
	struct program program = { .own_group = !has_terminal(),
		.deadline = clock_now_ms() + timeout_ms };
	int ends[2];
	int r;

	if (pipe2(ends, O_CLOEXEC) < 0) {
		return -errno;
	}
	r = spawn_shell(command, ends[1], &program);
	close(ends[1]);
	if (r < 0) {
		close(ends[0]);
		return r;
	}
	program.output = ends[0];
	*ret_program = program;
	return 0;
}

/* Wait until it has ended. Returns 0 and its status, -ETIMEDOUT, or -errno. */
static int wait_until(const struct program *program, int64_t deadline, int *ret_status)
{
	const struct timespec pause = { .tv_nsec = PAUSE_NS };

	for (;;) {
		pid_t pid = waitpid(program->pid, ret_status, WNOHANG);
		if (pid == program->pid) {
			return 0;
		}
		if (pid < 0 && errno != EINTR) {
			return -errno;
		}
		if (clock_now_ms() >= deadline) {
			return -ETIMEDOUT;
		}
		nanosleep(&pause, NULL);
	}
}

static void end(const struct program *program)
{
	pid_t whom = program->own_group ? -program->pid : program->pid;
	int status;

	kill(whom, SIGTERM);
	int r = wait_until(program, clock_now_ms() + GRACE_MS, &status);
	if (r < 0 || program->own_group) {
		kill(whom, SIGKILL);
	}
	while (r < 0 && waitpid(program->pid, &status, 0) < 0 && errno == EINTR) {
	}
}

/* Up to the end of its output, or one byte more than `max`. Returns 0, -ETIMEDOUT, or -errno. */
static int read_output(const struct program *program, char *text, size_t max, size_t *ret_size)
{
	size_t n = 0;

	while (n <= max) {
		int64_t left = program->deadline - clock_now_ms();
		struct pollfd ready = { .fd = program->output, .events = POLLIN };
		int r = poll(&ready, 1, left > 0 ? (int)left : 0);

		if (r == 0) {
			return -ETIMEDOUT;
		}
		ssize_t got = r < 0 ? -1 : read(program->output, text + n, max + 1 - n);
		if (got < 0 && errno != EINTR) {
			return -errno;
		}
		if (got == 0) {
			break;
		}
		n += got > 0 ? (size_t)got : 0;
	}
	*ret_size = n;
	return n > max ? -E2BIG : 0;
}

static int check_status(int status)
{
	if (WIFSIGNALED(status)) {
		log_error("password_command= was ended by signal %d (%s)", WTERMSIG(status),
			strsignal(WTERMSIG(status)));
		return -EIO;
	}
	if (WEXITSTATUS(status) != 0) {
		log_error("password_command= failed with exit status %d%s", WEXITSTATUS(status),
			WEXITSTATUS(status) == 127 ? ": there is no such program" : "");
		return -EIO;
	}
	return 0;
}

static int complain(int r, unsigned timeout_ms, size_t max)
{
	switch (r) {
	case -ETIMEDOUT:
		log_error("password_command= didn't end within %g s", timeout_ms / 1000.0);
		break;
	case -E2BIG:
		log_error("password_command= writes more than %zu bytes: it has to write the "
			  "password or the API key and nothing else",
			max);
		break;
	default:
		log_error("password_command= can't be run: %s", strerror(-r));
	}
	return r;
}

int secret_command_run(
	const char *command, unsigned timeout_ms, size_t max, char **ret_text, size_t *ret_size)
{
	_cleanup_locked_ char *text = locked_create(max + 2);
	struct program program;
	size_t size = 0;
	int status = 0, r;

	r = text ? start(command, timeout_ms, &program) : -ENOMEM;
	if (r < 0) {
		return complain(r, timeout_ms, max);
	}
	r = read_output(&program, text, max, &size);
	close(program.output);
	if (r == 0) {
		r = wait_until(&program, program.deadline, &status);
	}
	if (r < 0) {
		end(&program);
		return complain(r, timeout_ms, max);
	}
	r = check_status(status);
	if (r == 0) {
		*ret_text = steal(text);
		*ret_size = size;
	}
	return r;
}
