/* SPDX-License-Identifier: MIT */
#include "odoo/retry.h"

#include "unit.h"

#include <string.h>

/* A read on a connection that broke, asked for the first time; tests change what matters. */
static struct retry_case make(const struct odoo_error *error)
{
	return (struct retry_case){ .error = error,
		.again = true,
		.left = true,
		.repeatable = true,
		.attempts = 1,
		.left_ms = 60000,
		.chance = 25 };
}

static const struct odoo_error broken = { .fault = ODOO_FAULT_UNREACHABLE };
static const struct odoo_error busy = { .fault = ODOO_FAULT_BUSY, .http_status = 503 };

static void test_backoff(void **state)
{
	static const int64_t delays[] = { 200, 400, 800, -1 };
	struct retry_case c = make(&broken);

	for (unsigned i = 0; i < 4; i++) {
		c.attempts = i + 1;
		assert_int_equal(retry_delay(&c), delays[i]);
	}
	c = make(&busy);
	c.attempts = 4;
	assert_int_equal(retry_delay(&c), 1600);
	c.attempts = 1000;
	assert_int_equal(retry_delay(&c), 10000);
}

static void test_jitter(void **state)
{
	struct retry_case c = make(&broken);

	for (c.chance = 0; c.chance < 200; c.chance++) {
		assert_in_range(retry_delay(&c), 150, 250);
	}
}

static void test_deadline(void **state)
{
	struct retry_case c = make(&broken);

	c.left_ms = 201;
	assert_int_equal(retry_delay(&c), 200);
	c.left_ms = 200;
	assert_int_equal(retry_delay(&c), -1);
}

static void test_retry_after(void **state)
{
	struct retry_case c = make(&busy);

	c.retry_after = 7;
	assert_int_equal(retry_delay(&c), 7000);
	c.retry_after = 60;
	assert_int_equal(retry_delay(&c), -1);
	c.retry_after = UINT32_MAX;
	assert_int_equal(retry_delay(&c), -1);
}

static void test_never(void **state)
{
	static const enum odoo_fault faults[] = { ODOO_FAULT_DENIED, ODOO_FAULT_ACCESS,
		ODOO_FAULT_SERVER, ODOO_FAULT_TIMEOUT, ODOO_FAULT_TLS, ODOO_FAULT_REDIRECT,
		ODOO_FAULT_NOT_ODOO, ODOO_FAULT_MALFORMED, ODOO_FAULT_CANCELLED };
	/* Odoo's own word for a locked address, not a gateway's. */
	const struct odoo_error locked = { .fault = ODOO_FAULT_BUSY, .http_status = 200 };
	struct retry_case c;

	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		const struct odoo_error error = { .fault = faults[i] };

		c = make(&error);
		assert_int_equal(retry_delay(&c), -1);
	}
	c = make(&locked);
	assert_int_equal(retry_delay(&c), -1);
	c = make(&broken);
	c.again = false;
	assert_int_equal(retry_delay(&c), -1);
	c = make(&broken);
	c.hasty = true;
	assert_int_equal(retry_delay(&c), -1);
}

static void test_not_repeatable(void **state)
{
	struct retry_case c = make(&broken);

	c.repeatable = false;
	assert_int_equal(retry_delay(&c), -1);
	c.left = false;
	assert_int_equal(retry_delay(&c), 200);
}

static void test_unsure(void **state)
{
	static const struct {
		struct odoo_error error;
		bool unsure;
	} cases[] = {
		{ { .fault = ODOO_FAULT_UNREACHABLE }, true },
		{ { .fault = ODOO_FAULT_TIMEOUT }, true },
		{ { .fault = ODOO_FAULT_MALFORMED, .http_status = 200 }, true },
		{ { .fault = ODOO_FAULT_TOO_LARGE, .http_status = 0 }, true },
		{ { .fault = ODOO_FAULT_TOO_LARGE, .http_status = 413 }, false },
		{ { .fault = ODOO_FAULT_CANCELLED }, true },
		{ { .fault = ODOO_FAULT_BUSY, .http_status = 504 }, true },
		{ { .fault = ODOO_FAULT_BUSY, .http_status = 429 }, false },
		{ { .fault = ODOO_FAULT_SERVER, .http_status = 500 }, true },
		{ { .fault = ODOO_FAULT_SERVER, .http_status = 200, .name = (char *)"x" }, false },
		{ { .fault = ODOO_FAULT_NOT_ODOO, .http_status = 200 }, true },
		{ { .fault = ODOO_FAULT_NOT_ODOO, .http_status = 404 }, false },
		{ { .fault = ODOO_FAULT_ACCESS, .http_status = 200 }, false },
		{ { .fault = ODOO_FAULT_REDIRECT, .http_status = 301 }, false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(retry_is_unsure(&cases[i].error, true), cases[i].unsure);
		assert_false(retry_is_unsure(&cases[i].error, false));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_backoff),
		cmocka_unit_test(test_jitter),
		cmocka_unit_test(test_deadline),
		cmocka_unit_test(test_retry_after),
		cmocka_unit_test(test_never),
		cmocka_unit_test(test_not_repeatable),
		cmocka_unit_test(test_unsure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
