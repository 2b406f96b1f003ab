/* SPDX-License-Identifier: MIT */
/* A transport without a network: what it sends as text, and what it makes of an answer. */
#ifndef TEST_WIRE_H
#define TEST_WIRE_H

#include "odoo/transport.h"

#define WIRE_JSON "application/json"
#define WIRE_XML "text/xml"
#define WIRE_SECRET "\\s3cret<&>"

/* Database d"b, login me@x, and WIRE_SECRET, logged in as user 7 on a server of this version. */
struct odoo_transport *wire_make(enum odoo_transport_kind kind, unsigned major);

/* A request for res.partner's METHOD with these parameters, as JSON. */
struct odoo_request *wire_request(const char *method, const char *params);

/* An answer whose body, of this type, is one to the first request; it borrows both texts. */
struct odoo_http_answer wire_answer(
	const struct odoo_transport *t, int status, const char *type, const char *body);

/*
 * What a call becomes, with {"lang":"fr_FR"} as the client's context. Fails the test when it can't
 * be built. The caller finishes the request.
 */
void wire_call(struct odoo_transport *t, const char *method, const char *params,
	struct odoo_http_request *ret_http);

/* Fail unless the call can't be built, with this fault and words in its sentence. */
void wire_refuse(struct odoo_transport *t, const char *method, const char *params,
	enum odoo_fault fault, const char *words);

/* Fail unless the answer to a call of METHOD is this result, printed as JSON. */
void wire_result(struct odoo_transport *t, const char *method, const char *type, const char *body,
	const char *result);

/* Fail unless it is this fault, with these words in its sentence and nothing of the secret. */
void wire_fault(struct odoo_transport *t, const char *method, int status, const char *type,
	const char *body, enum odoo_fault fault, const char *words);

/* The same of an answer to the login. */
void wire_login_fault(struct odoo_transport *t, int status, const char *type, const char *body,
	enum odoo_fault fault, const char *words);

/* An answer to the login that is taken. */
void wire_login(struct odoo_transport *t, const char *type, const char *body, const char *session);

#endif
