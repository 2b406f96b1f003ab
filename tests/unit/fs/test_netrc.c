/* SPDX-License-Identifier: MIT */
#include "homes.h"

#include "fs/netrc.h"
#include "odoo/locked.h"

#include <errno.h>

static struct capture capture;

static int find(const char *text, mode_t mode, char **ret_secret)
{
	home_write(".netrc", text, mode);
	capture_begin(&capture, STDERR_FILENO);
	int r = netrc_find("erp.example", "ann", ret_secret);
	capture_end(&capture);
	assert_lacks(capture.text, "hunter2");
	return r;
}

static void good(const char *text, const char *expected)
{
	char *secret;
	int r = find(text, 0600, &secret);

	if (r < 0) {
		fail_msg("%s: %d, %s", text, r, capture.text);
	}
	assert_string_equal(secret, expected);
	assert_string_equal(capture.text, "");
	locked_destroy(secret);
}

static void absent(const char *text)
{
	char *secret;

	assert_int_equal(find(text, 0600, &secret), -ENOENT);
	assert_string_equal(capture.text, "");
}

static void wrong(const char *text, const char *part)
{
	char *secret;

	assert_int_equal(find(text, 0600, &secret), -EINVAL);
	assert_contains(capture.text, part);
	assert_contains(capture.text, "/.netrc");
}

static void entries(void **state)
{
	good("machine erp.example login ann password hunter2\n", "hunter2");
	good("machine erp.example\n\tlogin ann\n\tpassword hunter2", "hunter2");
	good("machine ERP.Example password hunter2 login ann\r\n", "hunter2");
	good("machine erp.example login bob password x\nmachine erp.example login ann password "
	     "hunter2\n",
		"hunter2");
	good("machine erp.example login ann password hunter2\nmachine erp.example login ann "
	     "password later\n",
		"hunter2");
	good("machine other login ann password x\ndefault login ann password hunter2\n", "hunter2");
	good("machine erp.example login ann account it password hunter2\n", "hunter2");
	good("# machine erp.example login ann password x\nmachine erp.example # login bob\n"
	     "login ann password hunter2",
		"hunter2");
	good("macdef init\nmachine erp.example login ann password x\n\nmachine erp.example login "
	     "ann password hunter2\n",
		"hunter2");
	good("machine erp.example login ann password machine\n", "machine");
}

static void quotes(void **state)
{
	good("machine erp.example login \"ann\" password \"hunter 2\"\n", "hunter 2");
	good("machine erp.example login ann password \"#\\\"\\\\\\t\"\n", "#\"\\\t");
	good("machine erp.example login ann password a\"b#c\n", "a\"b#c");
	wrong("machine x\nmachine erp.example login ann password \"hunter2\n",
		"line 2: a double quote isn't closed");
}

static void none(void **state)
{
	char *secret;

	absent("");
	absent("machine");
	absent("machine erp.example login bob password hunter2\n");
	absent("machine erp.example password hunter2\n");
	absent("machine erp.example.org login ann password hunter2\n");
	absent("login ann password hunter2\n");
	absent("machine other login ann password my hunter2 strange\n");
	home_write(".netrc", "", 0600);
	setenv("HOME", "/no/such/home", 1);
	assert_int_equal(netrc_find("erp.example", "ann", &secret), -ENOENT);
	setenv("HOME", home, 1);
}

static void not_well_formed(void **state)
{
	wrong("machine erp.example login ann\n", "line 1: this entry has no password");
	wrong("machine erp.example login ann password", "no password");
	wrong("\nmachine erp.example\nlogin ann password #hunter2\n", "line 2: this entry has no");
	wrong("machine erp.example login ann password \"\"\n", "no password");
	wrong("machine erp.example login ann\npassword my hunter2\n", "line 2: login, password or");
}

static void others(void **state)
{
	static const char text[] = "machine erp.example login ann password hunter2\n";
	char *secret;

	assert_int_equal(find(text, 0644, &secret), -EACCES);
	assert_contains(capture.text, "type chmod 600 ");
	assert_int_equal(find(text, 0620, &secret), -EACCES);
	/* What isn't used is nobody's trouble. */
	assert_int_equal(find("machine other login ann password x\n", 0644, &secret), -ENOENT);
	assert_string_equal(capture.text, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries),
		cmocka_unit_test(quotes),
		cmocka_unit_test(none),
		cmocka_unit_test(not_well_formed),
		cmocka_unit_test(others),
	};

	return cmocka_run_group_tests(tests, home_set_up, home_tear_down);
}
