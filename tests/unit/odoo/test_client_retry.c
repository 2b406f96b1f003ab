/* SPDX-License-Identifier: MIT */
/* What is sent again and what isn't, and a server that goes away. */
#include "script.h"
#include "unit.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Fails the first call in the way that `step` names, and answers the others. */
enum {
	STEP_CUT,
	STEP_RESET,
	STEP_BUSY,
	STEP_GATEWAY,
	STEP_LATER,
	STEP_MALFORMED,
	STEP_NEVER,
};

static bool fail_once(const struct server_request *r, struct script *script)
{
	static const char cut[] = "HTTP/1.0 200 OK\r\nContent-Length: 100\r\n\r\n{";

	if (script->n_calls > 1) {
		server_json(r, "\"result\":true");
		return true;
	}
	switch (atomic_load(&script->step)) {
	case STEP_CUT:
		server_write(r, cut, strlen(cut));
		return false;
	case STEP_RESET:
		server_reset(r);
		return false;
	case STEP_BUSY:
		server_answer(r, "429 Too Many Requests", "text/html", "Retry-After: 1\r\n", "");
		return true;
	case STEP_GATEWAY:
		server_answer(r, "502 Bad Gateway", "text/html", "", "");
		return true;
	case STEP_LATER:
		server_answer(r, "503 x", "text/html", "Retry-After: 100\r\n", "");
		return true;
	case STEP_MALFORMED:
		server_answer(r, "200 OK", "application/json", "", "{\"jsonrpc\":\"2.0\",");
		return true;
	default:
		server_sleep(r, 10000);
		return false;
	}
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* One call of `request` at a server that fails once; how it ends and how often it was sent. */
static struct odoo_error call_once(
	int step, struct odoo_request *request, unsigned timeout_ms, unsigned *ret_calls)
{
	struct script script = { .call = fail_once, .step = step };
	struct odoo_error error = { 0 };
	struct odoo_client_stats stats;
	struct odoo_client *client;
	struct server *server;
	cJSON *result = NULL;

	script_start(&script, 2, timeout_ms, &server, &client);
	odoo_client_call(client, request, &result, &error);
	cJSON_Delete(result);
	*ret_calls = script.n_calls;
	odoo_client_get_stats(client, &stats);
	assert_int_equal(stats.retries, script.n_calls - 1);
	odoo_client_destroy(client);
	server_stop(server);
	return error;
}

static void test_reads_are_repeated(void **state)
{
	static const int steps[] = { STEP_CUT, STEP_RESET, STEP_BUSY, STEP_GATEWAY };

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		double begun = now();
		unsigned n_calls;
		struct odoo_error error = call_once(steps[i], script_read(), 10000, &n_calls);

		assert_fault(&error, ODOO_FAULT_NONE);
		assert_int_equal(n_calls, 2);
		assert_true(now() - begun >= (steps[i] == STEP_BUSY ? 1.0 : 0.15));
	}
}

static void test_creates_are_not_repeated(void **state)
{
	static const struct {
		int step;
		enum odoo_fault fault;
		bool unsure;
	} cases[] = {
		{ STEP_CUT, ODOO_FAULT_UNREACHABLE, true },
		{ STEP_RESET, ODOO_FAULT_UNREACHABLE, true },
		{ STEP_BUSY, ODOO_FAULT_BUSY, false },
		{ STEP_GATEWAY, ODOO_FAULT_BUSY, true },
		{ STEP_MALFORMED, ODOO_FAULT_MALFORMED, true },
		{ STEP_NEVER, ODOO_FAULT_TIMEOUT, true },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned n_calls;
		struct odoo_error error = call_once(cases[i].step, script_create_record(),
			cases[i].step == STEP_NEVER ? 500 : 10000, &n_calls);

		assert_fault(&error, cases[i].fault);
		assert_int_equal(n_calls, 1);
		assert_int_equal(error.unsure, cases[i].unsure);
		odoo_error_finish(&error);
	}
}

/* Not repeated, because the answer would be the same: a read that the server garbles. */
static void test_malformed_is_final(void **state)
{
	unsigned n_calls;
	struct odoo_error error = call_once(STEP_MALFORMED, script_read(), 10000, &n_calls);

	assert_fault(&error, ODOO_FAULT_MALFORMED);
	assert_int_equal(n_calls, 1);
	assert_false(error.unsure);
	odoo_error_finish(&error);
}

/* A server that wants more time than the deadline gives is not waited for. */
static void test_too_late(void **state)
{
	double begun = now();
	unsigned n_calls;
	struct odoo_error error = call_once(STEP_LATER, script_read(), 10000, &n_calls);

	assert_fault(&error, ODOO_FAULT_BUSY);
	assert_int_equal(odoo_error_errno(&error), -EHOSTUNREACH);
	assert_int_equal(error.http_status, 503);
	assert_int_equal(n_calls, 1);
	assert_true(now() - begun < 5);
	odoo_error_finish(&error);
}

/*
 * The connection stays open, and the server ends it when the next request comes: libcurl by itself
 * would send that again on a new one.
 */
static bool close_second(const struct server_request *r, struct script *script)
{
	char body[100];

	if (script->n_calls == 2) {
		return false;
	}
	snprintf(body, sizeof(body), "{\"jsonrpc\":\"2.0\",\"id\":%u,\"result\":true}", r->id);
	server_answer(r, "200 OK", "application/json", "", body);
	return true;
}

static void test_a_create_is_sent_once_on_a_used_connection(void **state)
{
	struct script script = { .call = close_second };
	struct odoo_error error = { 0 };
	struct odoo_client *client;
	struct server *server;
	cJSON *result = NULL;

	script_start(&script, 1, 5000, &server, &client);
	assert_int_equal(odoo_client_call(client, script_read(), &result, &error), 0);
	cJSON_Delete(result);
	assert_int_equal(
		odoo_client_call(client, script_create_record(), &result, &error), -EHOSTUNREACH);
	assert_true(error.unsure);
	assert_int_equal(script.n_calls, 2);
	odoo_error_finish(&error);
	odoo_client_destroy(client);
	server_stop(server);
}

static bool answer_true(const struct server_request *r, struct script *script)
{
	server_json(r, "\"result\":true");
	return false;
}

/* The server is gone: told within two seconds, then at once, also to what waits in the queue. */
static void test_vanished_server(void **state)
{
	struct script script = { .call = answer_true };
	struct odoo_error error = { 0 };
	struct odoo_client_stats stats;
	struct odoo_client *client;
	struct server *server;
	cJSON *result = NULL;
	double begun;

	script_start(&script, 1, 20000, &server, &client);
	server_stop(server);
	begun = now();
	assert_int_equal(odoo_client_call(client, script_read(), &result, &error), -EHOSTUNREACH);
	assert_fault(&error, ODOO_FAULT_UNREACHABLE);
	assert_true(now() - begun > 0.9 && now() - begun < 3);
	odoo_client_get_stats(client, &stats);
	assert_false(stats.reachable);
	assert_true(stats.down_since > 0);
	assert_int_equal(stats.retries, 3);
	begun = now();
	for (int i = 0; i < 5; i++) {
		assert_int_equal(odoo_client_call(client, script_create_record(), &result, &error),
			-EHOSTUNREACH);
		assert_false(error.unsure);
	}
	assert_true(now() - begun < 0.5);
	odoo_client_get_stats(client, &stats);
	assert_int_equal(stats.retries, 3);
	odoo_error_finish(&error);
	odoo_client_destroy(client);
}

static bool break_while_flagged(const struct server_request *r, struct script *script)
{
	if (script->flag) {
		server_reset(r);
		return false;
	}
	server_json(r, "\"result\":true");
	return true;
}

static void test_recovery(void **state)
{
	struct script script = { .call = break_while_flagged, .flag = true };
	struct odoo_client_stats stats;
	struct odoo_client *client;
	struct server *server;
	cJSON *result = NULL;

	script_start(&script, 1, 20000, &server, &client);
	assert_int_equal(odoo_client_call(client, script_read(), &result, NULL), -EHOSTUNREACH);
	assert_int_equal(script.n_calls, 4);
	assert_int_equal(odoo_client_call(client, script_read(), &result, NULL), -EHOSTUNREACH);
	assert_int_equal(script.n_calls, 5);
	script.flag = false;
	assert_int_equal(odoo_client_call(client, script_read(), &result, NULL), 0);
	cJSON_Delete(result);
	odoo_client_get_stats(client, &stats);
	assert_true(stats.reachable);
	assert_int_equal(stats.down_since, 0);
	odoo_client_destroy(client);
	server_stop(server);
}

#define DENIED \
	"\"error\":{\"code\":0,\"message\":\"Odoo Server Error\",\"data\":{\"name\":" \
	"\"odoo.exceptions.AccessDenied\",\"message\":\"Access Denied\",\"debug\":\"\"}}"

static bool deny(const struct server_request *r, struct script *script)
{
	server_json(r, DENIED);
	return true;
}

static void test_a_refused_secret_is_not_tried_again(void **state)
{
	struct script script = { .call = deny };
	struct odoo_error error = { 0 };
	struct odoo_client *client;
	struct server *server;
	cJSON *result = NULL;

	script_start(&script, 2, 5000, &server, &client);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(odoo_client_call(client, script_read(), &result, &error), -EACCES);
		assert_fault(&error, ODOO_FAULT_DENIED);
	}
	assert_int_equal(script.n_calls, 1);
	odoo_error_finish(&error);
	odoo_client_destroy(client);
	server_stop(server);
}

/* A method that wants a password of its own fails alike; the next call shows which it was. */
static bool deny_create(const struct server_request *r, struct script *script)
{
	server_json(r, strstr(r->body, "\"create\"") ? DENIED : "\"result\":true");
	return true;
}

static void test_a_method_may_refuse_by_itself(void **state)
{
	struct script script = { .call = deny_create };
	struct odoo_client *client;
	struct server *server;
	cJSON *result = NULL;

	script_start(&script, 2, 5000, &server, &client);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(
			odoo_client_call(client, script_create_record(), &result, NULL), -EACCES);
		assert_int_equal(odoo_client_call(client, script_read(), &result, NULL), 0);
		cJSON_Delete(result);
	}
	for (int i = 0; i < 5; i++) {
		assert_int_equal(
			odoo_client_call(client, script_create_record(), &result, NULL), -EACCES);
	}
	assert_int_equal(script.n_calls, 8);
	odoo_client_destroy(client);
	server_stop(server);
}

/* Version 14 forgets the session: the call is repeated with another. */
static bool want_session(const struct server_request *r, struct script *script)
{
	if (strstr(r->headers, "\r\nCookie: session_id=s1\r\n") && !script->flag) {
		server_json(r, "\"result\":true");
	} else {
		server_answer(r, "500 Internal Server Error", "text/html", "", "<h1>");
	}
	return true;
}

static void test_session(void **state)
{
	struct script script = { .major = 14, .call = want_session };
	struct odoo_error error = { 0 };
	struct odoo_client *client;
	struct server *server;
	cJSON *result = NULL;

	script_start(&script, 2, 5000, &server, &client);
	assert_int_equal(script.n_sessions, 1);
	assert_int_equal(odoo_client_call(client, script_read(), &result, &error), 0);
	cJSON_Delete(result);
	/* It fails for another reason: asked for once, and not for each call. */
	script.flag = true;
	assert_int_equal(odoo_client_call(client, script_read(), &result, &error), -EIO);
	assert_fault(&error, ODOO_FAULT_SERVER);
	assert_int_equal(error.http_status, 500);
	assert_int_equal(odoo_client_call(client, script_read(), &result, &error), -EIO);
	assert_int_equal(script.n_sessions, 1);
	odoo_error_finish(&error);
	odoo_client_destroy(client);
	server_stop(server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads_are_repeated),
		cmocka_unit_test(test_creates_are_not_repeated),
		cmocka_unit_test(test_malformed_is_final),
		cmocka_unit_test(test_too_late),
		cmocka_unit_test(test_a_create_is_sent_once_on_a_used_connection),
		cmocka_unit_test(test_vanished_server),
		cmocka_unit_test(test_recovery),
		cmocka_unit_test(test_a_refused_secret_is_not_tried_again),
		cmocka_unit_test(test_a_method_may_refuse_by_itself),
		cmocka_unit_test(test_session),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
