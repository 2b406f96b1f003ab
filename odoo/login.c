/* SPDX-License-Identifier: MIT */
/* The exchanges: a call, and what precedes the first one. */
#include "odoo/cleanup.h"
#include "odoo/client_private.h"
#include "odoo/json.h"
#include "odoo/jsonrpc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Before this version a call without a session may fail without a word (transport.h). */
#define FIRST_WITHOUT_SESSION 16

static int build_call(
	struct odoo_client *client, const struct job *job, struct odoo_http_request *ret_request)
{
	return client->transport->class->call_request(
		client->transport, job->request, client->context, ret_request);
}

static int read_call(struct odoo_client *client, const struct job *job,
	const struct odoo_http_answer *answer, cJSON **ret_result, struct odoo_error *error)
{
	return client->transport->class->call_answer(
		client->transport, job->request, answer, ret_result, error);
}

const struct job_class job_call = { build_call, read_call };

static int build_session(
	struct odoo_client *client, const struct job *job, struct odoo_http_request *ret_request)
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

/* What every web client asks first, whatever the transport: versions 8 and later answer it. */
static int build_web_version(
	struct odoo_client *client, const struct job *job, struct odoo_http_request *ret_request)
{
	int r = odoo_http_request_print(ret_request, "/web/webclient/version_info",
		"application/json",
		"{\"jsonrpc\":\"2.0\",\"method\":\"call\",\"id\":1,\"params\":{}}");

	if (r == 0) {
		ret_request->id = 1;
	}
	return r;
}

static int read_web_version(struct odoo_client *client, const struct job *job,
	const struct odoo_http_answer *answer, cJSON **ret_result, struct odoo_error *error)
{
	const struct odoo_occasion occasion = { .method = "", .database = client->database };

	return odoo_jsonrpc_result(answer, &occasion, ret_result, error);
}

static const struct job_class job_web_version = { build_web_version, read_web_version };

static int build_version(
	struct odoo_client *client, const struct job *job, struct odoo_http_request *ret_request)
{
	return client->transport->class->version_request(client->transport, ret_request);
}

static int read_version(struct odoo_client *client, const struct job *job,
	const struct odoo_http_answer *answer, cJSON **ret_result, struct odoo_error *error)
{
	return client->transport->class->version_answer(
		client->transport, answer, ret_result, error);
}

static const struct job_class job_version = { build_version, read_version };

static int build_login(
	struct odoo_client *client, const struct job *job, struct odoo_http_request *ret_request)
{
	return client->transport->class->login_request(client->transport, ret_request);
}

static int read_login(struct odoo_client *client, const struct job *job,
	const struct odoo_http_answer *answer, cJSON **ret_result, struct odoo_error *error)
{
	return client->transport->class->login_answer(client->transport, answer, error);
}

static const struct job_class job_login = { build_login, read_login };

/* 19 of [19, 0, …], and 18 of ["saas~18", 2, …]. Returns 0 when it is neither. */
static int parse_major(const cJSON *version)
{
	const cJSON *first = cJSON_GetArrayItem(odoo_json_get(version, "server_version_info"), 0);
	const char *digits;
	uint32_t major;

	if (odoo_json_get_id(first, &major) == 0) {
		return major < 1000 ? (int)major : 0;
	}
	if (!cJSON_IsString(first)) {
		return 0;
	}
	digits = strpbrk(first->valuestring, "0123456789");
	return digits ? (int)(strtoul(digits, NULL, 10) % 1000) : 0;
}

static int keep_version(struct odoo_client *client, const cJSON *version, struct odoo_error *error)
{
	const char *text = odoo_json_get_string(version, "server_version");
	char *copy;

	client->major = parse_major(version);
	if (!text || client->major == 0) {
		odoo_error_set(error, ODOO_FAULT_NOT_ODOO,
			"%s answers in JSON, but not with Odoo's version", http_peer(client->http));
		return -EHOSTUNREACH;
	}
	copy = strdup(text);
	if (!copy) {
		odoo_error_set(error, ODOO_FAULT_INTERNAL, "out of memory");
		return -ENOMEM;
	}
	free(client->version);
	client->version = copy;
	return 0;
}

/* The web client's way may be closed while /jsonrpc is open. */
static bool is_worth_a_second_try(const struct odoo_error *error)
{
	return error->fault == ODOO_FAULT_NOT_ODOO || error->fault == ODOO_FAULT_MALFORMED ||
	       error->fault == ODOO_FAULT_SERVER || error->fault == ODOO_FAULT_REDIRECT;
}

/* What isn't JSON-RPC at this stage isn't Odoo. */
static void name_stranger(struct odoo_client *client, struct odoo_error *error)
{
	int status = error->http_status;

	if (error->fault == ODOO_FAULT_MALFORMED || error->fault == ODOO_FAULT_NOT_ODOO) {
		odoo_error_set(error, ODOO_FAULT_NOT_ODOO, "no Odoo server at %s: %s",
			http_peer(client->http), error->message);
		error->http_status = status;
	}
}

static int ask_version(struct odoo_client *client, int64_t deadline, struct odoo_error *error)
{
	_cleanup_json_ cJSON *version = NULL;
	int r = client_exchange(client, &job_web_version, NULL, deadline, &version, error);

	if (r < 0 && is_worth_a_second_try(error)) {
		_cleanup_odoo_error_ struct odoo_error second = { 0 };

		r = client_exchange(client, &job_version, NULL, deadline, &version, &second);
	}
	if (r < 0) {
		name_stranger(client, error);
		return odoo_error_errno(error);
	}
	return keep_version(client, version, error);
}

/* Without a session there is a login all the same, with fewer words: no failure here counts. */
static void ask_session(struct odoo_client *client, int64_t deadline)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };
	cJSON *none;

	if (client->major < FIRST_WITHOUT_SESSION && client->transport->class->session_request) {
		client_exchange(client, &job_session, NULL, deadline, &none, &error);
	}
}

static int ask_login(struct odoo_client *client, int64_t deadline, struct odoo_error *error)
{
	cJSON *none;
	int r = client_exchange(client, &job_login, NULL, deadline, &none, error);

	/* A session can't be bound to a database that isn't there, so the fault came without words.
	 */
	if (r < 0 && error->fault == ODOO_FAULT_SERVER && !error->name &&
		client->major < FIRST_WITHOUT_SESSION) {
		odoo_error_set(error, ODOO_FAULT_DATABASE,
			"there is probably no database \"%s\" on this server: the login failed "
			"with HTTP 500",
			client->database);
		r = odoo_error_errno(error);
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
	r = ask_version(client, deadline, error);
	if (r < 0) {
		return r;
	}
	ask_session(client, deadline);
	return ask_login(client, deadline, error);
}
