/* SPDX-License-Identifier: MIT */
#include "odoo/transport.h"

#include "odoo/cleanup.h"
#include "odoo/locked.h"
#include "odoo/quote.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const odoo_transport_names[] = {
	[ODOO_TRANSPORT_AUTO] = "auto",
	[ODOO_TRANSPORT_JSON2] = "json2",
	[ODOO_TRANSPORT_JSONRPC] = "jsonrpc",
	[ODOO_TRANSPORT_SESSION] = "session",
	[ODOO_TRANSPORT_XMLRPC] = "xmlrpc",
	[ODOO_TRANSPORT_JSONCALL] = "jsoncall",
	NULL,
};

struct odoo_transport *odoo_transport_create(
	enum odoo_transport_kind kind, const struct odoo_credentials *credentials)
{
	switch (kind) {
	case ODOO_TRANSPORT_JSON2:
		return odoo_json2_create(credentials);
	case ODOO_TRANSPORT_SESSION:
		return odoo_session_create(credentials);
	case ODOO_TRANSPORT_XMLRPC:
		return odoo_xmlrpc_create(credentials);
	case ODOO_TRANSPORT_JSONCALL:
		return odoo_jsoncall_create(credentials);
	case ODOO_TRANSPORT_AUTO:
	case ODOO_TRANSPORT_JSONRPC:
	default:
		return odoo_jsonrpc_create(credentials);
	}
}

void odoo_transport_destroy(struct odoo_transport *t)
{
	if (t) {
		cJSON_Delete(t->context);
		t->class->destroy(t);
	}
}

const char *odoo_transport_name(const struct odoo_transport *t)
{
	return odoo_transport_names[t->class->kind];
}

int odoo_quoted_make(const struct odoo_credentials *credentials, struct odoo_quoted *ret_quoted)
{
	*ret_quoted = (struct odoo_quoted){
		.database = odoo_quote(credentials->database),
		.login = odoo_quote(credentials->login),
		.secret = odoo_quote_secret(credentials->secret),
	};
	if (!ret_quoted->database || !ret_quoted->login || !ret_quoted->secret) {
		odoo_quoted_finish(ret_quoted);
		return -ENOMEM;
	}
	return 0;
}

void odoo_quoted_finish(struct odoo_quoted *quoted)
{
	locked_destroy(quoted->secret);
	free(quoted->login);
	free(quoted->database);
	*quoted = (struct odoo_quoted){ 0 };
}

uint32_t odoo_transport_take_id(struct odoo_transport *t)
{
	t->last_id = t->last_id == INT32_MAX ? 1 : t->last_id + 1;
	return t->last_id;
}

int odoo_transport_refused(const struct odoo_transport *t, struct odoo_error *error)
{
	odoo_error_set(error, ODOO_FAULT_DENIED,
		"the database \"%s\" refused the login \"%s\" or its password",
		t->credentials.database, t->credentials.login);
	return -1;
}

int odoo_transport_no_database(const struct odoo_transport *t, struct odoo_error *error)
{
	odoo_error_set(error, ODOO_FAULT_DATABASE,
		"the server can't open the database \"%s\": it doesn't exist, or isn't served at "
		"this address",
		t->credentials.database);
	return -1;
}

int odoo_transport_login_call(struct odoo_transport *t, struct odoo_request *request,
	const cJSON *context, struct odoo_http_request *ret_request, struct odoo_error *error)
{
	_cleanup_json_ cJSON *none = cJSON_CreateObject();
	int r = -ENOMEM;

	if (request && none) {
		r = t->class->call_request(
			t, request, context ? context : none, ret_request, error);
	}
	odoo_request_destroy(request);
	return r;
}

int odoo_transport_preferences_request(struct odoo_transport *t, const cJSON *context,
	struct odoo_http_request *ret_request, struct odoo_error *error)
{
	static const char *const fields[] = { "lang", "tz" };

	return odoo_transport_login_call(t,
		odoo_request_read_ids("res.users", &t->found, 1, fields, 2), context, ret_request,
		error);
}

void odoo_transport_take_preferences(struct odoo_transport *t, cJSON *users)
{
	t->login_more = false;
	t->uid = t->found;
	cJSON_Delete(t->context);
	t->context = cJSON_DetachItemFromArray(users, 0);
}

struct odoo_occasion odoo_transport_occasion(
	const struct odoo_transport *t, const struct odoo_request *request)
{
	return (struct odoo_occasion){
		.model = request ? request->model : "",
		.method = request ? request->method : "",
		.database = t->credentials.database,
		.secret = t->credentials.secret,
	};
}

static void wipe_text(char *text)
{
	if (text) {
		explicit_bzero(text, strlen(text));
		free(text);
	}
}

void odoo_http_request_finish(struct odoo_http_request *request)
{
	free(request->path);
	free(request->content_type);
	free(request->database);
	wipe_text(request->session);
	wipe_text(request->bearer);
	if (request->body) {
		explicit_bzero(request->body, request->body_size);
		free(request->body);
	}
	*request = (struct odoo_http_request){ 0 };
}

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-' || c == '.';
}

char *odoo_percent_encode(const char *text)
{
	static const char hex[] = "0123456789ABCDEF";
	char *encoded = malloc(3 * strlen(text) + 1);
	char *end = encoded;

	if (!encoded) {
		return NULL;
	}
	for (; *text; text++) {
		if (is_plain(*text)) {
			*end++ = *text;
			continue;
		}
		*end++ = '%';
		*end++ = hex[(unsigned char)*text >> 4];
		*end++ = hex[*text & 0xf];
	}
	*end = '\0';
	return encoded;
}

char *odoo_session_path(const char *database)
{
	_cleanup_free_ char *encoded = odoo_percent_encode(database);
	char *path;

	return encoded && asprintf(&path, "/web?db=%s", encoded) >= 0 ? path : NULL;
}

int odoo_session_request(const char *path, struct odoo_http_request *ret_request)
{
	struct odoo_http_request request = { .path = strdup(path), .any_place = true };

	if (!request.path) {
		return -ENOMEM;
	}
	*ret_request = request;
	return 0;
}

int odoo_http_request_identify(struct odoo_http_request *request, uint32_t id, const char *session)
{
	request->id = id;
	if (session) {
		request->session = strdup(session);
		if (!request->session) {
			odoo_http_request_finish(request);
			return -ENOMEM;
		}
	}
	return 0;
}

/* Measured first: a buffer that grows leaves copies of the secret behind. */
__attribute__((format(printf, 1, 0))) static char *print_body(
	const char *format, va_list arguments, size_t *ret_size)
{
	va_list again;
	char *body = NULL;
	int size;

	va_copy(again, arguments);
	size = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (size >= 0) {
		body = malloc((size_t)size + 1);
	}
	if (body) {
		vsnprintf(body, (size_t)size + 1, format, arguments);
		*ret_size = (size_t)size;
	}
	return body;
}

int odoo_http_request_print(struct odoo_http_request *ret_request, const char *path,
	const char *content_type, const char *format, ...)
{
	struct odoo_http_request request = {
		.path = strdup(path),
		.content_type = strdup(content_type),
	};
	va_list arguments;

	va_start(arguments, format);
	request.body = print_body(format, arguments, &request.body_size);
	va_end(arguments);
	if (!request.path || !request.content_type || !request.body) {
		odoo_http_request_finish(&request);
		return -ENOMEM;
	}
	*ret_request = request;
	return 0;
}

static bool is_json(const struct odoo_http_answer *answer)
{
	return strcmp(answer->content_type, "application/json") == 0;
}

static enum odoo_fault status_fault(int status)
{
	switch (status) {
	case 429:
	case 502:
	case 503:
	case 504:
		return ODOO_FAULT_BUSY;
	case 400:
	case 415:
	case 500:
		return ODOO_FAULT_SERVER;
	case 413:
		return ODOO_FAULT_TOO_LARGE;
	default:
		return ODOO_FAULT_NOT_ODOO;
	}
}

static const char *status_sentence(enum odoo_fault fault)
{
	switch (fault) {
	case ODOO_FAULT_BUSY:
		return "the server is busy or being restarted";
	case ODOO_FAULT_SERVER:
		return "the server failed over the request";
	case ODOO_FAULT_TOO_LARGE:
		return "the request is larger than the server takes";
	default:
		return "something answers, but not as Odoo does";
	}
}

int odoo_http_answer_refuse(const struct odoo_http_answer *answer, struct odoo_error *error)
{
	enum odoo_fault fault = status_fault(answer->status);

	odoo_error_set(error, fault, "%s: HTTP %d, %s", status_sentence(fault), answer->status,
		answer->content_type[0] ? answer->content_type : "without a content type");
	return -1;
}

int odoo_http_answer_check(const struct odoo_http_answer *answer, struct odoo_error *error)
{
	/* JSON with another status may still hold Odoo's own words; a busy gateway's never does. */
	if (is_json(answer) && status_fault(answer->status) != ODOO_FAULT_BUSY) {
		return 0;
	}
	if (answer->status == 200 && !strstr(answer->content_type, "html")) {
		return 0;
	}
	return odoo_http_answer_refuse(answer, error);
}
