/* SPDX-License-Identifier: MIT */
/*
 * The jsoncall transport: the community module that gives a token for a login, and takes calls with
 * arguments by position alone. What its controllers refuse themselves is a result that says so, and
 * a token that they don't know is a bare exception. Some hand the context to the method, and some
 * what should be named arguments: the login finds out which it is.
 */
#include "odoo/arguments.h"
#include "odoo/cleanup.h"
#include "odoo/json.h"
#include "odoo/jsonrpc.h"
#include "odoo/locked.h"
#include "odoo/quote.h"

#include <errno.h>
#include <string.h>

#define JSON_TYPE "application/json"

/* The manual's envelope, without an id. */
#define CALL(params) "{\"jsonrpc\":\"2.0\",\"params\":" params "}"

struct jsoncall {
	struct odoo_transport transport; /* first, so that one is the other */
	struct odoo_quoted quoted;
	char *token;  /* locked, as it came; NULL where there is none */
	char *cookie; /* locked; what tells a server of several databases which is meant */
	bool wraps;   /* the context goes as a named argument */
};

static struct jsoncall *get_jsoncall(struct odoo_transport *t)
{
	return (struct jsoncall *)t;
}

/* A token that is nothing but letters and digits needs no quoting, and can't be mistaken. */
static bool is_token(const char *text)
{
	return text && text[0] &&
	       !text[strspn(text, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "-_.~+/=")];
}

/* ── Calls ── */

static char *print_context(
	struct jsoncall *j, const struct odoo_request *request, const cJSON *context)
{
	_cleanup_json_ cJSON *all = odoo_arguments_context(request, context);
	_cleanup_json_ cJSON *wrapped = j->wraps ? cJSON_CreateObject() : NULL;

	if (!all || (j->wraps && !cJSON_AddItemReferenceToObject(wrapped, "context", all))) {
		return NULL;
	}
	return cJSON_PrintUnformatted(j->wraps ? wrapped : all);
}

/* The manual has "Args" where a record is created, and "args" elsewhere: both are there always. */
static int call_request(struct odoo_transport *t, const struct odoo_request *request,
	const cJSON *context, struct odoo_http_request *ret_request, struct odoo_error *error)
{
	struct jsoncall *j = get_jsoncall(t);
	_cleanup_json_ cJSON *args = odoo_arguments_all_positional(request, 0, error);
	_cleanup_json_text_ char *args_text = args ? cJSON_PrintUnformatted(args) : NULL;
	_cleanup_json_text_ char *context_text = print_context(j, request, context);
	_cleanup_free_ char *model = odoo_quote(request->model);
	_cleanup_free_ char *method = odoo_quote(request->method);
	int r;

	if (!args_text || !context_text || !model || !method) {
		return -ENOMEM;
	}
	r = odoo_http_request_print(ret_request, "/json-call", JSON_TYPE,
		CALL("{\"token\":\"%s\",\"model\":%s,\"method\":%s,\"args\":%s,\"Args\":%s,"
		     "\"context\":%s}"),
		j->token ? j->token : "", model, method, args_text, args_text, context_text);
	return r < 0 ? r : odoo_http_request_identify(ret_request, 0, j->cookie);
}

/* {"error": "Model or Method is missing or wrong"}, and nothing else. */
static const char *get_refusal(const cJSON *result)
{
	const char *text = odoo_json_get_string(result, "error");

	return text && !result->child->next ? text : NULL;
}

/* "Access Denied!" and "Invalid token!", raised as plain exceptions. */
static bool is_about_token(const struct odoo_error *error)
{
	const char *kind = error->name ? strrchr(error->name, '.') : NULL;

	if (error->fault == ODOO_FAULT_DENIED) {
		return true;
	}
	return kind && (strcmp(kind, ".Exception") == 0 || strcmp(kind, ".ValueError") == 0) &&
	       (strcasestr(error->message, "access denied") ||
		       strcasestr(error->message, "invalid token"));
}

/* `request` is NULL for the login. `error` is never NULL. */
static int read_answer(struct odoo_transport *t, const struct odoo_request *request,
	const struct odoo_http_answer *answer, cJSON **ret_result, struct odoo_error *error)
{
	const struct odoo_occasion occasion = odoo_transport_occasion(t, request);
	_cleanup_json_ cJSON *result = NULL;
	const char *refusal;

	if (odoo_jsonrpc_result(answer, &occasion, &result, error)) {
		odoo_error_hide(error, get_jsoncall(t)->token);
		return -1;
	}
	refusal = get_refusal(result);
	if (refusal) {
		_cleanup_free_ char *clean = odoo_message_clean(refusal, t->credentials.secret);

		odoo_error_set(error, ODOO_FAULT_SERVER, "%s", clean ? clean : "out of memory");
		return -1;
	}
	*ret_result = steal(result);
	return 0;
}

static int call_answer(struct odoo_transport *t, const struct odoo_request *request,
	const struct odoo_http_answer *answer, cJSON **ret_result, struct odoo_error *error)
{
	_cleanup_odoo_error_ struct odoo_error own = { 0 };
	int r;

	if (!error) {
		error = &own;
	}
	r = read_answer(t, request, answer, ret_result, error);
	if (r < 0 && is_about_token(error)) {
		error->fault = ODOO_FAULT_EXPIRED;
	}
	return r;
}

/* ── Login ── */

/* Also tells how the context has to be sent: a method has no named argument "lang". */
static int preferences_request(
	struct odoo_transport *t, struct odoo_http_request *ret_request, struct odoo_error *error)
{
	_cleanup_json_ cJSON *context = cJSON_CreateObject();

	if (!cJSON_AddStringToObject(context, "lang", "en_US")) {
		return -ENOMEM;
	}
	return odoo_transport_preferences_request(t, context, ret_request, error);
}

static int login_request(
	struct odoo_transport *t, struct odoo_http_request *ret_request, struct odoo_error *error)
{
	struct jsoncall *j = get_jsoncall(t);

	if (t->login_more) {
		return preferences_request(t, ret_request, error);
	}
	return odoo_http_request_print(ret_request, "/json-call/user_authenticate", JSON_TYPE,
		CALL("{\"login\":%s,\"password\":%s,\"db\":%s}"), j->quoted.login, j->quoted.secret,
		j->quoted.database);
}

/* Where the login doesn't get as far as Odoo's, it says why, too. */
static int login_failed(
	struct odoo_transport *t, const struct odoo_http_answer *answer, struct odoo_error *error)
{
	if (answer->status == 404) {
		odoo_error_set(error, ODOO_FAULT_NOT_ODOO,
			"the server has no /json-call, which its module \"json-call\" would add: "
			"leave transport=jsoncall out");
	} else if (is_about_token(error) ||
		   (error->fault == ODOO_FAULT_SERVER && !error->name && answer->status == 200)) {
		odoo_transport_refused(t, error);
	}
	return -1;
}

/* {"token": "64 digits", "uid": 1} */
static int take_token(struct odoo_transport *t, const struct odoo_http_answer *answer,
	const cJSON *result, struct odoo_error *error)
{
	struct jsoncall *j = get_jsoncall(t);
	const char *token = odoo_json_get_string(result, "token");

	if (!is_token(token) || odoo_json_get_id(odoo_json_get(result, "uid"), &t->found)) {
		odoo_error_set(error, ODOO_FAULT_MALFORMED,
			"the answer to the login doesn't hold a token and the id of a user");
		return -1;
	}
	locked_destroy(j->token);
	locked_destroy(j->cookie);
	j->token = locked_copy(token);
	j->cookie = answer->session[0] ? locked_copy(answer->session) : NULL;
	if (!j->token || (answer->session[0] && !j->cookie)) {
		odoo_error_set(error, ODOO_FAULT_INTERNAL, "out of memory");
		return -1;
	}
	/* A renewal knows the rest. */
	t->login_more = !t->uid;
	return 0;
}

static bool try_wrapped(struct jsoncall *j, const struct odoo_error *error)
{
	bool first = !j->wraps;

	j->wraps = true;
	return first && error->name && strcmp(error->name, "builtins.TypeError") == 0;
}

static int login_answer(
	struct odoo_transport *t, const struct odoo_http_answer *answer, struct odoo_error *error)
{
	_cleanup_odoo_error_ struct odoo_error own = { 0 };
	_cleanup_json_ cJSON *result = NULL;
	bool more = t->login_more;

	if (!error) {
		error = &own;
	}
	if (read_answer(t, NULL, answer, &result, error)) {
		if (more && try_wrapped(get_jsoncall(t), error)) {
			odoo_error_finish(error);
			return 0;
		}
		t->login_more = false;
		return login_failed(t, answer, error);
	}
	if (!more) {
		return take_token(t, answer, result, error);
	}
	odoo_transport_take_preferences(t, result);
	return 0;
}

/* ── Life ── */

static int logout_request(struct odoo_transport *t, struct odoo_http_request *ret_request)
{
	struct jsoncall *j = get_jsoncall(t);
	int r = odoo_http_request_print(ret_request, "/json-call/user_logout", JSON_TYPE,
		CALL("{\"token\":\"%s\"}"), j->token ? j->token : "");

	return r < 0 ? r : odoo_http_request_identify(ret_request, 0, j->cookie);
}

static void destroy(struct odoo_transport *t)
{
	struct jsoncall *j = get_jsoncall(t);

	locked_destroy(j->token);
	locked_destroy(j->cookie);
	odoo_quoted_finish(&j->quoted);
	free(j);
}

static const struct odoo_transport_class jsoncall_class = {
	.kind = ODOO_TRANSPORT_JSONCALL,
	.login_request = login_request,
	.login_answer = login_answer,
	.call_request = call_request,
	.call_answer = call_answer,
	.logout_request = logout_request,
	.destroy = destroy,
};

struct odoo_transport *odoo_jsoncall_create(const struct odoo_credentials *credentials)
{
	struct jsoncall *j = calloc(1, sizeof(*j));

	if (!j) {
		return NULL;
	}
	j->transport.class = &jsoncall_class;
	j->transport.credentials = *credentials;
	if (odoo_quoted_make(credentials, &j->quoted) < 0) {
		destroy(&j->transport);
		return NULL;
	}
	return &j->transport;
}
