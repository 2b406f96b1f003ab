/* SPDX-License-Identifier: MIT */
/* http.c where no connection comes about, and where an exchange is ended from this side. */
#include "outcome.h"
#include "unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static bool answer_never(const struct server_request *r, void *data)
{
	server_sleep(r, 10000);
	return false;
}

/* A port that nothing listens on: one that was just given up. */
static void get_dead_url(char *url, size_t size)
{
	struct server *server = server_start(answer_never, NULL);

	snprintf(url, size, "%s", server_url(server));
	server_stop(server);
}

static void test_refused(void **state)
{
	char url[64];
	struct outcome o;

	get_dead_url(url, sizeof(url));
	o = outcome_exchange_with(url);
	assert_fault(&o.error, ODOO_FAULT_UNREACHABLE);
	assert_contains(o.error.message, "no connection to 127.0.0.1:");
	assert_contains(o.error.message, "Connection refused");
	assert_false(o.left);
	assert_true(o.again);
	outcome_finish(&o);
}

/* A host that drops what it is sent: a listener whose queue is full does. */
static void test_silent_host(void **state)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	int fillers[4];
	char url[64];
	struct outcome o;

	assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(listener, 0), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &size), 0);
	for (int i = 0; i < 4; i++) {
		fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		(void)connect(fillers[i], (struct sockaddr *)&address, sizeof(address));
	}
	snprintf(url, sizeof(url), "http://127.0.0.1:%d", ntohs(address.sin_port));
	o = outcome_exchange_with(url);
	assert_fault(&o.error, ODOO_FAULT_UNREACHABLE);
	assert_contains(o.error.message, "within 0.5 s");
	assert_false(o.left);
	/* Having waited once is enough. */
	assert_false(o.again);
	outcome_finish(&o);
	for (int i = 0; i < 4; i++) {
		close(fillers[i]);
	}
	close(listener);
}

static void test_unknown_host(void **state)
{
	struct outcome o = outcome_exchange_with("http://no-such-host.invalid:8069");

	assert_fault(&o.error, ODOO_FAULT_UNREACHABLE);
	assert_contains(o.error.message, "no-such-host.invalid:8069: no such host");
	assert_false(o.left);
	outcome_finish(&o);
}

static void no_descriptor_is_left(const char *url)
{
	struct http *http = outcome_make_http(url);
	struct outcome o = { 0 };
	struct rlimit before, none;

	assert_return_code(getrlimit(RLIMIT_NOFILE, &before), errno);
	none = (struct rlimit){ .rlim_cur = 0, .rlim_max = before.rlim_max };
	outcome_start(http, "{}", 5000, &o);
	assert_return_code(setrlimit(RLIMIT_NOFILE, &none), errno);
	outcome_run(http, &o);
	assert_return_code(setrlimit(RLIMIT_NOFILE, &before), errno);
	assert_fault(&o.error, ODOO_FAULT_DESCRIPTORS);
	assert_contains(o.error.message, "Too many open files");
	assert_false(o.left);
	outcome_finish(&o);
	http_destroy(http);
}

/* It isn't the server that is gone. */
static void test_no_descriptor(void **state)
{
	no_descriptor_is_left("http://127.0.0.1:9");
	no_descriptor_is_left("http://odoo.invalid:8069");
}

static void test_tls_to_plain_server(void **state)
{
	struct server *server = server_start(answer_never, NULL);
	char url[64];
	struct outcome o;

	snprintf(url, sizeof(url), "https%s", server_url(server) + strlen("http"));
	o = outcome_exchange_with(url);
	assert_true(o.error.fault == ODOO_FAULT_TLS || o.error.fault == ODOO_FAULT_UNREACHABLE);
	assert_false(o.left);
	outcome_finish(&o);
	server_stop(server);
}

static void test_wrong_url(void **state)
{
	const struct http_options options = { .url = "http://", .connections = 1, .max_body = 1 };
	struct odoo_error error = { 0 };
	struct http *http = NULL;

	assert_true(http_create(&options, &http, &error) < 0);
	assert_null(http);
	assert_contains(error.message, "not a URL");
	odoo_error_finish(&error);
}

static void test_cancel(void **state)
{
	struct server *server = server_start(answer_never, NULL);
	struct http *http = outcome_make_http(server_url(server));
	struct outcome o = { 0 };

	outcome_start(http, "{}", 5000, &o);
	while (server_count(server) == 0) {
		http_run(http);
		http_wait(http, 10);
	}
	http_cancel(http);
	assert_int_equal(o.n_done, 1);
	assert_fault(&o.error, ODOO_FAULT_CANCELLED);
	assert_true(o.left);
	outcome_finish(&o);
	/* And one that ends with its server, without a word. */
	o = (struct outcome){ 0 };
	outcome_start(http, "{}", 5000, &o);
	http_destroy(http);
	assert_int_equal(o.n_done, 0);
	server_stop(server);
}

static void test_wake(void **state)
{
	struct http *http = outcome_make_http("http://127.0.0.1:9");
	time_t begun = time(NULL);

	http_wake(http);
	http_wait(http, 10000);
	assert_true(time(NULL) - begun < 5);
	http_destroy(http);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_silent_host),
		cmocka_unit_test(test_unknown_host),
		cmocka_unit_test(test_no_descriptor),
		cmocka_unit_test(test_tls_to_plain_server),
		cmocka_unit_test(test_wrong_url),
		cmocka_unit_test(test_cancel),
		cmocka_unit_test(test_wake),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
