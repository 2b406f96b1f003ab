/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "fs/secret.h"
#include "odoo/cleanup.h"
#include "odoo/locked.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>

static struct capture capture;
static char directory[] = "/tmp/odoofs-secret-XXXXXX";
static char path[100];

static int set_up(void **state)
{
	snprintf(path, sizeof(path), "%s/secret", mkdtemp(directory));
	return 0;
}

static int tear_down(void **state)
{
	unlink(path);
	return rmdir(directory);
}

static void write_file(const char *bytes, size_t size, mode_t mode)
{
	unlink(path);
	_cleanup_fd_ int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, size), size);
	assert_int_equal(fchmod(fd, mode), 0);
}

static int read_secret(const char *file, char **ret_secret)
{
	const struct secret_place given = { .file = (char *)file };
	const struct secret_wanted wanted = { .login = "ann", .url = "https://h", .given = &given };

	capture_begin(&capture, STDERR_FILENO);
	int r = secret_read(&wanted, ret_secret);
	capture_end(&capture);
	assert_int_equal(r < 0, capture.text[0] != '\0');
	assert_lacks(capture.text, "hunter2");
	return r;
}

static void good(const char *bytes, const char *expected)
{
	char *secret;

	write_file(bytes, strlen(bytes), 0400);
	assert_int_equal(read_secret(path, &secret), 0);
	assert_string_equal(secret, expected);
	locked_after_fork(secret);
	locked_destroy(secret);
}

static void wrong(const char *bytes, size_t size, const char *part)
{
	char *secret = NULL;

	write_file(bytes, size, 0600);
	assert_int_equal(read_secret(path, &secret), -EINVAL);
	assert_null(secret);
	assert_contains(capture.text, part);
	assert_contains(capture.text, path);
}

static void from_a_file(void **state)
{
	char longest[SECRET_MAX + 10];

	good("hunter2", "hunter2");
	good("hunter2\n", "hunter2");
	good("hunter2\r\n", "hunter2");
	good(" hunter2 \n", " hunter2 ");
	good("caf\xc3\xa9\n", "caf\xc3\xa9");
	wrong("", 0, "is empty");
	wrong("\n", 1, "is empty");
	wrong("hunter2\nx\n", 10, "more than one line");
	wrong("hunter2\n\n", 9, "more than one line");
	wrong("hunter2\0x", 9, "a NUL byte");
	memset(longest, 'a', sizeof(longest));
	wrong(longest, SECRET_MAX + 1, "more than 1024 bytes");
	wrong(longest, SECRET_MAX + 10, "more than 1024 bytes");
	longest[SECRET_MAX] = '\0';
	good(longest, longest);
}

static void others_must_not_read_it(void **state)
{
	static const mode_t modes[] = { 0640, 0604, 0610, 0602, 0666 };
	char *secret;

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		write_file("hunter2", 7, modes[i]);
		assert_int_equal(read_secret(path, &secret), -EACCES);
		assert_contains(capture.text, "chmod 600");
	}
	if (geteuid() == 0) {
		write_file("hunter2", 7, 0600);
		assert_int_equal(chown(path, 65534, 65534), 0);
		assert_int_equal(read_secret(path, &secret), -EACCES);
		assert_contains(capture.text, "another user");
	}
}

static void only_a_regular_file(void **state)
{
	char *secret;

	assert_int_equal(read_secret("/no/such/file", &secret), -ENOENT);
	assert_contains(capture.text, "No such file");
	assert_int_equal(read_secret(directory, &secret), -EINVAL);
	assert_contains(capture.text, "regular file");
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(read_secret(path, &secret), -EINVAL);
}

static void from_the_environment(void **state)
{
	char *secret;

	setenv(SECRET_VARIABLE, "hunter2", 1);
	assert_int_equal(read_secret(NULL, &secret), 0);
	assert_string_equal(secret, "hunter2");
	locked_destroy(secret);
	assert_null(getenv(SECRET_VARIABLE));

	setenv(SECRET_VARIABLE, "", 1);
	assert_int_equal(read_secret(NULL, &secret), -EINVAL);
	assert_contains(capture.text, "is empty");

	setenv(SECRET_VARIABLE, "other", 1);
	write_file("hunter2", 7, 0600);
	assert_int_equal(read_secret(path, &secret), 0);
	assert_string_equal(secret, "hunter2");
	assert_null(getenv(SECRET_VARIABLE));
	locked_destroy(secret);
	locked_destroy(NULL);
	locked_after_fork(NULL);
}

/* Each of these goes before those below it. */
static void in_order(void **state)
{
	struct secret_place given = { .command = (char *)"echo 1" };
	struct secret_place profile = { .text = (char *)"3" };
	struct secret_wanted wanted = { .login = "ann",
		.url = "https://h",
		.host = "h",
		.given = &given,
		.profile = &profile };
	_cleanup_free_ char *netrc = NULL;
	char *secret;

	assert_true(asprintf(&netrc, "%s/.netrc", directory) > 0);
	_cleanup_file_ FILE *file = fopen(netrc, "w");
	assert_non_null(file);
	assert_int_equal(fchmod(fileno(file), 0600), 0);
	fputs("machine H login ann password 4\n", file);
	fflush(file);
	setenv("HOME", directory, 1);
	for (int expected = '1'; expected <= '4'; expected++) {
		setenv(SECRET_VARIABLE, "2", 1);
		if (expected > '1') {
			given.command = NULL;
		}
		if (expected > '2') {
			unsetenv(SECRET_VARIABLE);
		}
		if (expected > '3') {
			profile.text = NULL;
		}
		assert_int_equal(secret_read(&wanted, &secret), 0);
		assert_int_equal(secret[0], expected);
		assert_null(getenv(SECRET_VARIABLE));
		locked_destroy(secret);
	}
	profile.file = (char *)"/no/such/file";
	capture_begin(&capture, STDERR_FILENO);
	assert_int_equal(secret_read(&wanted, &secret), -ENOENT);
	assert_contains(capture_end(&capture), "password_file=/no/such/file: No such file");
	unlink(netrc);
}

static void the_process_is_protected(void **state)
{
	secret_protect_process();
	assert_int_equal(prctl(PR_GET_DUMPABLE), 0);
}

/* As another process sees it: `self` is run again with the variable in its environment. */
static int show_environ_after_reading(void)
{
	const struct secret_wanted wanted = { .login = "ann", .url = "https://h" };
	_cleanup_free_ char *text = calloc(1, 100000);
	char *secret = NULL;

	if (secret_read(&wanted, &secret) < 0 || strcmp(secret, "hunter2") != 0) {
		return 2;
	}
	locked_destroy(secret);
	_cleanup_fd_ int fd = open("/proc/self/environ", O_RDONLY);
	ssize_t n = read(fd, text, 99999);
	return n > 0 && !memmem(text, (size_t)n, "hunter2", 7) ? 0 : 3;
}

static void the_kernel_shows_it_no_more(void **state)
{
	setenv(SECRET_VARIABLE, "hunter2", 1);
	int status = system("/proc/$PPID/exe show-environ");
	unsetenv(SECRET_VARIABLE);
	assert_int_equal(status, 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(from_a_file),
		cmocka_unit_test(others_must_not_read_it),
		cmocka_unit_test(only_a_regular_file),
		cmocka_unit_test(from_the_environment),
		cmocka_unit_test(in_order),
		cmocka_unit_test(the_kernel_shows_it_no_more),
		cmocka_unit_test(the_process_is_protected),
	};

	if (argc == 2 && strcmp(argv[1], "show-environ") == 0) {
		return show_environ_after_reading();
	}
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
