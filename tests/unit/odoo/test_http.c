/* SPDX-License-Identifier: MIT */
/* http.c against servers that answer badly in each way that one can. */
#include "odoo/http.h"

#include "odoo/limits.h"
#include "server.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MAX_BODY 10000

/* How an exchange ended; what the callback saw. */
struct outcome {
	unsigned n_done;
	struct odoo_error error;
	int status;
	char type[80], session[128];
	char *body;
	size_t size;
	bool left, again;
	unsigned retry_after;
	int64_t server_time;
};

static void keep_outcome(struct http_result *result, void *data)
{
	struct outcome *o = data;

	o->n_done++;
	o->error = result->error;
	odoo_error_init(&result->error);
	o->left = result->left;
	o->again = result->again;
	o->retry_after = result->retry_after;
	o->server_time = result->server_time;
	if (result->answer.status) {
		o->status = result->answer.status;
		o->size = result->answer.size;
		strcpy(o->type, result->answer.content_type);
		strcpy(o->session, result->answer.session);
		o->body = strdup(result->answer.body);
	}
}

static void finish_outcome(struct outcome *o)
{
	odoo_error_finish(&o->error);
	free(o->body);
}

static struct http *make_http(const char *url)
{
	const struct http_options options = {.url = url, .connections = 2, .max_body = MAX_BODY};
	struct odoo_error error = {0};
	struct http *http = NULL;

	assert_int_equal(http_create(&options, &http, &error), 0);
	return http;
}

static void start(struct http *http, const char *body, unsigned timeout_ms, struct outcome *o)
{
	const struct http_limits limits = {.timeout_ms = timeout_ms, .connect_ms = 500};
	struct odoo_http_request request = {0};

	if (body) {
		assert_int_equal(odoo_http_request_print(
					 &request, "/jsonrpc", "application/json", "%s", body),
			0);
	} else {
		request.path = strdup("/web");
		request.any_place = true;
	}
	request.id = 5;
	assert_int_equal(http_start(http, &request, &limits, keep_outcome, o), 0);
	assert_null(request.body);
}

static void run(struct http *http, const struct outcome *o)
{
	for (http_run(http); o->n_done == 0; http_run(http)) {
		http_wait(http, 1000);
	}
}

static struct outcome exchange(server_fn fn, unsigned timeout_ms)
{
	struct server *server = server_start(fn, NULL);
	struct http *http = make_http(server_url(server));
	struct outcome o = {0};

	start(http, "{\"id\":5}", timeout_ms, &o);
	run(http, &o);
	assert_int_equal(o.n_done, 1);
	http_destroy(http);
	server_stop(server);
	return o;
}

static bool answer_well(const struct server_request *r, void *data)
{
	bool right = strcmp(r->line, "POST /jsonrpc") == 0 && strcmp(r->body, "{\"id\":5}") == 0 &&
		     strcasestr(r->headers, "\r\nContent-Type: application/json\r\n") &&
		     strcasestr(r->headers, "\r\nUser-Agent: odoofs/") &&
		     strcasestr(r->headers, "\r\nAccept-Encoding: ") &&
		     !strcasestr(r->headers, "\r\nExpect:");

	server_answer(r, "200 OK", "Application/JSON; charset=utf-8",
		"Set-Cookie: other=1\r\nSet-Cookie: session_id=abc-123; Path=/\r\n",
		right ? "right" : "wrong");
	return true;
}

static void test_good(void **state)
{
	struct outcome o = exchange(answer_well, 5000);

	assert_fault(&o.error, ODOO_FAULT_NONE);
	assert_int_equal(o.status, 200);
	assert_string_equal(o.body, "right");
	assert_int_equal(o.size, 5);
	assert_string_equal(o.type, "application/json");
	assert_string_equal(o.session, "abc-123");
	assert_true(o.left);
	assert_int_equal(o.server_time, 1795333600);
	finish_outcome(&o);
}

static bool answer_get(const struct server_request *r, void *data)
{
	server_answer(r, "302 Found", "text/html",
		"Location: http://elsewhere.example/\r\nSet-Cookie: session_id=a\\b\r\n",
		strcmp(r->line, "GET /web") == 0 ? "right" : "wrong");
	return true;
}

static void test_get_takes_any_place(void **state)
{
	struct server *server = server_start(answer_get, NULL);
	struct http *http = make_http(server_url(server));
	struct outcome o = {0};

	start(http, NULL, 5000, &o);
	run(http, &o);
	assert_fault(&o.error, ODOO_FAULT_NONE);
	assert_int_equal(o.status, 302);
	assert_string_equal(o.body, "right");
	assert_string_equal(o.session, "a");
	assert_int_equal(server_count(server), 1);
	finish_outcome(&o);
	http_destroy(http);
	server_stop(server);
}

static bool answer_cut(const struct server_request *r, void *data)
{
	const char *text = "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n"
			   "Content-Length: 100\r\n\r\n{\"jsonrpc\":";

	server_write(r, text, strlen(text));
	return false;
}

static void test_cut_body(void **state)
{
	struct outcome o = exchange(answer_cut, 5000);

	assert_fault(&o.error, ODOO_FAULT_UNREACHABLE);
	assert_contains(o.error.message, "cut off after 11 bytes");
	assert_true(o.left);
	assert_true(o.again);
	finish_outcome(&o);
}

static bool answer_reset(const struct server_request *r, void *data)
{
	server_reset(r);
	return false;
}

static bool answer_nothing(const struct server_request *r, void *data)
{
	return false;
}

static void test_no_answer(void **state)
{
	static const server_fn fns[] = {answer_reset, answer_nothing};

	for (size_t i = 0; i < 2; i++) {
		struct outcome o = exchange(fns[i], 5000);

		assert_fault(&o.error, ODOO_FAULT_UNREACHABLE);
		assert_contains(o.error.message, "the connection to 127.0.0.1:");
		assert_true(o.left);
		assert_true(o.again);
		finish_outcome(&o);
	}
}

static bool answer_never(const struct server_request *r, void *data)
{
	server_sleep(r, 10000);
	return false;
}

/* A byte each 20 ms, for longer than anybody waits. */
static bool answer_dripping(const struct server_request *r, void *data)
{
	const char *text = "HTTP/1.0 200 OK\r\nContent-Length: 1000\r\n\r\n";

	server_write(r, text, strlen(text));
	for (int i = 0; i < 1000 && server_sleep(r, 20); i++) {
		server_write(r, " ", 1);
	}
	return false;
}

static void test_deadline(void **state)
{
	static const server_fn fns[] = {answer_never, answer_dripping};

	for (size_t i = 0; i < 2; i++) {
		struct outcome o = exchange(fns[i], 300);

		assert_fault(&o.error, ODOO_FAULT_TIMEOUT);
		assert_contains(o.error.message, "did not answer within 0.3 s");
		assert_true(o.left);
		finish_outcome(&o);
	}
}

static bool answer_redirect(const struct server_request *r, void *data)
{
	server_answer(r, "301 Moved Permanently", "text/html",
		"Location: https://elsewhere.example/jsonrpc\r\n", "");
	return true;
}

static void test_redirect_is_refused(void **state)
{
	struct outcome o = exchange(answer_redirect, 5000);

	assert_fault(&o.error, ODOO_FAULT_REDIRECT);
	assert_contains(o.error.message, "https://elsewhere.example/jsonrpc");
	assert_int_equal(o.error.http_status, 301);
	finish_outcome(&o);
}

static bool answer_too_much_announced(const struct server_request *r, void *data)
{
	const char *text = "HTTP/1.1 200 OK\r\nContent-Length: 4294967296000\r\n\r\n{";

	server_write(r, text, strlen(text));
	server_sleep(r, 10000);
	return false;
}

static bool answer_without_end(const struct server_request *r, void *data)
{
	const char *text = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
	char block[1000];

	memset(block, '[', sizeof(block));
	server_write(r, text, strlen(text));
	for (int i = 0; i < 100; i++) {
		server_write(r, block, sizeof(block));
	}
	return false;
}

static bool answer_headers_without_end(const struct server_request *r, void *data)
{
	const char *text = "HTTP/1.1 200 OK\r\n";
	char line[1000];

	memset(line, 'x', sizeof(line));
	memcpy(line, "X-A: ", 5);
	memcpy(line + sizeof(line) - 2, "\r\n", 2);
	server_write(r, text, strlen(text));
	for (int i = 0; i < 1000; i++) {
		server_write(r, line, sizeof(line));
	}
	return false;
}

static void test_too_large(void **state)
{
	static const server_fn fns[] = {answer_too_much_announced, answer_without_end};
	struct outcome o;

	for (size_t i = 0; i < 2; i++) {
		o = exchange(fns[i], 5000);
		assert_fault(&o.error, ODOO_FAULT_TOO_LARGE);
		assert_contains(o.error.message, "over 10000 bytes");
		finish_outcome(&o);
	}
	o = exchange(answer_headers_without_end, 5000);
	assert_fault(&o.error, ODOO_FAULT_TOO_LARGE);
	assert_contains(o.error.message, "headers");
	finish_outcome(&o);
}

static bool answer_ssh(const struct server_request *r, void *data)
{
	const char *text = "SSH-2.0-OpenSSH_9.2\r\n";

	server_write(r, text, strlen(text));
	return false;
}

static void test_not_http(void **state)
{
	struct outcome o = exchange(answer_ssh, 5000);

	assert_fault(&o.error, ODOO_FAULT_NOT_ODOO);
	assert_contains(o.error.message, "does not speak HTTP");
	finish_outcome(&o);
}

static bool answer_bad_gzip(const struct server_request *r, void *data)
{
	server_answer(r, "200 OK", "application/json", "Content-Encoding: gzip\r\n", "not gzip");
	return false;
}

static void test_bad_compression(void **state)
{
	struct outcome o = exchange(answer_bad_gzip, 5000);

	assert_fault(&o.error, ODOO_FAULT_MALFORMED);
	finish_outcome(&o);
}

static bool answer_later(const struct server_request *r, void *data)
{
	server_answer(r, "503 Service Unavailable", "text/html", "Retry-After: 7\r\n", "x");
	return true;
}

static void test_retry_after(void **state)
{
	struct outcome o = exchange(answer_later, 5000);

	assert_fault(&o.error, ODOO_FAULT_NONE);
	assert_int_equal(o.status, 503);
	assert_int_equal(o.retry_after, 7);
	finish_outcome(&o);
}

/* A port that nothing listens on: one that was just given up. */
static void get_dead_url(char *url, size_t size)
{
	struct server *server = server_start(answer_well, NULL);

	snprintf(url, size, "%s", server_url(server));
	server_stop(server);
}

static struct outcome exchange_with(const char *url)
{
	struct http *http = make_http(url);
	struct outcome o = {0};

	start(http, "{}", 3000, &o);
	run(http, &o);
	http_destroy(http);
	return o;
}

static void test_refused(void **state)
{
	char url[64];
	struct outcome o;

	get_dead_url(url, sizeof(url));
	o = exchange_with(url);
	assert_fault(&o.error, ODOO_FAULT_UNREACHABLE);
	assert_contains(o.error.message, "no connection to 127.0.0.1:");
	assert_contains(o.error.message, "Connection refused");
	assert_false(o.left);
	assert_true(o.again);
	finish_outcome(&o);
}

static void test_unknown_host(void **state)
{
	struct outcome o = exchange_with("http://no-such-host.invalid:8069");

	assert_fault(&o.error, ODOO_FAULT_UNREACHABLE);
	assert_contains(o.error.message, "no-such-host.invalid:8069: no such host");
	assert_false(o.left);
	finish_outcome(&o);
}

static void test_tls_to_plain_server(void **state)
{
	struct server *server = server_start(answer_ssh, NULL);
	char url[64];
	struct outcome o;

	snprintf(url, sizeof(url), "https%s", server_url(server) + strlen("http"));
	o = exchange_with(url);
	assert_true(o.error.fault == ODOO_FAULT_TLS || o.error.fault == ODOO_FAULT_UNREACHABLE);
	assert_false(o.left);
	finish_outcome(&o);
	server_stop(server);
}

static void test_wrong_url(void **state)
{
	const struct http_options options = {.url = "http://", .connections = 1, .max_body = 1};
	struct odoo_error error = {0};
	struct http *http = NULL;

	assert_true(http_create(&options, &http, &error) < 0);
	assert_null(http);
	assert_contains(error.message, "not a URL");
	odoo_error_finish(&error);
}

static void test_cancel(void **state)
{
	struct server *server = server_start(answer_never, NULL);
	struct http *http = make_http(server_url(server));
	struct outcome o = {0};

	start(http, "{}", 5000, &o);
	while (server_count(server) == 0) {
		http_run(http);
		http_wait(http, 10);
	}
	http_cancel(http);
	assert_int_equal(o.n_done, 1);
	assert_fault(&o.error, ODOO_FAULT_CANCELLED);
	assert_true(o.left);
	finish_outcome(&o);
	/* And one that ends with its server, without a word. */
	o = (struct outcome){0};
	start(http, "{}", 5000, &o);
	http_destroy(http);
	assert_int_equal(o.n_done, 0);
	server_stop(server);
}

static void test_wake(void **state)
{
	struct http *http = make_http("http://127.0.0.1:9");
	time_t begun = time(NULL);

	http_wake(http);
	http_wait(http, 10000);
	assert_true(time(NULL) - begun < 5);
	http_destroy(http);
}

/* One handle serves after the other, and nothing of the first shows in the second. */
static void test_handles_are_used_again(void **state)
{
	struct server *server = server_start(answer_well, NULL);
	struct http *http = make_http(server_url(server));

	for (int i = 0; i < 5; i++) {
		struct outcome o = {0}, p = {0};

		start(http, "{\"id\":5}", 5000, &o);
		start(http, "{\"id\":6}", 5000, &p);
		run(http, &o);
		run(http, &p);
		assert_string_equal(o.body, "right");
		assert_string_equal(p.body, "wrong");
		finish_outcome(&o);
		finish_outcome(&p);
	}
	http_destroy(http);
	server_stop(server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_get_takes_any_place),
		cmocka_unit_test(test_cut_body),
		cmocka_unit_test(test_no_answer),
		cmocka_unit_test(test_deadline),
		cmocka_unit_test(test_redirect_is_refused),
		cmocka_unit_test(test_too_large),
		cmocka_unit_test(test_not_http),
		cmocka_unit_test(test_bad_compression),
		cmocka_unit_test(test_retry_after),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_unknown_host),
		cmocka_unit_test(test_tls_to_plain_server),
		cmocka_unit_test(test_wrong_url),
		cmocka_unit_test(test_cancel),
		cmocka_unit_test(test_wake),
		cmocka_unit_test(test_handles_are_used_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
