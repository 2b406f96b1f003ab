/* SPDX-License-Identifier: MIT */
/* The login, at servers that are Odoo and at some that aren't. */
#include "script.h"
#include "unit.h"

#include <errno.h>
#include <string.h>

static bool answer_true(const struct server_request *r, struct script *script)
{
	server_json(r, "\"result\":true");
	return true;
}

static void test_good(void **state)
{
	struct script script = { .major = 19, .call = answer_true };
	struct odoo_client *client;
	struct server *server;

	script_start(&script, 1, 5000, &server, &client);
	assert_int_equal(odoo_client_server_major(client), 19);
	assert_string_equal(odoo_client_server_version(client), "19.0-20260101");
	assert_string_equal(odoo_client_transport_name(client), "jsonrpc");
	assert_int_equal(odoo_client_uid(client), 2);
	assert_int_equal(server_count(server), 2);
	assert_int_equal(script.n_sessions, 0);
	odoo_client_destroy(client);
	server_stop(server);
}

/* Log in at a server that answers with `fn`, and return how that failed. */
static struct odoo_error fail_login(server_fn fn, void *data, unsigned timeout_ms)
{
	struct server *server = server_start(fn, data);
	const struct odoo_client_options options = {
		.url = server_url(server),
		.database = "db",
		.login = "user",
		.secret = "secret",
		.connections = 1,
		.timeout_ms = timeout_ms,
	};
	struct odoo_error error = { 0 };
	struct odoo_client *client;

	assert_int_equal(odoo_client_create(&options, &client, &error), 0);
	assert_true(odoo_client_login(client, &error) < 0);
	assert_int_equal(odoo_client_uid(client), 0);
	odoo_client_destroy(client);
	server_stop(server);
	return error;
}

static void test_refused_password(void **state)
{
	struct script script = { .major = 19, .login = "\"result\":false" };
	struct odoo_error error = fail_login(script_answer, &script, 5000);

	assert_fault(&error, ODOO_FAULT_DENIED);
	assert_int_equal(odoo_error_errno(&error), -EACCES);
	assert_contains(error.message, "refused the login \"user\" or its password");
	assert_null(strstr(error.message, "secret"));
	odoo_error_finish(&error);
}

/* Once refused, the secret isn't sent again, whatever the caller tries. */
static void test_refused_once(void **state)
{
	struct script script = { .major = 19, .login = "\"result\":false", .call = answer_true };
	struct odoo_error error = { 0 };
	struct odoo_client *client;
	struct server *server;
	cJSON *result;

	script_create(&script, 1, 5000, &server, &client);
	assert_int_equal(odoo_client_login(client, &error), -EACCES);
	assert_int_equal(server_count(server), 2);
	assert_int_equal(odoo_client_login(client, &error), -EACCES);
	assert_int_equal(odoo_client_call(client, script_read(), &result, &error), -EACCES);
	assert_int_equal(server_count(server), 2);
	odoo_error_finish(&error);
	odoo_client_destroy(client);
	server_stop(server);
}

static void test_unknown_database(void **state)
{
	struct script script = { .major = 19,
		.login = "\"error\":{\"code\":0,\"message\":\"Odoo Server Error\",\"data\":{"
			 "\"name\":\"psycopg2.OperationalError\",\"message\":\"connection to "
			 "server on socket \\\"/x\\\" failed: FATAL:  database \\\"db\\\" does "
			 "not exist\\n\"}}" };
	struct odoo_error error = fail_login(script_answer, &script, 5000);

	assert_fault(&error, ODOO_FAULT_DATABASE);
	assert_string_equal(error.message,
		"the server can't open the database \"db\": database \"db\" does not exist");
	odoo_error_finish(&error);
}

/* Version 14 with several databases: a fault without a word. */
static bool answer_500(const struct server_request *r, void *data)
{
	if (strstr(r->body, "\"authenticate\"")) {
		server_answer(r, "500 Internal Server Error", "text/html", "", "<h1>x</h1>");
		return true;
	}
	return script_answer(r, data);
}

static void test_unknown_database_without_words(void **state)
{
	struct script script = { .major = 14 };
	struct odoo_error error = fail_login(answer_500, &script, 5000);

	assert_fault(&error, ODOO_FAULT_DATABASE);
	assert_contains(error.message, "probably no database \"db\"");
	odoo_error_finish(&error);
}

static bool answer_html(const struct server_request *r, void *data)
{
	server_answer(r, "200 OK", "text/html; charset=utf-8", "", "<html>Welcome</html>");
	return true;
}

static bool answer_404(const struct server_request *r, void *data)
{
	server_answer(r, "404 Not Found", "text/plain", "", "no");
	return true;
}

static bool answer_other_json(const struct server_request *r, void *data)
{
	server_answer(r, "200 OK", "application/json", "", "{\"status\":\"up\"}");
	return true;
}

static bool answer_other_version(const struct server_request *r, void *data)
{
	server_json(r, "\"result\":{\"server_version\":\"1\",\"server_version_info\":[]}");
	return true;
}

static bool answer_garbage(const struct server_request *r, void *data)
{
	server_answer(r, "200 OK", "application/json", "", "{\"jsonrpc\": NaN}");
	return true;
}

static void test_not_odoo(void **state)
{
	static const struct {
		server_fn fn;
		const char *words;
	} cases[] = {
		{ answer_html, "HTTP 200, text/html" },
		{ answer_404, "HTTP 404, text/plain" },
		{ answer_other_json, "it answers no request of ours" },
		{ answer_other_version, "not with Odoo's version" },
		{ answer_garbage, "NaN is not JSON" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct odoo_error error = fail_login(cases[i].fn, NULL, 5000);

		assert_fault(&error, ODOO_FAULT_NOT_ODOO);
		assert_contains(error.message, cases[i].words);
		assert_contains(error.message, "127.0.0.1:");
		odoo_error_finish(&error);
	}
}

static bool answer_redirect(const struct server_request *r, void *data)
{
	server_answer(r, "308 Permanent Redirect", "text/html",
		"Location: https://erp.example.com/\r\n", "");
	return true;
}

static void test_redirect(void **state)
{
	struct odoo_error error = fail_login(answer_redirect, NULL, 5000);

	assert_fault(&error, ODOO_FAULT_REDIRECT);
	assert_contains(error.message, "https://erp.example.com/");
	odoo_error_finish(&error);
}

static bool answer_never(const struct server_request *r, void *data)
{
	server_sleep(r, 10000);
	return false;
}

static void test_deadline(void **state)
{
	struct odoo_error error = fail_login(answer_never, NULL, 400);

	assert_fault(&error, ODOO_FAULT_TIMEOUT);
	assert_contains(error.message, "did not answer within 0.4 s");
	odoo_error_finish(&error);
}

/* The web client's address is closed, /jsonrpc isn't; and the version is an online one. */
static bool answer_only_jsonrpc(const struct server_request *r, void *data)
{
	if (!strstr(r->line, "/jsonrpc")) {
		server_answer(r, "403 Forbidden", "text/html", "", "no");
	} else if (strstr(r->body, "\"version\"")) {
		server_json(r, "\"result\":{\"server_version\":\"saas~18.2+e\","
			       "\"server_version_info\":[\"saas~18\",2,0,\"final\",0,\"e\"]}");
	} else {
		server_json(r, "\"result\":7");
	}
	return true;
}

static void test_only_jsonrpc(void **state)
{
	struct server *server = server_start(answer_only_jsonrpc, NULL);
	const struct odoo_client_options options = {
		.url = server_url(server),
		.database = "db",
		.login = "user",
		.secret = "secret",
		.connections = 1,
		.timeout_ms = 5000,
	};
	struct odoo_error error = { 0 };
	struct odoo_client *client;

	assert_int_equal(odoo_client_create(&options, &client, &error), 0);
	assert_int_equal(odoo_client_login(client, &error), 0);
	assert_int_equal(odoo_client_server_major(client), 18);
	assert_int_equal(odoo_client_uid(client), 7);
	odoo_error_finish(&error);
	odoo_client_destroy(client);
	server_stop(server);
}

/* A login that isn't UTF-8, no connection at all: named before anything is sent. */
static void test_wrong_options(void **state)
{
	struct odoo_client_options options = { .url = "http://127.0.0.1:9",
		.database = "db",
		.login = "\xff",
		.secret = "x",
		.connections = 1,
		.timeout_ms = 1 };
	struct odoo_error error = { 0 };
	struct odoo_client *client;

	assert_int_equal(odoo_client_create(&options, &client, &error), -EINVAL);
	assert_contains(error.message, "the login is not UTF-8");
	options.login = "user";
	options.connections = 17;
	assert_int_equal(odoo_client_create(&options, &client, &error), -EINVAL);
	odoo_error_finish(&error);
	odoo_client_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_refused_password),
		cmocka_unit_test(test_refused_once),
		cmocka_unit_test(test_unknown_database),
		cmocka_unit_test(test_unknown_database_without_words),
		cmocka_unit_test(test_not_odoo),
		cmocka_unit_test(test_redirect),
		cmocka_unit_test(test_deadline),
		cmocka_unit_test(test_only_jsonrpc),
		cmocka_unit_test(test_wrong_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
