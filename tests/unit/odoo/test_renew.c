/* SPDX-License-Identifier: MIT */
/* A session that ends while calls are under way. */
#include "odoo/client.h"
#include "server.h"
#include "unit.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct office {
	atomic_uint n_logins, n_calls, n_expired, n_logouts;
	atomic_uint valid;     /* the session that is good; 0 is none */
	atomic_bool refuses;   /* logins */
	atomic_bool forgetful; /* gives sessions that are never good */
	atomic_uint slow_ms;   /* before a session is given */
};

static unsigned get_session(const struct server_request *r)
{
	const char *cookie = strstr(r->headers, "\r\nCookie: session_id=s");
	unsigned number = 0;

	if (cookie) {
		sscanf(cookie, "\r\nCookie: session_id=s%u", &number);
	}
	return number;
}

static void log_in(const struct server_request *r, struct office *office)
{
	char header[80], body[200];
	unsigned number = ++office->n_logins;

	if (office->refuses) {
		server_json(r, "\"error\":{\"code\":0,\"data\":{\"name\":"
			       "\"odoo.exceptions.AccessDenied\",\"message\":\"Access Denied\"}}");
		return;
	}
	server_sleep(r, office->slow_ms);
	office->valid = office->forgetful ? 0 : number;
	snprintf(header, sizeof(header), "Set-Cookie: session_id=s%u; Path=/\r\n", number);
	snprintf(body, sizeof(body),
		"{\"jsonrpc\":\"2.0\",\"id\":%u,\"result\":{\"uid\":2,\"user_context\":{}}}",
		r->id);
	server_answer(r, "200 OK", "application/json", header, body);
}

static void call(const struct server_request *r, struct office *office)
{
	unsigned session = get_session(r);

	if (session && session == office->valid) {
		office->n_calls++;
		server_json(r, "\"result\":[1]");
	} else {
		office->n_expired++;
		server_json(r, "\"error\":{\"code\":100,\"data\":{\"name\":"
			       "\"odoo.http.SessionExpiredException\",\"message\":\"Session "
			       "expired\"}}");
	}
}

static bool answer(const struct server_request *r, void *data)
{
	struct office *office = data;

	if (strstr(r->line, "version_info")) {
		server_json(r, "\"result\":{\"server_version\":\"19.0\",\"server_version_info\":"
			       "[19,0,0,\"final\",0,\"\"]}");
	} else if (strstr(r->line, "/web/session/authenticate")) {
		log_in(r, office);
	} else if (strstr(r->line, "/web/session/destroy")) {
		office->n_logouts++;
		server_json(r, "\"result\":null");
	} else {
		call(r, office);
	}
	return true;
}

static struct odoo_client *enter(
	struct office *office, unsigned connections, struct server **server)
{
	struct odoo_error error = { 0 };
	struct odoo_client *client;

	*server = server_start(answer, office);
	const struct odoo_client_options options = {
		.url = server_url(*server),
		.database = "db",
		.login = "user",
		.secret = "secret",
		.transport = ODOO_TRANSPORT_SESSION,
		.connections = connections,
		.timeout_ms = 20000,
	};
	assert_int_equal(odoo_client_create(&options, &client, &error), 0);
	assert_int_equal(odoo_client_login(client, &error), 0);
	assert_int_equal(office->n_logins, 1);
	return client;
}

static struct odoo_request *make_create(void)
{
	struct odoo_request *request = odoo_request_create("res.partner", "create");

	odoo_request_set(request, "vals_list", cJSON_Parse("[{}]"));
	return request;
}

static int ask(struct odoo_client *client, struct odoo_request *request, struct odoo_error *error)
{
	cJSON *result = NULL;
	int r = odoo_client_call(client, request, &result, error);

	if (r == 0) {
		cJSON_Delete(result);
	}
	return r;
}

/* What wasn't taken is sent again whatever it is. */
static void test_renewed_in_silence(void **state)
{
	struct office office = { 0 };
	struct server *server;
	struct odoo_client *client = enter(&office, 2, &server);

	assert_int_equal(ask(client, make_create(), NULL), 0);
	office.valid = 0;
	assert_int_equal(ask(client, make_create(), NULL), 0);
	assert_int_equal(office.n_logins, 2);
	assert_int_equal(office.n_calls, 2);
	office.valid = 0;
	assert_int_equal(
		ask(client, odoo_request_search_after("res.partner", NULL, 0, 0), NULL), 0);
	assert_int_equal(office.n_logins, 3);
	odoo_client_destroy(client);
	assert_int_equal(office.n_logouts, 1);
	server_stop(server);
}

struct crowd {
	sem_t done;
	atomic_uint n_good, n_denied;
};

static void on_reply(struct odoo_reply *reply, void *data)
{
	struct crowd *crowd = data;

	crowd->n_good += reply->error.fault == ODOO_FAULT_NONE;
	crowd->n_denied += reply->error.fault == ODOO_FAULT_DENIED;
	sem_post(&crowd->done);
}

#define CROWD 40

static void send_crowd(struct odoo_client *client, struct crowd *crowd)
{
	sem_init(&crowd->done, 0, 0);
	for (int i = 0; i < CROWD; i++) {
		odoo_client_send(client, make_create(), on_reply, crowd);
	}
	for (int i = 0; i < CROWD; i++) {
		sem_wait(&crowd->done);
	}
	sem_destroy(&crowd->done);
}

static void test_one_login_for_many(void **state)
{
	struct office office = { .slow_ms = 100 };
	struct crowd crowd = { 0 };
	struct server *server;
	struct odoo_client *client = enter(&office, 8, &server);

	office.valid = 0;
	send_crowd(client, &crowd);
	assert_int_equal(crowd.n_good, CROWD);
	assert_int_equal(office.n_calls, CROWD);
	assert_int_equal(office.n_logins, 2);
	/* Those under way when it ended, and none after that. */
	assert_in_range(office.n_expired, 1, 8);
	odoo_client_destroy(client);
	server_stop(server);
}

static void test_refused_meanwhile(void **state)
{
	struct office office = { 0 };
	struct crowd crowd = { 0 };
	struct server *server;
	struct odoo_client *client = enter(&office, 4, &server);

	office.valid = 0;
	office.refuses = true;
	send_crowd(client, &crowd);
	assert_int_equal(crowd.n_denied, CROWD);
	assert_int_equal(office.n_logins, 2);
	send_crowd(client, &crowd);
	assert_int_equal(crowd.n_denied, 2 * CROWD);
	assert_int_equal(office.n_logins, 2);
	assert_int_equal(office.n_calls, 0);
	odoo_client_destroy(client);
	server_stop(server);
}

/* Sessions that are never good: one new login, and an error instead of a storm. */
static void test_forgetful_server(void **state)
{
	struct office office = { .forgetful = true };
	struct odoo_error error = { 0 };
	struct server *server;
	struct odoo_client *client = enter(&office, 2, &server);

	for (int i = 0; i < 5; i++) {
		assert_int_equal(ask(client, make_create(), &error), -EACCES);
		assert_fault(&error, ODOO_FAULT_EXPIRED);
	}
	/* More only where the test machine was slower than the time between two. */
	assert_in_range(office.n_logins, 2, 3);
	odoo_error_finish(&error);
	odoo_client_destroy(client);
	server_stop(server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_renewed_in_silence),
		cmocka_unit_test(test_one_login_for_many),
		cmocka_unit_test(test_refused_meanwhile),
		cmocka_unit_test(test_forgetful_server),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
