/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "fs/buffer.h"

#include <errno.h>

static void grows_and_is_handed_on(void **state)
{
	_cleanup_buffer_ struct buffer buffer = { 0 };
	char *text;
	size_t size;

	for (int i = 0; i < 5000; i++) {
		buffer_append_char(&buffer, 'a');
		buffer_append(&buffer, "bc", 2);
		buffer_append(&buffer, NULL, 0);
		buffer_append_text(&buffer, "d");
	}
	assert_int_equal(buffer_steal(&buffer, &text, &size), 0);
	assert_int_equal(size, 20000);
	assert_int_equal(strlen(text), size);
	assert_memory_equal(text + 19996, "abcd", 4);
	assert_int_equal(buffer.capacity, 0);
	free(text);
}

static void running_out_is_remembered(void **state)
{
	_cleanup_buffer_ struct buffer buffer = { 0 };
	char *text = NULL;
	size_t size;

	buffer_append(&buffer, "a", 1);
	assert_false(buffer_reserve(&buffer, SIZE_MAX - 1));
	buffer_append(&buffer, "b", 1);
	assert_int_equal(buffer_steal(&buffer, &text, &size), -ENOMEM);
	assert_null(text);
}

static void empty_is_text_too(void **state)
{
	struct buffer buffer = { 0 };
	char *text;
	size_t size;

	assert_int_equal(buffer_steal(&buffer, &text, &size), 0);
	assert_int_equal(size, 0);
	assert_string_equal(text, "");
	free(text);
	buffer_finish(&buffer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grows_and_is_handed_on),
		cmocka_unit_test(running_out_is_remembered),
		cmocka_unit_test(empty_is_text_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
