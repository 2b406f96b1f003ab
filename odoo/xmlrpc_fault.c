/* SPDX-License-Identifier: MIT */
#include "odoo/xmlrpc_fault.h"

#include "odoo/cleanup.h"
#include "odoo/json.h"

#include <stdlib.h>
#include <string.h>

/* The codes of /xmlrpc/2. */
enum {
	CODE_WARNING = 2,
	CODE_DENIED = 3,
	CODE_ACCESS = 4,
};

#define TRACEBACK "Traceback (most recent call last):\n"

/* What stands between an exception and the one that it led to. */
static const char *const links[] = {
	"\n\nDuring handling of the above exception, another exception occurred:\n\n" TRACEBACK,
	"\n\nThe above exception was the direct cause of the following exception:\n\n" TRACEBACK,
};

/* The part of a traceback that is about the exception that came out; NULL when it is none. */
static const char *find_last_exception(const char *traceback)
{
	const char *last = strncmp(traceback, TRACEBACK, strlen(TRACEBACK)) == 0 ? traceback : NULL;
	bool more = last;

	while (more) {
		more = false;
		for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
			const char *next = strstr(last, links[i]);

			if (next) {
				last = next + strlen(links[i]) - strlen(TRACEBACK);
				more = true;
			}
		}
	}
	return last;
}

/* "odoo.exceptions.UserError: …": the first line that isn't indented as the frames are. */
static const char *skip_frames(const char *exception)
{
	const char *line = exception + strlen(TRACEBACK);

	while (line[0] == ' ' && line[1] == ' ') {
		line += strcspn(line, "\n");
		line += *line == '\n';
	}
	return line;
}

/* What the exception is called; Python leaves the module of its own ones out. */
static char *make_name(const char *line, size_t size)
{
	const char *module = memchr(line, '.', size) ? "" : "builtins.";
	char *name;

	return asprintf(&name, "%s%.*s", module, (int)size, line) >= 0 ? name : NULL;
}

/* A KeyError's text is the key as Python writes it; the other protocols give it as it is. */
static char *make_message(const char *text, bool is_key)
{
	size_t size = strlen(text);

	while (size > 0 && text[size - 1] == '\n') {
		size--;
	}
	if (is_key && size >= 2 && text[0] == '\'' && text[size - 1] == '\'') {
		return strndup(text + 1, size - 2);
	}
	return strndup(text, size);
}

static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '.';
}

/* `message`, where it isn't NULL, is the exception's as the server gave it besides. */
static void set_traceback(struct odoo_error *error, const char *traceback, const char *message,
	const struct odoo_occasion *occasion)
{
	const char *last = find_last_exception(traceback);
	const char *line = last ? skip_frames(last) : "";
	size_t size = 0;

	while (is_name(line[size])) {
		size++;
	}
	_cleanup_free_ char *name = size > 0 ? make_name(line, size) : NULL;
	const char *text = strncmp(line + size, ": ", 2) == 0 ? line + size + 2 : line + size;
	_cleanup_free_ char *own = make_message(
		last ? text : traceback, name && strcmp(name, "builtins.KeyError") == 0);
	const struct odoo_exception exception = {
		.name = name,
		.message = message && message[0] ? message : own,
		.debug = traceback,
	};

	odoo_error_set_exception(error, &exception, occasion);
}

/*
 * Of "('No.', {…}, 'Go there', None)", which is Python's word for an exception of several
 * arguments, the first; NULL when it is none.
 */
static char *first_of_several(const char *text)
{
	size_t size = strlen(text);
	char quote = text[0] == '(' ? text[1] : '\0';
	const char *from = text + 2;
	char *first, *to;

	if ((quote != '\'' && quote != '"') || text[size - 1] != ')' || !(first = malloc(size))) {
		return NULL;
	}
	for (to = first; *from && *from != quote; from++) {
		if (from[0] == '\\' && from[1] && strchr("'\"\\n", from[1])) {
			from++;
			*to++ = *from == 'n' ? '\n' : *from;
		} else {
			*to++ = *from;
		}
	}
	*to = '\0';
	if (strncmp(from + (*from != '\0'), ", ", 2) != 0) {
		free(steal(first));
	}
	return first;
}

/* Odoo's own, with no more than its message. */
static void set_bare(struct odoo_error *error, const char *name, const char *message,
	const struct odoo_occasion *occasion)
{
	_cleanup_free_ char *first = first_of_several(message);
	const struct odoo_exception exception = {
		.name = name, .message = first ? first : message, .bare = true
	};

	odoo_error_set_exception(error, &exception, occasion);
}

/*
 * A missing record is a warning like any other, in the user's language, but for the record that is
 * named at its end: "(Record: res.partner(99,), User: 2)".
 */
static bool is_missing(const char *message, const struct odoo_occasion *occasion)
{
	size_t size = strlen(occasion->model);
	const char *at = size > 0 ? message : NULL;

	while (at && (at = strstr(at, occasion->model))) {
		at += size;
		if (at[0] == '(' && at[1] >= '0' && at[1] <= '9' && strchr(message, ',')) {
			return true;
		}
	}
	return false;
}

static void set_coded(
	struct odoo_error *error, int code, const char *text, const struct odoo_occasion *occasion)
{
	switch (code) {
	case CODE_WARNING:
		set_bare(error,
			is_missing(text, occasion) ? "odoo.exceptions.MissingError"
						   : "odoo.exceptions.UserError",
			text, occasion);
		break;
	case CODE_DENIED:
		set_bare(error, "odoo.exceptions.AccessDenied", text, occasion);
		break;
	case CODE_ACCESS:
		set_bare(error, "odoo.exceptions.AccessError", text, occasion);
		break;
	default:
		set_traceback(error, text, NULL, occasion);
	}
}

/* "warning -- MissingError\n\nRecord does not exist": by name, as far as there is one. */
static bool set_warning(
	struct odoo_error *error, const char *code, const struct odoo_occasion *occasion)
{
	static const char start[] = "warning -- ";
	const char *name = code + strlen(start);
	const char *end = strncmp(code, start, strlen(start)) == 0 ? strstr(name, "\n\n") : NULL;
	_cleanup_free_ char *full = NULL;

	if (!end) {
		return false;
	}
	if (strncmp(name, "Warning\n", 8) == 0) {
		full = strdup("odoo.exceptions.RedirectWarning");
	} else if (asprintf(&full, "odoo.exceptions.%.*s", (int)(end - name), name) < 0) {
		full = NULL;
	}
	set_bare(error, full, end + 2, occasion);
	return true;
}

static void set_named(struct odoo_error *error, const char *code, const char *text,
	const struct odoo_occasion *occasion)
{
	if (strcmp(code, "AccessDenied") == 0) {
		set_bare(error, "odoo.exceptions.AccessDenied", text, occasion);
	} else if (!set_warning(error, code, occasion)) {
		set_traceback(error, text, code, occasion);
	}
}

void odoo_xmlrpc_fault(
	struct odoo_error *error, const cJSON *fault, const struct odoo_occasion *occasion)
{
	const cJSON *code = odoo_json_get(fault, "faultCode");
	const char *text = odoo_json_get_string(fault, "faultString");

	if (cJSON_IsString(code)) {
		set_named(error, code->valuestring, text ? text : "", occasion);
	} else if (cJSON_IsNumber(code) && text) {
		set_coded(error, code->valueint, text, occasion);
	} else {
		odoo_error_set(error, ODOO_FAULT_MALFORMED,
			"no XML-RPC: a fault without a code or a text");
	}
}

enum odoo_none odoo_xmlrpc_find_none(const cJSON *fault)
{
	const char *text = odoo_json_get_string(fault, "faultString");
	const char *raised = text ? strstr(text, "\nTypeError: cannot marshal None unless ") : NULL;

	/* Of the marshaller, behind everything else: the method had returned. */
	if (!raised || strchr(raised + 1, '\n') != raised + strlen(raised) - 1 ||
		!strstr(text, " in dump_nil\n")) {
		return ODOO_NONE_NOWHERE;
	}
	return strstr(text, " in dump_array\n") || strstr(text, " in dump_struct\n")
		       ? ODOO_NONE_WITHIN
		       : ODOO_NONE_ALL;
}
