/* SPDX-License-Identifier: MIT */
/* One record's state: what happens to it when an answer comes, and when it must be read again. */
#include "cache/age.h"
#include "cache/binary_private.h"
#include "cache/internal.h"
#include "cache/persist.h"

#include "odoo/json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <xxhash.h>

int64_t parse_date(const char *text)
{
	struct tm tm = { 0 };
	int end = 0;

	if (!text ||
		sscanf(text, "%4d-%2d-%2d %2d:%2d:%2d%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday,
			&tm.tm_hour, &tm.tm_min, &tm.tm_sec, &end) != 6 ||
		(text[end] != '\0' && text[end] != '.')) {
		return 0;
	}
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	return timegm(&tm);
}

void format_date(int64_t seconds, char text[static 20])
{
	time_t time = seconds;
	struct tm tm;

	if (!gmtime_r(&time, &tm) || !strftime(text, 20, "%Y-%m-%d %H:%M:%S", &tm)) {
		strcpy(text, "1970-01-01 00:00:00");
	}
}

int64_t record_date(const cJSON *record, const char *field)
{
	return parse_date(odoo_json_get_string(record, field));
}

void attr_of(const struct cache_record *record, struct cache_attr *ret_attr)
{
	*ret_attr = (struct cache_attr){
		.id = record->id,
		.version = record->version,
		.size = record->size,
		.mtime = record->mtime,
		.ctime = record->ctime,
	};
}

static void detach(struct cache_model *model, struct cache_record *record)
{
	if (record->content) {
		cache_content_detach(&model->cache->contents, record->content);
		record->content = NULL;
	}
}

/* The kernel and people see a new version: another inode, another time, even of one second. */
static void move_version(
	struct cache_model *model, struct cache_record *record, const struct rendered *rendered)
{
	bool dated = rendered->write_date && rendered->write_date != record->write_date;
	int64_t now = time(NULL);

	if (now <= record->ctime) {
		now = (int64_t)record->ctime + 1;
	}
	version_replace(model, record, rendered->write_date);
	record->mtime = cache_record_time(dated ? rendered->write_date : now);
	record->ctime = cache_record_time(now);
	post_news(model->cache, CACHE_NEWS_RECORD, model, record->id);
}

/* Times are the server's, so that they are the same on the next mount. */
static void begin_version(
	struct cache_model *model, struct cache_record *record, const struct rendered *rendered)
{
	int64_t date = rendered->write_date ? rendered->write_date : rendered->create_date;

	record->mtime = record->ctime = cache_record_time(date ? date : model->cache->started);
}

static void set_state(
	struct cache_model *model, struct cache_record *record, enum cache_record_state state)
{
	model->records.n_known += (state == RECORD_KNOWN) - (record->state == RECORD_KNOWN);
	record->state = state;
	record->stale = record->again && state == RECORD_KNOWN;
	if (record->again && state != RECORD_KNOWN) {
		record->state = RECORD_UNKNOWN;
	}
	record->again = false;
	record->loading = false;
}

void store_rendered(struct cache_model *model, struct rendered *rendered)
{
	struct cache *cache = model->cache;
	struct cache_record *record = cache_records_add(&model->records, rendered->id);
	uint64_t digest = XXH3_64bits(rendered->text, rendered->size);
	bool was_known, changed;

	if (!record) {
		return;
	}
	was_known = record->size != 0; /* known once: an id isn't given to another record */
	changed = was_known && (record->digest != digest || record->size != rendered->size);
	if (changed) {
		move_version(model, record, rendered);
	} else if (!was_known) {
		begin_version(model, record, rendered);
	}
	detach(model, record);
	record->content = cache_content_create(
		&cache->contents, model, rendered->id, rendered->text, rendered->size);
	if (record->content) {
		rendered->text = NULL;
	}
	record->size = (uint32_t)rendered->size;
	record->digest = digest;
	record->write_date = rendered->write_date;
	record->unsettled = rendered->unsettled;
	age_begin(model, record, 0);
	set_state(model, record, RECORD_KNOWN);
	if (!record->stale) {
		persist_put(model, record);
	}
}

void store_gone(struct cache_model *model, uint32_t id)
{
	struct cache_record *record = cache_records_add(&model->records, id);

	if (!record) {
		return;
	}
	if (record->state == RECORD_KNOWN) {
		post_news(model->cache, CACHE_NEWS_RECORD, model, id);
		version_keep(model, record);
	}
	persist_forget(model, id);
	binaries_lose(model, id);
	detach(model, record);
	set_state(model, record, RECORD_GONE);
	bad_record_forget(model, id);
}

void store_broken(struct cache_model *model, uint32_t id, int error)
{
	struct cache_record *record = cache_records_add(&model->records, id);

	if (!record) {
		return;
	}
	if (record->state == RECORD_KNOWN) {
		post_news(model->cache, CACHE_NEWS_RECORD, model, id);
	}
	persist_forget(model, id);
	detach(model, record);
	record->error = (uint8_t)-error;
	set_state(model, record, RECORD_BROKEN);
	model->has_broken = true;
}

static void retry(struct cache_record *record, void *data)
{
	if (record->state == RECORD_BROKEN) {
		record->state = RECORD_UNKNOWN;
	}
}

void retry_broken(struct cache_model *model)
{
	if (model->has_broken) {
		model->has_broken = false;
		cache_records_each(&model->records, retry, NULL);
	}
}

static void tell(struct cache_record *record, void *data)
{
	if (record->state == RECORD_KNOWN && record->stale) {
		post_news(((struct cache_model *)data)->cache, CACHE_NEWS_RECORD, data, record->id);
	}
}

void tell_stale(struct cache_model *model)
{
	cache_records_each(&model->records, tell, model);
}

void make_stale(struct cache_model *model, struct cache_record *record)
{
	record->again = record->loading;
	binaries_doubt(model, record->id);
	if (record->state == RECORD_UNKNOWN) {
		return;
	}
	/* A name that was answered with ENOENT may be in the kernel, too. */
	post_news(model->cache, CACHE_NEWS_RECORD, model, record->id);
	if (record->state == RECORD_KNOWN) {
		record->stale = true;
		persist_forget(model, record->id);
		return;
	}
	record->state = RECORD_UNKNOWN;
}

void mark_stale(struct cache_model *model, uint32_t id)
{
	struct cache_record *record = cache_records_find(&model->records, id);

	bad_record_forget(model, id);
	if (record) {
		make_stale(model, record);
	} else {
		binaries_doubt(model, id);
	}
}

/* A batch that was sent before may still bring it: then it is asked for once more. */
void store_unlisted(struct cache_model *model, uint32_t id)
{
	struct cache_record *record = cache_records_find(&model->records, id);

	if (record && record->loading) {
		make_stale(model, record);
	} else if (record) {
		store_gone(model, id);
	} else {
		binaries_lose(model, id); /* they may be known where the record isn't */
	}
}

static void make_each_stale(struct cache_record *record, void *data)
{
	make_stale(data, record);
}

void mark_all_stale(struct cache_model *model)
{
	persist_forget_model(model);
	binaries_doubt_all(model);
	cache_records_each(&model->records, make_each_stale, model);
}

void evict(struct cache *cache)
{
	struct cache_content *victim;

	while ((victim = cache_contents_victim(&cache->contents))) {
		struct cache_record *record =
			cache_records_find(&victim->model->records, victim->id);

		if (record && record->content == victim) {
			record->content = NULL;
			record->pushed = false;
		}
		cache_content_detach(&cache->contents, victim);
		cache->contents.evictions++;
	}
}
