/* SPDX-License-Identifier: MIT */
#include "odoo/error.h"

#include "unit.h"

#include <errno.h>
#include <string.h>

static int errno_of(enum odoo_fault fault)
{
	const struct odoo_error error = { .fault = fault };

	return odoo_error_errno(&error);
}

static void test_errno(void **state)
{
	assert_int_equal(errno_of(ODOO_FAULT_NONE), 0);
	assert_int_equal(errno_of(ODOO_FAULT_DENIED), -EACCES);
	assert_int_equal(errno_of(ODOO_FAULT_ACCESS), -EACCES);
	assert_int_equal(errno_of(ODOO_FAULT_MISSING), -ENOENT);
	assert_int_equal(errno_of(ODOO_FAULT_UNKNOWN_MODEL), -ENOENT);
	assert_int_equal(errno_of(ODOO_FAULT_VALIDATION), -EINVAL);
	assert_int_equal(errno_of(ODOO_FAULT_USER), -EINVAL);
	assert_int_equal(errno_of(ODOO_FAULT_UNIQUE), -EEXIST);
	assert_int_equal(errno_of(ODOO_FAULT_REFERENCED), -EBUSY);
	assert_int_equal(errno_of(ODOO_FAULT_DATABASE), -EIO);
	assert_int_equal(errno_of(ODOO_FAULT_SERVER), -EIO);
	assert_int_equal(errno_of(ODOO_FAULT_CONFLICT), -ESTALE);
	assert_int_equal(errno_of(ODOO_FAULT_UNREACHABLE), -EHOSTUNREACH);
	assert_int_equal(errno_of(ODOO_FAULT_TIMEOUT), -ETIMEDOUT);
	assert_int_equal(errno_of(ODOO_FAULT_BUSY), -EHOSTUNREACH);
	assert_int_equal(errno_of(ODOO_FAULT_TLS), -EHOSTUNREACH);
	assert_int_equal(errno_of(ODOO_FAULT_DESCRIPTORS), -EMFILE);
	assert_int_equal(errno_of(ODOO_FAULT_REDIRECT), -EHOSTUNREACH);
	assert_int_equal(errno_of(ODOO_FAULT_NOT_ODOO), -EHOSTUNREACH);
	assert_int_equal(errno_of(ODOO_FAULT_MALFORMED), -EIO);
	assert_int_equal(errno_of(ODOO_FAULT_TOO_LARGE), -EFBIG);
	assert_int_equal(errno_of(ODOO_FAULT_INTERNAL), -EIO);
	assert_int_equal(errno_of(ODOO_FAULT_CANCELLED), -EIO);
}

/* Every fault has a name of its own and an errno that makes no program call again by itself. */
static void test_names(void **state)
{
	for (int i = 0; i <= ODOO_FAULT_CANCELLED; i++) {
		const char *name = odoo_fault_name((enum odoo_fault)i);
		int number = -errno_of((enum odoo_fault)i);

		assert_non_null(name);
		assert_true(i == 0 || number > 0);
		assert_true(number != EAGAIN && number != EINTR);
		for (int j = 0; j < i; j++) {
			assert_string_not_equal(name, odoo_fault_name((enum odoo_fault)j));
		}
	}
}

static void test_about_data(void **state)
{
	static const enum odoo_fault data[] = { ODOO_FAULT_ACCESS, ODOO_FAULT_SERVER,
		ODOO_FAULT_MALFORMED, ODOO_FAULT_TOO_LARGE, ODOO_FAULT_MISSING, ODOO_FAULT_USER };
	static const enum odoo_fault others[] = { ODOO_FAULT_DENIED, ODOO_FAULT_UNKNOWN_MODEL,
		ODOO_FAULT_TIMEOUT, ODOO_FAULT_UNREACHABLE, ODOO_FAULT_BUSY, ODOO_FAULT_CANCELLED };

	for (size_t i = 0; i < 6; i++) {
		assert_true(odoo_error_is_about_data(&(struct odoo_error){ .fault = data[i] }));
		assert_false(odoo_error_is_about_data(&(struct odoo_error){ .fault = others[i] }));
	}
}

static void test_set_and_copy(void **state)
{
	struct odoo_error error, copy;

	odoo_error_init(&error);
	odoo_error_set(&error, ODOO_FAULT_USER, "%s %d", "no", 1);
	assert_string_equal(error.message, "no 1");
	error.http_status = 422;
	error.unsure = true;
	error.name = strdup("x.Y");
	odoo_error_copy(&copy, &error);
	assert_ptr_not_equal(copy.message, error.message);
	/* What it holds may be part of what it is set to; the rest is forgotten. */
	odoo_error_set(&error, ODOO_FAULT_SERVER, "twice: %s", error.message);
	assert_string_equal(error.message, "twice: no 1");
	assert_int_equal(error.http_status, 0);
	assert_false(error.unsure);
	assert_null(error.name);
	odoo_error_finish(&error);
	assert_fault(&error, ODOO_FAULT_NONE);
	assert_null(error.message);
	assert_string_equal(copy.message, "no 1");
	assert_string_equal(copy.name, "x.Y");
	assert_int_equal(copy.http_status, 422);
	assert_true(copy.unsure);
	odoo_error_finish(&copy);
	odoo_error_finish(NULL);
	odoo_error_set(NULL, ODOO_FAULT_USER, "nobody listens");
}

/* What is cut within a character, or never was text, is text in a message. */
static void test_messages_are_utf8(void **state)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };

	odoo_error_set(&error, ODOO_FAULT_USER, "no \"%.2s\": \xff\xfe é", "xé");
	assert_string_equal(error.message, "no \"x?\": ?? é");
	odoo_error_set(&error, ODOO_FAULT_USER, "%.3s", "xé");
	assert_string_equal(error.message, "xé");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_errno),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_about_data),
		cmocka_unit_test(test_set_and_copy),
		cmocka_unit_test(test_messages_are_utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
