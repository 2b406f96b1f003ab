/* SPDX-License-Identifier: MIT */
#include "cache/binary_private.h"

#include "odoo/cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* Texts that are told of again and again: fields' names and media types. */
struct interned {
	char *text;
	UT_hash_handle hh;
};

const char *binaries_intern(struct cache *cache, const char *text)
{
	struct interned *interned;

	HASH_FIND_STR(cache->interned, text, interned);
	if (!interned && (interned = calloc(1, sizeof(*interned)))) {
		interned->text = strdup(text);
		if (!interned->text) {
			free(interned);
			return NULL;
		}
		HASH_ADD_KEYPTR(
			hh, cache->interned, interned->text, strlen(interned->text), interned);
		if (!interned->hh.tbl) {
			free(interned->text);
			free(steal(interned));
		}
	}
	return interned ? interned->text : NULL;
}

void binaries_free_interned(struct cache *cache)
{
	struct interned *interned, *next;

	HASH_ITER (hh, cache->interned, interned, next) {
		HASH_DEL(cache->interned, interned);
		free(interned->text);
		free(interned);
	}
}

/* ── The fields ── */

/* An attachment's content is reached by `datas`, wherever it is stored. */
bool binaries_has(const struct cache_model *model, const struct cache_field *field)
{
	if (field->type != FIELD_BINARY) {
		return false;
	}
	if (strcmp(model->name, "ir.attachment") == 0) {
		return strcmp(field->name, "datas") == 0;
	}
	return field->stored && !field->derived;
}

static void add_name(struct binary_table *table, const struct cache_field *field)
{
	unsigned slot =
		(unsigned)(XXH3_64bits(field->name, strlen(field->name)) % CACHE_BINARY_SLOTS);

	if (table->n_names == CACHE_BINARY_SLOTS) {
		return;
	}
	while (table->names[slot]) {
		slot = (slot + 1) % CACHE_BINARY_SLOTS;
	}
	table->names[slot] = binaries_intern(table->model->cache, field->name);
	table->n_names += table->names[slot] != NULL;
	if (field->readonly) {
		table->readonly |= 1u << slot;
	}
}

static struct binary_table *table_create(struct cache_model *model)
{
	struct binary_table *table = calloc(1, sizeof(*table));

	if (table) {
		table->model = model;
		table->loose.covered = table->stale.covered = UINT32_MAX;
	}
	return table;
}

void binaries_choose(struct cache_model *model)
{
	const struct cache_schema *schema = model->schema;

	if (model->cache->options.binary != CACHE_BINARY_FILES) {
		return;
	}
	if (model->binaries) {
		memset(model->binaries->names, 0, sizeof(model->binaries->names));
		model->binaries->n_names = 0;
		model->binaries->readonly = 0;
		binaries_doubt_all(model);
	}
	for (size_t i = 0; i < schema->n_fields; i++) {
		if (!binaries_has(model, &schema->fields[i])) {
			continue;
		}
		if (!model->binaries && !(model->binaries = table_create(model))) {
			return;
		}
		add_name(model->binaries, &schema->fields[i]);
	}
}

struct binary_table *binaries_of(struct cache_model *model)
{
	return model->binaries && model->binaries->n_names ? model->binaries : NULL;
}

void binaries_finish(struct cache_model *model)
{
	struct binary_table *table = model->binaries;

	if (!table) {
		return;
	}
	wake_all(model->cache, &table->waiters, -ESHUTDOWN);
	cache_index_finish(&table->loose);
	cache_index_finish(&table->stale);
	odoo_error_finish(&table->failure);
	for (unsigned slot = 0; slot < CACHE_BINARY_SLOTS; slot++) {
		free(table->walks[slot]);
	}
	free(table->entries);
	free(table);
	model->binaries = NULL;
}

/* ── What may have changed ── */

static void post_all_of(struct binary_table *table, uint32_t id)
{
	for (size_t i = table_position(table, id, 0);
		i < table->n_entries && table->entries[i].id == id; i++) {
		table_post(table, &table->entries[i]);
	}
}

void binaries_doubt(struct cache_model *model, uint32_t id)
{
	struct binary_table *table = model->binaries;

	if (!table || !table_knows(table, id)) {
		return;
	}
	table->generation += table->loading; /* what is on its way may be older */
	post_all_of(table, id);
	post_news(model->cache, CACHE_NEWS_LISTING, model, 0);
	if (cache_index_insert(&table->stale, id) < 0) {
		binaries_doubt_all(model);
	}
}

void binaries_doubt_all(struct cache_model *model)
{
	struct binary_table *table = model->binaries;

	if (!table) {
		return;
	}
	table->generation += table->loading;
	for (size_t i = 0; i < table->n_entries; i++) {
		table_post(table, &table->entries[i]);
	}
	table->covered = 0;
	table->complete = false;
	table->loose.n_ids = table->stale.n_ids = 0;
}

void binaries_lose(struct cache_model *model, uint32_t id)
{
	struct binary_table *table = model->binaries;
	size_t first, last;

	if (!table) {
		return;
	}
	table->generation += table->loading; /* what is on its way may be older */
	post_all_of(table, id);
	first = table_position(table, id, 0);
	last = table_position(table, id + 1, 0);
	if (last > first) {
		memmove(table->entries + first, table->entries + last,
			(table->n_entries - last) * sizeof(*table->entries));
		table->n_entries -= last - first;
	}
}

/* ── What is asked ── */

static int find_slot(struct cache_model *model, const char *name, unsigned *ret_slot)
{
	struct binary_table *table = binaries_of(model);
	const struct cache_field *field = cache_schema_find(model->schema, name);

	for (unsigned slot = 0; table && slot < CACHE_BINARY_SLOTS; slot++) {
		if (table->names[slot] && strcmp(table->names[slot], name) == 0) {
			*ret_slot = slot;
			return 0;
		}
	}
	return table && field && field->type == FIELD_BINARY ? -EPERM : -ENOENT;
}

int cache_binary_slot(struct cache *cache, struct cache_model *model, const char *name, size_t size,
	unsigned *ret_slot, struct cache_waiter *waiter)
{
	_cleanup_free_ char *copy = strndup(name, size);
	int r;

	if (!copy) {
		return -ENOMEM;
	}
	if (cache->options.binary != CACHE_BINARY_FILES) {
		return -ENOENT;
	}
	enter(cache);
	r = schema_ensure(model, waiter);
	if (r == 0) {
		r = find_slot(model, copy, ret_slot);
	}
	leave(cache);
	return r;
}

const char *cache_binary_field(
	struct cache *cache, struct cache_model *model, unsigned slot, bool *ret_readonly)
{
	const char *name;

	enter(cache);
	name = model->binaries ? model->binaries->names[slot] : NULL;
	if (ret_readonly) {
		*ret_readonly = name && model->binaries->readonly >> slot & 1;
	}
	leave(cache);
	return name;
}

int cache_binary_stat(struct cache *cache, struct cache_model *model, uint32_t id, unsigned slot,
	struct cache_binary *ret_binary, struct cache_waiter *waiter)
{
	const struct cache_binary *binary;
	struct cache_attr attr;
	int r = cache_record_stat(cache, model, id, &attr, waiter);

	if (r != 0) {
		return r;
	}
	enter(cache);
	struct binary_table *table = binaries_of(model);
	r = table ? binaries_ensure_ids(table, &id, 1, waiter) : -ENOENT;
	if (r == 0) {
		binary = table_find(table, id, slot);
		r = binary && !binary->hidden ? 0 : -ENOENT;
	}
	if (r == 0) {
		*ret_binary = *binary;
	}
	leave(cache);
	return r;
}

bool cache_binary_peek(struct cache *cache, struct cache_model *model, uint32_t id, unsigned slot,
	struct cache_binary *ret_binary)
{
	const struct cache_binary *binary;

	enter(cache);
	binary = model->binaries ? table_find(model->binaries, id, slot) : NULL;
	if (binary) {
		*ret_binary = *binary;
	}
	leave(cache);
	return binary != NULL;
}

void cache_binary_renew(struct cache *cache, struct cache_model *model, uint32_t id, unsigned slot)
{
	struct cache_binary *binary;

	enter(cache);
	binary = model->binaries ? table_find(model->binaries, id, slot) : NULL;
	if (binary) {
		binary->version = binary_next_version(binary->version);
		table_post(model->binaries, binary);
	}
	leave(cache);
}

static size_t copy_those(struct binary_table *table, const struct cache_binary_scope *scope,
	struct cache_binary *binaries, size_t max)
{
	size_t n = 0;

	for (size_t k = 0; k < scope->n_ids; k++) {
		uint32_t id = scope->ids[k];

		for (size_t i = table_position(table, id, 0);
			i < table->n_entries && table->entries[i].id == id && n < max; i++) {
			if (!table->entries[i].hidden && table->entries[i].resolved) {
				binaries[n++] = table->entries[i];
			}
		}
	}
	return n;
}

int cache_binary_list(struct cache *cache, struct cache_model *model,
	const struct cache_binary_scope *scope, struct cache_binary *binaries, size_t max,
	size_t *ret_n, struct cache_waiter *waiter)
{
	struct binary_table *table;
	int r;

	*ret_n = 0;
	if (cache->options.binary != CACHE_BINARY_FILES || !scope->n_ids) {
		return 0;
	}
	enter(cache);
	r = schema_ensure(model, waiter);
	table = binaries_of(model);
	if (r == 0 && table) {
		r = scope->walks ? binaries_ensure(table, scope->ids[0],
					   scope->ids[scope->n_ids - 1], waiter)
				 : binaries_ensure_scope(table, scope, waiter);
		if (r == 0) {
			*ret_n = copy_those(table, scope, binaries, max);
		}
	}
	leave(cache);
	return r;
}

void cache_binary_print_name(
	uint32_t id, const char *field, const char *suffix, char name[static CACHE_BINARY_NAME_MAX])
{
	snprintf(name, CACHE_BINARY_NAME_MAX, "%u.%s%s%s", id, field, suffix ? "." : "",
		suffix ? suffix : "");
}

void cache_binary_print_sum(
	const struct cache_binary *binary, char text[static 2 * CACHE_SHA1_SIZE + 1])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < CACHE_SHA1_SIZE; i++) {
		*text++ = digits[binary->sha1[i] >> 4];
		*text++ = digits[binary->sha1[i] & 15];
	}
	*text = '\0';
}
