/* SPDX-License-Identifier: MIT */
/*
 * Pages of rows.
 *
 *	by id:     id > last              nothing can be lost or come twice
 *	by offset: ┌─ page 1 ──────┐
 *	                      ┌─ page 2 ──────┐
 *	                      └──┴─ the end of the one before: where it isn't found again, rows
 *	                            moved meanwhile, and all is read again for what is new
 *	by name:   name_search, which knows no order and no pages, and then, where there is an
 *order, a search among what it found
 */
#include "cache/rows_private.h"

#include "odoo/cleanup.h"
#include "odoo/request_find.h"

#include <errno.h>

/* The first comes quickly, as few look at more; the others are as large as one answer may be. */
#define PAGE_FIRST 1000
#define PAGE_LAST 64000

static void on_page(struct odoo_reply *reply, void *data);

/* Among what name_search found, in order. */
static struct odoo_request *request_order(const struct edition *edition)
{
	const struct cache_rows *rows = edition->rows;
	_cleanup_json_ cJSON *domain = edition_domain(edition);

	return domain ? odoo_request_find(rows->model->name, domain,
				&(struct odoo_page){ .order = rows->spec.order })
		      : NULL;
}

static struct odoo_request *make_request(const struct edition *edition)
{
	const struct cache_rows *rows = edition->rows;
	const struct cache_rows_spec *spec = &rows->spec;
	const char *model = rows->model->name;
	struct odoo_page page = { .order = spec->order };

	if (edition->found) {
		return request_order(edition);
	}
	if (rows->named) {
		return odoo_request_find_names(model, spec->name, spec->domain);
	}
	if (rows_are_by_id(rows) && (edition->n_ids || !spec->offset)) {
		return odoo_request_search_after(model, spec->domain,
			edition->n_ids ? edition->ids[edition->n_ids - 1] : 0, page_limit(edition));
	}
	page.offset = spec->offset + edition->scanned - page_overlap(edition);
	page.limit = page_limit(edition) + page_overlap(edition);
	return odoo_request_find(model, spec->domain, &page);
}

int page_start(struct edition *edition)
{
	struct cache_rows *rows = edition->rows;
	struct odoo_request *request;

	if (!edition->page_size) {
		edition->page_size = rows->whole ? PAGE_LAST : PAGE_FIRST;
	}
	if (rows->spec.limited && !rows->spec.limit) {
		edition->complete = true;
		return 0;
	}
	request = make_request(edition);
	if (!request) {
		return -ENOMEM;
	}
	note_first_use(rows->model);
	edition->loading = true;
	rows->n_loading++;
	odoo_client_send(rows->cache->client, request, on_page, edition);
	return 0;
}

static void fail(struct edition *edition, int r, struct odoo_error *error)
{
	struct cache_rows *rows = edition->rows;

	edition->error = r;
	odoo_error_finish(&rows->failure);
	if (error->fault) {
		rows->failure = *error;
		odoo_error_init(error);
	} else {
		odoo_error_set(&rows->failure, ODOO_FAULT_INTERNAL, "out of memory");
	}
}

/* Some of it came, and what was asked for needs more. */
static bool wants_more(const struct edition *edition)
{
	return !edition->complete && edition->waiters &&
	       (edition->rows->whole || edition->rows->named);
}

static void on_page(struct odoo_reply *reply, void *data)
{
	struct edition *edition = data;
	struct cache_rows *rows = edition->rows;
	struct cache *cache = rows->cache;
	int r = 0;

	enter(cache);
	note_clock(cache, reply->server_time);
	note_reply(rows->model, &reply->error);
	edition->loading = false;
	rows->n_loading--;
	if (!reply->error.fault && !cJSON_IsArray(reply->result)) {
		odoo_error_set(&reply->error, ODOO_FAULT_MALFORMED,
			"the server's answer to a search isn't a list");
	}
	if (reply->error.fault) {
		r = cache_ask_errno(&reply->error, rows->spec.strict);
	} else {
		r = page_take(edition, reply->result, &reply->error);
		edition->page_size = PAGE_LAST;
	}
	if (r == 0 && !edition->dropped && wants_more(edition)) {
		r = page_start(edition);
	}
	if (r < 0) {
		fail(edition, r, &reply->error);
	}
	if (r < 0 || !edition->loading) {
		wake_all(cache, &edition->waiters, 0);
	}
	edition_settle(edition);
	leave(cache);
}
