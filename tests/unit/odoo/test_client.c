/* SPDX-License-Identifier: MIT */
/* Requests, their order, and how they end; retries are in test_client_retry.c. */
#include "odoo/limits.h"
#include "script.h"
#include "unit.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool answer_true(const struct server_request *r, struct script *script)
{
	server_json(r, "\"result\":true");
	return true;
}

/* What callbacks saw; they run on the client's thread. */
struct seen {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	unsigned n, n_good;
	enum odoo_fault last;
	char order[32];
};

#define SEEN_INITIALIZER \
	{ \
		.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER \
	}

static void see(struct seen *seen, const struct odoo_reply *reply, char mark)
{
	pthread_mutex_lock(&seen->lock);
	if (seen->n < sizeof(seen->order) - 1) {
		seen->order[seen->n] = mark;
	}
	seen->n++;
	seen->n_good += reply->error.fault == ODOO_FAULT_NONE;
	seen->last = reply->error.fault;
	pthread_cond_broadcast(&seen->changed);
	pthread_mutex_unlock(&seen->lock);
}

static void see_now(struct odoo_reply *reply, void *data)
{
	see(data, reply, 'n');
}

static void see_ahead(struct odoo_reply *reply, void *data)
{
	see(data, reply, 'a');
}

static void wait_seen(struct seen *seen, unsigned n)
{
	pthread_mutex_lock(&seen->lock);
	while (seen->n < n) {
		pthread_cond_wait(&seen->changed, &seen->lock);
	}
	pthread_mutex_unlock(&seen->lock);
}

static bool answer_context(const struct server_request *r, struct script *script)
{
	server_json(r, strstr(r->body, "[\"db\",2,\"s3cret\\\"\\\\\",\"res.partner\",\"search\",[[["
				       "\"id\",\">\",0]]],{\"context\":{\"lang\":\"fr_FR\"},"
				       "\"order\":\"id\"}]")
			       ? "\"result\":[1,2]"
			       : "\"result\":\"wrong\"");
	return true;
}

static void test_call(void **state)
{
	struct script script = { .call = answer_context };
	struct odoo_error error = { 0 };
	cJSON *context = cJSON_Parse("{\"lang\":\"fr_FR\"}");
	struct odoo_client *client;
	struct server *server;
	cJSON *result = NULL;

	script_start(&script, 2, 5000, &server, &client);
	assert_int_equal(odoo_client_set_context(client, context), 0);
	assert_int_equal(odoo_client_call(client, script_read(), &result, &error), 0);
	assert_int_equal(cJSON_GetArraySize(result), 2);
	assert_fault(&error, ODOO_FAULT_NONE);
	cJSON_Delete(result);
	cJSON_Delete(context);
	odoo_client_destroy(client);
	server_stop(server);
}

static void keep_time(struct odoo_reply *reply, void *data)
{
	struct seen *seen = data;

	see(seen, reply, reply->server_time == 1795333600 ? 'd' : '?');
}

static void test_server_time(void **state)
{
	struct script script = { .call = answer_true };
	struct seen seen = SEEN_INITIALIZER;
	struct odoo_client *client;
	struct server *server;

	script_start(&script, 2, 5000, &server, &client);
	odoo_client_send(client, script_read(), keep_time, &seen);
	wait_seen(&seen, 1);
	assert_string_equal(seen.order, "d");
	odoo_client_destroy(client);
	server_stop(server);
}

static bool answer_fault(const struct server_request *r, struct script *script)
{
	server_json(r, "\"error\":{\"code\":200,\"message\":\"Odoo Server Error\",\"data\":{"
		       "\"name\":\"odoo.exceptions.AccessError\",\"message\":\" You may not\\n\\n "
		       "read s3cret\\\"\\\\ this.\\n\"}}");
	return true;
}

static void test_fault(void **state)
{
	struct script script = { .call = answer_fault };
	struct odoo_error error = { 0 };
	struct odoo_client_stats stats;
	struct odoo_client *client;
	struct server *server;
	cJSON *result = NULL;

	script_start(&script, 2, 5000, &server, &client);
	assert_int_equal(odoo_client_call(client, script_read(), &result, &error), -EACCES);
	assert_fault(&error, ODOO_FAULT_ACCESS);
	assert_string_equal(error.message, "You may not read *** this.");
	assert_string_equal(error.name, "odoo.exceptions.AccessError");
	assert_int_equal(error.http_status, 200);
	assert_false(error.unsure);
	odoo_error_finish(&error);
	assert_int_equal(odoo_client_call(client, script_read(), &result, NULL), -EACCES);
	odoo_client_get_stats(client, &stats);
	assert_int_equal(stats.failures, 2);
	assert_true(stats.reachable);
	odoo_client_destroy(client);
	server_stop(server);
}

static void test_no_request(void **state)
{
	struct script script = { .call = answer_true };
	struct odoo_error error = { 0 };
	struct odoo_client *client;
	struct server *server;
	cJSON *result = NULL;

	script_start(&script, 2, 5000, &server, &client);
	assert_int_equal(odoo_client_call(client, NULL, &result, &error), -EIO);
	assert_fault(&error, ODOO_FAULT_INTERNAL);
	assert_contains(error.message, "out of memory");
	odoo_error_finish(&error);
	odoo_client_destroy(client);
	server_stop(server);
}

/* The first call holds the only connection until the others have been sent. */
static bool answer_when_flagged(const struct server_request *r, struct script *script)
{
	while (!script->flag && server_sleep(r, 5)) {
	}
	server_json(r, "\"result\":true");
	return true;
}

static struct odoo_request *read_ahead(void)
{
	struct odoo_request *request = script_read();

	request->ahead = true;
	return request;
}

static void test_order(void **state)
{
	struct script script = { .call = answer_when_flagged };
	struct seen seen = SEEN_INITIALIZER;
	struct odoo_client_stats stats;
	struct odoo_client *client;
	struct server *server;

	script_start(&script, 1, 5000, &server, &client);
	odoo_client_send(client, script_read(), see_now, &seen);
	while (script.n_calls == 0) {
		usleep(1000);
	}
	for (int i = 0; i < 3; i++) {
		odoo_client_send(client, read_ahead(), see_ahead, &seen);
	}
	odoo_client_send(client, script_read(), see_now, &seen);
	odoo_client_get_stats(client, &stats);
	assert_int_equal(stats.queued, 4);
	assert_int_equal(stats.in_flight, 1);
	script.flag = true;
	wait_seen(&seen, 5);
	assert_string_equal(seen.order, "nnaaa");
	do {
		usleep(1000);
		odoo_client_get_stats(client, &stats);
	} while (stats.in_flight);
	assert_int_equal(stats.queued, 0);
	odoo_client_destroy(client);
	server_stop(server);
}

/* Counts how many are answered at once; each waits for company. */
static bool answer_in_company(const struct server_request *r, struct script *script)
{
	int n = ++script->step;

	if (n > 3) {
		script->flag = true;
	}
	server_sleep(r, 30);
	script->step--;
	server_json(r, "\"result\":true");
	return true;
}

static void test_connections(void **state)
{
	struct script script = { .call = answer_in_company };
	struct seen seen = SEEN_INITIALIZER;
	struct odoo_client *client;
	struct server *server;

	script_start(&script, 3, 5000, &server, &client);
	for (int i = 0; i < 12; i++) {
		odoo_client_send(client, script_read(), see_now, &seen);
	}
	wait_seen(&seen, 12);
	assert_int_equal(seen.n_good, 12);
	assert_false(script.flag);
	odoo_client_destroy(client);
	server_stop(server);
}

/* One request more than may wait fails at once; the others don't suffer. */
static void test_full_queue(void **state)
{
	struct script script = { .call = answer_when_flagged };
	struct seen seen = SEEN_INITIALIZER;
	struct odoo_error error = { 0 };
	struct odoo_client_stats stats;
	struct odoo_client *client;
	struct server *server;
	cJSON *result;

	script_start(&script, 1, 60000, &server, &client);
	odoo_client_send(client, script_read(), see_now, &seen);
	while (script.n_calls == 0) {
		usleep(1000);
	}
	for (unsigned i = 0; i < ODOO_MAX_QUEUE; i++) {
		odoo_client_send(client, script_read(), see_now, &seen);
	}
	assert_int_equal(odoo_client_call(client, script_read(), &result, &error), -EIO);
	assert_fault(&error, ODOO_FAULT_INTERNAL);
	assert_contains(error.message, "65536 requests are waiting");
	odoo_error_finish(&error);
	assert_int_equal(seen.n, 0);
	odoo_client_get_stats(client, &stats);
	assert_int_equal(stats.queued, ODOO_MAX_QUEUE);
	odoo_client_destroy(client);
	assert_int_equal(seen.n, ODOO_MAX_QUEUE + 1);
	server_stop(server);
}

/* A request times out in the queue, behind one that times out under way. */
static void test_deadline_in_queue(void **state)
{
	struct script script = { .call = answer_when_flagged };
	struct seen seen = SEEN_INITIALIZER;
	struct odoo_error error = { 0 };
	struct odoo_client *client;
	struct server *server;
	cJSON *result;

	script_start(&script, 1, 300, &server, &client);
	odoo_client_send(client, read_ahead(), see_ahead, &seen);
	odoo_client_send(client, read_ahead(), see_ahead, &seen);
	assert_int_equal(odoo_client_call(client, script_read(), &result, &error), -ETIMEDOUT);
	assert_fault(&error, ODOO_FAULT_TIMEOUT);
	assert_contains(error.message, "did not answer within 0.3 s");
	wait_seen(&seen, 2);
	assert_int_equal(seen.last, ODOO_FAULT_TIMEOUT);
	odoo_error_finish(&error);
	odoo_client_destroy(client);
	server_stop(server);
}

/* Each callback sends the next one, up to 20. */
struct chain {
	struct seen seen;
	struct odoo_client *client;
};

static void send_next(struct odoo_reply *reply, void *data)
{
	struct chain *chain = data;

	if (chain->seen.n < 20) {
		odoo_client_send(chain->client, script_read(), send_next, chain);
	}
	see(&chain->seen, reply, 'c');
}

static void test_callback_sends(void **state)
{
	struct script script = { .call = answer_true };
	struct chain chain = { .seen = SEEN_INITIALIZER };
	struct server *server;

	script_start(&script, 2, 5000, &server, &chain.client);
	odoo_client_send(chain.client, script_read(), send_next, &chain);
	wait_seen(&chain.seen, 21);
	assert_int_equal(chain.seen.n_good, 21);
	odoo_client_destroy(chain.client);
	server_stop(server);
}

/* Everything outstanding hears of the end, what callbacks send meanwhile included. */
static void test_destroy_cancels(void **state)
{
	struct script script = { .call = answer_when_flagged };
	struct chain chain = { .seen = SEEN_INITIALIZER };
	struct server *server;

	script_start(&script, 2, 5000, &server, &chain.client);
	for (int i = 0; i < 5; i++) {
		odoo_client_send(chain.client, script_read(), send_next, &chain);
	}
	while (script.n_calls < 2) {
		usleep(1000);
	}
	odoo_client_destroy(chain.client);
	assert_int_equal(chain.seen.n, 25);
	assert_int_equal(chain.seen.n_good, 0);
	assert_int_equal(chain.seen.last, ODOO_FAULT_CANCELLED);
	server_stop(server);
}

static void take_result(struct odoo_reply *reply, void *data)
{
	struct chain *chain = data;

	cJSON_Delete(reply->result);
	reply->result = NULL;
	see(&chain->seen, reply, 't');
}

static void test_callback_takes_result(void **state)
{
	struct script script = { .call = answer_true };
	struct chain chain = { .seen = SEEN_INITIALIZER };
	struct server *server;

	script_start(&script, 2, 5000, &server, &chain.client);
	odoo_client_send(chain.client, script_read(), take_result, &chain);
	wait_seen(&chain.seen, 1);
	odoo_client_destroy(chain.client);
	server_stop(server);
}

static void test_stats(void **state)
{
	struct script script = { .call = answer_true };
	struct odoo_client_stats stats;
	struct odoo_client *client;
	struct server *server;
	cJSON *result, *calls;

	script_start(&script, 2, 5000, &server, &client);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(odoo_client_call(client, script_read(), &result, NULL), 0);
		cJSON_Delete(result);
	}
	odoo_client_get_stats(client, &stats);
	assert_int_equal(stats.calls, 5);
	assert_int_equal(stats.retries, 0);
	assert_int_equal(stats.failures, 0);
	assert_true(stats.bytes_in > 100);
	assert_true(stats.bytes_out > 400);
	assert_true(stats.latency_us > 0);
	calls = odoo_client_get_calls(client);
	assert_int_equal(cJSON_GetArraySize(calls), 1);
	assert_int_equal(
		cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(calls, "res.partner.search")),
		3);
	cJSON_Delete(calls);
	odoo_client_destroy(client);
	server_stop(server);
}

/* Threads that send all at once, and one that looks on. */
static void *send_many(void *data)
{
	struct chain *chain = data;
	struct odoo_client_stats stats;

	for (int i = 0; i < 50; i++) {
		odoo_client_send(chain->client, script_read(), see_now, &chain->seen);
		odoo_client_get_stats(chain->client, &stats);
		cJSON_Delete(odoo_client_get_calls(chain->client));
	}
	return NULL;
}

static void test_many_threads(void **state)
{
	struct script script = { .call = answer_true };
	struct chain chain = { .seen = SEEN_INITIALIZER };
	pthread_t threads[4];
	struct server *server;

	script_start(&script, 4, 20000, &server, &chain.client);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(pthread_create(&threads[i], NULL, send_many, &chain), 0);
	}
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
	}
	wait_seen(&chain.seen, 200);
	assert_int_equal(chain.seen.n_good, 200);
	odoo_client_destroy(chain.client);
	server_stop(server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_call),
		cmocka_unit_test(test_server_time),
		cmocka_unit_test(test_fault),
		cmocka_unit_test(test_no_request),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_connections),
		cmocka_unit_test(test_full_queue),
		cmocka_unit_test(test_deadline_in_queue),
		cmocka_unit_test(test_callback_sends),
		cmocka_unit_test(test_destroy_cancels),
		cmocka_unit_test(test_callback_takes_result),
		cmocka_unit_test(test_stats),
		cmocka_unit_test(test_many_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
