/* SPDX-License-Identifier: MIT */
/* http.c against servers that answer badly in each way that one can. */
#include "outcome.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	struct outcome o = outcome_exchange(answer_well, 5000);

	assert_fault(&o.error, ODOO_FAULT_NONE);
	assert_int_equal(o.status, 200);
	assert_string_equal(o.body, "right");
	assert_int_equal(o.size, 5);
	assert_string_equal(o.type, "application/json");
	assert_string_equal(o.session, "abc-123");
	assert_true(o.left);
	assert_int_equal(o.server_time, 1795333600);
	outcome_finish(&o);
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
	struct http *http = outcome_make_http(server_url(server));
	struct outcome o = { 0 };

	outcome_start(http, NULL, 5000, &o);
	outcome_run(http, &o);
	assert_fault(&o.error, ODOO_FAULT_NONE);
	assert_int_equal(o.status, 302);
	assert_string_equal(o.body, "right");
	assert_string_equal(o.session, "a");
	assert_int_equal(server_count(server), 1);
	outcome_finish(&o);
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
	struct outcome o = outcome_exchange(answer_cut, 5000);

	assert_fault(&o.error, ODOO_FAULT_UNREACHABLE);
	assert_contains(o.error.message, "cut off after 11 bytes");
	assert_true(o.left);
	assert_true(o.again);
	outcome_finish(&o);
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
	static const server_fn fns[] = { answer_reset, answer_nothing };

	for (size_t i = 0; i < 2; i++) {
		struct outcome o = outcome_exchange(fns[i], 5000);

		assert_fault(&o.error, ODOO_FAULT_UNREACHABLE);
		assert_contains(o.error.message, "the connection to 127.0.0.1:");
		assert_true(o.left);
		assert_true(o.again);
		outcome_finish(&o);
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
	static const server_fn fns[] = { answer_never, answer_dripping };

	for (size_t i = 0; i < 2; i++) {
		struct outcome o = outcome_exchange(fns[i], 300);

		assert_fault(&o.error, ODOO_FAULT_TIMEOUT);
		assert_contains(o.error.message, "did not answer within 0.3 s");
		assert_true(o.left);
		outcome_finish(&o);
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
	struct outcome o = outcome_exchange(answer_redirect, 5000);

	assert_fault(&o.error, ODOO_FAULT_REDIRECT);
	assert_contains(o.error.message, "https://elsewhere.example/jsonrpc");
	assert_int_equal(o.error.http_status, 301);
	outcome_finish(&o);
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
	static const server_fn fns[] = { answer_too_much_announced, answer_without_end };
	struct outcome o;

	for (size_t i = 0; i < 2; i++) {
		o = outcome_exchange(fns[i], 5000);
		assert_fault(&o.error, ODOO_FAULT_TOO_LARGE);
		assert_contains(o.error.message, "over 10000 bytes");
		outcome_finish(&o);
	}
	o = outcome_exchange(answer_headers_without_end, 5000);
	assert_fault(&o.error, ODOO_FAULT_TOO_LARGE);
	assert_contains(o.error.message, "headers");
	outcome_finish(&o);
}

static bool answer_ssh(const struct server_request *r, void *data)
{
	const char *text = "SSH-2.0-OpenSSH_9.2\r\n";

	server_write(r, text, strlen(text));
	return false;
}

static void test_not_http(void **state)
{
	struct outcome o = outcome_exchange(answer_ssh, 5000);

	assert_fault(&o.error, ODOO_FAULT_NOT_ODOO);
	assert_contains(o.error.message, "does not speak HTTP");
	outcome_finish(&o);
}

static bool answer_bad_gzip(const struct server_request *r, void *data)
{
	server_answer(r, "200 OK", "application/json", "Content-Encoding: gzip\r\n", "not gzip");
	return false;
}

static void test_bad_compression(void **state)
{
	struct outcome o = outcome_exchange(answer_bad_gzip, 5000);

	assert_fault(&o.error, ODOO_FAULT_MALFORMED);
	outcome_finish(&o);
}

/* {"id":5}, and 20,000 blanks, as gzip packs them. */
static const unsigned char packed[] = { 0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03,
	0xab, 0x56, 0xca, 0x4c, 0x51, 0xb2, 0x32, 0xad, 0x05, 0x00, 0xc1, 0x3d, 0x31, 0x20, 0x08,
	0x00, 0x00, 0x00 };
static const unsigned char bomb[] = { 0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03,
	0xed, 0xc1, 0x31, 0x01, 0x00, 0x00, 0x00, 0xc2, 0xa0, 0x2a, 0xeb, 0x9f, 0xd2, 0x1a, 0x1e,
	0x40, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0xf0, 0x60, 0x28, 0xc4, 0x08, 0x85, 0x20, 0x4e, 0x00, 0x00 };

static void answer_bytes(const struct server_request *r, const unsigned char *bytes, size_t size)
{
	char head[200];

	snprintf(head, sizeof(head),
		"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %zu\r\n\r\n", size);
	server_write(r, head, strlen(head));
	server_write(r, (const char *)bytes, size);
}

static bool answer_packed(const struct server_request *r, void *data)
{
	answer_bytes(r, packed, sizeof(packed));
	return true;
}

static bool answer_bomb(const struct server_request *r, void *data)
{
	answer_bytes(r, bomb, sizeof(bomb));
	return true;
}

static void test_compression(void **state)
{
	struct outcome o = outcome_exchange(answer_packed, 5000);

	assert_fault(&o.error, ODOO_FAULT_NONE);
	assert_string_equal(o.body, "{\"id\":5}");
	assert_int_equal(o.size, 8);
	outcome_finish(&o);
	/* The limit is on what it unpacks to. */
	o = outcome_exchange(answer_bomb, 5000);
	assert_fault(&o.error, ODOO_FAULT_TOO_LARGE);
	outcome_finish(&o);
}

static bool answer_later(const struct server_request *r, void *data)
{
	server_answer(r, "503 Service Unavailable", "text/html", "Retry-After: 7\r\n", "x");
	return true;
}

static void test_retry_after(void **state)
{
	struct outcome o = outcome_exchange(answer_later, 5000);

	assert_fault(&o.error, ODOO_FAULT_NONE);
	assert_int_equal(o.status, 503);
	assert_int_equal(o.retry_after, 7);
	outcome_finish(&o);
}

/* One handle serves after the other, and nothing of the first shows in the second. */
static void test_handles_are_used_again(void **state)
{
	struct server *server = server_start(answer_well, NULL);
	struct http *http = outcome_make_http(server_url(server));

	for (int i = 0; i < 5; i++) {
		struct outcome o = { 0 }, p = { 0 };

		outcome_start(http, "{\"id\":5}", 5000, &o);
		outcome_start(http, "{\"id\":6}", 5000, &p);
		outcome_run(http, &o);
		outcome_run(http, &p);
		assert_string_equal(o.body, "right");
		assert_string_equal(p.body, "wrong");
		outcome_finish(&o);
		outcome_finish(&p);
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
		cmocka_unit_test(test_compression),
		cmocka_unit_test(test_retry_after),
		cmocka_unit_test(test_handles_are_used_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
