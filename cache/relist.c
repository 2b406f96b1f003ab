/* SPDX-License-Identifier: MIT */
/*
 * Records came or went, and it isn't known which: all ids are fetched once more.
 *
 *	pages of ids ──▶ what is missing is gone, what is more is new
 *	   │ as many as were counted ──▶ done
 *	   ▼ the numbers still disagree
 *	counted once more ── moved ──▶ somebody was faster: the next check will tell
 *	   ▼ as before
 *	listed once more ── as before ──▶ the server counts what it doesn't list: remember how many
 */
#include "cache/check.h"

#include "odoo/cleanup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void on_relist(struct odoo_reply *reply, void *data);

static void ask_page(struct check *check)
{
	odoo_client_send(check->model->cache->client,
		odoo_request_search_after(
			check->model->name, NULL, check->relist.covered, LISTING_PAGE),
		on_relist, check);
}

/*
 * Both lists ascend: walk them side by side, as far as the old one was known. What lies behind is
 * no news: nobody was told of it.
 */
static void compare_listings(struct check *check)
{
	struct cache_model *model = check->model;
	const struct cache_index *old = &model->index, *new = &check->relist;
	size_t i = 0, j = 0;

	while (i < old->n_ids || (j < new->n_ids &&cache_index_knows(old, new->ids[j]))) {
		if (j == new->n_ids || (i < old->n_ids && old->ids[i] < new->ids[j])) {
			store_unlisted(model, old->ids[i]);
			post_news(model->cache, CACHE_NEWS_RECORD, model, old->ids[i++]);
		} else if (i == old->n_ids || old->ids[i] > new->ids[j]) {
			mark_stale(model, new->ids[j]);
			post_news(model->cache, CACHE_NEWS_RECORD, model, new->ids[j++]);
		} else {
			i++;
			j++;
		}
	}
}

static void take_second_count(struct check *check, const struct odoo_summary *second)
{
	const struct odoo_summary *first = &check->summary;

	if (second->count == first->count && second->max_id == first->max_id &&
		strcmp(second->write_date, first->write_date) == 0) {
		check->counted_twice = true;
		ask_page(check);
	} else {
		check_succeed(check);
	}
}

static void on_second_count(struct odoo_reply *reply, void *data)
{
	struct check *check = data;
	struct cache *cache = check->model->cache;
	struct odoo_summary second = { 0 };

	enter(cache);
	if (check_has_list(check, reply)) {
		odoo_summary_parse(reply->result, &second);
		take_second_count(check, &second);
	}
	leave(cache);
}

static void count_again(struct check *check)
{
	struct odoo_client *client = check->model->cache->client;

	odoo_client_send(client,
		odoo_request_summary(check->model->name, odoo_client_server_major(client), true),
		on_second_count, check);
}

static void take(struct check *check, bool complete)
{
	struct cache_model *model = check->model;
	int64_t skew = model->count_skew;

	compare_listings(check);
	listing_drop(model);
	model->index = check->relist;
	check->relist = (struct cache_index){ 0 };
	listing_doubt(model, 0, UINT32_MAX); /* one behind what is listed may be gone as well */
	if (complete) {
		listing_complete(model);
		skew = (int64_t)check->summary.count - (int64_t)model->index.n_ids;
	}
	post_news(model->cache, CACHE_NEWS_LISTING, model, 0);
	if (skew != model->count_skew && !check->counted_twice) {
		check->skew = skew;
		count_again(check);
		return;
	}
	if (skew == check->skew) {
		model->count_skew = skew;
	}
	check_succeed(check);
}

static int append(struct check *check, const cJSON *result, size_t *ret_n, struct odoo_error *error)
{
	size_t size = (size_t)cJSON_GetArraySize(result);
	_cleanup_free_ uint32_t *ids = calloc(size ? size : 1, sizeof(*ids));
	int r = -ENOMEM;

	if (ids) {
		r = listing_read_ids(result, check->relist.covered, ids, ret_n, error);
	}
	if (r == 0) {
		r = cache_index_append(&check->relist, ids, *ret_n);
	}
	if (r == -ENOMEM) {
		odoo_error_set(error, ODOO_FAULT_INTERNAL, "out of memory");
	}
	return r;
}

static void on_relist(struct odoo_reply *reply, void *data)
{
	struct check *check = data;
	struct cache *cache = check->model->cache;

	enter(cache);
	if (check_has_list(check, reply)) {
		size_t n = 0;
		int r = append(check, reply->result, &n, &reply->error);

		/* A page that adds nothing can't be followed by more: its last id is the same. */
		if (r < 0) {
			check_fail(check, &reply->error);
		} else if (!n || cJSON_GetArraySize(reply->result) < LISTING_PAGE) {
			take(check, true);
		} else if (!check->model->index.complete &&
			   check->relist.covered >= check->model->index.covered) {
			take(check, false);
		} else {
			ask_page(check);
		}
	}
	leave(cache);
}

void relist_start(struct check *check)
{
	ask_page(check);
}
