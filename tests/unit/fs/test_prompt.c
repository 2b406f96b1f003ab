/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "fs/prompt.h"

#include <errno.h>
#include <pty.h>
#include <signal.h>
#include <sys/wait.h>
#include <termios.h>

/*
 * A process that asks on a terminal of which we hold the other end. Between us stands a session
 * leader, as a shell does: it continues what is stopped, and keeps the terminal as it was left
 * until we have seen it.
 */
struct asker {
	pid_t leader, pid;
	int terminal;
	int news;    /* from the leader: the process, and its status once it has ended */
	int dismiss; /* closed to let the leader go */
};

/* What the process exits with: 0 for the right answer, else an errno. */
static int ask_in_child(void)
{
	char answer[10];
	int r = prompt_secret("Password: ", answer, sizeof(answer));

	return r < 0 ? -r : strcmp(answer, "hunter2") == 0 ? 0 : 99;
}

static void ask_in_foreground(void)
{
	setpgid(0, 0);
	signal(SIGTTOU, SIG_IGN);
	tcsetpgrp(STDIN_FILENO, getpid());
	signal(SIGTTOU, SIG_DFL);
	_exit(ask_in_child());
}

static void lead(int news, int dismissed)
{
	pid_t pid = fork();
	int status;
	char byte;

	if (pid == 0) {
		ask_in_foreground();
	}
	if (write(news, &pid, sizeof(pid)) != sizeof(pid)) {
		_exit(1);
	}
	while (waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status)) {
		kill(pid, SIGCONT);
	}
	_exit(write(news, &status, sizeof(status)) == sizeof(status) &&
				read(dismissed, &byte, 1) == 0
			? 0
			: 1);
}

static void start(struct asker *asker)
{
	int news[2], dismiss[2];

	assert_int_equal(pipe(news), 0);
	assert_int_equal(pipe(dismiss), 0);
	asker->leader = forkpty(&asker->terminal, NULL, NULL, NULL);
	assert_true(asker->leader >= 0);
	if (asker->leader == 0) {
		close(dismiss[1]);
		lead(news[1], dismiss[0]);
	}
	close(news[1]);
	close(dismiss[0]);
	asker->news = news[0];
	asker->dismiss = dismiss[1];
	assert_int_equal(read(asker->news, &asker->pid, sizeof(asker->pid)), sizeof(asker->pid));
}

/* Read from the terminal until `text` has been shown; what came is in `seen`. */
static void wait_for(struct asker *asker, const char *text, char *seen, size_t size)
{
	size_t n = 0;

	seen[0] = '\0';
	while (!strstr(seen, text)) {
		ssize_t got = read(asker->terminal, seen + n, size - 1 - n);
		if (got <= 0) {
			fail_msg("\"%s\" didn't come, but \"%s\"", text, seen);
		}
		n += (size_t)got;
		seen[n] = '\0';
	}
}

static void type(struct asker *asker, const char *text)
{
	assert_int_equal(write(asker->terminal, text, strlen(text)), strlen(text));
}

static bool echoes(struct asker *asker)
{
	struct termios settings;

	assert_int_equal(tcgetattr(asker->terminal, &settings), 0);
	return settings.c_lflag & ECHO;
}

/* Wait for its end and check that the terminal is as it was. Returns its status. */
static int finish(struct asker *asker)
{
	int status;

	assert_int_equal(read(asker->news, &status, sizeof(status)), sizeof(status));
	assert_true(echoes(asker));
	close(asker->dismiss);
	assert_int_equal(waitpid(asker->leader, NULL, 0), asker->leader);
	close(asker->news);
	close(asker->terminal);
	return status;
}

static void the_answer_is_not_shown(void **state)
{
	struct asker asker;
	char seen[200];

	start(&asker);
	wait_for(&asker, "Password: ", seen, sizeof(seen));
	assert_false(echoes(&asker));
	type(&asker, "hunter2\n");
	wait_for(&asker, "\n", seen, sizeof(seen));
	assert_lacks(seen, "hunter2");
	assert_int_equal(finish(&asker), 0);
}

static void too_long_answers_are_refused(void **state)
{
	struct asker asker;
	char seen[200];

	start(&asker);
	wait_for(&asker, "Password: ", seen, sizeof(seen));
	type(&asker, "hunter2hunter2\n");
	wait_for(&asker, "\n", seen, sizeof(seen));
	assert_int_equal(WEXITSTATUS(finish(&asker)), E2BIG);
}

static void the_end_is_no_answer(void **state)
{
	struct asker asker;
	char seen[200];

	start(&asker);
	wait_for(&asker, "Password: ", seen, sizeof(seen));
	type(&asker, "\004");
	wait_for(&asker, "\n", seen, sizeof(seen));
	assert_int_equal(WEXITSTATUS(finish(&asker)), ENODATA);
}

static void a_signal_restores_the_terminal(void **state)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct asker asker;
		char seen[200];
		start(&asker);
		wait_for(&asker, "Password: ", seen, sizeof(seen));
		kill(asker.pid, numbers[i]);
		int status = finish(&asker);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), numbers[i]);
	}
}

static void a_stop_asks_again(void **state)
{
	struct asker asker;
	char seen[200];

	start(&asker);
	wait_for(&asker, "Password: ", seen, sizeof(seen));
	type(&asker, "hunt\032");
	wait_for(&asker, "Password: ", seen, sizeof(seen));
	type(&asker, "hunter2\n");
	wait_for(&asker, "\n", seen, sizeof(seen));
	assert_lacks(seen, "hunt");
	assert_int_equal(finish(&asker), 0);
}

static void without_a_terminal(void **state)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		setsid();
		_exit(ask_in_child());
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(WEXITSTATUS(status), ENXIO);
}

int main(void)
{
	/* What a shell begins in the background ignores these. */
	signal(SIGINT, SIG_DFL);
	signal(SIGQUIT, SIG_DFL);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_answer_is_not_shown),
		cmocka_unit_test(too_long_answers_are_refused),
		cmocka_unit_test(the_end_is_no_answer),
		cmocka_unit_test(a_signal_restores_the_terminal),
		cmocka_unit_test(a_stop_asks_again),
		cmocka_unit_test(without_a_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
