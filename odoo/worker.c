/* SPDX-License-Identifier: MIT */
/* The client's thread: takes jobs from the queues, hands them to http, and calls back. */
#include "odoo/cleanup.h"
#include "odoo/client_private.h"
#include "odoo/log.h"
#include "odoo/retry.h"

#include <errno.h>
#include <string.h>
#include <time.h>

/* A server that is known to be gone gets less time to take a connection. */
#define GONE_CONNECT_MS 5000

/* A session that got lost is asked for again, but not for each call of a server that fails. */
#define SESSION_EVERY_MS 60000

/* Calls that fail this soon after asking went out without it; they wait for it this long. */
#define SESSION_FRESH_MS 1000
#define SESSION_WAIT_MS 500

/* Call back, and be done with the job. What `error` holds is taken over. */
static void job_finish(struct job *job, cJSON *result, struct odoo_error *error, int64_t time)
{
	struct odoo_reply reply = { .result = result, .error = *error, .server_time = time };

	odoo_error_init(error);
	if (reply.error.fault) {
		stats_failure(job->client);
	}
	if (job->fn) {
		job->fn(&reply, job->data);
	}
	cJSON_Delete(reply.result);
	odoo_error_finish(&reply.error);
	job_destroy(job);
}

/* Without an answer. */
void worker_fail(struct job *job, const struct odoo_error *why)
{
	struct odoo_error error;

	odoo_error_copy(&error, why);
	job_finish(job, NULL, &error, time(NULL));
}

static void job_time_out(struct job *job)
{
	struct odoo_error error = { 0 };

	odoo_error_set(&error, ODOO_FAULT_TIMEOUT, "%s did not answer within %g s",
		http_peer(job->client->http), job->client->timeout_ms / 1000.0);
	job_finish(job, NULL, &error, time(NULL));
}

/*
 * A secret is refused once: a server that counts failures would lock the address out. From 19 on a
 * method that asks for a password of its own (changing it, say) fails in the same words; so a call
 * that isn't ours counts only when the next one is refused as well.
 */
static void remember_denied(
	struct odoo_client *client, const struct job *job, const struct odoo_error *error)
{
	if (error->fault != ODOO_FAULT_DENIED || client->denied.fault) {
		return;
	}
	if (!job->repeatable && !client->suspect) {
		client->suspect = true;
		return;
	}
	odoo_error_copy(&client->denied, error);
	if (client->transport->uid) {
		log_error(
			"%s: nothing more is asked of %s", error->message, http_peer(client->http));
	}
}

/* A status that is the gateway's: the server behind it is gone, though something answers. */
static bool is_gone(const struct odoo_error *error)
{
	return error->fault == ODOO_FAULT_UNREACHABLE || error->fault == ODOO_FAULT_TLS ||
	       (error->fault == ODOO_FAULT_BUSY && error->http_status > 500);
}

/* What waits would wait for nothing, one connection after the other: fail it all now. */
static void fail_waiting(struct odoo_client *client, const struct odoo_error *why)
{
	struct job_queue failed;
	struct job *job;

	queue_take_waiting(client, &failed);
	while ((job = TAILQ_FIRST(&failed))) {
		TAILQ_REMOVE(&failed, job, link);
		worker_fail(job, why);
	}
}

/*
 * A call that failed with a bare "HTTP 500" may have done so for want of a session, which servers
 * forget after a week. Returns whether the job waits for a new one.
 */
static bool wait_for_session(struct job *job, const struct odoo_error *error)
{
	struct odoo_client *client = job->client;
	int64_t now = clock_now_ms();

	if (error->fault != ODOO_FAULT_SERVER || error->http_status != 500 || error->name ||
		!client->session_asked || job->class != &job_call || job->renewed) {
		return false;
	}
	if (now - client->session_asked >= SESSION_EVERY_MS) {
		client->session_asked = now;
		client_queue(client, &job_session, NULL, now + client->timeout_ms, NULL, NULL);
	} else if (now - client->session_asked >= SESSION_FRESH_MS) {
		return false;
	}
	if (!job->repeatable) {
		return false;
	}
	job->renewed = true;
	queue_delay(job, SESSION_WAIT_MS);
	return true;
}

/* Send it again, if that can help. Returns whether the job lives on. */
static bool try_again(
	struct job *job, const struct odoo_error *error, const struct http_result *result)
{
	struct odoo_client *client = job->client;
	const struct retry_case c = {
		.error = error,
		.again = result->again,
		.left = result->left,
		.repeatable = job->repeatable,
		.hasty = job->hasty,
		.attempts = job->attempts,
		.retry_after = result->retry_after,
		.left_ms = job->deadline - clock_now_ms(),
		.chance = (unsigned)rand_r(&client->seed),
	};
	int64_t delay = retry_delay(&c);

	if (delay < 0) {
		return renew_wait(job, error) || wait_for_session(job, error);
	}
	log_debug("%s: trying again in %lld ms", error->message, (long long)delay);
	queue_delay(job, delay);
	return true;
}

/* An exchange failed for good: what that means for the others, and for those who wait. */
static void give_up(struct job *job, struct odoo_error *error, const struct http_result *result)
{
	struct odoo_client *client = job->client;
	bool hasty = job->hasty;
	bool gone = is_gone(error);
	struct odoo_error why;

	remember_denied(client, job, error);
	error->unsure = !job->repeatable && retry_is_unsure(error, result->left);
	if (error->fault == ODOO_FAULT_TIMEOUT) {
		bool unsure = error->unsure;

		odoo_error_set(error, ODOO_FAULT_TIMEOUT, "%s did not answer within %g s",
			http_peer(client->http), client->timeout_ms / 1000.0);
		error->unsure = unsure;
	}
	odoo_error_copy(&why, error);
	why.unsure = false;
	if (gone) {
		stats_set_reachable(client, false, &why);
	}
	job_finish(job, NULL, error, result->server_time);
	if (gone && hasty && !result->left) {
		fail_waiting(client, &why);
	}
	odoo_error_finish(&why);
}

/* A password that is the login, or the database, is in our own sentences: it hides nothing. */
static bool is_named(const struct odoo_client *client)
{
	return client->secret && (strcmp(client->secret, client->login) == 0 ||
					 strcmp(client->secret, client->database) == 0);
}

static void on_done(struct http_result *result, void *data)
{
	struct job *job = data;
	struct odoo_client *client = job->client;
	struct odoo_error error = result->error;
	cJSON *value = NULL;

	odoo_error_init(&result->error);
	stats_answer(client, result);
	if (!error.fault) {
		job->class->read(client, job, &result->answer, &value, &error);
		error.http_status = result->answer.status;
	}
	if (error.fault && !is_named(client)) {
		/* A sentence may quote a header or a body, and those the secret. */
		odoo_error_hide(&error, client->secret);
	}
	if (!is_gone(&error) && result->answer.status) {
		stats_set_reachable(client, true, NULL);
	}
	if (!error.fault) {
		client->suspect = false;
		if (job->class == &job_call) {
			client->renewed_at = 0;
		}
		job_finish(job, value, &error, result->server_time);
	} else if (!try_again(job, &error, result)) {
		give_up(job, &error, result);
	}
	stats_end(client); /* what follows from the answer was sent by now */
	odoo_error_finish(&error);
}

void worker_start(struct job *job)
{
	struct odoo_client *client = job->client;
	struct odoo_error error = { 0 };
	struct odoo_http_request request = { 0 };
	int64_t now = clock_now_ms();
	bool reachable = stats_is_reachable(client);
	struct http_limits limits = {
		.timeout_ms = job->deadline > now ? (unsigned)(job->deadline - now) : 1,
		.connect_ms = client->connect_ms,
		.fresh = !job->repeatable,
	};
	int r;

	if (!reachable && limits.connect_ms > GONE_CONNECT_MS) {
		limits.connect_ms = GONE_CONNECT_MS;
	}
	if (job->attempts++ == 0) {
		job->hasty = !reachable;
	}
	job->login = client->n_logins;
	r = job->class->build(client, job, &request, &error);
	if (r == 0) {
		r = http_start(client->http, &request, &limits, on_done, job);
	}
	if (r == 0) {
		stats_begin(client, job);
	} else {
		if (!error.fault) {
			odoo_error_set(&error, ODOO_FAULT_INTERNAL, "no request could be made: %s",
				strerror(-r));
		}
		job_finish(job, NULL, &error, time(NULL));
	}
}

/* Returns whether there was anything to start. */
static bool start_all(struct odoo_client *client)
{
	struct job *job;
	bool any = false;

	while ((job = queue_take_failed(client))) {
		worker_fail(job, &job->error);
		any = true;
	}
	while (http_n_running(client->http) < client->connections &&
		(job = client->renewing ? queue_take_login(client) : queue_take_next(client))) {
		if (client->denied.fault) {
			worker_fail(job, &client->denied);
		} else if (job->deadline <= clock_now_ms()) {
			job_time_out(job);
		} else {
			worker_start(job);
		}
		any = true;
	}
	return any;
}

static void time_out_late(struct odoo_client *client)
{
	struct job_queue late;
	struct job *job;

	queue_take_late(client, &late);
	while ((job = TAILQ_FIRST(&late))) {
		TAILQ_REMOVE(&late, job, link);
		job_time_out(job);
	}
}

static bool is_stopping(struct odoo_client *client)
{
	_cleanup_unlock_ pthread_mutex_t *l = lock(&client->lock);

	return client->stopping;
}

/* Callbacks may send more, which ends here as well. */
static void cancel_all(struct odoo_client *client)
{
	struct odoo_error cancelled = { 0 };
	struct job *job;

	odoo_error_set(&cancelled, ODOO_FAULT_CANCELLED, "ended before it was sent to %s",
		http_peer(client->http));
	http_cancel(client->http);
	while ((job = queue_take_any(client))) {
		worker_fail(job, &cancelled);
	}
	odoo_error_finish(&cancelled);
}

void *worker_run(void *data)
{
	struct odoo_client *client = data;

	while (!is_stopping(client)) {
		time_out_late(client);
		http_run(client->http);
		/* The server gets its next request before the answer to the last one is read. */
		if (!start_all(client) && !http_finish(client->http)) {
			http_wait(client->http, queue_next_ms(client));
		}
	}
	cancel_all(client);
	return NULL;
}
