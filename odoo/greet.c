/* SPDX-License-Identifier: MIT */
/* The first question to a server: which version of Odoo it is. */
#include "odoo/auto.h"
#include "odoo/cleanup.h"
#include "odoo/client_private.h"
#include "odoo/json.h"
#include "odoo/jsonrpc.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* What every web client asks first, whatever the transport: versions 8 and later answer it. */
static int build_web_version(struct odoo_client *client, const struct job *job,
	struct odoo_http_request *ret_request, struct odoo_error *error)
{
	uint32_t id = odoo_transport_take_id(client->transport);
	int r = odoo_http_request_print(ret_request, "/web/webclient/version_info",
		"application/json", ODOO_ENVELOPE("{}"), id);

	return r < 0 ? r : odoo_http_request_identify(ret_request, id, NULL);
}

static int read_web_version(struct odoo_client *client, const struct job *job,
	const struct odoo_http_answer *answer, cJSON **ret_result, struct odoo_error *error)
{
	const struct odoo_occasion occasion = odoo_transport_occasion(client->transport, NULL);

	return odoo_jsonrpc_result(answer, &occasion, ret_result, error);
}

static const struct job_class job_web_version = { build_web_version, read_web_version };

static int build_version(struct odoo_client *client, const struct job *job,
	struct odoo_http_request *ret_request, struct odoo_error *error)
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
			"no Odoo server at %s: it answers, but not with Odoo's version",
			http_peer(client->http));
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

/* What doesn't answer as Odoo does at this stage isn't Odoo. */
static void name_stranger(struct odoo_client *client, struct odoo_error *error)
{
	int status = error->http_status;

	if (error->fault == ODOO_FAULT_MALFORMED || error->fault == ODOO_FAULT_NOT_ODOO) {
		odoo_error_set(error, ODOO_FAULT_NOT_ODOO, "no Odoo server at %s: %s",
			http_peer(client->http), error->message);
		error->http_status = status;
	}
}

/* One way of asking. What `error` holds of an earlier way is kept: it is the one to report. */
static int ask(struct odoo_client *client, const struct job_class *class, int64_t deadline,
	cJSON **ret_version, struct odoo_error *error)
{
	_cleanup_odoo_error_ struct odoo_error second = { 0 };
	bool first = !error->fault;
	int r;

	if (!first && !is_worth_a_second_try(error)) {
		return odoo_error_errno(error);
	}
	r = client_exchange(client, class, NULL, deadline, ret_version, first ? error : &second);
	return r == 0 ? 0 : odoo_error_errno(error);
}

/* The transport's own way, at each of its doors. */
static int ask_own(
	struct odoo_client *client, int64_t deadline, cJSON **ret_version, struct odoo_error *error)
{
	struct odoo_transport *t = client->transport;
	int r = -EHOSTUNREACH;

	if (!t->class->version_request) {
		return odoo_error_errno(error);
	}
	do {
		r = ask(client, &job_version, deadline, ret_version, error);
	} while (r < 0 && t->class->next_door && t->class->next_door(t));
	return r;
}

/* When all else is closed: the transport that is tried last is asked as well. */
static int ask_last(
	struct odoo_client *client, int64_t deadline, cJSON **ret_version, struct odoo_error *error)
{
	const struct odoo_choice choice = { ODOO_TRANSPORT_XMLRPC,
		"neither /web nor /jsonrpc answers" };
	int r = client_choose(client, &choice, error);

	return r == 0 ? ask_own(client, deadline, ret_version, error) : r;
}

int client_greet(struct odoo_client *client, int64_t deadline, struct odoo_error *error)
{
	_cleanup_json_ cJSON *version = NULL;
	bool own_first = client->transport->class->version_first;
	int r = -EHOSTUNREACH;

	if (own_first) {
		r = ask_own(client, deadline, &version, error);
	}
	if (r < 0) {
		r = ask(client, &job_web_version, deadline, &version, error);
	}
	if (r < 0 && !own_first) {
		r = ask_own(client, deadline, &version, error);
	}
	if (r < 0 && client->wanted == ODOO_TRANSPORT_AUTO && is_worth_a_second_try(error)) {
		r = ask_last(client, deadline, &version, error);
	}
	if (r < 0) {
		name_stranger(client, error);
		return odoo_error_errno(error);
	}
	odoo_error_finish(error);
	return keep_version(client, version, error);
}
