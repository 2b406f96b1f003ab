/* SPDX-License-Identifier: MIT */
#include "script.h"

#include "unit.h"

#include <stdio.h>
#include <string.h>

static void answer_version(const struct server_request *request, const struct script *script)
{
	char member[200];

	snprintf(member, sizeof(member),
		"\"result\":{\"server_version\":\"%u.0-20260101\",\"server_version_info\":"
		"[%u,0,0,\"final\",0,\"\"]}",
		script->major, script->major);
	server_json(request, member);
}

static void answer_session(const struct server_request *request, struct script *script)
{
	char header[80];

	snprintf(header, sizeof(header),
		"Set-Cookie: session_id=s%u; Path=/\r\nLocation: http://elsewhere.example/\r\n",
		++script->n_sessions);
	server_answer(request, "302 Found", "text/html", header, "");
}

bool script_answer(const struct server_request *request, void *data)
{
	struct script *script = data;

	if (strstr(request->line, "version_info")) {
		answer_version(request, script);
	} else if (strcmp(request->line, "GET /web?db=db") == 0) {
		answer_session(request, script);
	} else if (strstr(request->body, "\"authenticate\"")) {
		server_json(request, script->login ? script->login : "\"result\":2");
	} else {
		script->n_calls++;
		return script->call(request, script);
	}
	return true;
}

void script_create(struct script *script, unsigned connections, unsigned timeout_ms,
	struct server **ret_server, struct odoo_client **ret_client)
{
	struct server *server = server_start(script_answer, script);
	const struct odoo_client_options options = {
		.url = server_url(server),
		.database = "db",
		.login = "user",
		.transport = script->transport,
		.secret = "s3cret\"\\",
		.connections = connections,
		.timeout_ms = timeout_ms,
	};
	struct odoo_error error = { 0 };

	assert_int_equal(odoo_client_create(&options, ret_client, &error), 0);
	*ret_server = server;
}

void script_start(struct script *script, unsigned connections, unsigned timeout_ms,
	struct server **ret_server, struct odoo_client **ret_client)
{
	struct odoo_error error = { 0 };

	if (script->major == 0) {
		script->major = 19;
	}
	script_create(script, connections, timeout_ms, ret_server, ret_client);
	assert_int_equal(odoo_client_login(*ret_client, &error), 0);
}

struct odoo_request *script_read(void)
{
	return odoo_request_search_after("res.partner", NULL, 0, 0);
}

struct odoo_request *script_create_record(void)
{
	struct odoo_request *request = odoo_request_create("res.partner", "create");

	assert_int_equal(
		odoo_request_set(request, "vals_list", cJSON_Parse("[{\"name\":\"x\"}]")), 0);
	return request;
}
