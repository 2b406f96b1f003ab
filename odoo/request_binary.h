/* SPDX-License-Identifier: MIT */
/*
 * The calls that tell of binary fields: which records have content in them, and the content. As in
 * request.h, each allocates a request, and returns NULL when out of memory.
 */
#ifndef ODOO_REQUEST_BINARY_H
#define ODOO_REQUEST_BINARY_H

#include "odoo/request.h"

/* Which records: those with these ids, or up to `limit` answers about those past `after`. */
struct odoo_binary_scope {
	const uint32_t *ids; /* NULL: all past `after` */
	size_t n_ids;
	uint32_t after, limit;
};

/*
 * What is attached to the fields of a model's records, by record. From version 15 on a search:
 * [{"res_id": 14, "res_field": "image_1920", "file_size": 70, "checksum": …, "mimetype": …,
 * "write_date": …}, …]. Before that, one hides what belongs to fields; groups don't, for an
 * administrator: the same keys, and others.
 */
struct odoo_request *odoo_request_attached(const char *model, const char *const *fields,
	size_t n_fields, const struct odoo_binary_scope *scope, int major);

/* The same of ir.attachment's own records, by "id". */
struct odoo_request *odoo_request_attachments(const struct odoo_binary_scope *scope);

/*
 * Records of which one of these fields has content, by id: their write_date, and of each of the
 * fields a rounded size ("1.43 Kb"), or false.
 */
struct odoo_request *odoo_request_binary_hints(const char *model, const char *const *fields,
	size_t n_fields, const struct odoo_binary_scope *scope);

/* Contents, as base64: [{"id": 14, "image_1920": "iVBOR…"}, …]. */
struct odoo_request *odoo_request_binary(
	const char *model, const uint32_t *ids, size_t n_ids, const char *field);

#endif
