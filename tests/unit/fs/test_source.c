/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "odoo/source.h"

#include <errno.h>

static void check(const char *text, const char *url, const char *login, const char *database,
	bool loopback, bool plain)
{
	struct odoo_source source;
	struct odoo_error error;

	odoo_error_init(&error);
	int r = odoo_source_parse(text, &source, &error);
	if (r < 0) {
		fail_msg("%s: %s", text, error.message);
	}
	assert_string_equal(source.url, url);
	assert_string_equal(source.login, login);
	assert_string_equal(source.database, database);
	assert_int_equal(source.loopback, loopback);
	assert_int_equal(source.plain, plain);
	odoo_source_finish(&source);
	odoo_error_finish(&error);
}

static void well_formed(void **state)
{
	check("https://ann@erp.example.com/prod", "https://erp.example.com", "ann", "prod", false,
		false);
	check("https://ann@erp.example.com:8069/prod/", "https://erp.example.com:8069", "ann",
		"prod", false, false);
	check("https://ann@ERP.Example.com:443/prod", "https://erp.example.com", "ann", "prod",
		false, false);
	check("HTTP://ann@erp.example.com:80/prod", "http://erp.example.com", "ann", "prod", false,
		true);
	check("https://ann@192.168.1.4/a-b_c.d", "https://192.168.1.4", "ann", "a-b_c.d", false,
		false);
}

static void logins(void **state)
{
	check("https://ann@example.com@erp.example.com/p", "https://erp.example.com",
		"ann@example.com", "p", false, false);
	check("https://ann%40example.com@erp.example.com/p", "https://erp.example.com",
		"ann@example.com", "p", false, false);
	check("https://a%3Ab%2Fc@h/p", "https://h", "a:b/c", "p", false, false);
	check("https://ann@h/p@q", "https://h", "ann", "p@q", false, false);
	check("https://andr%C3%A9@h/caf%C3%A9%20noir", "https://h", "andr\xc3\xa9",
		"caf\xc3\xa9 noir", false, false);
	check("https://ann@h/a%2Fb", "https://h", "ann", "a/b", false, false);
}

static void loopback(void **state)
{
	check("http://a@localhost:8069/p", "http://localhost:8069", "a", "p", true, true);
	check("http://a@LocalHost/p", "http://localhost", "a", "p", true, true);
	check("http://a@127.0.0.1/p", "http://127.0.0.1", "a", "p", true, true);
	check("http://a@127.9.8.7:1/p", "http://127.9.8.7:1", "a", "p", true, true);
	check("http://a@[::1]:8069/p", "http://[::1]:8069", "a", "p", true, true);
	check("http://a@[fe80::1]/p", "http://[fe80::1]", "a", "p", false, true);
	check("http://a@128.0.0.1/p", "http://128.0.0.1", "a", "p", false, true);
	check("http://a@localhost.example.com/p", "http://localhost.example.com", "a", "p", false,
		true);
	check("http://a@127.0.0.1.example.com/p", "http://127.0.0.1.example.com", "a", "p", false,
		true);
}

static void check_host(const char *text, const char *url, const char *host)
{
	struct odoo_source source;

	assert_int_equal(odoo_source_parse(text, &source, NULL), 0);
	assert_string_equal(source.url, url);
	assert_string_equal(source.host, host);
	odoo_source_finish(&source);
}

static void hosts(void **state)
{
	check_host("https://a@ERP.example:8069/p", "https://erp.example:8069", "erp.example");
	check_host("https://a@[::1]:8069/p", "https://[::1]:8069", "::1");
	check_host("https://a@[2001:DB8::7]/p", "https://[2001:db8::7]", "2001:db8::7");
	check_host("https://a@[fe80::1%25eth0]/p", "https://[fe80::1%25eth0]", "fe80::1");
	check_host("https://a@B\xc3\xbc"
		   "cher.example/p",
		"https://xn--bcher-kva.example", "xn--bcher-kva.example");
	check_host("https://a@b%C3%BCcher.example/p", "https://xn--bcher-kva.example",
		"xn--bcher-kva.example");
	/* The rules of today, in which this letter is one of its own. */
	check_host("https://a@stra\xc3\x9f"
		   "e.example/p",
		"https://xn--strae-oqa.example", "xn--strae-oqa.example");
	check_host("https://a@db_1.example/p", "https://db_1.example", "db_1.example");
}

static void made_of_parts(void **state)
{
	struct odoo_source source;

	assert_int_equal(odoo_source_make("https://Erp.example:8069/", "ann@example.com", "a/b c",
				 &source, NULL),
		0);
	assert_string_equal(source.url, "https://erp.example:8069");
	assert_string_equal(source.login, "ann@example.com");
	assert_string_equal(source.database, "a/b c");
	assert_false(source.loopback || source.plain);
	odoo_source_finish(&source);
}

static void wrong_parts(void **state)
{
	static const char *const cases[][2] = {
		{ "erp.example", "url= has no scheme: it is written https://host[:port]" },
		{ "ftp://h", "url= begins with \"ftp://\"" },
		{ "https://ann@h", "url= has a login in it: that is login=" },
		{ "https://ann:hunter2@h", "password" },
		{ "https://h/prod", "the database is database=" },
		{ "https://", "url= has no host" },
	};
	struct odoo_source source;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_odoo_error_ struct odoo_error error = { 0 };

		assert_int_equal(odoo_source_make(cases[i][0], "a", "p", &source, &error), -EINVAL);
		assert_contains(error.message, cases[i][1]);
		assert_lacks(error.message, "hunter2");
	}
}

static void refused(const char *text, const char *part)
{
	struct odoo_source source;
	struct odoo_error error;

	odoo_error_init(&error);
	assert_int_equal(odoo_source_parse(text, &source, &error), -EINVAL);
	assert_non_null(error.message);
	if (!strstr(error.message, part)) {
		fail_msg("%s: \"%s\" isn't in \"%s\"", text, part, error.message);
	}
	assert_lacks(error.message, "hunter2");
	odoo_error_finish(&error);
}

static void wrong(void **state)
{
	refused("", "scheme");
	refused("erp.example.com/prod", "scheme");
	refused("ann:hunter2@erp.example.com/prod", "scheme");
	refused("://ann@h/p", "scheme");
	refused("ftp://ann@h/p", "\"ftp://\"");
	refused("file:///etc/passwd", "\"file://\"");
	refused("https://", "SOURCE");
	refused("https:///prod", "host");
	refused("https://ann@/prod", "host");
	refused("https://erp.example.com/prod", "no login");
	refused("https://@erp.example.com/prod", "no login");
	refused("https://ann@h", "no database");
	refused("https://ann@h/", "no database");
	refused("https://ann@h//", "no database");
	refused("https://ann@h/odoo/prod", "more than the database");
	refused("https://ann@h/p?db=x", "query");
	refused("https://ann@h/p#x", "fragment");
	refused("https://ann@h:99999/p", "port");
	refused("https://ann@h:x/p", "port");
	refused("https://a b@h/p", "URL");
	refused("https://ann@h/p%00q", "control");
	refused("https://a%0Ab@h/p", "control");
	refused("https://ann@h/%ff", "UTF-8");
	refused("https://ann@a\xcc\x81\xe2\x80\xae.example/p", "isn't a name of the Internet");
}

static void passwords(void **state)
{
	refused("https://ann:hunter2@h/p", "password_file=");
	refused("https://ann:@h/p", "password");
	refused("https://:hunter2@h/p", "password");
	refused("https://ann@example.com:hunter2@h/p", "password");
	refused("https://ann:hunter2@x@h/p", "password");
	/* A '/' in it ends the authority, so it looks like something else. */
	refused("https://ann:hunter2/x@h/p", "port");
	refused("ftp://ann:hunter2@h/p", "ftp");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(well_formed),
		cmocka_unit_test(logins),
		cmocka_unit_test(loopback),
		cmocka_unit_test(hosts),
		cmocka_unit_test(made_of_parts),
		cmocka_unit_test(wrong_parts),
		cmocka_unit_test(wrong),
		cmocka_unit_test(passwords),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
