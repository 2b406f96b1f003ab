/* SPDX-License-Identifier: MIT */
/*
 * The xmlrpc transport: /xmlrpc/2 with execute_kw, which Odoo 8 to 21 speak, or /xmlrpc, which is
 * older and whose faults are texts. Both take the same calls.
 */
#include "odoo/arguments.h"
#include "odoo/cleanup.h"
#include "odoo/json.h"
#include "odoo/transport.h"
#include "odoo/xml_read.h"
#include "odoo/xml_write.h"
#include "odoo/xmlrpc_fault.h"

#include <errno.h>
#include <string.h>

#define XML_TYPE "text/xml"

struct xmlrpc {
	struct odoo_transport transport; /* first, so that one is the other */
	bool old_door;			 /* /xmlrpc instead of /xmlrpc/2 */
};

static struct xmlrpc *get_xmlrpc(struct odoo_transport *t)
{
	return (struct xmlrpc *)t;
}

/* ── Requests ── */

/* A request of what was written, which is taken over on success only. */
static int make_request(struct odoo_transport *t, const char *service, struct xml_text *x,
	struct odoo_http_request *ret)
{
	struct odoo_http_request request = { .content_type = strdup(XML_TYPE) };

	if (x->failed) {
		free(request.content_type);
		return x->failed;
	}
	if (asprintf(&request.path, "/xmlrpc/%s%s", get_xmlrpc(t)->old_door ? "" : "2/", service) <
		0) {
		request.path = NULL;
	}
	if (!request.path || !request.content_type) {
		odoo_http_request_finish(&request);
		return -ENOMEM;
	}
	request.body = x->text;
	request.body_size = x->size;
	*x = (struct xml_text){ 0 };
	*ret = request;
	return 0;
}

static int version_request(struct odoo_transport *t, struct odoo_http_request *ret_request)
{
	struct xml_text x = { 0 };
	int r;

	xml_begin_call(&x, "version");
	xml_end_call(&x);
	r = make_request(t, "common", &x, ret_request);
	xml_finish(&x);
	return r;
}

static int refuse_character(const char *whose, struct odoo_error *error)
{
	odoo_error_set(error, ODOO_FAULT_VALIDATION,
		"%s has a control character, which can't be sent through XML-RPC (other transports "
		"can)",
		whose);
	return -EILSEQ;
}

static void put_number_param(struct xml_text *x, uint32_t number)
{
	cJSON value = { .type = cJSON_Number, .valuedouble = number };

	xml_put_param(x, &value);
}

static int call_request(struct odoo_transport *t, const struct odoo_request *request,
	const cJSON *context, struct odoo_http_request *ret_request, struct odoo_error *error)
{
	_cleanup_json_ cJSON *positional = odoo_arguments_positional(request, t->major);
	_cleanup_json_ cJSON *named = odoo_arguments_named(request, context);
	struct xml_text x = { 0 };
	int r;

	if (!positional || !named) {
		return -ENOMEM;
	}
	xml_begin_call(&x, "execute_kw");
	xml_put_text_param(&x, t->credentials.database);
	put_number_param(&x, t->uid ? t->uid : t->found);
	xml_put_text_param(&x, t->credentials.secret);
	xml_put_text_param(&x, request->model);
	xml_put_text_param(&x, request->method);
	xml_put_param(&x, positional);
	xml_put_param(&x, named);
	xml_end_call(&x);
	r = make_request(t, "object", &x, ret_request);
	xml_finish(&x);
	return r == -EILSEQ ? refuse_character("a value", error) : r;
}

static int authenticate_request(
	struct odoo_transport *t, struct odoo_http_request *ret_request, struct odoo_error *error)
{
	struct xml_text x = { 0 };
	int r;

	/* The old door has this one under its older name. */
	xml_begin_call(&x, get_xmlrpc(t)->old_door ? "login" : "authenticate");
	xml_put_text_param(&x, t->credentials.database);
	xml_put_text_param(&x, t->credentials.login);
	xml_put_text_param(&x, t->credentials.secret);
	if (!get_xmlrpc(t)->old_door) {
		xml_put(&x, "<param><value><struct></struct></value></param>");
	}
	xml_end_call(&x);
	r = make_request(t, "common", &x, ret_request);
	xml_finish(&x);
	return r == -EILSEQ ? refuse_character("the database, the login or the password", error)
			    : r;
}

static int login_request(
	struct odoo_transport *t, struct odoo_http_request *ret_request, struct odoo_error *error)
{
	/* What context_get would say, version 14 can't put into XML. */
	return t->login_more ? odoo_transport_preferences_request(t, NULL, ret_request, error)
			     : authenticate_request(t, ret_request, error);
}

/* ── Answers ── */

/* Whatever its status, a body that isn't XML is somebody else's. */
static int check_answer(const struct odoo_http_answer *answer, struct odoo_error *error)
{
	const char *type = answer->content_type;

	if (answer->status == 200 &&
		(strcmp(type, XML_TYPE) == 0 || strcmp(type, "application/xml") == 0)) {
		return 0;
	}
	return odoo_http_answer_refuse(answer, error);
}

/*
 * Until version 18 a group over no records has None for its greatest id. Elsewhere that is null,
 * here it is a fault; no group at all means the same.
 */
static bool is_empty_group(const struct odoo_request *request, enum odoo_none none)
{
	const cJSON *groupby = request ? odoo_json_get(request->params, "groupby") : NULL;

	return none == ODOO_NONE_WITHIN && request && strcmp(request->method, "read_group") == 0 &&
	       cJSON_IsArray(groupby) && cJSON_GetArraySize(groupby) == 0;
}

/* 0 when the fault is none: what it stands for. Else what it says. */
static int take_fault(const struct odoo_request *request, const cJSON *fault,
	const struct odoo_occasion *occasion, cJSON **ret_result, struct odoo_error *error)
{
	enum odoo_none none = odoo_xmlrpc_find_none(fault);

	if (none == ODOO_NONE_ALL) {
		*ret_result = cJSON_CreateNull();
		return 0;
	}
	if (is_empty_group(request, none)) {
		*ret_result = cJSON_CreateArray();
		return 0;
	}
	if (none == ODOO_NONE_WITHIN) {
		odoo_error_set(error, ODOO_FAULT_SERVER,
			"there is an empty value (null) in what the server has to send, which "
			"XML-RPC can't hold (other transports can)");
	} else {
		odoo_xmlrpc_fault(error, fault, occasion);
	}
	return -1;
}

/* `request` is NULL for those that aren't calls. */
static int call_answer(struct odoo_transport *t, const struct odoo_request *request,
	const struct odoo_http_answer *answer, cJSON **ret_result, struct odoo_error *error)
{
	const struct odoo_occasion occasion = odoo_transport_occasion(t, request);
	_cleanup_json_ cJSON *value = NULL;
	bool is_fault;

	if (check_answer(answer, error)) {
		return -1;
	}
	if (odoo_xml_parse(answer->body, answer->size, &value, &is_fault, error)) {
		odoo_error_hide(error, t->credentials.secret);
		return -1;
	}
	if (is_fault) {
		return take_fault(request, value, &occasion, ret_result, error);
	}
	*ret_result = steal(value);
	return 0;
}

static int version_answer(struct odoo_transport *t, const struct odoo_http_answer *answer,
	cJSON **ret_result, struct odoo_error *error)
{
	return call_answer(t, NULL, answer, ret_result, error);
}

static int take_user(struct odoo_transport *t, const cJSON *uid, struct odoo_error *error)
{
	if (cJSON_IsFalse(uid)) {
		return odoo_transport_refused(t, error);
	}
	if (odoo_json_get_id(uid, &t->found)) {
		odoo_error_set(error, ODOO_FAULT_MALFORMED,
			"the answer to the login is not the id of a user");
		return -1;
	}
	t->login_more = true;
	return 0;
}

static int login_answer(
	struct odoo_transport *t, const struct odoo_http_answer *answer, struct odoo_error *error)
{
	_cleanup_json_ cJSON *result = NULL;
	bool more = t->login_more;

	if (call_answer(t, NULL, answer, &result, error)) {
		t->login_more = false;
		return -1;
	}
	if (!more) {
		return take_user(t, result, error);
	}
	odoo_transport_take_preferences(t, result);
	return 0;
}

/* ── Life ── */

static bool next_door(struct odoo_transport *t)
{
	bool first = !get_xmlrpc(t)->old_door;

	get_xmlrpc(t)->old_door = true;
	return first;
}

static void destroy(struct odoo_transport *t)
{
	free(t);
}

static const struct odoo_transport_class xmlrpc_class = {
	.kind = ODOO_TRANSPORT_XMLRPC,
	.max_major = 21,
	.version_first = true,
	.version_request = version_request,
	.version_answer = version_answer,
	.login_request = login_request,
	.login_answer = login_answer,
	.call_request = call_request,
	.call_answer = call_answer,
	.next_door = next_door,
	.destroy = destroy,
};

struct odoo_transport *odoo_xmlrpc_create(const struct odoo_credentials *credentials)
{
	struct xmlrpc *x = calloc(1, sizeof(*x));

	if (!x) {
		return NULL;
	}
	x->transport.class = &xmlrpc_class;
	x->transport.credentials = *credentials;
	return &x->transport;
}
