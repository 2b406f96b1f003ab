/* SPDX-License-Identifier: MIT */
/*
 * What the client's files share.
 *
 *	odoo_client_send ──► waiting ──► worker ──► http ──► server
 *	 (any thread)         (lock)       ▲  │                │
 *	                                   │  └─► delayed      │
 *	 callback ◄── job_finish ◄─────────┴───────────────────┘
 *
 * A job is in exactly one place: a waiting queue, the delayed list, or http as `data`. Fields are
 * protected by `lock` where it says so; the rest belongs to the worker's thread, or is constant
 * once the login is over.
 */
#ifndef ODOO_CLIENT_PRIVATE_H
#define ODOO_CLIENT_PRIVATE_H

#include "odoo/auto.h"
#include "odoo/client.h"
#include "odoo/clock.h"
#include "odoo/http.h"
#include "odoo/transport.h"

#include <pthread.h>
#include <sys/queue.h>

struct job;

/* What kind of exchange a job is: how its request is built and its answer read. */
struct job_class {
	/* 0, or -errno and, where there is more to say, `error`. */
	int (*build)(struct odoo_client *client, const struct job *job,
		struct odoo_http_request *ret_request, struct odoo_error *error);
	/* 0 and a result, which may be NULL; or -1 and `error`. */
	int (*read)(struct odoo_client *client, const struct job *job,
		const struct odoo_http_answer *answer, cJSON **ret_result,
		struct odoo_error *error);
};

struct job {
	TAILQ_ENTRY(job) link;
	struct odoo_client *client;
	const struct job_class *class;
	struct odoo_request *request; /* of a call; else NULL */
	bool repeatable;
	odoo_reply_fn fn;
	void *data;

	int64_t deadline;   /* both as clock_now_ms counts */
	int64_t not_before; /* of a delayed job */
	unsigned attempts;
	bool hasty;		 /* the server was gone already when it began: one attempt */
	bool renewed;		 /* waited for a new session or token once */
	unsigned login;		 /* how many logins there had been when it was sent */
	struct odoo_error error; /* set: it fails with this and is never sent */
};

TAILQ_HEAD(job_queue, job);

enum {
	QUEUE_FAILED, /* failed before they were sent; called back at once */
	QUEUE_NOW,    /* somebody waits for them */
	QUEUE_AHEAD,  /* nobody does yet */
	N_QUEUES,
};

struct odoo_client {
	pthread_mutex_t lock;
	pthread_t thread;
	bool thread_runs;

	/* Under the lock */
	struct job_queue waiting[N_QUEUES];
	struct job_queue delayed; /* failed, and will be sent again */
	unsigned n_waiting, n_delayed;
	bool stopping;
	struct odoo_client_stats stats; /* without in_flight and queued */
	unsigned n_in_flight;		/* changed by the worker only */
	cJSON *calls;

	/* Constant after creation */
	enum odoo_transport_kind wanted;
	char *database, *login, *secret;
	unsigned connections, timeout_ms, connect_ms;

	/* Constant after the login; `context` until it is set again */
	int major;
	char *version;
	cJSON *context;

	/* The worker's own */
	struct http *http;
	struct odoo_transport *transport; /* until the login it is changed while nothing is sent */
	struct odoo_choice choice;	  /* which it is, and why; constant after the login */
	struct odoo_error denied;	  /* set once the secret was refused */
	bool suspect;			  /* the last call was refused, perhaps for the secret */
	int64_t session_asked;		  /* when a session was last asked for; 0 is never */
	unsigned n_logins;		  /* renewals that succeeded */
	int64_t renewed_at; /* when the last of them did; 0 is never, or a call did since */
	bool renewing;	    /* one is under way: nothing else is sent */
	unsigned seed;
};

/*
 * Queue a job for one exchange, taking over `request` (NULL for other classes than a call). The
 * deadline is a clock_now_ms. Any thread.
 */
void client_queue(struct odoo_client *client, const struct job_class *class,
	struct odoo_request *request, int64_t deadline, odoo_reply_fn fn, void *data);

/* The same, and wait. As odoo_client_call. */
int client_exchange(struct odoo_client *client, const struct job_class *class,
	struct odoo_request *request, int64_t deadline, cJSON **ret_result,
	struct odoo_error *error);

extern const struct job_class job_call;
extern const struct job_class job_session;
extern const struct job_class job_login;

/* greet.c: find out the server's version, and which transport it was told by. As odoo_client_login.
 */
int client_greet(struct odoo_client *client, int64_t deadline, struct odoo_error *error);

/* login.c: take another transport, before there are calls. 0 or -ENOMEM and `error`. */
int client_choose(
	struct odoo_client *client, const struct odoo_choice *choice, struct odoo_error *error);

/* login.c: log out, where there is such a thing; best effort, for a moment at most. */
void client_logout(struct odoo_client *client);

/*
 * queue.c: the worker takes jobs from where they wait; who takes one owns it. All take the lock.
 */
struct job *queue_take_failed(struct odoo_client *client);
struct job *queue_take_next(struct odoo_client *client);  /* that may be sent now */
struct job *queue_take_login(struct odoo_client *client); /* the same of job_login alone */
struct job *queue_take_any(struct odoo_client *client);
void queue_take_waiting(struct odoo_client *client, struct job_queue *ret_jobs);
void queue_take_late(struct odoo_client *client, struct job_queue *ret_jobs);
void queue_delay(struct job *job, int64_t delay_ms); /* takes the job */
int queue_next_ms(struct odoo_client *client);	     /* how long nothing will happen by itself */

/* Parked is delayed until it is released, or too late. */
void queue_park(struct job *job); /* takes the job */
void queue_release_parked(struct odoo_client *client);
void queue_take_parked(struct odoo_client *client, struct job_queue *ret_jobs);

/* As client_queue, but it isn't queued. Never NULL. */
struct job *job_create(struct odoo_client *client, const struct job_class *class,
	struct odoo_request *request, int64_t deadline, odoo_reply_fn fn, void *data);
void job_destroy(struct job *job);

/* worker.c: the client's thread. The other two are for that thread: send a job; call it back. */
void *worker_run(void *client);
void worker_start(struct job *job);				 /* takes the job */
void worker_fail(struct job *job, const struct odoo_error *why); /* takes the job; copies `why` */

/*
 * renew.c, for the worker's thread: whether a job that failed waits for a new login, and takes it
 * then. `error` is what it failed with.
 */
bool renew_wait(struct job *job, const struct odoo_error *error);

/* stats.c; any thread, takes the lock. */
void stats_begin(struct odoo_client *client, const struct job *job);
void stats_answer(struct odoo_client *client, const struct http_result *result);
void stats_end(struct odoo_client *client);
void stats_failure(struct odoo_client *client);
void stats_set_reachable(struct odoo_client *client, bool reachable, const struct odoo_error *why);
bool stats_is_reachable(struct odoo_client *client);

#endif
