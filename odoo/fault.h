/* SPDX-License-Identifier: MIT */
/* Odoo's exceptions as faults, for every transport that carries them. Pure: any thread. */
#ifndef ODOO_FAULT_H
#define ODOO_FAULT_H

#include "odoo/error.h"

#include <cjson/cJSON.h>

/* An exception as the server serialized it. Any of the texts may be NULL. */
struct odoo_exception {
	const char *name;     /* "odoo.exceptions.ValidationError" */
	const char *message;  /* Odoo's own text, in the user's language */
	const char *sentence; /* its first argument; `message` may have a button's as well */
	const char *debug;    /* the traceback; tells constraints apart, and is never shown */
	bool bare;	      /* there is no traceback: what it is has to be told by its words */
};

/* Of the object that JSON-RPC and JSON-2 send, whose texts it borrows; all NULL where there is
 * none. */
struct odoo_exception odoo_exception_from_json(const cJSON *json);

/* What it was raised by and for: some faults can't be told without. */
struct odoo_occasion {
	const char *model, *method; /* both "" for a login */
	const char *database;
	const char *secret; /* taken out of the message */
	bool taken;	    /* the secret had been accepted before anything was raised */
};

/* Replace what `error` holds. */
void odoo_error_set_exception(struct odoo_error *error, const struct odoo_exception *exception,
	const struct odoo_occasion *occasion);

/*
 * A server's text as a message: runs of blanks and line ends are one space, the secret is taken
 * out, and it is cut at ODOO_MAX_MESSAGE at a character. NULL when out of memory. The caller frees.
 */
char *odoo_message_clean(const char *text, const char *secret);

/* Take the secret out of a message that quotes an answer. */
void odoo_error_hide(struct odoo_error *error, const char *secret);

#endif
