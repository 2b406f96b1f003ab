/* SPDX-License-Identifier: MIT */
#include "cache/binary_private.h"
#include "cache/persist.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static uint64_t key_of(uint32_t id, unsigned slot)
{
	return (uint64_t)id * CACHE_BINARY_SLOTS + slot;
}

static uint64_t key(const struct cache_binary *binary)
{
	return key_of(binary->id, binary->slot);
}

size_t cache_binary_position(
	const struct cache_binary *binaries, size_t n, uint32_t id, unsigned slot)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (key(&binaries[middle]) < key_of(id, slot)) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

size_t table_position(const struct binary_table *table, uint32_t id, unsigned slot)
{
	return cache_binary_position(table->entries, table->n_entries, id, slot);
}

struct cache_binary *table_find(struct binary_table *table, uint32_t id, unsigned slot)
{
	size_t position = table_position(table, id, slot);

	if (position == table->n_entries || table->entries[position].id != id ||
		table->entries[position].slot != slot) {
		return NULL;
	}
	return &table->entries[position];
}

bool table_knows(const struct binary_table *table, uint32_t id)
{
	return !cache_index_has(&table->stale, id) &&
	       (table->complete || id <= table->covered || cache_index_has(&table->loose, id));
}

void table_post(struct binary_table *table, const struct cache_binary *binary)
{
	const char *field = table->names[binary->slot];

	if (field) { /* else it isn't shown any more */
		post_binary_news(
			table->model->cache, table->model, binary->id, field, binary->type);
	}
}

/* What its record's text says of it isn't so any more. */
static void touch_record(struct binary_table *table, uint32_t id)
{
	struct cache_model *model = table->model;
	struct cache_record *record = cache_records_find(&model->records, id);

	if (record && record->state == RECORD_KNOWN && !record->stale) {
		record->stale = true;
		persist_forget(model, id);
		post_news(model->cache, CACHE_NEWS_RECORD, model, id);
	}
}

static void touch_listing(struct binary_table *table)
{
	table->model->mtime = time(NULL);
	post_news(table->model->cache, CACHE_NEWS_LISTING, table->model, 0);
}

static bool is_same_content(const struct cache_binary *a, const struct cache_binary *b)
{
	return a->size == b->size && memcmp(a->sha1, b->sha1, sizeof(a->sha1)) == 0;
}

uint8_t binary_next_version(uint64_t version)
{
	return (uint8_t)((version + 1) % CACHE_BINARY_VERSIONS);
}

/*
 * Another content is another version. Its time is the server's, unless that didn't move: then it is
 * when it was noticed.
 */
static void move(struct cache_binary *now, const struct cache_binary *then)
{
	now->version = binary_next_version(then->version);
	now->ctime = time(NULL);
	if (now->stamp == then->stamp) {
		now->mtime = now->ctime;
	}
}

/* An entry is there still: what of it is new. */
static void renew(
	struct binary_table *table, const struct cache_binary *then, struct cache_binary *now)
{
	if (!now->resolved && then->stamp == now->stamp) {
		*now = *then; /* it was read, and didn't change since */
		return;
	}
	if (!now->resolved) {
		int64_t stamp = now->stamp;

		*now = *then; /* until it is read again */
		now->stamp = now->mtime = stamp;
		now->resolved = now->hidden = false;
		return;
	}
	now->version = then->version;
	if (!is_same_content(now, then) && then->resolved) {
		move(now, then);
	} else if (now->stamp == then->stamp) {
		now->mtime = then->mtime;
		now->ctime = then->ctime;
	}
	if (now->version != then->version || now->type != then->type) {
		table_post(table, then);
		table_post(table, now);
		touch_record(table, now->id);
	}
	if (now->type != then->type) {
		touch_listing(table);
	}
}

/* What appears may have been there under the same number before, and the kernel may know that. */
static void begin(struct binary_table *table, struct cache_binary *now, bool listed)
{
	if (!listed) {
		return;
	}
	now->version = binary_next_version(table->generation);
	table_post(table, now);
	touch_record(table, now->id);
	touch_listing(table);
}

bool binary_scope_has(const struct binary_scope *scope, uint32_t id)
{
	if (!scope->ids) {
		return id > scope->after && id <= scope->last;
	}
	return bsearch(&id, scope->ids, scope->n_ids, sizeof(id), cache_compare_ids) != NULL;
}

static void end(struct binary_table *table, const struct cache_binary *then)
{
	table_post(table, then);
	touch_record(table, then->id);
	touch_listing(table);
}

static void merge(struct binary_table *table, const struct binary_scope *scope,
	const struct cache_binary *rows, size_t n_rows, struct cache_binary *merged)
{
	const struct cache_binary *old = table->entries;
	size_t i = 0, j = 0, n = 0;

	while (i < table->n_entries || j < n_rows) {
		bool is_old = j == n_rows || (i < table->n_entries && key(&old[i]) < key(&rows[j]));
		bool is_new = !is_old && (i == table->n_entries || key(&rows[j]) < key(&old[i]));

		if (is_old && binary_scope_has(scope, old[i].id)) {
			end(table, &old[i++]);
		} else if (is_old) {
			merged[n++] = old[i++];
		} else {
			merged[n] = rows[j++];
			if (is_new) {
				begin(table, &merged[n], scope->ids != NULL);
			} else {
				renew(table, &old[i++], &merged[n]);
			}
			n++;
		}
	}
	table->n_entries = n;
}

static int note_known(struct binary_table *table, const struct binary_scope *scope)
{
	struct cache_index *stale = &table->stale;
	size_t first, last;
	int r = 0;

	if (!scope->ids) {
		first = cache_index_after(stale, scope->after);
		last = cache_index_after(stale, scope->last);
		if (last > first) {
			memmove(stale->ids + first, stale->ids + last,
				(stale->n_ids - last) * sizeof(*stale->ids));
			stale->n_ids -= last - first;
		}
		table->covered = scope->last;
		table->complete = scope->last == UINT32_MAX;
		return 0;
	}
	cache_index_remove(stale, scope->ids, scope->n_ids);
	for (size_t i = 0; r == 0 && i < scope->n_ids; i++) {
		if (!table->complete && scope->ids[i] > table->covered) {
			r = cache_index_insert(&table->loose, scope->ids[i]);
		}
	}
	return r;
}

int table_take(struct binary_table *table, const struct binary_scope *scope,
	const struct cache_binary *rows, size_t n_rows)
{
	struct cache_binary *merged =
		reallocarray(NULL, table->n_entries + n_rows + 1, sizeof(*merged));

	if (!merged) {
		return -ENOMEM;
	}
	merge(table, scope, rows, n_rows, merged);
	free(table->entries);
	table->entries = merged;
	return note_known(table, scope);
}

unsigned table_take_content(struct binary_table *table, const struct cache_binary *expected,
	const struct cache_binary *found)
{
	struct cache_binary *now = table_find(table, expected->id, expected->slot), then;

	if (!now || now->version != expected->version) { /* something newer is known */
		return is_same_content(expected, found) ? expected->version : BINARY_NO_VERSION;
	}
	then = *now;
	now->resolved = true;
	now->hidden = false;
	if (then.resolved && is_same_content(&then, found)) {
		return now->version;
	}
	now->size = found->size;
	memcpy(now->sha1, found->sha1, sizeof(now->sha1));
	if (then.resolved || then.size) { /* else it is learned for the first time */
		if (!is_same_content(&then, found)) {
			move(now, &then);
			table_post(table, &then);
			touch_record(table, now->id);
		}
	}
	if (table->by_content && now->type != found->type) {
		now->type = found->type;
		table_post(table, &then);
		touch_listing(table);
	}
	return now->version;
}

void table_part(struct binary_table *table, const struct cache_binary *expected)
{
	struct cache_binary *now = table_find(table, expected->id, expected->slot);

	if (now) {
		now->alone = true;
	}
}
