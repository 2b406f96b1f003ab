/* SPDX-License-Identifier: MIT */
#include "odoo/client.h"

#include "odoo/cleanup.h"
#include "odoo/client_private.h"
#include "odoo/limits.h"
#include "odoo/locked.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistr.h>

#define DEFAULT_CONNECT_MS 10000
#define MAX_CONNECTIONS 16

static int build_call(struct odoo_client *client, const struct job *job,
	struct odoo_http_request *ret_request, struct odoo_error *error)
{
	int r = client->transport->class->call_request(
		client->transport, job->request, client->context, ret_request, error);

	ret_request->divert = job->request->divert;
	ret_request->max_body = job->request->max_body;
	return r;
}

static int read_call(struct odoo_client *client, const struct job *job,
	const struct odoo_http_answer *answer, cJSON **ret_result, struct odoo_error *error)
{
	return client->transport->class->call_answer(
		client->transport, job->request, answer, ret_result, error);
}

const struct job_class job_call = { build_call, read_call };

void odoo_client_send(
	struct odoo_client *client, struct odoo_request *request, odoo_reply_fn fn, void *data)
{
	client_queue(client, &job_call, request, clock_now_ms() + client->timeout_ms, fn, data);
}

/* Somebody who waits for an exchange. */
struct waiter {
	pthread_mutex_t lock;
	pthread_cond_t done_changed;
	bool done;
	cJSON *result;
	struct odoo_error error;
};

static void wake_waiter(struct odoo_reply *reply, void *data)
{
	struct waiter *waiter = data;
	_cleanup_unlock_ pthread_mutex_t *l = lock(&waiter->lock);

	waiter->result = steal(reply->result);
	waiter->error = reply->error;
	odoo_error_init(&reply->error);
	waiter->done = true;
	pthread_cond_signal(&waiter->done_changed);
}

int client_exchange(struct odoo_client *client, const struct job_class *class,
	struct odoo_request *request, int64_t deadline, cJSON **ret_result,
	struct odoo_error *error)
{
	struct waiter waiter = { .lock = PTHREAD_MUTEX_INITIALIZER,
		.done_changed = PTHREAD_COND_INITIALIZER };
	int r;

	client_queue(client, class, request, deadline, wake_waiter, &waiter);
	pthread_mutex_lock(&waiter.lock);
	while (!waiter.done) {
		pthread_cond_wait(&waiter.done_changed, &waiter.lock);
	}
	pthread_mutex_unlock(&waiter.lock);
	pthread_cond_destroy(&waiter.done_changed);
	pthread_mutex_destroy(&waiter.lock);
	r = odoo_error_errno(&waiter.error);
	if (r == 0) {
		*ret_result = waiter.result;
	} else if (error) {
		odoo_error_finish(error);
		*error = waiter.error;
	} else {
		odoo_error_finish(&waiter.error);
	}
	return r;
}

int odoo_client_call(struct odoo_client *client, struct odoo_request *request, cJSON **ret_result,
	struct odoo_error *error)
{
	return client_exchange(
		client, &job_call, request, clock_now_ms() + client->timeout_ms, ret_result, error);
}

int odoo_client_set_context(struct odoo_client *client, const cJSON *context)
{
	cJSON *copy = cJSON_Duplicate(context, true);

	if (!copy) {
		return -ENOMEM;
	}
	cJSON_Delete(client->context);
	client->context = copy;
	return 0;
}

const cJSON *odoo_client_context(const struct odoo_client *client)
{
	return client->context;
}

static int copy_options(struct odoo_client *client, const struct odoo_client_options *options)
{
	client->wanted = options->transport;
	client->connections = options->connections;
	client->timeout_ms = options->timeout_ms;
	client->connect_ms = options->connect_ms ? options->connect_ms : DEFAULT_CONNECT_MS;
	client->database = strdup(options->database);
	client->login = strdup(options->login);
	client->secret = locked_copy(options->secret);
	return client->database && client->login && client->secret ? 0 : -ENOMEM;
}

/* What JSON can't carry is refused here, where it can be named. */
static int check_options(const struct odoo_client_options *options, struct odoo_error *error)
{
	const char *const texts[] = { options->database, options->login, options->secret };
	static const char *const names[] = { "database", "login", "password" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (u8_check((const uint8_t *)texts[i], strlen(texts[i]))) {
			odoo_error_set(error, ODOO_FAULT_INTERNAL, "the %s is not UTF-8", names[i]);
			return -EINVAL;
		}
	}
	if (options->connections < 1 || options->connections > MAX_CONNECTIONS) {
		odoo_error_set(error, ODOO_FAULT_INTERNAL, "%u connections are not 1 to %u",
			options->connections, MAX_CONNECTIONS);
		return -EINVAL;
	}
	return 0;
}

static int create_parts(struct odoo_client *client)
{
	struct odoo_choice choice = { client->wanted, "transport= was given" };

	client->context = cJSON_CreateObject();
	client->calls = cJSON_CreateObject();
	if (!client->context || !client->calls || client_choose(client, &choice, NULL) ||
		!cJSON_AddFalseToObject(client->context, "active_test")) {
		return -ENOMEM;
	}
	return 0;
}

/* No signal is ours to take: libfuse's handlers belong to its own threads. */
static int start_thread(struct odoo_client *client)
{
	sigset_t all, before;
	int r;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = -pthread_create(&client->thread, NULL, worker_run, client);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	client->thread_runs = r == 0;
	return r;
}

static struct odoo_client *client_allocate(void)
{
	struct odoo_client *client = calloc(1, sizeof(*client));

	if (!client) {
		return NULL;
	}
	pthread_mutex_init(&client->lock, NULL);
	for (int i = 0; i < N_QUEUES; i++) {
		TAILQ_INIT(&client->waiting[i]);
	}
	TAILQ_INIT(&client->delayed);
	client->stats.reachable = true;
	client->seed = (unsigned)clock_now_ms() ^ (unsigned)getpid();
	return client;
}

int odoo_client_create(const struct odoo_client_options *options, struct odoo_client **ret_client,
	struct odoo_error *error)
{
	const struct http_options http_options = {
		.url = options->url,
		.cacert = options->cacert,
		.cert = options->cert,
		.key = options->key,
		.proxy = options->proxy,
		.connections = options->connections,
		.max_body = ODOO_MAX_BODY,
	};
	struct odoo_client *client;
	int r = check_options(options, error);

	if (r < 0) {
		return r;
	}
	client = client_allocate();
	if (!client || copy_options(client, options) || create_parts(client)) {
		odoo_client_destroy(client);
		odoo_error_set(error, ODOO_FAULT_INTERNAL, "out of memory");
		return -ENOMEM;
	}
	r = http_create(&http_options, &client->http, error);
	if (r < 0) {
		odoo_client_destroy(client);
		return r;
	}
	r = start_thread(client);
	if (r < 0) {
		odoo_client_destroy(client);
		odoo_error_set(error, ODOO_FAULT_INTERNAL, "no thread: %s", strerror(-r));
		return r;
	}
	*ret_client = client;
	return 0;
}

static void stop_thread(struct odoo_client *client)
{
	pthread_mutex_lock(&client->lock);
	client->stopping = true;
	pthread_mutex_unlock(&client->lock);
	http_wake(client->http);
	pthread_join(client->thread, NULL);
}

void odoo_client_destroy(struct odoo_client *client)
{
	if (!client) {
		return;
	}
	if (client->thread_runs) {
		client_logout(client);
		stop_thread(client);
	}
	http_destroy(client->http);
	odoo_transport_destroy(client->transport);
	locked_destroy(client->secret);
	free(client->login);
	free(client->database);
	free(client->version);
	cJSON_Delete(client->context);
	cJSON_Delete(client->calls);
	odoo_error_finish(&client->denied);
	pthread_mutex_destroy(&client->lock);
	free(client);
}

int odoo_client_server_major(const struct odoo_client *client)
{
	return client->major;
}

const char *odoo_client_server_version(const struct odoo_client *client)
{
	return client->version;
}

const char *odoo_client_transport_name(const struct odoo_client *client)
{
	return odoo_transport_name(client->transport);
}

const char *odoo_client_transport_reason(const struct odoo_client *client)
{
	return client->choice.reason;
}

const cJSON *odoo_client_user_context(const struct odoo_client *client)
{
	return client->transport->context;
}

uint32_t odoo_client_uid(const struct odoo_client *client)
{
	return client->transport->uid;
}
