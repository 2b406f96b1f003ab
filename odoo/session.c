/* SPDX-License-Identifier: MIT */
/*
 * The session transport: /web/session/authenticate and /web/dataset/call_kw with a cookie, as the
 * web client does. It takes passwords only, and pays for their check once.
 *
 * Servers give the cookie anew with each answer, and another one now and then. An answer to a call
 * that was sent with an older cookie says nothing about the one that is in use by then.
 */
#include "odoo/arguments.h"
#include "odoo/auto.h"
#include "odoo/cleanup.h"
#include "odoo/json.h"
#include "odoo/jsonrpc.h"
#include "odoo/locked.h"

#include <errno.h>
#include <string.h>

/* Before this version a refused login fails without a word, unless a session is bound before it. */
#define FIRST_WITHOUT_BINDING 16

struct session {
	struct odoo_transport transport; /* first, so that one is the other */
	struct odoo_quoted quoted;
	char *path;   /* where a session is bound to the database */
	char *cookie; /* locked; NULL where there is none */
};

static struct session *get_session(struct odoo_transport *t)
{
	return (struct session *)t;
}

static void keep_cookie(struct session *s, const char *cookie)
{
	locked_destroy(s->cookie);
	s->cookie = cookie[0] ? locked_copy(cookie) : NULL;
}

/* An answer that was taken: the cookie in it follows the one that was sent. */
static void follow_cookie(struct session *s, const struct odoo_http_answer *answer)
{
	if (answer->session[0] && s->cookie && strcmp(answer->sent, s->cookie) == 0 &&
		strcmp(answer->session, s->cookie) != 0) {
		keep_cookie(s, answer->session);
	}
}

/* ── Login ── */

static int login_request(
	struct odoo_transport *t, struct odoo_http_request *ret_request, struct odoo_error *error)
{
	struct session *s = get_session(t);
	uint32_t id = odoo_transport_take_id(t);
	int r;

	/* Begin anew: what ended doesn't help. */
	if (!t->login_more) {
		keep_cookie(s, "");
		if (t->major < FIRST_WITHOUT_BINDING) {
			return odoo_session_request(s->path, ret_request);
		}
	}
	r = odoo_http_request_print(ret_request, "/web/session/authenticate", "application/json",
		ODOO_ENVELOPE("{\"db\":%s,\"login\":%s,\"password\":%s}"), id, s->quoted.database,
		s->quoted.login, s->quoted.secret);
	return r < 0 ? r : odoo_http_request_identify(ret_request, id, s->cookie);
}

static int refuse_login(const struct odoo_transport *t, struct odoo_error *error)
{
	odoo_transport_refused(t, error);
	if (odoo_looks_like_key(t->credentials.secret)) {
		odoo_error_set(error, ODOO_FAULT_DENIED,
			"the database \"%s\" refused the login \"%s\": a session takes the "
			"password, and no API key",
			t->credentials.database, t->credentials.login);
	}
	return -1;
}

static int login_failed(const struct odoo_transport *t, struct odoo_error *error)
{
	if (!error) {
		return -1;
	}
	if (error->fault == ODOO_FAULT_DENIED) {
		return refuse_login(t, error);
	}
	/* "Database not found.", of a server that serves others at this address. */
	return error->fault == ODOO_FAULT_ACCESS ? odoo_transport_no_database(t, error) : -1;
}

/* {"uid": 2, "user_context": {"lang": "en_US", "tz": "Europe/Brussels", "uid": 2}, …} */
static int take_user(struct odoo_transport *t, const struct odoo_http_answer *answer, cJSON *result,
	struct odoo_error *error)
{
	const cJSON *uid = odoo_json_get(result, "uid");

	if (cJSON_IsObject(result) && (cJSON_IsNull(uid) || cJSON_IsFalse(uid))) {
		odoo_error_set(error, ODOO_FAULT_DENIED,
			"the account \"%s\" wants more than its password, a second factor say: "
			"make an API key, and leave transport=session out",
			t->credentials.login);
		return -1;
	}
	if (!answer->session[0] && !get_session(t)->cookie) {
		odoo_error_set(error, ODOO_FAULT_MALFORMED, "the login gave no session");
		return -1;
	}
	if (odoo_json_get_id(uid, &t->uid)) {
		odoo_error_set(error, ODOO_FAULT_MALFORMED,
			"the answer to the login doesn't hold the id of a user");
		return -1;
	}
	if (answer->session[0]) {
		keep_cookie(get_session(t), answer->session);
	}
	cJSON_Delete(t->context);
	t->context = cJSON_DetachItemFromObjectCaseSensitive(result, "user_context");
	return 0;
}

static int login_answer(
	struct odoo_transport *t, const struct odoo_http_answer *answer, struct odoo_error *error)
{
	const struct odoo_occasion occasion = odoo_transport_occasion(t, NULL);
	_cleanup_json_ cJSON *result = NULL;

	if (!t->login_more && t->major < FIRST_WITHOUT_BINDING) {
		keep_cookie(get_session(t), answer->session);
		t->login_more = true;
		return 0;
	}
	t->login_more = false;
	if (odoo_jsonrpc_result(answer, &occasion, &result, error)) {
		return login_failed(t, error);
	}
	return take_user(t, answer, result, error);
}

/* ── Calls ── */

static int call_request(struct odoo_transport *t, const struct odoo_request *request,
	const cJSON *context, struct odoo_http_request *ret_request, struct odoo_error *error)
{
	uint32_t id = odoo_transport_take_id(t);
	struct odoo_call_texts texts;
	int r = odoo_call_texts_make(request, context, t->major, &texts);

	if (r == 0) {
		r = odoo_http_request_print(ret_request, "/web/dataset/call_kw", "application/json",
			ODOO_ENVELOPE("{\"model\":%s,\"method\":%s,\"args\":%s,\"kwargs\":%s}"), id,
			texts.model, texts.method, texts.positional, texts.named);
	}
	odoo_call_texts_finish(&texts);
	return r < 0 ? r : odoo_http_request_identify(ret_request, id, get_session(t)->cookie);
}

/*
 * A server of several databases finds this one by the session: without it there is no such page,
 * which version 14 says as an exception, and 19 in HTML.
 */
static bool is_lost(const struct odoo_http_answer *answer, const struct odoo_error *error)
{
	return answer->status == 404 &&
	       (strstr(answer->body, "No database is selected") ||
		       (error->name && strcmp(error->name, "werkzeug.exceptions.NotFound") == 0));
}

static int call_answer(struct odoo_transport *t, const struct odoo_request *request,
	const struct odoo_http_answer *answer, cJSON **ret_result, struct odoo_error *error)
{
	struct odoo_occasion occasion = odoo_transport_occasion(t, request);
	_cleanup_odoo_error_ struct odoo_error own = { 0 };
	int r;

	if (!error) {
		error = &own;
	}
	/* A session knows no password: a method that was refused one asked for its own. */
	occasion.taken = true;
	r = odoo_jsonrpc_result(answer, &occasion, ret_result, error);
	if (r < 0 && is_lost(answer, error)) {
		odoo_error_set(error, ODOO_FAULT_EXPIRED, "Session expired");
	}
	if (r < 0) {
		odoo_error_hide(error, get_session(t)->cookie);
	}
	if (error->fault != ODOO_FAULT_EXPIRED) {
		follow_cookie(get_session(t), answer);
	}
	return r;
}

/* ── Life ── */

static int logout_request(struct odoo_transport *t, struct odoo_http_request *ret_request)
{
	uint32_t id = odoo_transport_take_id(t);
	int r = odoo_http_request_print(
		ret_request, "/web/session/destroy", "application/json", ODOO_ENVELOPE("{}"), id);

	return r < 0 ? r : odoo_http_request_identify(ret_request, id, get_session(t)->cookie);
}

static void destroy(struct odoo_transport *t)
{
	struct session *s = get_session(t);

	locked_destroy(s->cookie);
	odoo_quoted_finish(&s->quoted);
	free(s->path);
	free(s);
}

static const struct odoo_transport_class session_class = {
	.kind = ODOO_TRANSPORT_SESSION,
	.login_request = login_request,
	.login_answer = login_answer,
	.call_request = call_request,
	.call_answer = call_answer,
	.logout_request = logout_request,
	.destroy = destroy,
};

struct odoo_transport *odoo_session_create(const struct odoo_credentials *credentials)
{
	struct session *s = calloc(1, sizeof(*s));

	if (!s) {
		return NULL;
	}
	s->transport.class = &session_class;
	s->transport.credentials = *credentials;
	s->path = odoo_session_path(credentials->database);
	if (odoo_quoted_make(credentials, &s->quoted) < 0 || !s->path) {
		destroy(&s->transport);
		return NULL;
	}
	return &s->transport;
}
