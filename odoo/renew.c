/* SPDX-License-Identifier: MIT */
/*
 * A session or a token that ended is renewed by one login, however many calls hear of it. All of it
 * on the worker's thread.
 *
 *	call A ──► expired ──► login ───────────► A, B again
 *	call B ────► expired ──► waits for it ──┘
 *	call C (expired after the login, sent before it) ──► C again at once
 */
#include "odoo/cleanup.h"
#include "odoo/client_private.h"
#include "odoo/log.h"

/* A login that no call came through with isn't followed by another as soon as this. */
#define RENEW_EVERY_MS 5000

static void on_renewed(struct odoo_reply *reply, void *data);

static void start_login(struct odoo_client *client)
{
	worker_start(job_create(
		client, &job_login, NULL, clock_now_ms() + client->timeout_ms, on_renewed, client));
}

static void on_renewed(struct odoo_reply *reply, void *data)
{
	struct odoo_client *client = data;
	struct job_queue parked;
	struct job *job;

	if (!reply->error.fault && client->transport->login_more) {
		start_login(client);
		return;
	}
	client->renewing = false;
	client->transport->login_more = false;
	if (!reply->error.fault) {
		log_debug("%s: logged in again", http_peer(client->http));
		client->n_logins++;
		client->renewed_at = clock_now_ms();
		queue_release_parked(client);
		return;
	}
	queue_take_parked(client, &parked);
	while ((job = TAILQ_FIRST(&parked))) {
		TAILQ_REMOVE(&parked, job, link);
		worker_fail(job, &reply->error);
	}
}

bool renew_wait(struct job *job, const struct odoo_error *error)
{
	struct odoo_client *client = job->client;

	if (error->fault != ODOO_FAULT_EXPIRED || job->class != &job_call || job->renewed) {
		return false;
	}
	/* The new login was refused while this one was on its way back. */
	if (client->denied.fault) {
		worker_fail(job, &client->denied);
		return true;
	}
	if (job->login != client->n_logins) {
		job->renewed = true;
		queue_delay(job, 0);
		return true;
	}
	if (!client->renewing && client->renewed_at &&
		clock_now_ms() - client->renewed_at < RENEW_EVERY_MS) {
		return false;
	}
	job->renewed = true;
	queue_park(job);
	if (!client->renewing) {
		client->renewing = true;
		start_login(client);
	}
	return true;
}
