/* SPDX-License-Identifier: MIT */
/* The login, by the transport that was asked for or the one that suits, and the logout. */
#include "odoo/auto.h"
#include "odoo/cleanup.h"
#include "odoo/client_private.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Before this version a call without a session may fail without a word (transport.h). */
#define FIRST_WITHOUT_SESSION 16

/* Whoever unmounts doesn't wait longer than this for a server that is slow to forget. */
#define LOGOUT_MS 2000

static int build_session(struct odoo_client *client, const struct job *job,
	struct odoo_http_request *ret_request, struct odoo_error *error)
{
	client->session_asked = clock_now_ms();
	return client->transport->class->session_request(client->transport, ret_request);
}

static int read_session(struct odoo_client *client, const struct job *job,
	const struct odoo_http_answer *answer, cJSON **ret_result, struct odoo_error *error)
{
	client->transport->class->session_answer(client->transport, answer);
	return 0;
}

const struct job_class job_session = { build_session, read_session };

static int build_login(struct odoo_client *client, const struct job *job,
	struct odoo_http_request *ret_request, struct odoo_error *error)
{
	return client->transport->class->login_request(client->transport, ret_request, error);
}

static int read_login(struct odoo_client *client, const struct job *job,
	const struct odoo_http_answer *answer, cJSON **ret_result, struct odoo_error *error)
{
	return client->transport->class->login_answer(client->transport, answer, error);
}

const struct job_class job_login = { build_login, read_login };

static int build_logout(struct odoo_client *client, const struct job *job,
	struct odoo_http_request *ret_request, struct odoo_error *error)
{
	return client->transport->class->logout_request(client->transport, ret_request);
}

static int read_logout(struct odoo_client *client, const struct job *job,
	const struct odoo_http_answer *answer, cJSON **ret_result, struct odoo_error *error)
{
	return 0;
}

static const struct job_class job_logout = { build_logout, read_logout };

int client_choose(
	struct odoo_client *client, const struct odoo_choice *choice, struct odoo_error *error)
{
	const struct odoo_credentials credentials = {
		.database = client->database, .login = client->login, .secret = client->secret
	};
	struct odoo_transport *t = odoo_transport_create(choice->kind, &credentials);

	if (!t) {
		odoo_error_set(error, ODOO_FAULT_INTERNAL, "out of memory");
		return -ENOMEM;
	}
	odoo_transport_destroy(client->transport);
	client->transport = t;
	client->choice = *choice;
	t->major = (unsigned)client->major;
	return 0;
}

/* A transport that was asked for by name, at a server that doesn't speak it. */
static int check_version(struct odoo_client *client, struct odoo_error *error)
{
	const struct odoo_transport_class *class = client->transport->class;
	unsigned major = (unsigned)client->major;

	if (class->min_major && major < class->min_major) {
		odoo_error_set(error, ODOO_FAULT_NOT_ODOO,
			"transport=%s needs Odoo %u or later, and this is Odoo %s: leave it out, "
			"and what this server speaks is taken",
			odoo_transport_names[class->kind], class->min_major, client->version);
		return odoo_error_errno(error);
	}
	if (class->max_major && major > class->max_major) {
		odoo_error_set(error, ODOO_FAULT_NOT_ODOO,
			"transport=%s ends with Odoo %u, and this is Odoo %s: take json2, or leave "
			"it out",
			odoo_transport_names[class->kind], class->max_major, client->version);
		return odoo_error_errno(error);
	}
	return 0;
}

/* Without a session there are calls all the same, with fewer words: no failure here counts. */
static void ask_session(struct odoo_client *client, int64_t deadline)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };
	cJSON *none;

	if (client->major < FIRST_WITHOUT_SESSION && client->transport->class->session_request) {
		client_exchange(client, &job_session, NULL, deadline, &none, &error);
	}
}

/* One transport's login, at each of its doors. */
static int ask_login(struct odoo_client *client, int64_t deadline, struct odoo_error *error)
{
	struct odoo_transport *t = client->transport;
	cJSON *none;
	int r;

	t->major = (unsigned)client->major;
	do {
		r = client_exchange(client, &job_login, NULL, deadline, &none, error);
	} while (r == 0 ? t->login_more
			: odoo_is_closed_door(error) && t->class->next_door &&
				  t->class->next_door(t));
	/* Nothing is bound to a database that isn't there, so the fault came without words. */
	if (r < 0 && error->fault == ODOO_FAULT_SERVER && !error->name &&
		error->http_status == 500 && client->major < FIRST_WITHOUT_SESSION) {
		odoo_error_set(error, ODOO_FAULT_DATABASE,
			"there is probably no database \"%s\" on this server: the login failed "
			"with HTTP 500",
			client->database);
		r = odoo_error_errno(error);
	}
	return r;
}

static int ask_logins(struct odoo_client *client, int64_t deadline, struct odoo_error *error)
{
	bool automatic = client->wanted == ODOO_TRANSPORT_AUTO;
	unsigned major = (unsigned)client->major;
	struct odoo_choice choice = client->choice;
	int r = 0;

	if (!automatic) {
		r = check_version(client, error);
		return r < 0 ? r : ask_login(client, deadline, error);
	}
	/* When nothing else answered the first question, nothing else is asked the second. */
	if (choice.kind != ODOO_TRANSPORT_XMLRPC) {
		odoo_auto_begin(major, client->secret, &choice);
		r = client_choose(client, &choice, error);
	}
	if (r == 0) {
		r = ask_login(client, deadline, error);
	}
	while (r < 0 && odoo_auto_go_on(major, client->secret, error, &choice)) {
		r = client_choose(client, &choice, error);
		if (r == 0) {
			r = ask_login(client, deadline, error);
		}
	}
	return r;
}

int odoo_client_login(struct odoo_client *client, struct odoo_error *error)
{
	_cleanup_odoo_error_ struct odoo_error own = { 0 };
	int64_t deadline = clock_now_ms() + client->timeout_ms;
	int r;

	/* The reason decides on what is done next, so it is needed whether the caller wants it. */
	if (!error) {
		error = &own;
	}
	r = client_greet(client, deadline, error);
	if (r == 0) {
		r = ask_logins(client, deadline, error);
	}
	if (r == 0) {
		ask_session(client, deadline);
	}
	return r;
}

void client_logout(struct odoo_client *client)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };
	const struct odoo_transport *t = client->transport;
	cJSON *none;

	if (t->class->logout_request && t->uid && stats_is_reachable(client)) {
		client_exchange(
			client, &job_logout, NULL, clock_now_ms() + LOGOUT_MS, &none, &error);
	}
}
