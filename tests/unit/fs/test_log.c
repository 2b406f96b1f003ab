/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "odoo/log.h"

#include <errno.h>

static struct capture capture;

static void lines_name_their_level(void **state)
{
	capture_begin(&capture, STDERR_FILENO);
	log_set_up(LOG_LEVEL_DEBUG, false);
	log_error("a %d", 1);
	log_warning("b");
	log_info("c");
	log_debug("d");
	assert_string_equal(capture_end(&capture), "odoofs: a 1\nodoofs: warning: b\n"
						   "odoofs: info: c\nodoofs: debug: d\n");
}

static void quieter_levels_are_left_out(void **state)
{
	capture_begin(&capture, STDERR_FILENO);
	log_set_up(LOG_LEVEL_WARNING, false);
	log_info("c");
	log_debug("d");
	log_warning("b");
	assert_true(log_enabled(LOG_LEVEL_ERROR));
	assert_false(log_enabled(LOG_LEVEL_INFO));
	assert_string_equal(capture_end(&capture), "odoofs: warning: b\n");
}

static void control_characters_are_replaced(void **state)
{
	capture_begin(&capture, STDERR_FILENO);
	log_error("%s", "a\nb\033[31m\x7f\tc \xc2\x9b"
			"2J \xc3\xa9 \xe2\x82\xac");
	assert_string_equal(
		capture_end(&capture), "odoofs: a?b?[31m??c ??2J \xc3\xa9 \xe2\x82\xac\n");
}

static void long_lines_are_cut_at_a_character(void **state)
{
	char *text = calloc(3, 10000);
	const char *line;

	for (int i = 0; i < 9999; i++) {
		strcat(text + (i ? 3 * i - 3 : 0), "\xe2\x82\xac");
	}
	capture_begin(&capture, STDERR_FILENO);
	log_error("x%s", text);
	line = capture_end(&capture);
	size_t size = strlen(line);
	assert_true(size > 4096 && size < 6000);
	assert_int_equal(line[size - 1], '\n');
	assert_int_equal((size - strlen("odoofs: x\n")) % 3, 0);
	free(text);
}

static void errno_is_kept(void **state)
{
	capture_begin(&capture, STDERR_FILENO);
	close(STDERR_FILENO);
	errno = EBUSY;
	log_error("x %m");
	int kept = errno;
	capture_end(&capture);
	assert_int_equal(kept, EBUSY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_name_their_level),
		cmocka_unit_test(quieter_levels_are_left_out),
		cmocka_unit_test(control_characters_are_replaced),
		cmocka_unit_test(long_lines_are_cut_at_a_character),
		cmocka_unit_test(errno_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
