/* SPDX-License-Identifier: MIT */
#include "fs/prompt.h"

#include "odoo/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <termios.h>

static const int watched[] = { SIGHUP, SIGINT, SIGPIPE, SIGQUIT, SIGTERM, SIGTSTP, SIGTTIN,
	SIGTTOU };

#define N_WATCHED (sizeof(watched) / sizeof(watched[0]))

static volatile sig_atomic_t caught;

static void catch (int number)
{
	caught = number;
}

/*
 * Signals are blocked except while ppoll(2) waits, so that none comes between looking and waiting.
 * Those that a background job gets for touching the terminal are not: blocked, they would let it.
 */
struct signals {
	struct sigaction actions[N_WATCHED];
	sigset_t mask; /* as it was, and as it is while waiting */
};

static void take_signals(struct signals *signals)
{
	struct sigaction action = { .sa_handler = catch };
	sigset_t blocked;

	caught = 0;
	sigemptyset(&blocked);
	for (size_t i = 0; i < N_WATCHED; i++) {
		if (watched[i] != SIGTTIN && watched[i] != SIGTTOU) {
			sigaddset(&blocked, watched[i]);
		}
	}
	sigprocmask(SIG_BLOCK, &blocked, &signals->mask);
	for (size_t i = 0; i < N_WATCHED; i++) {
		sigaction(watched[i], NULL, &signals->actions[i]);
		/* nohup(1) and shells ignore some; that stays so. */
		if (signals->actions[i].sa_handler != SIG_IGN) {
			sigaction(watched[i], &action, NULL);
		}
	}
}

static void give_signals_back(const struct signals *signals)
{
	for (size_t i = 0; i < N_WATCHED; i++) {
		sigaction(watched[i], &signals->actions[i], NULL);
	}
	sigprocmask(SIG_SETMASK, &signals->mask, NULL);
}

/* Byte by byte, so that nothing behind the line is taken from whoever reads the terminal next. */
static int read_line(int terminal, const sigset_t *mask, char *answer, size_t size)
{
	size_t n = 0;

	for (;;) {
		struct pollfd ready = { .fd = terminal, .events = POLLIN };
		char c;

		if (ppoll(&ready, 1, NULL, mask) < 0) {
			return -errno;
		}
		ssize_t got = read(terminal, &c, 1);
		if (got <= 0) {
			return got < 0 ? -errno : -ENODATA;
		}
		if (c == '\n' || c == '\r') {
			break;
		}
		/* Read on to the end of the line: the rest of it isn't for the shell. */
		if (n < size) {
			answer[n++] = c;
		}
		explicit_bzero(&c, 1);
	}
	if (n == size) {
		return -E2BIG;
	}
	answer[n] = '\0';
	return 0;
}

static int ask(int terminal, const char *question, const sigset_t *mask, char *answer, size_t size)
{
	struct termios before, quiet;
	int r;

	if (tcgetattr(terminal, &before) < 0) {
		return -errno;
	}
	quiet = before;
	quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
	quiet.c_lflag |= ICANON | ISIG;
	if (tcsetattr(terminal, TCSAFLUSH, &quiet) < 0) {
		return -errno;
	}
	r = write(terminal, question, strlen(question)) < 0 ? -errno : 0;
	if (r == 0) {
		r = read_line(terminal, mask, answer, size);
	}
	tcsetattr(terminal, TCSAFLUSH, &before);
	/* The newline that was typed wasn't shown either. */
	if (write(terminal, "\n", 1) < 0 && r == 0) {
		r = -errno;
	}
	return r;
}

int prompt_secret(const char *question, char *answer, size_t size)
{
	_cleanup_fd_ int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	struct signals signals;
	bool stopped;
	int r;

	if (terminal < 0) {
		return -ENXIO;
	}
	do {
		take_signals(&signals);
		r = ask(terminal, question, &signals.mask, answer, size);
		give_signals_back(&signals);
		if (r < 0) {
			explicit_bzero(answer, size);
		}
		stopped = caught == SIGTSTP || caught == SIGTTIN || caught == SIGTTOU;
		if (caught) {
			kill(getpid(), caught);
		}
	} while (r == -EINTR && stopped);
	return r;
}
