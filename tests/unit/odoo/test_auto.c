/* SPDX-License-Identifier: MIT */
/* Which transport is taken, and what comes after it. */
#include "odoo/auto.h"
#include "unit.h"

#include <string.h>

#define KEY "0123456789abcdef0123456789abcdef01234567"

static void test_keys(void **state)
{
	assert_true(odoo_looks_like_key(KEY));
	assert_false(odoo_looks_like_key(KEY "8"));
	assert_false(odoo_looks_like_key(&KEY[1]));
	assert_false(odoo_looks_like_key("0123456789ABCDEF0123456789abcdef01234567"));
	assert_false(odoo_looks_like_key("admin"));
	assert_false(odoo_looks_like_key(""));
}

static void test_begin(void **state)
{
	static const struct {
		unsigned major;
		const char *secret;
		enum odoo_transport_kind kind;
		const char *reason;
	} cases[] = {
		{ 8, KEY, ODOO_TRANSPORT_JSONRPC, "Odoo 8 has no json2" },
		{ 14, "admin", ODOO_TRANSPORT_JSONRPC, "Odoo 14 has no json2" },
		{ 19, KEY, ODOO_TRANSPORT_JSON2, "looks like an API key" },
		{ 19, "admin", ODOO_TRANSPORT_JSONRPC, "doesn't look like an API key" },
		{ 22, KEY, ODOO_TRANSPORT_JSON2, "looks like an API key" },
		{ 22, "admin", ODOO_TRANSPORT_SESSION, "doesn't look like an API key" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct odoo_choice choice;

		odoo_auto_begin(cases[i].major, cases[i].secret, &choice);
		assert_int_equal(choice.kind, cases[i].kind);
		assert_contains(choice.reason, cases[i].reason);
	}
}

/* What follows `kind` after an answer like that; AUTO is nothing. */
static void check_next(enum odoo_transport_kind kind, unsigned major, const char *secret,
	enum odoo_fault fault, int status, enum odoo_transport_kind next)
{
	const struct odoo_error error = { .fault = fault, .http_status = status };
	struct odoo_choice choice = { .kind = kind };
	bool more = odoo_auto_go_on(major, secret, &error, &choice);

	assert_int_equal(more ? choice.kind : ODOO_TRANSPORT_AUTO, next);
}

static void test_go_on(void **state)
{
	check_next(ODOO_TRANSPORT_JSON2, 19, KEY, ODOO_FAULT_NOT_ODOO, 404, ODOO_TRANSPORT_JSONRPC);
	check_next(ODOO_TRANSPORT_JSON2, 19, KEY, ODOO_FAULT_DATABASE, 404, ODOO_TRANSPORT_JSONRPC);
	check_next(ODOO_TRANSPORT_JSON2, 22, KEY, ODOO_FAULT_NOT_ODOO, 404, ODOO_TRANSPORT_AUTO);
	check_next(
		ODOO_TRANSPORT_JSONRPC, 14, "x", ODOO_FAULT_NOT_ODOO, 403, ODOO_TRANSPORT_XMLRPC);
	check_next(ODOO_TRANSPORT_JSONRPC, 14, "x", ODOO_FAULT_SERVER, 404, ODOO_TRANSPORT_XMLRPC);
	check_next(
		ODOO_TRANSPORT_JSONRPC, 14, "x", ODOO_FAULT_REDIRECT, 302, ODOO_TRANSPORT_XMLRPC);
	check_next(
		ODOO_TRANSPORT_XMLRPC, 14, "x", ODOO_FAULT_NOT_ODOO, 403, ODOO_TRANSPORT_SESSION);
	/* A session takes no key. */
	check_next(ODOO_TRANSPORT_XMLRPC, 14, KEY, ODOO_FAULT_NOT_ODOO, 403, ODOO_TRANSPORT_AUTO);
	check_next(ODOO_TRANSPORT_SESSION, 14, "x", ODOO_FAULT_NOT_ODOO, 403, ODOO_TRANSPORT_AUTO);
}

/* A door that is open, and says no. */
static void test_no_further(void **state)
{
	check_next(ODOO_TRANSPORT_JSON2, 19, KEY, ODOO_FAULT_DENIED, 401, ODOO_TRANSPORT_AUTO);
	check_next(ODOO_TRANSPORT_JSONRPC, 19, "x", ODOO_FAULT_DENIED, 200, ODOO_TRANSPORT_AUTO);
	check_next(ODOO_TRANSPORT_JSONRPC, 19, "x", ODOO_FAULT_DATABASE, 200, ODOO_TRANSPORT_AUTO);
	check_next(ODOO_TRANSPORT_JSONRPC, 19, "x", ODOO_FAULT_SERVER, 500, ODOO_TRANSPORT_AUTO);
	check_next(ODOO_TRANSPORT_JSONRPC, 19, "x", ODOO_FAULT_BUSY, 503, ODOO_TRANSPORT_AUTO);
	check_next(ODOO_TRANSPORT_JSONRPC, 19, "x", ODOO_FAULT_TIMEOUT, 0, ODOO_TRANSPORT_AUTO);
	check_next(ODOO_TRANSPORT_JSONRPC, 19, "x", ODOO_FAULT_ACCESS, 403, ODOO_TRANSPORT_AUTO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_begin),
		cmocka_unit_test(test_go_on),
		cmocka_unit_test(test_no_further),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
