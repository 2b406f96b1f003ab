/* SPDX-License-Identifier: MIT */
#include "stub.h"

#include "odoo/cleanup.h"

#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <utlist.h>

/* ── The clock ── */

/* Not 0: a monotonic clock of 0 would look like "never". */
#define CLOCK_START 1000000

static _Atomic int64_t clock_ms = CLOCK_START;
static _Atomic int64_t set_back; /* by so many seconds our own clock goes wrong */

int __wrap_clock_gettime(clockid_t id, struct timespec *ret_time);
time_t __wrap_time(time_t *ret_time);

int __wrap_clock_gettime(clockid_t id, struct timespec *ret_time)
{
	int64_t ms = atomic_load(&clock_ms);

	if (id == CLOCK_REALTIME) {
		ms += (STUB_EPOCH - atomic_load(&set_back)) * 1000 - CLOCK_START;
	}
	*ret_time = (struct timespec){ .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };
	return 0;
}

time_t __wrap_time(time_t *ret_time)
{
	time_t now = (time_t)(stub_clock_wall() - atomic_load(&set_back));

	if (ret_time) {
		*ret_time = now;
	}
	return now;
}

void stub_clock_reset(void)
{
	atomic_store(&clock_ms, CLOCK_START);
	atomic_store(&set_back, 0);
}

void stub_clock_set_back(int64_t seconds)
{
	atomic_store(&set_back, seconds);
}

void stub_clock_move(int64_t ms)
{
	atomic_fetch_add(&clock_ms, ms);
}

int64_t stub_clock_wall(void)
{
	return STUB_EPOCH + (atomic_load(&clock_ms) - CLOCK_START) / 1000;
}

/* ── What the cache calls ── */

static void count_call(struct odoo_client *client, const struct odoo_request *request)
{
	char name[sizeof(client->counts[0].name)] = "?";

	if (request) {
		snprintf(name, sizeof(name), "%s.%s", request->model, request->method);
	}
	client->calls++;
	for (unsigned i = 0; i < STUB_METHODS; i++) {
		if (!client->counts[i].n || strcmp(client->counts[i].name, name) == 0) {
			memcpy(client->counts[i].name, name, sizeof(name));
			client->counts[i].n++;
			return;
		}
	}
}

void odoo_client_send(
	struct odoo_client *client, struct odoo_request *request, odoo_reply_fn fn, void *data)
{
	struct stub_sent *sent = calloc(1, sizeof(*sent));
	_cleanup_unlock_ pthread_mutex_t *held = lock(&client->mutex);

	*sent = (struct stub_sent){
		.request = request, .fn = fn, .data = data, .sent_at = stub_clock_wall()
	};
	DL_APPEND(client->queue, sent);
	count_call(client, request);
	if (++client->n_queued > client->most_queued) {
		client->most_queued = client->n_queued;
	}
	pthread_cond_signal(&client->cond);
}

int odoo_client_server_major(const struct odoo_client *client)
{
	return client->major;
}

uint32_t odoo_client_uid(const struct odoo_client *client)
{
	return client->uid;
}

/* ── What the test calls ── */

void stub_init(struct odoo_client *client)
{
	*client = (struct odoo_client){ .major = 14, .uid = 2 };
	pthread_mutex_init(&client->mutex, NULL);
	pthread_cond_init(&client->cond, NULL);
}

struct stub_sent *stub_at(struct odoo_client *client, unsigned place)
{
	_cleanup_unlock_ pthread_mutex_t *held = lock(&client->mutex);
	struct stub_sent *sent = client->queue;

	while (sent && place--) {
		sent = sent->next;
	}
	return sent;
}

void stub_make(struct odoo_client *client, struct stub_sent *sent)
{
	sent->reply = (struct odoo_reply){ .server_time = stub_clock_wall() + client->skew };
	sent->made = true;
	if (sent->request) {
		client->answer(sent->request, &sent->reply, client->data);
	} else {
		odoo_error_set(&sent->reply.error, ODOO_FAULT_INTERNAL, "out of memory");
	}
}

void stub_deliver(struct odoo_client *client, struct stub_sent *sent)
{
	if (!sent->made) {
		stub_make(client, sent);
	}
	pthread_mutex_lock(&client->mutex);
	DL_DELETE(client->queue, sent);
	client->n_queued--;
	pthread_mutex_unlock(&client->mutex);
	sent->fn(&sent->reply, sent->data);
	cJSON_Delete(sent->reply.result);
	odoo_error_finish(&sent->reply.error);
	odoo_request_destroy(sent->request);
	free(sent);
}

bool stub_answer(struct odoo_client *client)
{
	struct stub_sent *sent = stub_at(client, 0);

	if (sent) {
		stub_deliver(client, sent);
	}
	return sent != NULL;
}

bool stub_answer_json(struct odoo_client *client, const char *json)
{
	struct stub_sent *sent = stub_at(client, 0);

	if (sent) {
		sent->made = true;
		sent->reply = (struct odoo_reply){ .result = cJSON_Parse(json) };
		stub_deliver(client, sent);
	}
	return sent != NULL;
}

bool stub_answer_fault(struct odoo_client *client, enum odoo_fault fault)
{
	struct stub_sent *sent = stub_at(client, 0);

	if (sent) {
		sent->made = true;
		sent->reply = (struct odoo_reply){ 0 };
		odoo_error_set(&sent->reply.error, fault, "a scripted failure");
		stub_deliver(client, sent);
	}
	return sent != NULL;
}

void stub_answer_all(struct odoo_client *client)
{
	while (stub_answer(client)) {
	}
}

static void ignore(struct odoo_reply *reply, void *data)
{
}

void stub_drop(struct odoo_client *client)
{
	struct stub_sent *sent;

	while ((sent = stub_at(client, 0))) {
		sent->fn = ignore;
		stub_deliver(client, sent);
	}
}

unsigned stub_count(struct odoo_client *client, const char *name)
{
	_cleanup_unlock_ pthread_mutex_t *held = lock(&client->mutex);

	for (unsigned i = 0; i < STUB_METHODS && client->counts[i].n; i++) {
		if (strcmp(client->counts[i].name, name) == 0) {
			return client->counts[i].n;
		}
	}
	return 0;
}

void stub_forget_counts(struct odoo_client *client)
{
	_cleanup_unlock_ pthread_mutex_t *held = lock(&client->mutex);

	memset(client->counts, 0, sizeof(client->counts));
	client->calls = 0;
	client->most_queued = client->n_queued;
}

static bool wait_for_request(struct odoo_client *client)
{
	_cleanup_unlock_ pthread_mutex_t *held = lock(&client->mutex);

	while (!client->queue && !client->stopping) {
		pthread_cond_wait(&client->cond, &client->mutex);
	}
	return !client->stopping;
}

static void *work(void *data)
{
	struct odoo_client *client = data;

	while (wait_for_request(client)) {
		stub_answer(client);
	}
	while (stub_answer_fault(client, ODOO_FAULT_CANCELLED)) {
	}
	return NULL;
}

void stub_start(struct odoo_client *client)
{
	client->threaded = pthread_create(&client->thread, NULL, work, client) == 0;
}

void stub_finish(struct odoo_client *client)
{
	pthread_mutex_lock(&client->mutex);
	client->stopping = true;
	pthread_cond_signal(&client->cond);
	pthread_mutex_unlock(&client->mutex);
	if (client->threaded) {
		pthread_join(client->thread, NULL);
	}
	while (stub_answer_fault(client, ODOO_FAULT_CANCELLED)) {
	}
	pthread_cond_destroy(&client->cond);
	pthread_mutex_destroy(&client->mutex);
}
