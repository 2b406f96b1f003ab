/* SPDX-License-Identifier: MIT */
/* The jsonrpc transport: /jsonrpc with execute_kw, which Odoo 8 to 21 speak. */
#include "odoo/jsonrpc.h"

#include "odoo/arguments.h"
#include "odoo/cleanup.h"
#include "odoo/fault.h"
#include "odoo/json.h"
#include "odoo/limits.h"
#include "odoo/transport.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

struct jsonrpc {
	struct odoo_transport transport; /* first, so that one is the other */
	struct odoo_quoted quoted;
	char *path; /* where a session is bound to the database */
	char *session;
};

static struct jsonrpc *get_jsonrpc(struct odoo_transport *t)
{
	return (struct jsonrpc *)t;
}

static int version_request(struct odoo_transport *t, struct odoo_http_request *ret_request)
{
	struct jsonrpc *j = get_jsonrpc(t);
	uint32_t id = odoo_transport_take_id(t);
	int r = odoo_http_request_print(ret_request, "/jsonrpc", "application/json",
		ODOO_ENVELOPE("{\"service\":\"common\",\"method\":\"version\",\"args\":[]}"), id);

	return r < 0 ? r : odoo_http_request_identify(ret_request, id, j->session);
}

static int version_answer(struct odoo_transport *t, const struct odoo_http_answer *answer,
	cJSON **ret_result, struct odoo_error *error)
{
	const struct odoo_occasion occasion = odoo_transport_occasion(t, NULL);

	return odoo_jsonrpc_result(answer, &occasion, ret_result, error);
}

static int session_request(struct odoo_transport *t, struct odoo_http_request *ret_request)
{
	return odoo_session_request(get_jsonrpc(t)->path, ret_request);
}

static void session_answer(struct odoo_transport *t, const struct odoo_http_answer *answer)
{
	struct jsonrpc *j = get_jsonrpc(t);

	free(j->session);
	j->session = answer->session[0] ? strdup(answer->session) : NULL;
}

static int login_request(
	struct odoo_transport *t, struct odoo_http_request *ret_request, struct odoo_error *error)
{
	struct jsonrpc *j = get_jsonrpc(t);
	uint32_t id = odoo_transport_take_id(t);
	int r = odoo_http_request_print(ret_request, "/jsonrpc", "application/json",
		ODOO_ENVELOPE("{\"service\":\"common\",\"method\":\"authenticate\",\"args\":"
			      "[%s,%s,%s,{}]}"),
		id, j->quoted.database, j->quoted.login, j->quoted.secret);

	return r < 0 ? r : odoo_http_request_identify(ret_request, id, j->session);
}

static int login_answer(
	struct odoo_transport *t, const struct odoo_http_answer *answer, struct odoo_error *error)
{
	const struct odoo_occasion occasion = odoo_transport_occasion(t, NULL);
	_cleanup_json_ cJSON *result = NULL;

	if (odoo_jsonrpc_result(answer, &occasion, &result, error)) {
		return -1;
	}
	if (cJSON_IsFalse(result)) {
		return odoo_transport_refused(t, error);
	}
	if (odoo_json_get_id(result, &t->uid)) {
		odoo_error_set(error, ODOO_FAULT_MALFORMED,
			"the answer to the login is not the id of a user");
		return -1;
	}
	return 0;
}

static int call_request(struct odoo_transport *t, const struct odoo_request *request,
	const cJSON *context, struct odoo_http_request *ret_request, struct odoo_error *error)
{
	struct jsonrpc *j = get_jsonrpc(t);
	uint32_t id = odoo_transport_take_id(t);
	struct odoo_call_texts texts;
	int r = odoo_call_texts_make(request, context, t->major, &texts);

	if (r < 0) {
		odoo_call_texts_finish(&texts);
		return r;
	}
	r = odoo_http_request_print(ret_request, "/jsonrpc", "application/json",
		ODOO_ENVELOPE("{\"service\":\"object\",\"method\":\"execute_kw\",\"args\":"
			      "[%s,%" PRIu32 ",%s,%s,%s,%s,%s]}"),
		id, j->quoted.database, t->uid, j->quoted.secret, texts.model, texts.method,
		texts.positional, texts.named);
	odoo_call_texts_finish(&texts);
	return r < 0 ? r : odoo_http_request_identify(ret_request, id, j->session);
}

static int call_answer(struct odoo_transport *t, const struct odoo_request *request,
	const struct odoo_http_answer *answer, cJSON **ret_result, struct odoo_error *error)
{
	const struct odoo_occasion occasion = odoo_transport_occasion(t, request);

	return odoo_jsonrpc_result(answer, &occasion, ret_result, error);
}

static void destroy(struct odoo_transport *t)
{
	struct jsonrpc *j = get_jsonrpc(t);

	if (!j) {
		return;
	}
	odoo_quoted_finish(&j->quoted);
	free(j->path);
	free(j->session);
	free(j);
}

static const struct odoo_transport_class jsonrpc_class = {
	.kind = ODOO_TRANSPORT_JSONRPC,
	.max_major = 21,
	.version_request = version_request,
	.version_answer = version_answer,
	.session_request = session_request,
	.session_answer = session_answer,
	.login_request = login_request,
	.login_answer = login_answer,
	.call_request = call_request,
	.call_answer = call_answer,
	.destroy = destroy,
};

struct odoo_transport *odoo_jsonrpc_create(const struct odoo_credentials *credentials)
{
	struct jsonrpc *j = calloc(1, sizeof(*j));

	if (!j) {
		return NULL;
	}
	j->transport.class = &jsonrpc_class;
	j->transport.credentials = *credentials;
	j->path = odoo_session_path(credentials->database);
	if (odoo_quoted_make(credentials, &j->quoted) < 0 || !j->path) {
		destroy(&j->transport);
		return NULL;
	}
	return &j->transport;
}
