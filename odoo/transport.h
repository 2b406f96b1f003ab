/* SPDX-License-Identifier: MIT */
/*
 * A transport: how a request becomes an HTTP exchange, and an HTTP answer a result or a fault.
 *
 * Transports are pure: they build and parse, and never wait, so each function may be called on any
 * thread as long as one transport object is used by one thread at a time (the client's, after the
 * login). http.c moves the bytes; client.c decides on retries.
 */
#ifndef ODOO_TRANSPORT_H
#define ODOO_TRANSPORT_H

#include "odoo/error.h"
#include "odoo/request.h"

/* Who logs in where. Pointers are borrowed for as long as the transport lives. */
struct odoo_credentials {
	const char *database;
	const char *login;
	const char *secret;
};

struct odoo_http_request {
	char *path; /* "/jsonrpc" */
	char *content_type;
	char *body; /* NULL makes it a GET */
	size_t body_size;
	char *session;	/* the session_id to send as a cookie, or NULL */
	bool any_place; /* a redirect is an answer like another; it isn't followed either way */
	uint32_t id;	/* what the answer has to name, where the protocol has such a thing */
};

struct odoo_http_answer {
	int status;
	const char *content_type; /* "" where the server named none; without parameters */
	const char *body;	  /* NUL-terminated behind size */
	size_t size;
	const char *session; /* the session_id that the server set, "" where it set none */
	uint32_t id;	     /* the request's */
};

struct odoo_transport {
	const struct odoo_transport_class *class;
	struct odoo_credentials credentials;
	uint32_t uid; /* 0 until the login succeeded */
};

struct odoo_transport_class {
	const char *name; /* as `transport=` takes it */

	/* Build what asks for the server's version without a login. 0 or -errno. */
	int (*version_request)(struct odoo_transport *t, struct odoo_http_request *ret_request);

	/* Its answer: an object with "server_version" and "server_version_info". 0, or -1 and
	 * `error`. */
	int (*version_answer)(struct odoo_transport *t, const struct odoo_http_answer *answer,
		cJSON **ret_result, struct odoo_error *error);

	/*
	 * Build what binds a session, without a login, to the database; NULL in transports that
	 * don't need one. Before version 16 a server with several databases says no more than "HTTP
	 * 500" about any fault of a call that comes without. Returns 0 or -errno.
	 */
	int (*session_request)(struct odoo_transport *t, struct odoo_http_request *ret_request);

	/* Keep the session that was set, if any, in the transport. */
	void (*session_answer)(struct odoo_transport *t, const struct odoo_http_answer *answer);

	/* Build what logs in. Returns 0 or -errno. */
	int (*login_request)(struct odoo_transport *t, struct odoo_http_request *ret_request);

	/* Read the answer and keep uid, token or session in the transport. 0, or -1 and `error`. */
	int (*login_answer)(struct odoo_transport *t, const struct odoo_http_answer *answer,
		struct odoo_error *error);

	/* Build a call; `context` is the whole context to send. Returns 0 or -errno. */
	int (*call_request)(struct odoo_transport *t, const struct odoo_request *request,
		const cJSON *context, struct odoo_http_request *ret_request);

	/* Read the answer to `request`. 0 and a result that the caller owns, or -1 and `error`. */
	int (*call_answer)(struct odoo_transport *t, const struct odoo_request *request,
		const struct odoo_http_answer *answer, cJSON **ret_result,
		struct odoo_error *error);

	void (*destroy)(struct odoo_transport *t);
};

/* Make one; NULL when out of memory. Free it with t->class->destroy(t). */
struct odoo_transport *odoo_jsonrpc_create(const struct odoo_credentials *credentials);

/* Free what it holds, wiping the body first: it may hold the secret. */
void odoo_http_request_finish(struct odoo_http_request *request);

/* Fill `ret_request` with copies of path and type and a printed body; 0 or -ENOMEM. */
__attribute__((format(printf, 4, 5))) int odoo_http_request_print(
	struct odoo_http_request *ret_request, const char *path, const char *content_type,
	const char *format, ...);

/*
 * What an answer's status and type alone tell: 0 when its body is worth reading as JSON, else -1
 * and `error`. For transports whose faults come with status 200.
 */
int odoo_http_answer_check(const struct odoo_http_answer *answer, struct odoo_error *error);

/* Say what the status alone says. Returns -1. */
int odoo_http_answer_refuse(const struct odoo_http_answer *answer, struct odoo_error *error);

#endif
