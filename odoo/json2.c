/* SPDX-License-Identifier: MIT */
/*
 * The json2 transport: POST /json/2/MODEL/METHOD with an API key, which Odoo 19 and later speak. A
 * key says by itself whose it is, so the login asks for that, and whether it is who was meant.
 */
#include "odoo/arguments.h"
#include "odoo/cleanup.h"
#include "odoo/json.h"
#include "odoo/limits.h"
#include "odoo/transport.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define JSON_TYPE "application/json"

/* ── Version ── */

static int version_request(struct odoo_transport *t, struct odoo_http_request *ret_request)
{
	struct odoo_http_request request = { .path = strdup("/json/version") };

	if (!request.path) {
		return -ENOMEM;
	}
	*ret_request = request;
	return 0;
}

/* {"version_info": […], "version": "19.0"}, by the names that the other protocols use. */
static int version_answer(struct odoo_transport *t, const struct odoo_http_answer *answer,
	cJSON **ret_result, struct odoo_error *error)
{
	_cleanup_json_ cJSON *json = NULL, *result = cJSON_CreateObject();

	if (odoo_http_answer_check(answer, error)) {
		return -1;
	}
	if (answer->status != 200) {
		return odoo_http_answer_refuse(answer, error);
	}
	if (odoo_json_parse(answer->body, answer->size, &json, error)) {
		return -1;
	}
	cJSON_AddItemToObject(
		result, "server_version", cJSON_DetachItemFromObjectCaseSensitive(json, "version"));
	cJSON_AddItemToObject(result, "server_version_info",
		cJSON_DetachItemFromObjectCaseSensitive(json, "version_info"));
	*ret_result = steal(result);
	return 0;
}

/* ── Requests ── */

/* Nothing in the credentials may end the header that it is sent in, or be too long for it. */
static bool is_header_text(const char *text)
{
	size_t size = 0;

	while ((unsigned char)text[size] >= ' ' && text[size] != 0x7f) {
		size++;
	}
	return text[size] == '\0' && size < ODOO_MAX_HEADER / 2;
}

static int check_credentials(const struct odoo_credentials *c, struct odoo_error *error)
{
	if (!is_header_text(c->secret) || strchr(c->secret, ' ')) {
		odoo_error_set(error, ODOO_FAULT_DENIED,
			"json2 takes an API key, and this secret can't be one: it is too long, or "
			"has blanks or control characters");
		return -EACCES;
	}
	if (!is_header_text(c->database)) {
		odoo_error_set(error, ODOO_FAULT_DATABASE,
			"the name of the database is too long, or has control characters");
		return -EINVAL;
	}
	return 0;
}

/* A name that would be another place of the server as a part of the path. */
static int check_name(const char *name, const char *what, struct odoo_error *error)
{
	if (name[strspn(name, ".")]) {
		return 0;
	}
	odoo_error_set(
		error, ODOO_FAULT_UNKNOWN_MODEL, "\"%s\" can't be the name of a %s", name, what);
	return -ENOENT;
}

static char *make_path(const struct odoo_request *request)
{
	_cleanup_free_ char *model = odoo_percent_encode(request->model);
	_cleanup_free_ char *method = odoo_percent_encode(request->method);
	char *path;

	return model && method && asprintf(&path, "/json/2/%s/%s", model, method) >= 0 ? path
										       : NULL;
}

static int post(struct odoo_transport *t, const struct odoo_request *request,
	const cJSON *arguments, struct odoo_http_request *ret_request)
{
	_cleanup_json_text_ char *body = cJSON_PrintUnformatted(arguments);
	_cleanup_free_ char *path = make_path(request);
	struct odoo_http_request http;

	if (!body || !path || odoo_http_request_print(&http, path, JSON_TYPE, "%s", body)) {
		return -ENOMEM;
	}
	http.bearer = strdup(t->credentials.secret);
	http.database = strdup(t->credentials.database);
	if (!http.bearer || !http.database) {
		odoo_http_request_finish(&http);
		return -ENOMEM;
	}
	*ret_request = http;
	return 0;
}

/* Without ids these answer that all is well, and do nothing. */
static int check_ids(const struct odoo_request *request, struct odoo_error *error)
{
	if ((strcmp(request->method, "write") != 0 && strcmp(request->method, "unlink") != 0) ||
		cJSON_IsArray(odoo_json_get(request->params, "ids"))) {
		return 0;
	}
	odoo_error_set(error, ODOO_FAULT_VALIDATION, "%s.%s without \"ids\" would do nothing",
		request->model, request->method);
	return -EINVAL;
}

static int call_request(struct odoo_transport *t, const struct odoo_request *request,
	const cJSON *context, struct odoo_http_request *ret_request, struct odoo_error *error)
{
	_cleanup_json_ cJSON *arguments = NULL;
	int r = check_name(request->model, "model", error);

	if (r == 0) {
		r = check_name(request->method, "method", error);
	}
	if (r == 0) {
		r = check_ids(request, error);
	}
	if (r < 0) {
		return r;
	}
	arguments = odoo_arguments_all_named(request, context, error);
	return arguments ? post(t, request, arguments, ret_request) : -ENOMEM;
}

/* ── Answers ── */

/*
 * Anything that Odoo has to say is JSON, but for the one thing that it says as a page: that it has
 * no such database. A page without those words comes from somebody before Odoo.
 */
static int read_page(
	struct odoo_transport *t, const struct odoo_http_answer *answer, struct odoo_error *error)
{
	if (answer->status == 404 && strstr(answer->body, "No database is selected")) {
		return odoo_transport_no_database(t, error);
	}
	return odoo_http_answer_refuse(answer, error);
}

static int read_error(struct odoo_transport *t, const struct odoo_request *request,
	const cJSON *json, struct odoo_error *error)
{
	struct odoo_occasion occasion = odoo_transport_occasion(t, request);
	struct odoo_exception exception = odoo_exception_from_json(json);

	/* A method that asks for a password of its own; a refused key is "Unauthorized". */
	occasion.taken = true;
	odoo_error_set_exception(error, &exception, &occasion);
	if (error && error->fault == ODOO_FAULT_DENIED) {
		odoo_error_set(error, ODOO_FAULT_DENIED, "Access Denied");
	}
	return -1;
}

/* `request` is NULL for the login. */
static int call_answer(struct odoo_transport *t, const struct odoo_request *request,
	const struct odoo_http_answer *answer, cJSON **ret_result, struct odoo_error *error)
{
	_cleanup_json_ cJSON *json = NULL;

	if (strcmp(answer->content_type, JSON_TYPE) != 0) {
		return read_page(t, answer, error);
	}
	if (odoo_json_parse(answer->body, answer->size, &json, error)) {
		odoo_error_hide(error, t->credentials.secret);
		return answer->status == 200 ? -1 : odoo_http_answer_refuse(answer, error);
	}
	if (answer->status == 200) {
		*ret_result = steal(json);
		return 0;
	}
	if (!odoo_json_get_string(json, "name")) {
		return odoo_http_answer_refuse(answer, error);
	}
	return read_error(t, request, json, error);
}

/* ── Login ── */

static int login_request(
	struct odoo_transport *t, struct odoo_http_request *ret_request, struct odoo_error *error)
{
	static const char *const fields[] = { "login" };
	int r = check_credentials(&t->credentials, error);

	if (r < 0) {
		return r;
	}
	if (t->login_more) {
		return odoo_transport_login_call(t,
			odoo_request_read_ids("res.users", &t->found, 1, fields, 1), NULL,
			ret_request, error);
	}
	return odoo_transport_login_call(
		t, odoo_request_create("res.users", "context_get"), NULL, ret_request, error);
}

/* {"lang": "en_US", "tz": "Europe/Brussels", "uid": 2} */
static int take_user(struct odoo_transport *t, cJSON *result, struct odoo_error *error)
{
	if (odoo_json_get_id(odoo_json_get(result, "uid"), &t->found)) {
		odoo_error_set(error, ODOO_FAULT_MALFORMED,
			"the answer to the login doesn't hold the id of a user");
		return -1;
	}
	cJSON_Delete(t->context);
	t->context = result;
	t->login_more = true;
	return 0;
}

/* [{"id": 2, "login": "admin"}] */
static int check_login(struct odoo_transport *t, const cJSON *result, struct odoo_error *error)
{
	const char *login = odoo_json_get_string(cJSON_GetArrayItem(result, 0), "login");

	t->login_more = false;
	if (login && strcmp(login, t->credentials.login) != 0) {
		odoo_error_set(error, ODOO_FAULT_DENIED,
			"the API key is that of \"%.200s\", and not of \"%s\"", login,
			t->credentials.login);
		return -1;
	}
	t->uid = t->found;
	return 0;
}

static int login_answer(
	struct odoo_transport *t, const struct odoo_http_answer *answer, struct odoo_error *error)
{
	cJSON *result = NULL;
	int r = call_answer(t, NULL, answer, &result, error);

	if (r < 0) {
		t->login_more = false;
		if (error && error->fault == ODOO_FAULT_DENIED) {
			odoo_error_set(error, ODOO_FAULT_DENIED,
				"the database \"%s\" refused the API key of \"%s\"; json2 takes no "
				"password, but transport=jsonrpc and session do",
				t->credentials.database, t->credentials.login);
		}
		return -1;
	}
	if (!t->login_more) {
		r = take_user(t, result, error);
		if (r == 0) {
			return 0;
		}
	} else {
		r = check_login(t, result, error);
	}
	cJSON_Delete(result);
	return r;
}

static void destroy(struct odoo_transport *t)
{
	free(t);
}

static const struct odoo_transport_class json2_class = {
	.kind = ODOO_TRANSPORT_JSON2,
	.min_major = 19,
	.version_request = version_request,
	.version_answer = version_answer,
	.login_request = login_request,
	.login_answer = login_answer,
	.call_request = call_request,
	.call_answer = call_answer,
	.destroy = destroy,
};

struct odoo_transport *odoo_json2_create(const struct odoo_credentials *credentials)
{
	struct odoo_transport *t = calloc(1, sizeof(*t));

	if (t) {
		t->class = &json2_class;
		t->credentials = *credentials;
	}
	return t;
}
