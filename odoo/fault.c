/* SPDX-License-Identifier: MIT */
#include "odoo/fault.h"

#include "odoo/cleanup.h"
#include "odoo/json.h"
#include "odoo/limits.h"

#include <string.h>
#include <unistr.h>

#define HIDDEN "***"

static bool is_blank(char c)
{
	return (unsigned char)c <= ' ' || c == 0x7f;
}

/* Cut at ODOO_MAX_MESSAGE, but not inside a character. */
static void cut(char *text)
{
	size_t size = strlen(text);

	if (size <= ODOO_MAX_MESSAGE) {
		return;
	}
	size = ODOO_MAX_MESSAGE;
	while (size > 0 && ((unsigned char)text[size] & 0xc0) == 0x80) {
		size--;
	}
	text[size] = '\0';
}

char *odoo_message_clean(const char *text, const char *secret)
{
	size_t secret_size = secret ? strlen(secret) : 0;
	/* A secret of one byte makes three of each byte. */
	char *message = malloc(strlen(text) * strlen(HIDDEN) + 1);
	size_t n = 0;

	if (!message) {
		return NULL;
	}
	while (*text) {
		if (secret_size > 0 && strncmp(text, secret, secret_size) == 0) {
			memcpy(message + n, HIDDEN, strlen(HIDDEN));
			n += strlen(HIDDEN);
			text += secret_size;
		} else if (!is_blank(*text)) {
			message[n++] = *text++;
		} else {
			if (n > 0 && message[n - 1] != ' ') {
				message[n++] = ' ';
			}
			text++;
		}
	}
	while (n > 0 && message[n - 1] == ' ') {
		n--;
	}
	message[n] = '\0';
	cut(message);
	return message;
}

void odoo_error_hide(struct odoo_error *error, const char *secret)
{
	_cleanup_free_ char *message = NULL;

	if (!error || !secret || !secret[0] || !strstr(error->message, secret)) {
		return;
	}
	message = odoo_message_clean(error->message, secret);
	odoo_error_set(error, error->fault, "%s", message ? message : HIDDEN);
}

static bool contains(const char *text, const char *part)
{
	return strstr(text, part) != NULL;
}

/* Methods that odoofs calls with arguments of its own making: a wrong value isn't the user's. */
static bool is_plain_read(const char *method)
{
	return strcmp(method, "read") == 0 || strcmp(method, "search_read") == 0 ||
	       strcmp(method, "fields_get") == 0;
}

/*
 * PostgreSQL's unique constraints. Version 19 has its exception in the traceback; 14 has it only
 * where Odoo has no sentence for the constraint, else no more than that some constraint has one,
 * so that the sentence itself has to tell a unique one from a check. Without a traceback there is
 * nothing but the sentence, which may as well be business logic's own: there it has to be plainer.
 */
static bool is_unique(const struct odoo_exception *e)
{
	return contains(e->debug, "UniqueViolation") ||
	       contains(e->message, "violates unique constraint") ||
	       (contains(e->debug, "tr(key, 'sql_constraint')") &&
		       (strcasestr(e->message, "uniq") || strcasestr(e->message, "already"))) ||
	       (e->bare &&
		       (strcasestr(e->message, "uniq") || strcasestr(e->message, "already exist")));
}

/*
 * A foreign key, or a required one that would have become empty. As the exception says the same for
 * a reference that doesn't exist, the method has to be known. `raise ValidationError(msg)` is how
 * version 14 passes on what PostgreSQL refused.
 */
static bool is_referenced(const struct odoo_exception *e, const struct odoo_occasion *o)
{
	return strcmp(o->method, "unlink") == 0 &&
	       ((e->bare && (contains(e->message, "_fkey") ||
				    strcasestr(e->message, "another model "))) ||
		       contains(e->debug, "ForeignKeyViolation") ||
		       contains(e->debug, "RestrictViolation") ||
		       contains(e->debug, "NotNullViolation") ||
		       contains(e->debug, "violates foreign key constraint") ||
		       contains(e->debug, "raise ValidationError(msg)"));
}

static enum odoo_fault constraint_fault(
	const struct odoo_exception *e, const struct odoo_occasion *o)
{
	if (is_referenced(e, o)) {
		return ODOO_FAULT_REFERENCED;
	}
	return is_unique(e) ? ODOO_FAULT_UNIQUE : ODOO_FAULT_VALIDATION;
}

/*
 * The secret was refused, except where the traceback shows that it had been taken: then the method
 * itself asked for a password. An address that is locked out for a while is not a wrong secret.
 */
static enum odoo_fault denied_fault(const struct odoo_exception *e, const struct odoo_occasion *o)
{
	if (contains(e->message, "Too many login failures")) {
		return ODOO_FAULT_BUSY;
	}
	return o->taken || contains(e->debug, "in execute_cr") ? ODOO_FAULT_ACCESS
							       : ODOO_FAULT_DENIED;
}

static enum odoo_fault odoo_exception_fault(
	const char *kind, const struct odoo_exception *e, const struct odoo_occasion *o)
{
	if (strcmp(kind, "AccessDenied") == 0) {
		return denied_fault(e, o);
	}
	if (strcmp(kind, "AccessError") == 0) {
		return ODOO_FAULT_ACCESS;
	}
	if (strcmp(kind, "MissingError") == 0) {
		return ODOO_FAULT_MISSING;
	}
	if (strcmp(kind, "ValidationError") == 0) {
		return constraint_fault(e, o);
	}
	/* The sentence may be translated; the line of the traceback never is. */
	if (contains(e->debug, " doesn't exist\", obj)") ||
		(strncmp(e->message, "Object ", 7) == 0 && contains(e->message, "doesn't exist"))) {
		return ODOO_FAULT_UNKNOWN_MODEL;
	}
	if (e->bare && strcmp(kind, "UserError") == 0 &&
		constraint_fault(e, o) != ODOO_FAULT_VALIDATION) {
		return constraint_fault(e, o);
	}
	return ODOO_FAULT_USER;
}

/* Whether the database can't be connected to, in words that PostgreSQL may have translated. */
static bool is_about_database(const struct odoo_exception *e, const struct odoo_occasion *o)
{
	return contains(e->message, "FATAL:  database ") ||
	       (o->database[0] && contains(e->message, o->database) &&
		       contains(e->message, "FATAL"));
}

/* The model is looked up before anything else, so that a missing one is a missing key. */
static bool is_model_key(const struct odoo_exception *e, const struct odoo_occasion *o)
{
	size_t size = strlen(o->model);
	const char *key = e->message + (e->message[0] == '\'');

	return size > 0 && strncmp(key, o->model, size) == 0 &&
	       (key[size] == '\0' || key[size] == '\'');
}

static enum odoo_fault python_fault(
	const char *kind, const struct odoo_exception *e, const struct odoo_occasion *o)
{
	if (strcmp(kind, "KeyError") == 0 && is_model_key(e, o)) {
		return ODOO_FAULT_UNKNOWN_MODEL;
	}
	if (strcmp(kind, "AssertionError") == 0 && contains(e->message, "database name")) {
		return ODOO_FAULT_DATABASE;
	}
	if (is_plain_read(o->method)) {
		return ODOO_FAULT_SERVER;
	}
	return strcmp(kind, "ValueError") == 0 || strcmp(kind, "KeyError") == 0 ||
			       strcmp(kind, "TypeError") == 0
		       ? ODOO_FAULT_VALIDATION
		       : ODOO_FAULT_SERVER;
}

static enum odoo_fault database_fault(
	const char *kind, const struct odoo_exception *e, const struct odoo_occasion *o)
{
	static const char *const data[] = { "DataError", "IntegrityError",
		"InvalidTextRepresentation", "NumericValueOutOfRange", "StringDataRightTruncation",
		"InvalidDatetimeFormat", "CheckViolation", "UniqueViolation", "ForeignKeyViolation",
		"NotNullViolation" };

	if (strcmp(kind, "OperationalError") == 0 && is_about_database(e, o)) {
		return ODOO_FAULT_DATABASE;
	}
	for (size_t i = 0; i < sizeof(data) / sizeof(data[0]); i++) {
		if (strcmp(kind, data[i]) == 0 && !is_plain_read(o->method)) {
			return constraint_fault(e, o);
		}
	}
	return ODOO_FAULT_SERVER;
}

/* What Odoo's controllers raise before they call the method. */
static enum odoo_fault werkzeug_fault(
	const char *kind, const struct odoo_exception *e, const struct odoo_occasion *o)
{
	if (strcmp(kind, "Unauthorized") == 0) {
		return ODOO_FAULT_DENIED;
	}
	if (strcmp(kind, "Forbidden") == 0) {
		return ODOO_FAULT_ACCESS;
	}
	if (strcmp(kind, "RequestEntityTooLarge") == 0) {
		return ODOO_FAULT_TOO_LARGE;
	}
	if (strcmp(kind, "UnprocessableEntity") == 0) {
		return python_fault("TypeError", e, o);
	}
	/* Of json2, and of call_kw, which looks the model up by itself. Else it is the path. */
	if (strcmp(kind, "NotFound") == 0 && (strncmp(e->message, "the model ", 10) == 0 ||
						     contains(e->debug, "_call_kw_readonly"))) {
		return ODOO_FAULT_UNKNOWN_MODEL;
	}
	return ODOO_FAULT_SERVER;
}

struct odoo_exception odoo_exception_from_json(const cJSON *json)
{
	return (struct odoo_exception){
		.name = odoo_json_get_string(json, "name"),
		.message = odoo_json_get_string(json, "message"),
		.sentence = cJSON_GetStringValue(
			cJSON_GetArrayItem(odoo_json_get(json, "arguments"), 0)),
		.debug = odoo_json_get_string(json, "debug"),
	};
}

/* What is for a web client comes after the sentence: the action behind a button, and its name. */
static const char *words_of(const struct odoo_exception *exception)
{
	const char *kind = exception->name ? strrchr(exception->name, '.') : NULL;

	if (kind && strcmp(kind, ".RedirectWarning") == 0 && exception->sentence &&
		exception->sentence[0]) {
		return exception->sentence;
	}
	return exception->message ? exception->message : "";
}

static enum odoo_fault find_fault(const struct odoo_exception *e, const struct odoo_occasion *o)
{
	const char *kind = strrchr(e->name, '.');

	kind = kind ? kind + 1 : e->name;
	if (strncmp(e->name, "odoo.exceptions.", 16) == 0 ||
		strncmp(e->name, "openerp.exceptions.", 19) == 0) {
		return odoo_exception_fault(kind, e, o);
	}
	if (strncmp(e->name, "psycopg2.", 9) == 0) {
		return database_fault(kind, e, o);
	}
	if (strncmp(e->name, "werkzeug.exceptions.", 20) == 0) {
		return werkzeug_fault(kind, e, o);
	}
	if (strcmp(kind, "SessionExpiredException") == 0) {
		return ODOO_FAULT_EXPIRED;
	}
	return python_fault(kind, e, o);
}

/* PostgreSQL's reason, without the socket that Odoo reaches it by. */
static const char *skip_connection(const char *message)
{
	static const char fatal[] = "FATAL: ";
	const char *reason = strstr(message, fatal);

	return reason ? reason + strlen(fatal) : message;
}

void odoo_error_set_exception(struct odoo_error *error, const struct odoo_exception *exception,
	const struct odoo_occasion *occasion)
{
	struct odoo_exception e = {
		.name = exception->name ? exception->name : "",
		.message = words_of(exception),
		.debug = exception->debug ? exception->debug : "",
		.bare = exception->bare,
	};
	enum odoo_fault fault = find_fault(&e, occasion);
	_cleanup_free_ char *message = odoo_message_clean(e.message, occasion->secret);
	_cleanup_free_ char *name = odoo_message_clean(e.name, occasion->secret);

	if (!error) {
		return;
	}
	if (fault == ODOO_FAULT_DATABASE) {
		odoo_error_set(error, fault, "the server can't open the database \"%s\": %s",
			occasion->database, message ? skip_connection(message) : "");
	} else if (fault == ODOO_FAULT_UNKNOWN_MODEL) {
		odoo_error_set(error, fault, "the server has no model \"%s\"", occasion->model);
	} else if (message && message[0]) {
		odoo_error_set(error, fault, "%s", message);
	} else {
		odoo_error_set(error, fault, "the server failed without a word: %s",
			name && name[0] ? name : "not even a name");
	}
	if (name && name[0]) {
		error->name = steal(name);
	}
}
