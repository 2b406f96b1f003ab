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
#include "cache/binary_private.h"

#include "odoo/cleanup.h"
#include "odoo/json.h"
#include "odoo/request_binary.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Answers of one call. */
#define PAGE_ROWS 10000

/* So many records are asked for by their ids at once. */
#define IDS_MAX 1000

struct question {
	struct binary_table *table;
	uint64_t generation;
	uint32_t *ids; /* NULL: a page past `after` */
	size_t n_ids;
	uint32_t after;
	int64_t asked_at;
	bool hints;
	const char *names[CACHE_BINARY_SLOTS]; /* the table's, as they were */
};

/* ── Sending ── */

static void question_free(struct question *question)
{
	free(question->ids);
	free(question);
}

static bool is_attachment(const struct binary_table *table)
{
	return strcmp(table->model->name, "ir.attachment") == 0;
}

static struct odoo_request *make_request(const struct question *question)
{
	const struct binary_table *table = question->table;
	struct cache_model *model = table->model;
	const struct odoo_binary_scope scope = {
		.ids = question->ids,
		.n_ids = question->n_ids,
		.after = question->after,
		.limit = question->ids ? 0 : PAGE_ROWS,
	};
	const char *names[CACHE_BINARY_SLOTS];
	size_t n = 0;

	for (unsigned slot = 0; slot < CACHE_BINARY_SLOTS; slot++) {
		if (table->names[slot]) {
			names[n++] = table->names[slot];
		}
	}
	if (is_attachment(table)) {
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

struct rows {
	struct cache_binary *rows;
	size_t n, capacity;
};

static struct cache_binary *add_row(struct rows *rows)
{
	if (rows->n == rows->capacity) {
		size_t capacity = rows->capacity ? rows->capacity * 2 : 64;
		struct cache_binary *grown = reallocarray(rows->rows, capacity, sizeof(*grown));

		if (!grown) {
			return NULL;
		}
		rows->rows = grown;
		rows->capacity = capacity;
	}
	rows->rows[rows->n] = (struct cache_binary){ 0 };
	return &rows->rows[rows->n];
}

static int digit(char c)
{
	if (c >= '0' && c <= '9') {
		return c - '0';
	}
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool parse_sum(const char *text, unsigned char sum[static CACHE_SHA1_SIZE])
{
	if (!text || strlen(text) != 2 * CACHE_SHA1_SIZE) {
		return false;
	}
	for (size_t i = 0; i < CACHE_SHA1_SIZE; i++) {
		int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);

		if (high < 0 || low < 0) {
			return false;
		}
		sum[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

static bool find_slot(const struct question *question, const char *name, uint8_t *ret_slot)
{
	for (unsigned slot = 0; slot < CACHE_BINARY_SLOTS; slot++) {
		if (question->names[slot] && (!name || strcmp(question->names[slot], name) == 0)) {
			*ret_slot = (uint8_t)slot;
			return true;
		}
	}
	return false;
}

static void set_date(struct cache_binary *row, const cJSON *json)
{
	row->stamp = record_date(json, "write_date");
	row->mtime = row->ctime = row->stamp;
}

static const char *type_of(struct cache *cache, const cJSON *json)
{
	const char *type = odoo_json_get_string(json, "mimetype");

	if (!type || !*type || strlen(type) >= CACHE_MEDIA_MAX) {
		type = "application/octet-stream";
	}
	return binaries_intern(cache, type);
}

/* What the server doesn't tell, reading it does. 0, -ENOMEM, or -EBADMSG. */
static int take_attached(struct question *question, const cJSON *json, struct rows *rows)
{
	struct binary_table *table = question->table;
	bool own = is_attachment(table);
	const char *field = odoo_json_get_string(json, "res_field");
	const cJSON *size = odoo_json_get(json, "file_size");
	struct cache_binary *row = add_row(rows);

	if (!row) {
		return -ENOMEM;
	}
	if (odoo_json_get_id(odoo_json_get(json, own ? "id" : "res_id"), &row->id) < 0 ||
		!cJSON_IsNumber(size) || !(size->valuedouble >= 0) ||
		size->valuedouble > (double)(1ull << 52)) {
		return -EBADMSG;
	}
	if (!own && (!field || !find_slot(question, field, &row->slot))) {
		return -EBADMSG;
	}
	if (own) {
		find_slot(question, NULL, &row->slot);
	}
	row->size = (uint64_t)size->valuedouble;
	row->type = type_of(table->model->cache, json);
	row->resolved = parse_sum(odoo_json_get_string(json, "checksum"), row->sha1);
	set_date(row, json);
	rows->n += row->size != 0;
	return row->type ? 0 : -ENOMEM;
}

/* A record of which some fields have content, though not how much of it. */
static int take_hints(struct question *question, const cJSON *json, struct rows *rows)
{
	uint32_t id;

	if (odoo_json_get_id(odoo_json_get(json, "id"), &id) < 0) {
		return -EBADMSG;
	}
	for (unsigned slot = 0; slot < CACHE_BINARY_SLOTS; slot++) {
		const char *name = question->names[slot];
		const char *hint = name ? odoo_json_get_string(json, name) : NULL;
		struct cache_binary *row;

		if (!hint || !*hint) {
			continue;
		}
		row = add_row(rows);
		if (!row) {
			return -ENOMEM;
		}
		row->id = id;
		row->slot = (uint8_t)slot;
		row->type = "application/octet-stream";
		set_date(row, json);
		rows->n++;
	}
	return 0;
}

static int compare_rows(const void *a, const void *b)
{
	const struct cache_binary *left = a, *right = b;

	if (left->id != right->id) {
		return left->id < right->id ? -1 : 1;
	}
	return (left->slot > right->slot) - (left->slot < right->slot);
}

/* By id and slot, each once: a leftover of the same field comes before. */
static void sort(struct rows *rows)
{
	size_t n = 0;

	if (rows->n) {
		qsort(rows->rows, rows->n, sizeof(*rows->rows), compare_rows);
	}
	for (size_t i = 0; i < rows->n; i++) {
		if (n && compare_rows(&rows->rows[n - 1], &rows->rows[i]) == 0) {
			n--;
		}
		rows->rows[n++] = rows->rows[i];
	}
	rows->n = n;
}

/* Rows of records that weren't asked for don't count. */
static void keep_scope(struct rows *rows, const struct binary_scope *scope)
{
	size_t n = 0;

	for (size_t i = 0; i < rows->n; i++) {
		uint32_t id = rows->rows[i].id;
		bool in = scope->ids ? bsearch(&id, scope->ids, scope->n_ids, sizeof(id),
					       cache_compare_ids) != NULL
				     : id > scope->after && id <= scope->last;

		if (in) {
			rows->rows[n++] = rows->rows[i];
		}
	}
	rows->n = n;
}

/*
 * A full page may end in the middle of a record, which then begins the next one. Rows come in the
 * records' order.
 */
static int end_of_page(
	const struct question *question, const struct rows *rows, size_t n_came, uint32_t *ret_last)
{
	uint32_t last = rows->n ? rows->rows[rows->n - 1].id : 0;

	if (n_came < PAGE_ROWS) {
		*ret_last = UINT32_MAX;
		return 0;
	}
	if (last <= question->after + 1) {
		return -EBADMSG; /* more rows than a record has fields */
	}
	*ret_last = last - 1;
	return 0;
}

static int take(struct question *question, const cJSON *result)
{
	struct binary_table *table = question->table;
	struct binary_scope scope = { question->ids, question->n_ids, question->after, 0 };
	struct rows rows = { 0 };
	const cJSON *json;
	int r = 0;

	cJSON_ArrayForEach (json, result) {
		r = question->hints && !is_attachment(table) ? take_hints(question, json, &rows)
							     : take_attached(question, json, &rows);
		if (r < 0) {
			break;
		}
	}
	if (r == 0) {
		sort(&rows);
		r = scope.ids ? 0
			      : end_of_page(question, &rows, (size_t)cJSON_GetArraySize(result),
					&scope.last);
	}
	if (r == 0) {
		keep_scope(&rows, &scope);
		r = table_take(table, &scope, rows.rows, rows.n);
	}
	if (r == 0 && !scope.ids && !question->after) {
		table->loaded_at = question->asked_at;
	}
	free(rows.rows);
	return r;
}

/* The other way to learn it, where this one is refused. */
static bool fall_back(struct binary_table *table, const struct odoo_error *error)
{
	if (table->by_content || is_attachment(table) || is_offline_fault(error)) {
		return false;
	}
	table->by_content = true;
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
		r = cJSON_IsArray(reply->result) ? take(question, reply->result) : -EBADMSG;
	}
	if (r == -EBADMSG) {
		odoo_error_set(&reply->error, ODOO_FAULT_MALFORMED,
			"the server's answer about binary fields has a wrong shape");
	} else if (r < 0) {
		odoo_error_set(&reply->error, ODOO_FAULT_INTERNAL, "out of memory");
	}
	if (reply->error.fault && !fall_back(table, &reply->error)) {
		r = read_errno(&reply->error);
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
	blob = blob_get(table, binary->id, binary->slot, binary->version, ret_error);
	if (blob) {
		blob_unref(blob);
	}
	return blob != NULL;
}

void binaries_resolved(struct binary_table *table, const struct cache_blob *blob, int error)
{
	struct cache_binary *binary = table_find(table, blob->id, blob->slot);

	if (binary && !binary->resolved && error < 0) {
		binary->hidden = true; /* until it is another */
	}
	if (!table->resolving) {
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

/* What is known is served while the server is away. */
static bool is_offline(const struct binary_table *table)
{
	return table->model->offline && clock_now_ms() < table->model->offline_ms;
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
	if (n && !is_offline(table)) {
		return wait_for(table, ask(table, stale, n), waiter);
	}
	return is_offline(table) ? 0 : resolve(table, first, last, waiter);
}

int binaries_ensure_ids(
	struct binary_table *table, const uint32_t *ids, size_t n_ids, struct cache_waiter *waiter)
{
	_cleanup_free_ uint32_t *wanted = calloc(n_ids ? n_ids : 1, sizeof(*wanted));
	size_t n = 0;
	int r = 0;

	if (!wanted) {
		return -ENOMEM;
	}
	for (size_t i = 0; i < n_ids; i++) {
		bool stale = cache_index_has(&table->stale, ids[i]);

		if (!table_knows(table, ids[i]) && !(stale && is_offline(table))) {
			wanted[n++] = ids[i];
		}
	}
	if (n) {
		return wait_for(table, table->loading ? 0 : ask(table, wanted, n), waiter);
	}
	for (size_t i = 0; r == 0 && i < n_ids && !is_offline(table); i++) {
		r = resolve(table, ids[i], ids[i], waiter);
	}
	return r;
}
