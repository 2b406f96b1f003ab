/* SPDX-License-Identifier: MIT */
/* Counters, and whether the server is there. */
#include "odoo/cleanup.h"
#include "odoo/client_private.h"
#include "odoo/log.h"

#include <inttypes.h>
#include <time.h>

/* One more of "model.method". A linear search: there are some hundred names at most. */
static void count_call(struct odoo_client *client, const struct odoo_request *request)
{
	_cleanup_free_ char *name = NULL;
	cJSON *count;

	if (asprintf(&name, "%s.%s", request->model, request->method) < 0) {
		name = NULL;
		return;
	}
	count = cJSON_GetObjectItemCaseSensitive(client->calls, name);
	if (count) {
		cJSON_SetNumberHelper(count, count->valuedouble + 1);
	} else {
		cJSON_AddNumberToObject(client->calls, name, 1);
	}
}

void stats_begin(struct odoo_client *client, const struct job *job)
{
	_cleanup_unlock_ pthread_mutex_t *l = lock(&client->lock);

	client->stats.calls++;
	client->n_in_flight++;
	if (job->attempts > 1) {
		client->stats.retries++;
	}
	if (job->request) {
		count_call(client, job->request);
	}
}

void stats_answer(struct odoo_client *client, const struct http_result *result)
{
	_cleanup_unlock_ pthread_mutex_t *l = lock(&client->lock);

	client->stats.bytes_out += result->bytes_out;
	client->stats.bytes_in += result->bytes_in;
	if (result->answer.status) {
		client->stats.latency_us += result->duration_us;
	}
}

void stats_end(struct odoo_client *client)
{
	_cleanup_unlock_ pthread_mutex_t *l = lock(&client->lock);

	client->n_in_flight--;
}

void stats_failure(struct odoo_client *client)
{
	_cleanup_unlock_ pthread_mutex_t *l = lock(&client->lock);

	client->stats.failures++;
}

/* Returns whether that is news, and since when it was otherwise. */
static bool set_reachable(struct odoo_client *client, bool reachable, int64_t *ret_down_since)
{
	_cleanup_unlock_ pthread_mutex_t *l = lock(&client->lock);

	if (client->stats.reachable == reachable) {
		return false;
	}
	*ret_down_since = client->stats.down_since;
	client->stats.reachable = reachable;
	client->stats.down_since = reachable ? 0 : time(NULL);
	return true;
}

void stats_set_reachable(struct odoo_client *client, bool reachable, const struct odoo_error *why)
{
	int64_t down_since = 0;

	/* During the login the caller says so itself. */
	if (!set_reachable(client, reachable, &down_since) || !client->transport->uid) {
		return;
	}
	if (reachable) {
		log_info("%s answers again, after %" PRId64 " s", http_peer(client->http),
			(int64_t)time(NULL) - down_since);
	} else {
		log_warning("%s", why->message);
	}
}

bool stats_is_reachable(struct odoo_client *client)
{
	_cleanup_unlock_ pthread_mutex_t *l = lock(&client->lock);

	return client->stats.reachable;
}

void odoo_client_get_stats(struct odoo_client *client, struct odoo_client_stats *ret_stats)
{
	_cleanup_unlock_ pthread_mutex_t *l = lock(&client->lock);

	*ret_stats = client->stats;
	ret_stats->in_flight = client->n_in_flight;
	ret_stats->queued = client->n_waiting + client->n_delayed;
}

cJSON *odoo_client_get_calls(struct odoo_client *client)
{
	_cleanup_unlock_ pthread_mutex_t *l = lock(&client->lock);

	return cJSON_Duplicate(client->calls, true);
}
