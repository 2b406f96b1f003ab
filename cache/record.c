/* SPDX-License-Identifier: MIT */
#include "cache/record.h"

#include "cache/index.h"

#include "odoo/cleanup.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#define PAGE_IDS 256

static_assert(sizeof(struct cache_record) <= 48, "a million of them are to take little memory");

struct cache_record_page {
	uint32_t key; /* id / PAGE_IDS */
	uint16_t n_records, capacity;
	struct cache_record *records;
	UT_hash_handle hh;
};

static size_t position_of(const struct cache_record_page *page, uint32_t id)
{
	size_t low = 0, high = page->n_records;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (page->records[middle].id < id) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

static struct cache_record_page *find_page(const struct cache_records *records, uint32_t id)
{
	struct cache_record_page *page;
	uint32_t key = id / PAGE_IDS;

	HASH_FIND(hh, records->pages, &key, sizeof(key), page);
	return page;
}

struct cache_record *cache_records_find(const struct cache_records *records, uint32_t id)
{
	struct cache_record_page *page = find_page(records, id);
	size_t position;

	if (!page) {
		return NULL;
	}
	position = position_of(page, id);
	if (position == page->n_records || page->records[position].id != id) {
		return NULL;
	}
	return &page->records[position];
}

static struct cache_record_page *add_page(struct cache_records *records, uint32_t id)
{
	struct cache_record_page *page = calloc(1, sizeof(*page));

	if (page) {
		page->key = id / PAGE_IDS;
		HASH_ADD(hh, records->pages, key, sizeof(page->key), page);
		if (!page->hh.tbl) {
			free(steal(page));
		}
	}
	return page;
}

/* How many records of the page there are, as far as they are listed. */
static size_t count_listed(
	const struct cache_records *records, const struct cache_record_page *page)
{
	uint32_t first = page->key * PAGE_IDS, last = first + PAGE_IDS - 1;

	if (!records->index) {
		return 0;
	}
	return cache_index_after(records->index, last) -
	       (first ? cache_index_after(records->index, first - 1) : 0);
}

/*
 * Room for those that are listed, at once: what a page outgrows is a hole that is too small for
 * another's. Else 1, 2, 4, 8, 16, 24, 32, …: most pages end somewhere between half full and full.
 */
static bool grow(const struct cache_records *records, struct cache_record_page *page)
{
	size_t capacity = page->capacity < 8 ? page->capacity * 2u : page->capacity + 8u;
	size_t listed = count_listed(records, page);
	struct cache_record *grown;

	capacity = listed > page->capacity ? listed : capacity;
	capacity = capacity ? capacity : 1;
	grown = reallocarray(page->records, capacity, sizeof(*grown));

	if (!grown) {
		return false;
	}
	page->records = grown;
	page->capacity = (uint16_t)capacity;
	return true;
}

struct cache_record *cache_records_add(struct cache_records *records, uint32_t id)
{
	struct cache_record_page *page = find_page(records, id);
	struct cache_record *record;
	size_t position;

	if (!page && !(page = add_page(records, id))) {
		return NULL;
	}
	position = position_of(page, id);
	record = page->records + position;
	if (position < page->n_records && record->id == id) {
		return record;
	}
	if (page->n_records == page->capacity && !grow(records, page)) {
		return NULL;
	}
	record = page->records + position;
	memmove(record + 1, record, (page->n_records - position) * sizeof(*record));
	*record = (struct cache_record){ .id = id };
	page->n_records++;
	return record;
}

void cache_records_each(
	struct cache_records *records, void (*fn)(struct cache_record *, void *), void *data)
{
	struct cache_record_page *page, *next;

	HASH_ITER (hh, records->pages, page, next) {
		for (size_t i = 0; i < page->n_records; i++) {
			fn(&page->records[i], data);
		}
	}
}

void cache_records_finish(struct cache_records *records)
{
	struct cache_record_page *page, *next;

	HASH_ITER (hh, records->pages, page, next) {
		HASH_DEL(records->pages, page);
		free(page->records);
		free(page);
	}
	records->n_known = 0;
}
