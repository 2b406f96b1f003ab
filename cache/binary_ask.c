/* SPDX-License-Identifier: MIT */
/*
 * The calls that tell what records have in their binary fields: one for a page of a listing, or for
 * the records that are asked for.
 *
 *	attachments ──▶ sizes, sums and types             (15 and later; before, administrators)
 *	   │ refused
 *	   ▼
 *	hints: which have content ──▶ the contents themselves, one by one, and remembered
 */
#include "cache/binary_question.h"

#include "odoo/cleanup.h"
#include "odoo/request_binary.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* So many records are asked for by their ids at once. */
#define IDS_MAX 1000

/* ── Sending ── */

static void question_free(struct question *question)
{
	free(question->ids);
	free(question);
}

static struct odoo_request *make_request(const struct question *question)
{
	const struct binary_table *table = question->table;
	struct cache_model *model = table->model;
	const struct odoo_binary_scope scope = {
		.ids = question->ids,
		.n_ids = question->n_ids,
		.after = question->after,
		.limit = question->ids ? 0 : QUESTION_ROWS,
	};
	const char *names[CACHE_BINARY_SLOTS];
	size_t n = 0;

	for (unsigned slot = 0; slot < CACHE_BINARY_SLOTS; slot++) {
		if (table->names[slot]) {
			names[n++] = table->names[slot];
		}
	}
	if (table_is_attachment(table)) {
		return odoo_request_attachments(&scope);
	}
	if (question->hints) {
		return odoo_request_binary_hints(model->name, names, n, &scope);
	}
	return odoo_request_attached(
		model->name, names, n, &scope, odoo_client_server_major(model->cache->client));
}

static void on_rows(struct odoo_reply *reply, void *data);

/* Of a page, or of ids, which are copied. 0 or -ENOMEM. */
static int ask(struct binary_table *table, const uint32_t *ids, size_t n_ids)
{
	struct question *question = calloc(1, sizeof(*question));
	struct cache_model *model = table->model;

	if (!question || (ids && !(question->ids = calloc(n_ids, sizeof(*ids))))) {
		free(question);
		return -ENOMEM;
	}
	if (ids) {
		memcpy(question->ids, ids, n_ids * sizeof(*ids));
	}
	question->table = table;
	question->generation = table->generation;
	question->n_ids = n_ids;
	question->after = table->covered;
	question->hints = table->by_content;
	question->asked_at = server_now(model->cache);
	memcpy(question->names, table->names, sizeof(question->names));
	table->loading = true;
	note_first_use(model);
	odoo_client_send(model->cache->client, make_request(question), on_rows, question);
	return 0;
}

/* ── Answers ── */

/* The other way to learn it, where this one is refused. */
static bool fall_back(struct binary_table *table, const struct odoo_error *error)
{
	if (table->by_content || table_is_attachment(table) || is_offline_fault(error)) {
		return false;
	}
	table->by_content = true;
	return true;
}

/* Who may not ask for any of the fields has none: his records are shown without them. */
static bool give_up(struct binary_table *table, const struct odoo_error *error)
{
	if (error->fault != ODOO_FAULT_ACCESS) {
		return false;
	}
	memset(table->names, 0, sizeof(table->names));
	table->n_names = 0;
	return true;
}

static void keep_failure(struct binary_table *table, const struct odoo_error *error)
{
	odoo_error_finish(&table->failure);
	odoo_error_copy(&table->failure, error);
}

static void on_rows(struct odoo_reply *reply, void *data)
{
	struct question *question = data;
	struct binary_table *table = question->table;
	struct cache *cache = table->model->cache;
	int r = 0;

	enter(cache);
	note_clock(cache, reply->server_time);
	note_reply(table->model, &reply->error);
	table->loading = false;
	if (!reply->error.fault && question->generation == table->generation) {
		r = cJSON_IsArray(reply->result) ? question_take(question, reply->result)
						 : -EBADMSG;
	}
	if (r == -EBADMSG) {
		odoo_error_set(&reply->error, ODOO_FAULT_MALFORMED,
			"the server's answer about binary fields has a wrong shape");
	} else if (r < 0) {
		odoo_error_set(&reply->error, ODOO_FAULT_INTERNAL, "out of memory");
	}
	if (reply->error.fault && !fall_back(table, &reply->error)) {
		r = give_up(table, &reply->error) ? 0 : read_errno(&reply->error);
		post_failure(cache, table->model, 0, "look for binary fields", &reply->error);
		keep_failure(table, &reply->error);
	} else {
		r = 0;
	}
	wake_all(cache, &table->waiters, r);
	leave(cache);
	question_free(question);
}

/* ── Learning by reading ── */

static struct cache_binary *next_unresolved(
	struct binary_table *table, uint32_t first, uint32_t last)
{
	for (size_t i = table_position(table, first, 0);
		i < table->n_entries && table->entries[i].id <= last; i++) {
		struct cache_binary *binary = &table->entries[i];

		if (!binary->resolved && !binary->hidden) {
			return binary;
		}
	}
	return NULL;
}

/* Begin with the next; false when there is none. */
static bool resolve_next(struct binary_table *table, int *ret_error)
{
	struct cache_binary *binary =
		next_unresolved(table, table->resolve_first, table->resolve_last);
	struct cache_blob *blob;

	*ret_error = 0;
	if (!binary) {
		return false;
	}
	blobs_forget(table->model, binary->id);
	blob = blob_get(table, binary, ret_error);
	if (blob) {
		blob_unref(blob);
	}
	return blob != NULL;
}

void binaries_resolved(struct binary_table *table, const struct cache_binary *expected, int error)
{
	struct cache_binary *binary = table_find(table, expected->id, expected->slot);

	if (binary && !binary->resolved && error < 0) {
		binary->hidden = true; /* until it is another */
	}
	if (!table->resolving || expected->resolved) { /* it was read for its own sake */
		return;
	}
	if ((error && table->model->offline) || !resolve_next(table, &error)) {
		table->resolving = false;
		wake_all(table->model->cache, &table->waiters, table->model->offline ? error : 0);
	}
}

static int resolve(
	struct binary_table *table, uint32_t first, uint32_t last, struct cache_waiter *waiter)
{
	int r = 0;

	if (!next_unresolved(table, first, last)) {
		return 0;
	}
	if (!table->resolving) {
		table->resolve_first = first;
		table->resolve_last = last;
		table->resolving = resolve_next(table, &r);
		if (!table->resolving) {
			return r;
		}
	}
	wait_on(&table->waiters, waiter, 0);
	return CACHE_WAIT;
}

/* ── Waiting ── */

static int wait_for(struct binary_table *table, int r, struct cache_waiter *waiter)
{
	if (r == 0) {
		wait_on(&table->waiters, waiter, 0);
	}
	return r == 0 ? CACHE_WAIT : r;
}

/* Those of `stale` in a range. */
static const uint32_t *stale_in(
	const struct binary_table *table, uint32_t first, uint32_t last, size_t *ret_n)
{
	const struct cache_index *stale = &table->stale;
	size_t begin = first ? cache_index_after(stale, first - 1) : 0;
	size_t end = cache_index_after(stale, last);

	*ret_n = end - begin < IDS_MAX ? end - begin : IDS_MAX;
	return stale->ids + begin;
}

int binaries_ensure(
	struct binary_table *table, uint32_t first, uint32_t last, struct cache_waiter *waiter)
{
	const uint32_t *stale;
	size_t n;

	if (table->loading) {
		return wait_for(table, 0, waiter);
	}
	if (!table->complete && last > table->covered) {
		return wait_for(table, ask(table, NULL, 0), waiter);
	}
	stale = stale_in(table, first, last, &n);
	if (n && !fresh_is_away(table->model)) {
		return wait_for(table, ask(table, stale, n), waiter);
	}
	return fresh_is_away(table->model) ? 0 : resolve(table, first, last, waiter);
}

/* Those of which it isn't known what they have; their number. */
static size_t unknown_of(
	const struct binary_table *table, const uint32_t *ids, size_t n_ids, uint32_t *unknown)
{
	size_t n = 0;

	for (size_t i = 0; i < n_ids; i++) {
		bool stale = cache_index_has(&table->stale, ids[i]);

		if (!table_knows(table, ids[i]) && !(stale && fresh_is_away(table->model))) {
			unknown[n++] = ids[i];
		}
	}
	return n;
}

void binaries_ask_early(struct cache_model *model, const uint32_t *ids, size_t n_ids)
{
	struct binary_table *table = binaries_of(model);
	_cleanup_free_ uint32_t *unknown = NULL;
	size_t n;

	if (!table || table->loading || fresh_is_away(table->model) ||
		!(unknown = calloc(n_ids ? n_ids : 1, sizeof(*unknown)))) {
		return;
	}
	n = unknown_of(table, ids, n_ids, unknown);
	if (n) {
		ask(table, unknown, n); /* whoever needs it asks again, should it fail */
	}
}

int binaries_ensure_scope(struct binary_table *table, const struct cache_binary_scope *scope,
	struct cache_waiter *waiter)
{
	size_t most = scope->n_ids > scope->n_ahead ? scope->n_ids : scope->n_ahead, n;
	_cleanup_free_ uint32_t *wanted = calloc(most ? most : 1, sizeof(*wanted));
	int r = 0;

	if (!wanted) {
		return -ENOMEM;
	}
	n = unknown_of(table, scope->ids, scope->n_ids, wanted);
	if (n && scope->n_ahead) {
		n = unknown_of(table, scope->ahead, scope->n_ahead, wanted);
	}
	if (n) {
		return wait_for(table, table->loading ? 0 : ask(table, wanted, n), waiter);
	}
	for (size_t i = 0; r == 0 && i < scope->n_ids && !fresh_is_away(table->model); i++) {
		r = resolve(table, scope->ids[i], scope->ids[i], waiter);
	}
	return r;
}

int binaries_ensure_ids(
	struct binary_table *table, const uint32_t *ids, size_t n_ids, struct cache_waiter *waiter)
{
	return binaries_ensure_scope(
		table, &(struct cache_binary_scope){ .ids = ids, .n_ids = n_ids }, waiter);
}
