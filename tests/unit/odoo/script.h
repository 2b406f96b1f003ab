/* SPDX-License-Identifier: MIT */
/* A server that answers the login as Odoo does, so that a test only says what calls answer. */
#ifndef TEST_SCRIPT_H
#define TEST_SCRIPT_H

#include "odoo/client.h"
#include "server.h"

#include <stdatomic.h>
#include <stdbool.h>

struct script {
	unsigned major; /* what the version says */
	enum odoo_transport_kind transport;
	const char *login; /* what the login answers instead of 2: "\"result\":false" */
	bool (*call)(const struct server_request *request, struct script *script);
	atomic_uint n_calls, n_sessions; /* execute_kw's and GET /web's */
	atomic_int step;		 /* the test's own */
	atomic_bool flag;		 /* likewise */
};

/* Start a server for `script` and a client that has logged in there. */
void script_start(struct script *script, unsigned connections, unsigned timeout_ms,
	struct server **ret_server, struct odoo_client **ret_client);

/* The same without the login. */
void script_create(struct script *script, unsigned connections, unsigned timeout_ms,
	struct server **ret_server, struct odoo_client **ret_client);

/* The server_fn of a script, for a server made otherwise; `data` is the script. */
bool script_answer(const struct server_request *request, void *data);

/* A read, and a create: a request that may be sent twice, and one that may not. */
struct odoo_request *script_read(void);
struct odoo_request *script_create_record(void);

#endif
