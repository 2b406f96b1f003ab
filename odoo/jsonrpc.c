/* SPDX-License-Identifier: MIT */
/* The jsonrpc transport: /jsonrpc with execute_kw, which Odoo 8 to 21 speak. */
#include "odoo/jsonrpc.h"
#include "odoo/cleanup.h"
#include "odoo/fault.h"
#include "odoo/json.h"
#include "odoo/limits.h"
#include "odoo/locked.h"
#include "odoo/transport.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

struct jsonrpc {
	struct odoo_transport transport; /* first, so that one is the other */
	/* The credentials as JSON strings, made once: printing the secret leaves copies behind. */
	char *database, *login, *secret;
	char *path; /* where a session is bound to the database */
	char *session;
	uint32_t next_id;
};

static struct jsonrpc *get_jsonrpc(struct odoo_transport *t)
{
	return (struct jsonrpc *)t;
}

/* Room for a string as JSON: all of it \u00xx, quotes, and what cJSON adds. */
static size_t quoted_size(const char *text)
{
	return strlen(text) * 6 + 8;
}

/* A string as JSON, in a buffer of exactly one allocation, which is this; NULL is allowed. */
static bool quote_into(const char *text, char *quoted)
{
	cJSON *string = cJSON_CreateStringReference(text);
	bool good = string && quoted &&
		    cJSON_PrintPreallocated(string, quoted, (int)quoted_size(text), false);

	cJSON_Delete(string);
	return good;
}

static char *quote(const char *text)
{
	_cleanup_free_ char *quoted = malloc(quoted_size(text));

	return quote_into(text, quoted) ? steal(quoted) : NULL;
}

static char *quote_secret(const char *text)
{
	_cleanup_locked_ char *quoted = locked_create(quoted_size(text));

	return quote_into(text, quoted) ? steal(quoted) : NULL;
}

static uint32_t take_id(struct jsonrpc *j)
{
	j->next_id = j->next_id == INT32_MAX ? 1 : j->next_id + 1;
	return j->next_id;
}

/* Everything but the body, which the caller has printed. */
static int finish_request(struct jsonrpc *j, uint32_t id, int r, struct odoo_http_request *request)
{
	if (r < 0) {
		return r;
	}
	request->id = id;
	if (j->session) {
		request->session = strdup(j->session);
	}
	return 0;
}

static int version_request(struct odoo_transport *t, struct odoo_http_request *ret_request)
{
	struct jsonrpc *j = get_jsonrpc(t);
	uint32_t id = take_id(j);
	int r = odoo_http_request_print(ret_request, "/jsonrpc", "application/json",
		"{\"jsonrpc\":\"2.0\",\"method\":\"call\",\"id\":%" PRIu32 ",\"params\":"
		"{\"service\":\"common\",\"method\":\"version\",\"args\":[]}}",
		id);

	return finish_request(j, id, r, ret_request);
}

static int version_answer(struct odoo_transport *t, const struct odoo_http_answer *answer,
	cJSON **ret_result, struct odoo_error *error)
{
	const struct odoo_occasion occasion = { .method = "", .database = t->credentials.database };

	return odoo_jsonrpc_result(answer, &occasion, ret_result, error);
}

static int session_request(struct odoo_transport *t, struct odoo_http_request *ret_request)
{
	struct odoo_http_request request = { .path = strdup(get_jsonrpc(t)->path),
		.any_place = true };

	if (!request.path) {
		return -ENOMEM;
	}
	*ret_request = request;
	return 0;
}

static void session_answer(struct odoo_transport *t, const struct odoo_http_answer *answer)
{
	struct jsonrpc *j = get_jsonrpc(t);

	free(j->session);
	j->session = answer->session[0] ? strdup(answer->session) : NULL;
}

static int login_request(struct odoo_transport *t, struct odoo_http_request *ret_request)
{
	struct jsonrpc *j = get_jsonrpc(t);
	uint32_t id = take_id(j);
	int r = odoo_http_request_print(ret_request, "/jsonrpc", "application/json",
		"{\"jsonrpc\":\"2.0\",\"method\":\"call\",\"id\":%" PRIu32 ",\"params\":"
		"{\"service\":\"common\",\"method\":\"authenticate\",\"args\":[%s,%s,%s,{}]}}",
		id, j->database, j->login, j->secret);

	return finish_request(j, id, r, ret_request);
}

static int login_answer(
	struct odoo_transport *t, const struct odoo_http_answer *answer, struct odoo_error *error)
{
	const struct odoo_occasion occasion = {
		.method = "", .database = t->credentials.database, .secret = t->credentials.secret
	};
	_cleanup_json_ cJSON *result = NULL;

	if (odoo_jsonrpc_result(answer, &occasion, &result, error)) {
		return -1;
	}
	if (cJSON_IsFalse(result)) {
		odoo_error_set(error, ODOO_FAULT_DENIED,
			"the database \"%s\" refused the login \"%s\" or its password",
			t->credentials.database, t->credentials.login);
		return -1;
	}
	if (odoo_json_get_id(result, &t->uid)) {
		odoo_error_set(error, ODOO_FAULT_MALFORMED,
			"the answer to the login is not the id of a user");
		return -1;
	}
	return 0;
}

/* The names that go by position, because the name differs between versions or isn't taken. */
static bool is_positional(const struct odoo_request *request, const char *name)
{
	return strcmp(name, "ids") == 0 ||
	       (strcmp(name, "vals_list") == 0 && strcmp(request->method, "create") == 0) ||
	       (strcmp(name, "domain") == 0 &&
		       (strcmp(request->method, "search") == 0 ||
			       strcmp(request->method, "search_count") == 0));
}

/*
 * The positional arguments. References, so that a large write isn't copied to be printed. No method
 * has two of them but "ids" and another, and "ids" comes first.
 */
static cJSON *make_args(const struct odoo_request *request)
{
	_cleanup_json_ cJSON *args = cJSON_CreateArray();
	cJSON *ids = cJSON_GetObjectItemCaseSensitive(request->params, "ids");
	cJSON *param;

	if (!args || (ids && !cJSON_AddItemReferenceToArray(args, ids))) {
		return NULL;
	}
	cJSON_ArrayForEach (param, request->params) {
		if (param != ids && is_positional(request, param->string) &&
			!cJSON_AddItemReferenceToArray(args, param)) {
			return NULL;
		}
	}
	return steal(args);
}

/* The client's context, and the request's own on top of it. */
static cJSON *make_context(const struct odoo_request *request, const cJSON *context)
{
	_cleanup_json_ cJSON *all = cJSON_Duplicate(context, true);
	const cJSON *own = odoo_json_get(request->params, "context");
	const cJSON *item;

	cJSON_ArrayForEach (item, own) {
		cJSON *copy = cJSON_Duplicate(item, true);

		cJSON_DeleteItemFromObjectCaseSensitive(all, item->string);
		if (!copy || !cJSON_AddItemToObject(all, item->string, copy)) {
			cJSON_Delete(copy);
			return NULL;
		}
	}
	return steal(all);
}

static cJSON *make_kwargs(const struct odoo_request *request, const cJSON *context)
{
	_cleanup_json_ cJSON *kwargs = cJSON_CreateObject();
	cJSON *all = make_context(request, context);
	cJSON *param;

	if (!kwargs || !all || !cJSON_AddItemToObject(kwargs, "context", all)) {
		cJSON_Delete(all);
		return NULL;
	}
	cJSON_ArrayForEach (param, request->params) {
		if (!is_positional(request, param->string) &&
			strcmp(param->string, "context") != 0 &&
			!cJSON_AddItemReferenceToObject(kwargs, param->string, param)) {
			return NULL;
		}
	}
	return steal(kwargs);
}

static int call_request(struct odoo_transport *t, const struct odoo_request *request,
	const cJSON *context, struct odoo_http_request *ret_request)
{
	struct jsonrpc *j = get_jsonrpc(t);
	uint32_t id = take_id(j);
	_cleanup_json_ cJSON *args = make_args(request);
	_cleanup_json_ cJSON *kwargs = make_kwargs(request, context);
	_cleanup_json_text_ char *args_text = args ? cJSON_PrintUnformatted(args) : NULL;
	_cleanup_json_text_ char *kwargs_text = kwargs ? cJSON_PrintUnformatted(kwargs) : NULL;
	_cleanup_free_ char *model = quote(request->model);
	_cleanup_free_ char *method = quote(request->method);
	int r;

	if (!args_text || !kwargs_text || !model || !method) {
		return -ENOMEM;
	}
	r = odoo_http_request_print(ret_request, "/jsonrpc", "application/json",
		"{\"jsonrpc\":\"2.0\",\"method\":\"call\",\"id\":%" PRIu32 ",\"params\":"
		"{\"service\":\"object\",\"method\":\"execute_kw\",\"args\":"
		"[%s,%" PRIu32 ",%s,%s,%s,%s,%s]}}",
		id, j->database, t->uid, j->secret, model, method, args_text, kwargs_text);
	return finish_request(j, id, r, ret_request);
}

static int call_answer(struct odoo_transport *t, const struct odoo_request *request,
	const struct odoo_http_answer *answer, cJSON **ret_result, struct odoo_error *error)
{
	const struct odoo_occasion occasion = { .method = request->method,
		.database = t->credentials.database,
		.secret = t->credentials.secret };

	return odoo_jsonrpc_result(answer, &occasion, ret_result, error);
}

static void destroy(struct odoo_transport *t)
{
	struct jsonrpc *j = get_jsonrpc(t);

	if (!j) {
		return;
	}
	locked_destroy(j->secret);
	free(j->login);
	free(j->database);
	free(j->path);
	free(j->session);
	free(j);
}

static const struct odoo_transport_class jsonrpc_class = {
	.name = "jsonrpc",
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

/* "/web?db=NAME": it answers with a redirect to a page, which nobody asks for, and a session. */
static char *make_path(const char *database)
{
	static const char hex[] = "0123456789ABCDEF";
	static const char start[] = "/web?db=";
	char *path = malloc(strlen(start) + 3 * strlen(database) + 1);
	char *end;

	if (!path) {
		return NULL;
	}
	end = stpcpy(path, start);
	for (const unsigned char *p = (const unsigned char *)database; *p; p++) {
		*end++ = '%';
		*end++ = hex[*p >> 4];
		*end++ = hex[*p & 0xf];
	}
	*end = '\0';
	return path;
}

struct odoo_transport *odoo_jsonrpc_create(const struct odoo_credentials *credentials)
{
	struct jsonrpc *j = calloc(1, sizeof(*j));

	if (!j) {
		return NULL;
	}
	j->transport.class = &jsonrpc_class;
	j->transport.credentials = *credentials;
	j->database = quote(credentials->database);
	j->login = quote(credentials->login);
	j->secret = quote_secret(credentials->secret);
	j->path = make_path(credentials->database);
	if (!j->database || !j->login || !j->secret || !j->path) {
		destroy(&j->transport);
		return NULL;
	}
	return &j->transport;
}
