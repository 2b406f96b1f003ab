/* SPDX-License-Identifier: MIT */
/*
 * A call to a model's method, in words that no transport owns, and the calls that odoofs makes.
 *
 * Arguments are kept by their names in the Python signature of Odoo 19 ("domain", "fields", "ids",
 * …); a transport turns them into what its protocol and its server want. No locks: a request
 * belongs to one thread at a time.
 */
#ifndef ODOO_REQUEST_H
#define ODOO_REQUEST_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct odoo_divert;

struct odoo_request {
	char *model;
	char *method;
	cJSON *params;	 /* object; "ids" are the records that the method is called on */
	cJSON *args;	 /* array of what a user gives by position, behind the ids; or NULL */
	bool repeatable; /* a read, or a write of absolute values: may be sent again */
	struct odoo_divert *divert; /* where a large member of the answer goes, or NULL; has to
				       live until the call back */
	size_t max_body;	    /* an answer of more bytes is too large; 0: ODOO_MAX_BODY */
	bool ahead; /* nobody waits for it: requests that somebody waits for go first */
};

/*
 * Each of these allocates a request, with copies of all that is passed, and returns NULL only when
 * out of memory. It belongs to the caller until odoo_client_send takes it. The client adds the
 * context; what `context` (an object, or NULL) holds goes on top of it for this call.
 */
struct odoo_request *odoo_request_create(const char *model, const char *method);
void odoo_request_destroy(struct odoo_request *request); /* NULL is allowed */

/* The request, or NULL after destroying it when adding some argument failed. NULL is allowed. */
struct odoo_request *odoo_request_unless(struct odoo_request *request, int failed);

/* Add one named argument; `value` is owned by the request from here on, on failure as well. */
int odoo_request_set(struct odoo_request *request, const char *name, cJSON *value);

/* `domain` is copied; NULL is the empty domain. Archived records are found (active_test false)
 * unless the client's context says otherwise. */

/* Ids in ascending order, greater than `after`: [5, 7, …]. `limit` 0 is none. */
struct odoo_request *odoo_request_search_after(
	const char *model, const cJSON *domain, uint32_t after, uint32_t limit);

/*
 * The records with these ids, by read: a list of objects, each with "id" and `fields`. Ids that
 * don't exist are left out; one that the user may not read makes all of it an AccessError. With no
 * fields, or "id" alone, by search_read: what the user may not read is left out, too.
 */
struct odoo_request *odoo_request_read_ids(const char *model, const uint32_t *ids, size_t n_ids,
	const char *const *fields, size_t n_fields);

/*
 * Ids and write_date of the records written at or after `since` ("2026-11-20 08:12:44") whose id is
 * greater than `after`, by id: [{"id": 5, "write_date": "…"}, …].
 */
struct odoo_request *odoo_request_written_since(
	const char *model, const char *since, uint32_t after, uint32_t limit);

/* fields_get with these attributes: {"name": {"type": "char", …}, …}. */
struct odoo_request *odoo_request_fields_get(
	const char *model, const char *const *attributes, size_t n_attributes);

/*
 * Has anything changed? One group call over the whole model. The answer's shape differs by server;
 * odoo_summary_parse reads them all. `major` is the server's major version;
 * `has_write_date` false leaves the date out.
 */
struct odoo_request *odoo_request_summary(const char *model, int major, bool has_write_date);

struct odoo_summary {
	char write_date[20]; /* "2026-11-20 08:12:44", or "" where there is none */
	uint32_t max_id;     /* 0 where there is no record */
	uint32_t count;
};

/* Returns 0, or -EBADMSG when `result` isn't an answer to odoo_request_summary. */
int odoo_summary_parse(const cJSON *result, struct odoo_summary *ret_summary);

#endif
