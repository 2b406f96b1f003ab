/* SPDX-License-Identifier: MIT */
/*
 * Freshness: what others changed on the server.
 *
 *	one group call: max(write_date), max(id), count
 *	   │ as before ──▶ fresh
 *	   ▼ moved
 *	write_date >= what was known ──▶ those records are stale, new ones are in the index
 *	   │ the count agrees ──▶ fresh
 *	   ▼ it doesn't: records went, or a rule hides them
 *	all ids ──▶ what is missing is gone
 *
 * write_date is the start of a transaction, in whole seconds. So a check looks back further than
 * the last one's maximum, and one that was taken in the very second of a write isn't believed.
 */
#include "cache/internal.h"

#include "odoo/cleanup.h"
#include "odoo/json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* How long a transaction may have run when it commits what an earlier check couldn't see. */
#define LOOK_BACK_SECONDS 60

/* A server that fails on the group call isn't asked for it again so soon. */
#define UNCHECKED_MS (10 * 60 * 1000)

/* So few records, with no listing to care for, are cheaper read again than asked about. */
#define FEW_RECORDS 100

#define WRITTEN_PAGE 10000
#define RELIST_PAGE 64000

struct check {
	struct cache_model *model;
	bool probe;		   /* whether the server is there: nothing else can be told */
	int64_t started_at;	   /* by the server's clock, UNIX seconds */
	struct odoo_summary summary;
	uint32_t after;		   /* of the page that is on its way */
	uint32_t n_new;		   /* records that weren't listed */
	struct cache_index relist; /* the ids, where they are all fetched again */
};

bool is_offline_fault(const struct odoo_error *error)
{
	switch (error->fault) {
	case ODOO_FAULT_UNREACHABLE:
	case ODOO_FAULT_TIMEOUT:
	case ODOO_FAULT_BUSY:
	case ODOO_FAULT_TLS:
	case ODOO_FAULT_REDIRECT:
	case ODOO_FAULT_NOT_ODOO:
	case ODOO_FAULT_CANCELLED:
		return true;
	default:
		return false;
	}
}

void note_first_use(struct cache_model *model)
{
	if (!model->since) {
		model->since = server_now(model->cache) - LOOK_BACK_SECONDS;
		model->checked_ms = now_ms();
	}
}

/* While the server can't be reached, what is held is served for another ttl, stale or not. */
void note_reply(struct cache_model *model, const struct odoo_error *error)
{
	struct cache *cache = model->cache;

	cache->offline = is_offline_fault(error);
	if (cache->offline) {
		unsigned ttl = cache->options.ttl ? cache->options.ttl : 1;

		model->offline = true;
		model->offline_ms = now_ms() + ttl * 1000LL;
	} else if (model->offline) {
		model->offline = false;
		model->offline_ms = 0;
		tell_stale(model);
	}
}

bool fresh_is_stale(const struct cache_model *model, const struct cache_record *record)
{
	return record->stale && !model->offline;
}

static void check_free(struct check *check)
{
	check->model->check = NULL;
	cache_index_finish(&check->relist);
	free(check);
}

static void finish(struct check *check)
{
	struct cache_model *model = check->model;

	wake_all(model->cache, &model->check_waiters, 0);
	check_free(check);
}

static void succeed(struct check *check)
{
	struct cache_model *model = check->model;
	int64_t write_date = parse_date(check->summary.write_date);

	/* A date of the future, which somebody's clock or import wrote, hides nothing of today. */
	if (write_date > check->started_at) {
		write_date = check->started_at;
	}
	model->baseline = check->summary;
	model->has_baseline = true;
	model->settled = check->started_at - write_date > LOOK_BACK_SECONDS;
	model->since = write_date ? write_date - LOOK_BACK_SECONDS : 1;
	model->checked_ms = now_ms();
	retry_broken(model);
	finish(check);
}

/* There is no telling what changed: all is read again when it is asked for. */
static void forget_all(struct cache_model *model)
{
	mark_all_stale(model);
	listing_drop(model);
	model->has_baseline = false;
	post_news(model->cache, CACHE_NEWS_LISTING, model, 0);
}

/* From here on it is as if the model were used for the first time. */
static void forget_and_begin(struct cache_model *model)
{
	forget_all(model);
	model->since = 0;
	note_first_use(model);
}

static void fail(struct check *check, const struct odoo_error *error)
{
	struct cache_model *model = check->model;

	if (!is_offline_fault(error)) {
		forget_all(model);
		model->checked_ms = now_ms();
		if (odoo_error_is_about_data(error)) {
			model->unchecked_ms = now_ms() + UNCHECKED_MS;
		}
	}
	post_failure(model->cache, model, 0, "check for changes", error);
	finish(check);
}

static bool fail_unless_list(struct check *check, struct odoo_reply *reply)
{
	note_reply(check->model, &reply->error);
	note_clock(check->model->cache, reply->server_time);
	if (cJSON_IsArray(reply->result)) {
		return false;
	}
	if (!reply->error.fault) {
		odoo_error_set(&reply->error, ODOO_FAULT_MALFORMED, "the answer isn't a list");
	}
	fail(check, &reply->error);
	return true;
}

static void note_new(struct check *check, uint32_t id)
{
	struct cache_model *model = check->model;

	if (cache_index_has(&model->index, id)) {
		return;
	}
	check->n_new++;
	if (cache_index_knows(&model->index, id) && cache_index_insert(&model->index, id) == 0) {
		model->mtime = time(NULL);
		post_news(model->cache, CACHE_NEWS_LISTING, model, 0);
		post_news(model->cache, CACHE_NEWS_RECORD, model, id);
	}
}

static void note_written(struct check *check, uint32_t id, int64_t write_date)
{
	struct cache_model *model = check->model;
	const struct cache_record *record = cache_records_find(&model->records, id);

	note_new(check, id);
	if (record && record->state == RECORD_KNOWN && record->write_date == write_date &&
		!record->unsettled) {
		return;
	}
	mark_stale(model, id);
}

static void on_relist(struct odoo_reply *reply, void *data);

static void ask_relist(struct check *check)
{
	odoo_client_send(check->model->cache->client,
		odoo_request_search_after(
			check->model->name, NULL, check->relist.covered, RELIST_PAGE),
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

	while (i < old->n_ids || (j < new->n_ids && cache_index_knows(old, new->ids[j]))) {
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

/* Records read by number, before there was a listing as far as them. */
static void check_unlisted(struct cache_record *record, void *data)
{
	struct cache_model *model = data;

	if (record->state != RECORD_KNOWN || cache_index_has(&model->index, record->id)) {
		return;
	}
	if (cache_index_knows(&model->index, record->id)) {
		store_unlisted(model, record->id);
	} else {
		make_stale(model, record); /* whether it is still there isn't known */
	}
}

/*
 * A server may count what it doesn't list. But a record that came or went between the count and the
 * listing looks the same, so a difference is believed when it is seen for the second time.
 */
static void learn_skew(struct check *check)
{
	struct cache_model *model = check->model;
	int64_t skew = (int64_t)check->summary.count - (int64_t)model->index.n_ids;

	if (skew == model->seen_skew) {
		model->count_skew = skew;
	}
	model->seen_skew = skew;
}

static void take_relist(struct check *check, bool complete)
{
	struct cache_model *model = check->model;

	compare_listings(check);
	listing_drop(model);
	model->index = check->relist;
	check->relist = (struct cache_index){ 0 };
	if (complete) {
		listing_complete(model);
		learn_skew(check);
	}
	cache_records_each(&model->records, check_unlisted, model);
	post_news(model->cache, CACHE_NEWS_LISTING, model, 0);
	succeed(check);
}

static int append_relist(
	struct check *check, const cJSON *result, size_t *ret_n, struct odoo_error *error)
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
	if (!fail_unless_list(check, reply)) {
		size_t n = 0;
		int r = append_relist(check, reply->result, &n, &reply->error);

		/* A page that adds nothing can't be followed by more: its last id is the same. */
		if (r < 0) {
			fail(check, &reply->error);
		} else if (!n || cJSON_GetArraySize(reply->result) < RELIST_PAGE) {
			take_relist(check, true);
		} else if (!check->model->index.complete &&
			   check->relist.covered >= check->model->index.covered) {
			take_relist(check, false);
		} else {
			ask_relist(check);
		}
	}
	leave(cache);
}

/*
 * All changes are noted; do the numbers agree? With a listing that isn't complete they can only be
 * compared with those of the last check.
 */
static void count(struct check *check)
{
	const struct cache_model *model = check->model;
	int64_t counted = (int64_t)check->summary.count, expected;

	if (model->index.complete) {
		expected = (int64_t)model->index.n_ids + model->count_skew;
	} else if (model->has_baseline) {
		expected = (int64_t)model->baseline.count + (int64_t)check->n_new;
	} else {
		expected = -1;
	}
	if (expected == counted) {
		succeed(check);
	} else {
		ask_relist(check);
	}
}

static void on_written(struct odoo_reply *reply, void *data);

static void ask_written(struct check *check)
{
	char since[20];

	format_date(check->model->since, since);
	odoo_client_send(check->model->cache->client,
		odoo_request_written_since(check->model->name, since, check->after, WRITTEN_PAGE),
		on_written, check);
}

static void on_written(struct odoo_reply *reply, void *data)
{
	struct check *check = data;
	struct cache *cache = check->model->cache;
	uint32_t last = check->after;
	const cJSON *each;

	enter(cache);
	if (!fail_unless_list(check, reply)) {
		cJSON_ArrayForEach(each, reply->result)
		{
			uint32_t id;

			if (odoo_json_get_id(odoo_json_get(each, "id"), &id) == 0) {
				note_written(check, id, record_date(each, "write_date"));
				last = id > last ? id : last;
			}
		}
		if (cJSON_GetArraySize(reply->result) < WRITTEN_PAGE || last == check->after) {
			count(check);
		} else {
			check->after = last;
			ask_written(check);
		}
	}
	leave(cache);
}

static bool has_moved(const struct check *check)
{
	const struct cache_model *model = check->model;
	const struct odoo_summary *now = &check->summary, *then = &model->baseline;

	return !model->has_baseline || !model->settled || now->count != then->count ||
	       now->max_id != then->max_id || strcmp(now->write_date, then->write_date) != 0;
}

static void on_summary(struct odoo_reply *reply, void *data)
{
	struct check *check = data;
	struct cache *cache = check->model->cache;

	enter(cache);
	if (!fail_unless_list(check, reply)) {
		if (odoo_summary_parse(reply->result, &check->summary) < 0) {
			odoo_error_set(&reply->error, ODOO_FAULT_MALFORMED,
				"the answer has neither a count nor a greatest id");
			fail(check, &reply->error);
		} else if (check->probe) {
			forget_and_begin(check->model);
			finish(check);
		} else if (has_moved(check)) {
			ask_written(check);
		} else {
			succeed(check);
		}
	}
	leave(cache);
}

bool fresh_holds_nothing(const struct cache_model *model)
{
	return !model->records.pages && !model->index.n_ids && !model->index.complete &&
	       !model->listing;
}

/*
 * Either starts a check, or settles the matter without one. The schema is there. Records that were
 * forgotten are still served while the server is away, but a listing isn't: so it is given up only
 * when the server is known to be there.
 */
void fresh_start(struct cache_model *model)
{
	bool dated = model->schema->has_write_date;
	bool no_listing = !model->index.n_ids && !model->index.complete;
	bool simple = no_listing && (!dated || model->records.n_known <= FEW_RECORDS);
	struct check *check = NULL;

	if (!simple && now_ms() >= model->unchecked_ms) {
		check = calloc(1, sizeof(*check));
	}
	if (!check) {
		model->offline = false;
		forget_and_begin(model);
		return;
	}
	check->model = model;
	check->probe = !dated;
	check->started_at = server_now(model->cache);
	model->check = check;
	model->cache->stats.checks++;
	odoo_client_send(model->cache->client,
		odoo_request_summary(
			model->name, odoo_client_server_major(model->cache->client), dated),
		on_summary, check);
}

int fresh_ensure(struct cache_model *model, struct cache_waiter *waiter)
{
	const struct cache_options *options = &model->cache->options;
	int64_t now = now_ms();
	int r;

	if (waiter->checked) {
		return 0; /* however long the answer took: it is the newest there is */
	}
	if (!model->check) {
		if (fresh_holds_nothing(model)) {
			model->since = 0;
			model->has_baseline = false;
			return 0;
		}
		if (now < model->checked_ms + options->ttl * 1000LL || now < model->offline_ms) {
			return 0;
		}
		r = schema_ensure(model, waiter);
		if (r != 0) {
			return r;
		}
		fresh_start(model);
	}
	waiter->checked = true;
	if (model->check && !model->offline) {
		wait_on(&model->check_waiters, waiter, 0);
		return CACHE_WAIT;
	}
	return 0; /* there is nothing to wait for, or it may take long and may not come */
}
