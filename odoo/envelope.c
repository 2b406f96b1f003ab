/* SPDX-License-Identifier: MIT */
#include "odoo/cleanup.h"
#include "odoo/json.h"
#include "odoo/jsonrpc.h"

#include <string.h>

static int malformed(struct odoo_error *error, const char *what)
{
	odoo_error_set(error, ODOO_FAULT_MALFORMED, "not a JSON-RPC answer: %s", what);
	return -1;
}

/* "data" is Odoo's own; the rest is what the framework says when there is none. */
static int read_error(
	const cJSON *json, const struct odoo_occasion *occasion, struct odoo_error *error)
{
	struct odoo_exception exception = odoo_exception_from_json(odoo_json_get(json, "data"));

	if (!exception.message || !exception.message[0]) {
		exception.message = cJSON_IsString(json) ? json->valuestring
							 : odoo_json_get_string(json, "message");
	}
	odoo_error_set_exception(error, &exception, occasion);
	return -1;
}

/* An error made before the request was read names no id. */
static bool has_id(const cJSON *json, uint32_t expected)
{
	const cJSON *id = odoo_json_get(json, "id");
	uint32_t number;

	if (!expected || (cJSON_IsNull(id) && odoo_json_get(json, "error"))) {
		return true;
	}
	return odoo_json_get_id(id, &number) == 0 && number == expected;
}

/* The envelope, closed; another status with something else in its body is a gateway's. */
static int parse(const struct odoo_http_answer *answer, cJSON **ret_json, struct odoo_error *error)
{
	_cleanup_json_ cJSON *json = NULL;

	if (odoo_http_answer_check(answer, error)) {
		return -1;
	}
	if (odoo_json_parse(answer->body, answer->size, &json, error)) {
		return answer->status == 200 ? -1 : odoo_http_answer_refuse(answer, error);
	}
	if (!cJSON_IsObject(json) || !has_id(json, answer->id)) {
		return answer->status == 200 ? malformed(error, "it answers no request of ours")
					     : odoo_http_answer_refuse(answer, error);
	}
	*ret_json = steal(json);
	return 0;
}

int odoo_jsonrpc_result(const struct odoo_http_answer *answer, const struct odoo_occasion *occasion,
	cJSON **ret_result, struct odoo_error *error)
{
	_cleanup_json_ cJSON *json = NULL;
	const cJSON *failure;
	cJSON *result;

	if (parse(answer, &json, error)) {
		odoo_error_hide(error, occasion->secret);
		return -1;
	}
	failure = odoo_json_get(json, "error");
	if (failure && !cJSON_IsNull(failure)) {
		return read_error(failure, occasion, error);
	}
	/* A method that returns None leaves "result" out on some versions. */
	result = cJSON_DetachItemFromObjectCaseSensitive(json, "result");
	if (!result) {
		result = cJSON_CreateNull();
	}
	if (!result) {
		odoo_error_set(error, ODOO_FAULT_INTERNAL, "out of memory");
		return -1;
	}
	*ret_result = result;
	return 0;
}
