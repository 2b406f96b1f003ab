/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "fs/secret_command.h"
#include "odoo/clock.h"
#include "odoo/locked.h"

#include <errno.h>
#include <signal.h>

static struct capture capture;

static int run(const char *command, unsigned timeout_ms, char **ret_text)
{
	size_t size;

	capture_begin(&capture, STDERR_FILENO);
	int r = secret_command_run(command, timeout_ms, 20, ret_text, &size);
	capture_end(&capture);
	assert_true(r < 0 || strlen(*ret_text) == size);
	return r;
}

static void good(const char *command, const char *expected)
{
	char *text;
	int r = run(command, 60000, &text);

	if (r < 0) {
		fail_msg("%s: %s", command, capture.text);
	}
	assert_string_equal(text, expected);
	locked_destroy(text);
}

static void wrong(const char *command, int error, const char *part)
{
	char *text;

	assert_int_equal(run(command, 60000, &text), error);
	assert_contains(capture.text, part);
	assert_lacks(capture.text, "hunter2");
}

static void output(void **state)
{
	good("echo hunter2", "hunter2\n");
	good("printf hunter2", "hunter2");
	good("printf a; printf b", "ab");
	good("echo a b | cut -d' ' -f2", "b\n");
	good("true", "");
	good("cat; echo empty", "empty\n");
	good("printf 12345678901234567890", "12345678901234567890");
	/* The output ends long before the program does. */
	good("echo a; exec >&-; sleep 0.1", "a\n");
}

static void failures(void **state)
{
	wrong("echo hunter2; exit 3", -EIO, "failed with exit status 3");
	wrong("/no/such/hunter2 2>/dev/null", -EIO, "status 127: there is no such program");
	wrong("kill -9 $$", -EIO, "was ended by signal 9 (Killed)");
	wrong("printf 123456789012345678901", -E2BIG, "writes more than 20 bytes");
	wrong("yes hunter2", -E2BIG, "writes more than 20 bytes");
}

static void what_it_says(void **state)
{
	char *text;

	assert_int_equal(run("echo locked >&2; exit 1", 60000, &text), -EIO);
	assert_contains(capture.text, "locked\n");
}

/* Ended in good time, whatever it does, and what it started with it. */
static void too_slow(void **state)
{
	static const char *const commands[] = {
		"sleep 100",
		"trap '' TERM; sleep 100; true",
		"exec >&-; sleep 100",
		"while :; do printf a; sleep 0.15; done >/dev/null; echo",
	};
	char *text;

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		int64_t begun = clock_now_ms();

		assert_int_equal(run(commands[i], 200, &text), -ETIMEDOUT);
		assert_contains(capture.text, "didn't end within 0.2 s");
		assert_true(clock_now_ms() - begun < 50000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(output),
		cmocka_unit_test(failures),
		cmocka_unit_test(what_it_says),
		cmocka_unit_test(too_slow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
