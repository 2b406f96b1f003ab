/* SPDX-License-Identifier: MIT */
/*
 * Paths below a model: any text, segment by segment, up to the question that it asks; and what is
 * written to a method.
 */
#include "fuzz.h"

#include "tests/unit/fs/view_unit.h"

#include "fs/call_request.h"
#include "fs/document.h"
#include "fs/domain.h"
#include "odoo/cleanup.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	return view_unit_set_up(NULL);
}

/* A domain that was taken is one, and the same, when it is printed and read again. */
static void read_again(const cJSON *domain)
{
	_cleanup_json_text_ char *text = cJSON_PrintUnformatted(domain);
	_cleanup_json_ cJSON *again = NULL;

	must(text);
	if (strlen(text) <= DOMAIN_MAX_SIZE) {
		must(domain_parse(text, strlen(text), &again, NULL) == 0);
		must(cJSON_Compare(domain, again, true));
	}
}

/* Who hears of an error gets a sentence. */
static void check(int r, const struct odoo_error *error)
{
	must(r == 0 || r == -EINVAL || r == -ENOENT || r == -EACCES || r == -ENOTDIR);
	must(r != -EINVAL || error->message);
}

static void ask(const struct view *view)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };
	const struct cache_field **fields = NULL;
	struct cache_rows_spec spec = { 0 };
	int64_t until;
	size_t n;
	int r = view_query_rows(view, &view_unit_schemas, VIEW_UNIT_NOW, &spec, &until, &error);

	check(r, &error);
	must(r != -ENOENT || error.message);
	if (r == 0) {
		read_again(spec.domain);
	}
	cache_rows_spec_finish(&spec);
	odoo_error_finish(&error);
	check(view_query_columns(view, &view_unit_schemas, &fields, &n, &error), &error);
	free(fields);
}

/* The same bytes as what is written to a method. */
static void read_call(const uint8_t *data, size_t size)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };
	struct odoo_request *request = NULL;
	int r = call_request_parse("sale.order", size % 2 ? "write" : "anything",
		size ? (const char *)data : "", size, &request, &error);

	must(r == 0 || r == DOCUMENT_EMPTY || error.message);
	must((r == 0) == (request != NULL));
	odoo_request_destroy(request);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *path = strndup(size ? (const char *)data : "", size);
	_cleanup_odoo_error_ struct odoo_error error = { 0 };
	struct chain chain;
	cJSON *domain = NULL;

	must(path);
	check(chain_walk(&chain, path, &error), &error);
	ask(chain_last(&chain));
	chain_finish(&chain);
	if (domain_parse(size ? (const char *)data : "", size, &domain, NULL) == 0) {
		read_again(domain);
		cJSON_Delete(domain);
	}
	read_call(data, size);
	return 0;
}
