/* SPDX-License-Identifier: MIT */
/*
 * A request's arguments as the protocols want them: by name, by position, or both.
 *
 * All return a value that the caller owns, whose parts may be references into the request and the
 * context: it mustn't outlive them. NULL when out of memory. Pure: any thread.
 */
#ifndef ODOO_ARGUMENTS_H
#define ODOO_ARGUMENTS_H

#include "odoo/error.h"
#include "odoo/request.h"

/* The client's context, and the request's own on top of it. */
cJSON *odoo_arguments_context(const struct odoo_request *request, const cJSON *context);

/*
 * For execute_kw and its like: what goes by position, because it has to, or because its name
 * differs between versions; and an object of the rest, with "context". `major` is the server's
 * version: before 12 one record is created at a time, from values that are in no list.
 */
cJSON *odoo_arguments_positional(const struct odoo_request *request, unsigned major);
cJSON *odoo_arguments_named(const struct odoo_request *request, const cJSON *context);

/* The same two, and the names, as JSON texts. */
struct odoo_call_texts {
	char *model, *method, *positional, *named;
};

/* Returns 0 or -ENOMEM. Free what it holds with odoo_call_texts_finish, on failure as well. */
int odoo_call_texts_make(const struct odoo_request *request, const cJSON *context, unsigned major,
	struct odoo_call_texts *ret_texts);
void odoo_call_texts_finish(struct odoo_call_texts *texts);

/*
 * For protocols that take names only: an object of everything, "ids" and "context" included. NULL
 * and `error` as well when the request has arguments whose names aren't known.
 */
cJSON *odoo_arguments_all_named(
	const struct odoo_request *request, const cJSON *context, struct odoo_error *error);

/*
 * For protocols that take positions only: an array of everything but the context. NULL and `error`
 * as well when the request has names whose position isn't known.
 */
cJSON *odoo_arguments_all_positional(
	const struct odoo_request *request, unsigned major, struct odoo_error *error);

#endif
