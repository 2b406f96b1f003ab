/* SPDX-License-Identifier: MIT */
/* The client's jobs while they wait: for a connection, or for the time to be sent again. */
#include "odoo/cleanup.h"
#include "odoo/client_private.h"
#include "odoo/limits.h"

#include <unistd.h>

/* With nothing to do the worker sleeps until it is woken; this is for a wake-up that got lost. */
#define IDLE_MS 60000

/* The time at which a parked job may be sent by itself. */
#define NEVER INT64_MAX

/*
 * A job, whatever it takes: its callback has to be called, and there is no other way to say that
 * memory is short.
 */
struct job *job_create(struct odoo_client *client, const struct job_class *class,
	struct odoo_request *request, int64_t deadline, odoo_reply_fn fn, void *data)
{
	struct job *job;

	while (!(job = calloc(1, sizeof(*job)))) {
		usleep(1000);
	}
	job->client = client;
	job->class = class;
	job->request = request;
	job->repeatable = request ? request->repeatable : true;
	job->deadline = deadline;
	job->fn = fn;
	job->data = data;
	return job;
}

/* Which queue a job belongs to; a job that can't be sent at all is given its error here. */
static int choose_queue(struct odoo_client *client, struct job *job)
{
	if (job->class == &job_call && !job->request) {
		odoo_error_set(&job->error, ODOO_FAULT_INTERNAL, "out of memory for a request");
	} else if (client->n_waiting >= ODOO_MAX_QUEUE) {
		odoo_error_set(&job->error, ODOO_FAULT_INTERNAL,
			"over %u requests are waiting for the server", ODOO_MAX_QUEUE);
	} else {
		return job->request && job->request->ahead ? QUEUE_AHEAD : QUEUE_NOW;
	}
	return QUEUE_FAILED;
}

void client_queue(struct odoo_client *client, const struct job_class *class,
	struct odoo_request *request, int64_t deadline, odoo_reply_fn fn, void *data)
{
	struct job *job = job_create(client, class, request, deadline, fn, data);

	pthread_mutex_lock(&client->lock);
	TAILQ_INSERT_TAIL(&client->waiting[choose_queue(client, job)], job, link);
	client->n_waiting++;
	pthread_mutex_unlock(&client->lock);
	http_wake(client->http);
}

void job_destroy(struct job *job)
{
	odoo_request_destroy(job->request);
	odoo_error_finish(&job->error);
	free(job);
}

static void delay_until(struct job *job, int64_t time)
{
	struct odoo_client *client = job->client;
	_cleanup_unlock_ pthread_mutex_t *l = lock(&client->lock);

	job->not_before = time;
	TAILQ_INSERT_TAIL(&client->delayed, job, link);
	client->n_delayed++;
}

void queue_delay(struct job *job, int64_t delay_ms)
{
	delay_until(job, clock_now_ms() + delay_ms);
}

void queue_park(struct job *job)
{
	delay_until(job, NEVER);
}

void queue_release_parked(struct odoo_client *client)
{
	_cleanup_unlock_ pthread_mutex_t *l = lock(&client->lock);
	struct job *job;

	TAILQ_FOREACH(job, &client->delayed, link)
	{
		if (job->not_before == NEVER) {
			job->not_before = 0;
		}
	}
}

/* These three with the lock held. */
static struct job *pop_waiting(struct odoo_client *client, int queue)
{
	struct job *job = TAILQ_FIRST(&client->waiting[queue]);

	if (job) {
		TAILQ_REMOVE(&client->waiting[queue], job, link);
		client->n_waiting--;
	}
	return job;
}

static void remove_delayed(struct odoo_client *client, struct job *job)
{
	TAILQ_REMOVE(&client->delayed, job, link);
	client->n_delayed--;
}

static struct job *pop_delayed(struct odoo_client *client, int64_t now)
{
	struct job *job;

	TAILQ_FOREACH(job, &client->delayed, link)
	{
		if (job->not_before <= now) {
			remove_delayed(client, job);
			return job;
		}
	}
	return NULL;
}

struct job *queue_take_failed(struct odoo_client *client)
{
	_cleanup_unlock_ pthread_mutex_t *l = lock(&client->lock);

	return pop_waiting(client, QUEUE_FAILED);
}

struct job *queue_take_next(struct odoo_client *client)
{
	_cleanup_unlock_ pthread_mutex_t *l = lock(&client->lock);
	struct job *job = pop_delayed(client, clock_now_ms());

	if (!job) {
		job = pop_waiting(client, QUEUE_NOW);
	}
	return job ? job : pop_waiting(client, QUEUE_AHEAD);
}

struct job *queue_take_any(struct odoo_client *client)
{
	_cleanup_unlock_ pthread_mutex_t *l = lock(&client->lock);
	struct job *job = pop_delayed(client, INT64_MAX);

	for (int i = 0; i < N_QUEUES && !job; i++) {
		job = pop_waiting(client, i);
	}
	return job;
}

void queue_take_waiting(struct odoo_client *client, struct job_queue *ret_jobs)
{
	_cleanup_unlock_ pthread_mutex_t *l = lock(&client->lock);
	struct job *job;

	TAILQ_INIT(ret_jobs);
	while ((job = pop_waiting(client, QUEUE_NOW)) || (job = pop_waiting(client, QUEUE_AHEAD))) {
		TAILQ_INSERT_TAIL(ret_jobs, job, link);
	}
}

struct job *queue_take_login(struct odoo_client *client)
{
	_cleanup_unlock_ pthread_mutex_t *l = lock(&client->lock);
	int64_t now = clock_now_ms();
	struct job *job;

	TAILQ_FOREACH(job, &client->delayed, link)
	{
		if (job->class == &job_login && job->not_before <= now) {
			remove_delayed(client, job);
			return job;
		}
	}
	return NULL;
}

void queue_take_parked(struct odoo_client *client, struct job_queue *ret_jobs)
{
	_cleanup_unlock_ pthread_mutex_t *l = lock(&client->lock);
	struct job *job, *next;

	TAILQ_INIT(ret_jobs);
	for (job = TAILQ_FIRST(&client->delayed); job; job = next) {
		next = TAILQ_NEXT(job, link);
		if (job->not_before == NEVER) {
			remove_delayed(client, job);
			TAILQ_INSERT_TAIL(ret_jobs, job, link);
		}
	}
}

void queue_take_late(struct odoo_client *client, struct job_queue *ret_jobs)
{
	_cleanup_unlock_ pthread_mutex_t *l = lock(&client->lock);
	int64_t now = clock_now_ms();
	struct job *job, *next;

	TAILQ_INIT(ret_jobs);
	/* The first of a queue has the earliest deadline. */
	for (int i = 0; i < N_QUEUES; i++) {
		while ((job = TAILQ_FIRST(&client->waiting[i])) && job->deadline <= now) {
			pop_waiting(client, i);
			TAILQ_INSERT_TAIL(ret_jobs, job, link);
		}
	}
	for (job = TAILQ_FIRST(&client->delayed); job; job = next) {
		next = TAILQ_NEXT(job, link);
		if (job->deadline <= now) {
			remove_delayed(client, job);
			TAILQ_INSERT_TAIL(ret_jobs, job, link);
		}
	}
}

int queue_next_ms(struct odoo_client *client)
{
	_cleanup_unlock_ pthread_mutex_t *l = lock(&client->lock);
	int64_t now = clock_now_ms();
	int64_t next = now + IDLE_MS;
	struct job *job;

	TAILQ_FOREACH(job, &client->delayed, link)
	{
		/* One whose delay is over waits for a connection, which wakes us by itself, as does
		 * what a parked one waits for. */
		int64_t due = job->not_before > now && job->not_before != NEVER ? job->not_before
										: job->deadline;

		next = due < next ? due : next;
	}
	for (int i = 0; i < N_QUEUES; i++) {
		job = TAILQ_FIRST(&client->waiting[i]);
		if (job && job->deadline < next) {
			next = job->deadline;
		}
	}
	return next > now ? (int)(next - now) : 0;
}
