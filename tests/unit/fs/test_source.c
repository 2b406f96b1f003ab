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
		cmocka_unit_test(wrong),
		cmocka_unit_test(passwords),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
