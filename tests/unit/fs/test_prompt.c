/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "fs/prompt.h"

#include <errno.h>
#include <pty.h>
#include <signal.h>
#include <sys/wait.h>
#include <termios.h>

/* A child that asks on a terminal of its own, of which we hold the other end. */
struct asker {
	pid_t pid;
	int terminal;
};

/* What the child exits with: 0 for the right answer, else an errno. */
static int ask_in_child(void)
{
	char answer[10];
	int r = prompt_secret("Password: ", answer, sizeof(answer));

	return r < 0 ? -r : strcmp(answer, "hunter2") == 0 ? 0 : 99;
}

static void start(struct asker *asker)
{
	asker->pid = forkpty(&asker->terminal, NULL, NULL, NULL);
	assert_true(asker->pid >= 0);
	if (asker->pid == 0) {
		_exit(ask_in_child());
	}
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

static int finish(struct asker *asker)
{
	int status;

	assert_int_equal(waitpid(asker->pid, &status, 0), asker->pid);
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
	assert_true(echoes(&asker));
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
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct asker asker;
		char seen[200];
		start(&asker);
		wait_for(&asker, "Password: ", seen, sizeof(seen));
		kill(asker.pid, numbers[i]);
		wait_for(&asker, "\n", seen, sizeof(seen));
		assert_true(echoes(&asker));
		int status = finish(&asker);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), numbers[i]);
	}
}

/* A middleman keeps the child's process group from being orphaned: those can't be stopped. */
static void a_stop_asks_again(void **state)
{
	struct asker asker;
	char seen[200];
	int status;

	asker.pid = forkpty(&asker.terminal, NULL, NULL, NULL);
	assert_true(asker.pid >= 0);
	if (asker.pid == 0) {
		pid_t child = fork();
		if (child == 0) {
			_exit(ask_in_child());
		}
		signal(SIGTSTP, SIG_IGN);
		setpgid(child, child);
		signal(SIGTTOU, SIG_IGN);
		tcsetpgrp(STDIN_FILENO, child);
		waitpid(child, &status, WUNTRACED);
		if (WIFSTOPPED(status)) {
			kill(child, SIGCONT);
			waitpid(child, &status, 0);
		}
		_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 98);
	}
	wait_for(&asker, "Password: ", seen, sizeof(seen));
	usleep(100000);
	type(&asker, "\032");
	wait_for(&asker, "Password: ", seen, sizeof(seen));
	type(&asker, "hunter2\n");
	wait_for(&asker, "\n", seen, sizeof(seen));
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
