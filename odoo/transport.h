/* SPDX-License-Identifier: MIT */
/*
 * A transport: how a request becomes an HTTP exchange, and an HTTP answer a result or a fault.
 *
 * Transports are pure: they build and parse, and never wait, so each function may be called on any
 * thread as long as one transport object is used by one thread at a time (the client's, after the
 * login). http.c moves the bytes; worker.c decides on retries, login.c on which transport it is.
 */
#ifndef ODOO_TRANSPORT_H
#define ODOO_TRANSPORT_H

#include "odoo/error.h"
#include "odoo/fault.h"
#include "odoo/request.h"

enum odoo_transport_kind {
	ODOO_TRANSPORT_AUTO, /* what the server and the secret suggest */
	ODOO_TRANSPORT_JSON2,
	ODOO_TRANSPORT_JSONRPC,
	ODOO_TRANSPORT_SESSION,
	ODOO_TRANSPORT_XMLRPC,
	ODOO_TRANSPORT_JSONCALL,
};

/* As `transport=` takes them, in the order of the enum; NULL behind the last. */
extern const char *const odoo_transport_names[];

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
	char *session;		    /* the session_id to send as a cookie, or NULL */
	char *bearer;		    /* the key to send as "Authorization: bearer", or NULL */
	char *database;		    /* what to send as "X-Odoo-Database", or NULL */
	struct odoo_divert *divert; /* as the call's, or NULL */
	size_t max_body;	    /* likewise; 0: as any other's */
	bool any_place; /* a redirect is an answer like another; it isn't followed either way */
	uint32_t id;	/* what the answer has to name; 0 where the request names none */
};

struct odoo_http_answer {
	int status;
	const char *content_type; /* "" where the server named none; without parameters */
	const char *body;	  /* NUL-terminated behind size */
	size_t size;
	const char *session; /* the session_id that the server set, "" where it set none */
	const char *sent;    /* the session_id that the request was sent with, or "" */
	uint32_t id;	     /* the request's */
};

struct odoo_transport {
	const struct odoo_transport_class *class;
	struct odoo_credentials credentials;
	unsigned major; /* the server's, once it is known */
	uint32_t uid;	/* 0 until the login succeeded */
	uint32_t found; /* who it is, while a login of several exchanges goes on */
	uint32_t last_id;
	bool login_more; /* the login takes another exchange */
	cJSON *context;	 /* the user's own, where the login told it; else NULL */
};

struct odoo_transport_class {
	enum odoo_transport_kind kind;
	unsigned min_major, max_major; /* the servers that speak it; 0 is no limit */
	bool version_first;	       /* its own way is asked before the web client's */

	/*
	 * Build what asks for the server's version without a login; NULL in transports that have no
	 * way of their own. 0 or -errno.
	 */
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

	/*
	 * Build what logs in. Called again for each further exchange that login_more asks for, and
	 * for a renewal. Returns 0, or -errno and, where there is more to say, `error`.
	 */
	int (*login_request)(struct odoo_transport *t, struct odoo_http_request *ret_request,
		struct odoo_error *error);

	/*
	 * Read the answer and keep uid, token or session in the transport; set login_more when
	 * another exchange is needed. 0, or -1 and `error`.
	 */
	int (*login_answer)(struct odoo_transport *t, const struct odoo_http_answer *answer,
		struct odoo_error *error);

	/*
	 * Build a call; `context` is the client's, the request's own goes on top of it. Returns 0,
	 * or -errno and, where there is more to say than its text, `error`.
	 */
	int (*call_request)(struct odoo_transport *t, const struct odoo_request *request,
		const cJSON *context, struct odoo_http_request *ret_request,
		struct odoo_error *error);

	/*
	 * Read the answer to `request`. 0 and a result that the caller owns, or -1 and `error`:
	 * ODOO_FAULT_EXPIRED when the call wasn't made for want of a new login.
	 */
	int (*call_answer)(struct odoo_transport *t, const struct odoo_request *request,
		const struct odoo_http_answer *answer, cJSON **ret_result,
		struct odoo_error *error);

	/* Build what logs out; NULL in transports that leave nothing behind. 0 or -errno. */
	int (*logout_request)(struct odoo_transport *t, struct odoo_http_request *ret_request);

	/*
	 * Go on to another door of the same transport, because this one is closed. False, or NULL,
	 * when there is none.
	 */
	bool (*next_door)(struct odoo_transport *t);

	void (*destroy)(struct odoo_transport *t);
};

/* Make one; NULL when out of memory. Free it with odoo_transport_destroy. */
struct odoo_transport *odoo_transport_create(
	enum odoo_transport_kind kind, const struct odoo_credentials *credentials);
struct odoo_transport *odoo_json2_create(const struct odoo_credentials *credentials);
struct odoo_transport *odoo_jsonrpc_create(const struct odoo_credentials *credentials);
struct odoo_transport *odoo_session_create(const struct odoo_credentials *credentials);
struct odoo_transport *odoo_xmlrpc_create(const struct odoo_credentials *credentials);
struct odoo_transport *odoo_jsoncall_create(const struct odoo_credentials *credentials);

void odoo_transport_destroy(struct odoo_transport *t); /* NULL is allowed */

/* The name of its kind: "jsonrpc". */
const char *odoo_transport_name(const struct odoo_transport *t);

/*
 * The credentials as JSON strings, for transports whose envelope has them: made once, as printing
 * the secret leaves copies behind. Returns 0; or -ENOMEM, and there is nothing to finish. The
 * second frees them, the secret's locked memory included.
 */
struct odoo_quoted {
	char *database, *login, *secret;
};
int odoo_quoted_make(const struct odoo_credentials *credentials, struct odoo_quoted *ret_quoted);
void odoo_quoted_finish(struct odoo_quoted *quoted);

/* A number for a request that has to have one. */
uint32_t odoo_transport_take_id(struct odoo_transport *t);

/* Say that login and password, in whatever words the server had for it, were refused. Returns -1.
 */
int odoo_transport_refused(const struct odoo_transport *t, struct odoo_error *error);

/* Say that the server has no such database, where it doesn't say so itself. Returns -1. */
int odoo_transport_no_database(const struct odoo_transport *t, struct odoo_error *error);

/*
 * Build a call that the login needs; takes over `request`, where NULL is out of memory. A `context`
 * of NULL is none. Returns 0, or -errno and, where there is more to say, `error`.
 */
int odoo_transport_login_call(struct odoo_transport *t, struct odoo_request *request,
	const cJSON *context, struct odoo_http_request *ret_request, struct odoo_error *error);

/* Likewise: the language and the time zone of the user that was found. */
int odoo_transport_preferences_request(struct odoo_transport *t, const cJSON *context,
	struct odoo_http_request *ret_request, struct odoo_error *error);

/* The last of a login: keep them. A user who may not even read that of himself has none. */
void odoo_transport_take_preferences(struct odoo_transport *t, cJSON *users);

/* What faults of a call, or of the login (NULL), are told by. Borrows from both. */
struct odoo_occasion odoo_transport_occasion(
	const struct odoo_transport *t, const struct odoo_request *request);

/* Free what it holds, wiping first what may hold a secret. */
void odoo_http_request_finish(struct odoo_http_request *request);

/* Fill `ret_request` with copies of path and type and a printed body; 0 or -ENOMEM. */
__attribute__((format(printf, 4, 5))) int odoo_http_request_print(
	struct odoo_http_request *ret_request, const char *path, const char *content_type,
	const char *format, ...);

/* A copy with everything but letters, digits, '_', '-' and '.' as %XX; NULL when out of memory. */
char *odoo_percent_encode(const char *text);

/*
 * The path of a page that answers with a redirect, which nobody follows, and with a session bound
 * to the database: "/web?db=NAME". NULL when out of memory; the caller frees.
 */
char *odoo_session_path(const char *database);

/* Fill `ret_request` with what asks for that page; 0 or -ENOMEM. */
int odoo_session_request(const char *path, struct odoo_http_request *ret_request);

/*
 * Number a printed request, and copy the session that goes with it, if any. 0; or -ENOMEM, and it
 * is finished.
 */
int odoo_http_request_identify(struct odoo_http_request *request, uint32_t id, const char *session);

/*
 * What an answer's status and type alone tell: 0 when its body is worth reading as JSON, else -1
 * and `error`. For transports whose faults come with status 200.
 */
int odoo_http_answer_check(const struct odoo_http_answer *answer, struct odoo_error *error);

/* Say what the status alone says. Returns -1. */
int odoo_http_answer_refuse(const struct odoo_http_answer *answer, struct odoo_error *error);

#endif
