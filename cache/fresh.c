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
#include "cache/check.h"

#include "cache/age.h"
#include "cache/persist.h"
#include "odoo/cleanup.h"
#include "odoo/json.h"
#include "odoo/log.h"

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

bool is_offline_fault(const struct odoo_error *error)
{
	switch (error->fault) {
	case ODOO_FAULT_UNREACHABLE:
	case ODOO_FAULT_TIMEOUT:
	case ODOO_FAULT_BUSY:
	case ODOO_FAULT_TLS:
	case ODOO_FAULT_REDIRECT:
	case ODOO_FAULT_NOT_ODOO:
	case ODOO_FAULT_DESCRIPTORS:
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
		model->checked_ms = clock_now_ms();
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
		model->offline_ms = clock_now_ms() + ttl * 1000LL;
	} else if (model->offline) {
		model->offline = false;
		model->offline_ms = 0;
		tell_stale(model);
	}
}

bool fresh_is_away(const struct cache_model *model)
{
	return model->offline && clock_now_ms() < model->offline_ms;
}

bool fresh_is_stale(const struct cache_model *model, const struct cache_record *record)
{
	return (record->stale || age_is_over(model, record)) && !model->offline;
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

static bool has_moved(const struct check *check)
{
	const struct cache_model *model = check->model;
	const struct odoo_summary *now = &check->summary, *then = &model->baseline;

	return !model->has_baseline || !model->settled || now->count != then->count ||
	       now->max_id != then->max_id || strcmp(now->write_date, then->write_date) != 0;
}

/*
 * Whether the next check may find nothing moved. What came behind the count and is held by now may
 * go before the next, which then counts the same.
 */
static bool is_baseline(const struct check *check)
{
	const struct cache_model *model = check->model;

	return !check->outrun &&
	       (!model->index.complete || (int64_t)model->index.n_ids + model->count_skew ==
						  (int64_t)check->summary.count);
}

void check_succeed(struct check *check)
{
	struct cache_model *model = check->model;
	int64_t write_date = parse_date(check->summary.write_date);
	bool moved = has_moved(check);

	/* A date of the future, which somebody's clock or import wrote, hides nothing of today. */
	if (write_date > check->started_at) {
		write_date = check->started_at;
	}
	model->baseline = check->summary;
	model->has_baseline = is_baseline(check);
	model->settled = check->started_at - write_date > LOOK_BACK_SECONDS;
	model->since = write_date ? write_date - LOOK_BACK_SECONDS : 1;
	model->checked_ms = clock_now_ms();
	model->seeded = false;
	if (moved) {
		persist_model(model);
	}
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

void check_fail(struct check *check, const struct odoo_error *error)
{
	struct cache_model *model = check->model;

	if (!is_offline_fault(error)) {
		forget_all(model);
		model->checked_ms = clock_now_ms();
		if (odoo_error_is_about_data(error)) {
			model->unchecked_ms = clock_now_ms() + UNCHECKED_MS;
		}
	}
	post_failure(model->cache, model, 0, "check for changes", error);
	finish(check);
}

bool check_has_list(struct check *check, struct odoo_reply *reply)
{
	note_reply(check->model, &reply->error);
	note_clock(check->model->cache, reply->server_time);
	if (cJSON_IsArray(reply->result)) {
		return true;
	}
	if (!reply->error.fault) {
		odoo_error_set(&reply->error, ODOO_FAULT_MALFORMED, "the answer isn't a list");
	}
	check_fail(check, &reply->error);
	return false;
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
	struct cache_record *record = cache_records_find(&model->records, id);

	check->outrun |= id > check->summary.max_id;
	note_new(check, id);
	if (record && record->doubtful) {
		record->doubtful = false;
		model->n_doubtful--;
	}
	if (record && record->state == RECORD_KNOWN && record->write_date == write_date &&
		!record->unsettled) {
		return;
	}
	mark_stale(model, id);
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
		check_succeed(check);
	} else {
		relist_start(check);
	}
}

static void on_written(struct odoo_reply *reply, void *data);

static void ask_written(struct check *check)
{
	char since[20];

	format_date(check->all_dates ? 0 : check->model->since, since);
	odoo_client_send(check->model->cache->client,
		odoo_request_written_since(check->model->name, since, check->after, WRITTEN_PAGE),
		on_written, check);
}

/*
 * What an earlier mount stored last has to be among what was written last. Where it isn't, dates
 * went back, as when an old dump of the database is restored: then all dates are compared.
 */
static void count_or_doubt(struct check *check)
{
	if (check->model->seeded && check->model->n_doubtful && !check->all_dates) {
		log_info("%s: what was written last isn't there any more: comparing all records",
			check->model->name);
		check->all_dates = true;
		check->after = 0;
		check->n_new = 0;
		ask_written(check);
	} else {
		count(check);
	}
}

static void on_written(struct odoo_reply *reply, void *data)
{
	struct check *check = data;
	struct cache *cache = check->model->cache;
	uint32_t last = check->after;
	const cJSON *each;

	enter(cache);
	if (check_has_list(check, reply)) {
		cJSON_ArrayForEach (each, reply->result) {
			uint32_t id;

			if (odoo_json_get_id(odoo_json_get(each, "id"), &id) == 0) {
				note_written(check, id, record_date(each, "write_date"));
				last = id > last ? id : last;
			}
		}
		if (cJSON_GetArraySize(reply->result) < WRITTEN_PAGE || last == check->after) {
			count_or_doubt(check);
		} else {
			check->after = last;
			ask_written(check);
		}
	}
	leave(cache);
}

static void on_summary(struct odoo_reply *reply, void *data)
{
	struct check *check = data;
	struct cache *cache = check->model->cache;

	enter(cache);
	if (check_has_list(check, reply)) {
		if (odoo_summary_parse(reply->result, &check->summary) < 0) {
			odoo_error_set(&reply->error, ODOO_FAULT_MALFORMED,
				"the answer has neither a count nor a greatest id");
			check_fail(check, &reply->error);
		} else if (check->probe) {
			forget_and_begin(check->model);
			finish(check);
		} else if (has_moved(check)) {
			ask_written(check);
		} else {
			check_succeed(check);
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
	bool simple =
		!model->seeded && no_listing && (!dated || model->records.n_known <= FEW_RECORDS);
	struct check *check = NULL;

	if (!simple && clock_now_ms() >= model->unchecked_ms) {
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
	int64_t now = clock_now_ms();
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
