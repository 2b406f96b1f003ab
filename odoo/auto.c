/* SPDX-License-Identifier: MIT */
#include "odoo/auto.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define KEY_LENGTH 40
#define FIRST_WITH_JSON2 19
#define FIRST_WITHOUT_RPC 22 /* neither /jsonrpc nor /xmlrpc */

bool odoo_looks_like_key(const char *secret)
{
	return strspn(secret, "0123456789abcdef") == KEY_LENGTH && secret[KEY_LENGTH] == '\0';
}

__attribute__((format(printf, 3, 4))) static void choose(
	struct odoo_choice *choice, enum odoo_transport_kind kind, const char *format, ...)
{
	va_list arguments;

	choice->kind = kind;
	va_start(arguments, format);
	vsnprintf(choice->reason, sizeof(choice->reason), format, arguments);
	va_end(arguments);
}

void odoo_auto_begin(unsigned major, const char *secret, struct odoo_choice *ret_choice)
{
	bool key = odoo_looks_like_key(secret);

	if (major >= FIRST_WITH_JSON2 && key) {
		choose(ret_choice, ODOO_TRANSPORT_JSON2,
			"Odoo %u, and the secret looks like an API key", major);
	} else if (major >= FIRST_WITHOUT_RPC) {
		choose(ret_choice, ODOO_TRANSPORT_SESSION,
			"Odoo %u, and the secret doesn't look like an API key", major);
	} else if (major >= FIRST_WITH_JSON2) {
		choose(ret_choice, ODOO_TRANSPORT_JSONRPC,
			"the secret doesn't look like an API key, which json2 needs");
	} else {
		choose(ret_choice, ODOO_TRANSPORT_JSONRPC, "Odoo %u has no json2", major);
	}
}

bool odoo_is_closed_door(const struct odoo_error *error)
{
	switch (error->http_status) {
	case 403:
	case 404:
	case 405:
	case 410:
	case 501:
		return error->fault == ODOO_FAULT_NOT_ODOO || error->fault == ODOO_FAULT_SERVER ||
		       error->fault == ODOO_FAULT_DATABASE;
	default:
		return error->fault == ODOO_FAULT_REDIRECT;
	}
}

bool odoo_auto_go_on(unsigned major, const char *secret, const struct odoo_error *error,
	struct odoo_choice *choice)
{
	bool key = odoo_looks_like_key(secret);

	if (!odoo_is_closed_door(error)) {
		return false;
	}
	switch (choice->kind) {
	case ODOO_TRANSPORT_JSON2:
		choose(choice, ODOO_TRANSPORT_JSONRPC, "/json/2 is closed: HTTP %d",
			error->http_status);
		return major < FIRST_WITHOUT_RPC;
	case ODOO_TRANSPORT_JSONRPC:
		choose(choice, ODOO_TRANSPORT_XMLRPC, "/jsonrpc is closed: HTTP %d",
			error->http_status);
		return true;
	case ODOO_TRANSPORT_XMLRPC:
		choose(choice, ODOO_TRANSPORT_SESSION, "/jsonrpc and /xmlrpc are closed: HTTP %d",
			error->http_status);
		return !key;
	default:
		return false;
	}
}
