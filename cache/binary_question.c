/* SPDX-License-Identifier: MIT */
#include "cache/binary_question.h"

#include "odoo/json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool table_is_attachment(const struct binary_table *table)
{
	return strcmp(table->model->name, "ir.attachment") == 0;
}

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
	bool own = table_is_attachment(table);
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
		if (binary_scope_has(scope, rows->rows[i].id)) {
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

	if (n_came < QUESTION_ROWS) {
		*ret_last = UINT32_MAX;
		return 0;
	}
	if (last <= question->after + 1) {
		return -EBADMSG; /* more rows than a record has fields */
	}
	*ret_last = last - 1;
	return 0;
}

int question_take(struct question *question, const cJSON *result)
{
	struct binary_table *table = question->table;
	struct binary_scope scope = { question->ids, question->n_ids, question->after, 0 };
	struct rows rows = { 0 };
	const cJSON *json;
	int r = 0;

	cJSON_ArrayForEach (json, result) {
		r = question->hints && !table_is_attachment(table)
			    ? take_hints(question, json, &rows)
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
