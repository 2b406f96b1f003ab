/* SPDX-License-Identifier: MIT */
/*
 * An odoo_client in the test's hand, and a clock.
 *
 * Requests queue up, and nothing happens until the test says which is answered. An answer has two
 * moments: it is made (what the server saw), and delivered (the callback runs). In between the test
 * may change the server.
 *
 * The clock stands still until the test moves it: time(2) and clock_gettime(2) of what is linked
 * with the stub are wrapped.
 */
#ifndef TESTS_UNIT_CACHE_STUB_H
#define TESTS_UNIT_CACHE_STUB_H

#include "odoo/client.h"

#include <pthread.h>

#define STUB_METHODS 64

struct stub_sent {
	struct odoo_request *request; /* NULL: there was no memory for it */
	odoo_reply_fn fn;
	void *data;
	int64_t sent_at; /* by the wall clock */
	bool made;
	struct odoo_reply reply;
	struct stub_sent *prev, *next;
};

struct odoo_client {
	int major;
	uint32_t uid;
	int64_t skew; /* of the server's clock, seconds */

	/* Make an answer. */
	void (*answer)(const struct odoo_request *request, struct odoo_reply *reply, void *data);
	void *data;

	pthread_mutex_t mutex; /* protects what follows */
	pthread_cond_t cond;
	struct stub_sent *queue; /* oldest first */
	unsigned n_queued, most_queued;
	unsigned calls;
	struct {
		char name[48]; /* "res.partner.search_read" */
		unsigned n;
	} counts[STUB_METHODS];
	bool threaded, stopping;
	pthread_t thread;
};

void stub_init(struct odoo_client *client);

/* As odoo_client_destroy: what isn't answered is cancelled, what is sent meanwhile too. */
void stub_finish(struct odoo_client *client);

/* The request at this place in the queue, oldest first. */
struct stub_sent *stub_at(struct odoo_client *client, unsigned place);

void stub_make(struct odoo_client *client, struct stub_sent *sent);
void stub_deliver(struct odoo_client *client, struct stub_sent *sent); /* makes it if need be */

/* The oldest: false when there is none. */
bool stub_answer(struct odoo_client *client);
bool stub_answer_json(struct odoo_client *client, const char *json);
bool stub_answer_fault(struct odoo_client *client, enum odoo_fault fault);

/* All there are, and all that come of them. */
void stub_answer_all(struct odoo_client *client);

/* Throw away what wasn't answered, without a word. */
void stub_drop(struct odoo_client *client);

/* How often "MODEL.METHOD" was sent. */
unsigned stub_count(struct odoo_client *client, const char *name);
void stub_forget_counts(struct odoo_client *client);

/* Answer from a thread of its own, until stub_finish. */
void stub_start(struct odoo_client *client);

/* ── The clock ── */

#define STUB_EPOCH INT64_C(1800000000) /* 2027-01-15 08:00:00 UTC: the wall clock at the start */

void stub_clock_reset(void);
void stub_clock_move(int64_t ms);
int64_t stub_clock_wall(void); /* seconds: the servers' clock, but for their skew */

/* From now on our own wall clock, and nobody else's, is so many seconds behind. */
void stub_clock_set_back(int64_t seconds);

#endif
