/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "fs/background.h"
#include "odoo/log.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

static struct capture capture;
static int reports[2];

/* What the daemon of a test does, told apart by how it ends. */
enum behaviour { BECOME_READY, EXIT_WITH_5, EXIT_WITH_0, BE_KILLED };

/* After it is ready a daemon says what has become of it. */
static void report(void)
{
	char target[100] = "", text[300];
	ssize_t n = readlink("/proc/self/fd/2", target, sizeof(target) - 1);
	char *directory = getcwd(NULL, 0);

	fprintf(stderr, "said when ready\n");
	int size = snprintf(text, sizeof(text), "%d %d %s %s", (int)n > 0, getsid(0) == getpid(),
		directory, target);
	free(directory);
	if (write(reports[1], text, (size_t)size) != size) {
		_exit(1);
	}
}

static int run_daemon(struct background *background, enum behaviour behaviour)
{
	log_error("said before");
	switch (behaviour) {
	case EXIT_WITH_5:
		return 5;
	case EXIT_WITH_0:
		return 0;
	case BE_KILLED:
		signal(SIGTERM, SIG_DFL);
		raise(SIGTERM);
		return 7;
	case BECOME_READY:
		if (background_ready(background) < 0) {
			return 6;
		}
		/* The second time nothing is left to do. */
		if (background_ready(background) < 0) {
			return 8;
		}
		report();
	}
	return 0;
}

/* In a process of its own, as main would; its exit status. */
static int run(enum behaviour behaviour)
{
	int status;

	capture_begin(&capture, STDERR_FILENO);
	pid_t pid = fork();
	if (pid == 0) {
		struct background background;
		background_init(&background);
		int r = background_start(&background, &status);
		_exit(r < 0 ? 9 : r > 0 ? status : run_daemon(&background, behaviour));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	capture_end(&capture);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void a_ready_daemon_lets_the_parent_go(void **state)
{
	char text[300] = "";

	assert_int_equal(pipe(reports), 0);
	assert_int_equal(run(BECOME_READY), 0);
	assert_true(read(reports[0], text, sizeof(text) - 1) > 0);
	assert_string_equal(text, "1 1 / /dev/null");
	assert_string_equal(capture.text, "odoofs: said before\n");
}

static void failures_are_the_parents(void **state)
{
	assert_int_equal(run(EXIT_WITH_5), 5);
	assert_string_equal(capture.text, "odoofs: said before\n");
	assert_int_equal(run(EXIT_WITH_0), 1);
	assert_contains(capture.text, "ended before it had mounted");
	assert_int_equal(run(BE_KILLED), 1);
	assert_contains(capture.text, "died of signal 15");
}

/* Nobody would know of a mount whose parent was interrupted. */
static void a_daemon_without_parent_hears_of_it(void **state)
{
	char byte = 0;
	int go[2];

	assert_int_equal(pipe(reports), 0);
	assert_int_equal(pipe(go), 0);
	pid_t pid = fork();
	if (pid == 0) {
		struct background background;
		int status;
		background_init(&background);
		if (background_start(&background, &status) == 0) {
			byte = 'f';
			if (write(reports[1], "s", 1) == 1 && read(go[0], &byte, 1) == 1) {
				byte = background_ready(&background) < 0 ? 'e' : 'r';
			}
			_exit(write(reports[1], &byte, 1) == 1 ? 0 : 1);
		}
		_exit(1);
	}
	assert_int_equal(read(reports[0], &byte, 1), 1);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(write(go[1], "g", 1), 1);
	assert_int_equal(read(reports[0], &byte, 1), 1);
	assert_int_equal(byte, 'e');
}

static void the_foreground_is_always_ready(void **state)
{
	struct background background;

	background_init(&background);
	assert_int_equal(background_ready(&background), 0);
}

static void closed_standard_files_are_opened(void **state)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		struct background background;
		close(STDIN_FILENO);
		close(STDERR_FILENO);
		background_init(&background);
		_exit(fcntl(STDIN_FILENO, F_GETFD) == 0 && fcntl(STDERR_FILENO, F_GETFD) == 0 &&
					fcntl(20, F_GETFD) < 0
				? 0
				: 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_ready_daemon_lets_the_parent_go),
		cmocka_unit_test(failures_are_the_parents),
		cmocka_unit_test(a_daemon_without_parent_hears_of_it),
		cmocka_unit_test(the_foreground_is_always_ready),
		cmocka_unit_test(closed_standard_files_are_opened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
