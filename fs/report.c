/* SPDX-License-Identifier: MIT */
/* The texts of `.odoofs/status.json` and `.odoofs/stats.json`. */
#include "fs/control.h"

#include "cache/prefetch.h"
#include "odoo/cleanup.h"

#include <time.h>

static void add_date(cJSON *json, const char *name, int64_t seconds)
{
	char text[32];
	time_t when = seconds;
	struct tm tm;

	if (seconds && gmtime_r(&when, &tm)) {
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
		cJSON_AddStringToObject(json, name, text);
	} else {
		cJSON_AddNullToObject(json, name);
	}
}

static void add_count(cJSON *json, const char *name, uint64_t count)
{
	cJSON_AddNumberToObject(json, name, (double)count);
}

/* One newline at the end, like every other file here. */
static char *print(const cJSON *json)
{
	_cleanup_json_text_ char *text = cJSON_Print(json);
	char *line = NULL;

	if (text && asprintf(&line, "%s\n", text) < 0) {
		return NULL;
	}
	return line;
}

/* NULL without cache_dir=. */
static cJSON *report_store(struct fs *fs)
{
	static const char *const states[] = {
		[CACHE_STORE_USED] = "used",
		[CACHE_STORE_FULL] = "full",
		[CACHE_STORE_OFF] = "off",
	};
	_cleanup_free_ char *why = NULL;
	cJSON *json;

	if (!fs->options->cache_dir) {
		return cJSON_CreateNull();
	}
	json = cJSON_CreateObject();
	cJSON_AddStringToObject(json, "directory", fs->options->cache_dir);
	cJSON_AddStringToObject(json, "state", states[cache_store_report(fs->cache, &why)]);
	cJSON_AddItemToObject(json, "why", why ? cJSON_CreateString(why) : cJSON_CreateNull());
	return json;
}

static const char *const prefetch_states[] = {
	[PREFETCH_WAITING] = "waiting",
	[PREFETCH_LISTING] = "listing",
	[PREFETCH_READING] = "reading",
	[PREFETCH_DONE] = "done",
	[PREFETCH_FULL] = "full", /* cache_size= is */
	[PREFETCH_FAILED] = "failed",
};

static cJSON *report_prefetch(struct fs *fs)
{
	_cleanup_free_ struct cache_prefetch *all = NULL;
	cJSON *list = cJSON_CreateArray();
	size_t n = 0;

	cache_prefetch_report(fs->cache, &all, &n);
	for (size_t i = 0; i < n; i++) {
		cJSON *json = cJSON_CreateObject();

		cJSON_AddStringToObject(json, "model", all[i].model);
		cJSON_AddStringToObject(json, "state", prefetch_states[all[i].state]);
		add_count(json, "done", all[i].done);
		add_count(json, "total", all[i].total);
		cJSON_AddItemToArray(list, json);
	}
	return list;
}

char *report_status(struct fs *fs)
{
	_cleanup_json_ cJSON *json = cJSON_CreateObject();
	struct odoo_client_stats client;
	struct cache_stats cache;

	odoo_client_get_stats(fs->client, &client);
	cache_get_stats(fs->cache, &cache);
	cJSON_AddStringToObject(json, "server", fs->options->source.url);
	cJSON_AddStringToObject(json, "version", odoo_client_server_version(fs->client));
	cJSON_AddStringToObject(json, "database", fs->options->source.database);
	cJSON_AddStringToObject(json, "user", fs->options->source.login);
	add_count(json, "uid", odoo_client_uid(fs->client));
	cJSON_AddStringToObject(json, "transport", odoo_client_transport_name(fs->client));
	cJSON_AddStringToObject(json, "transport_reason", odoo_client_transport_reason(fs->client));
	cJSON_AddStringToObject(json, "connection",
		!client.reachable ? "unreachable"
		: cache.offline	  ? "not answering" /* connections are taken, and nothing comes */
				  : "connected");
	add_date(json, "unreachable_since", client.down_since);
	cJSON_AddBoolToObject(json, "stale", cache.offline);
	add_date(json, "mounted", fs->started);
	add_count(json, "errors", errors_count(fs->errors));
	cJSON_AddItemToObject(json, "store", report_store(fs));
	cJSON_AddItemToObject(json, "prefetch", report_prefetch(fs));
	cJSON_AddItemToObject(json, "options", options_to_json(fs->options));
	return print(json);
}

static cJSON *report_cache(struct fs *fs)
{
	cJSON *json = cJSON_CreateObject();
	struct cache_stats stats;

	cache_get_stats(fs->cache, &stats);
	add_count(json, "hits", stats.hits);
	add_count(json, "misses", stats.misses);
	add_count(json, "batches", stats.batches);
	add_count(json, "batch_records", stats.batch_records);
	add_count(json, "checks", stats.checks);
	add_count(json, "evictions", stats.evictions);
	add_count(json, "left_out", stats.left_out);
	add_count(json, "records", stats.records);
	add_count(json, "content_bytes", stats.content_bytes);
	add_count(json, "content_limit", fs->options->cache_size);
	add_count(json, "models_in_use", stats.models_in_use);
	if (fs->options->cache_dir) {
		cJSON_AddBoolToObject(json, "store_works", stats.store_works);
		add_count(json, "store_bytes", stats.store_bytes);
		add_count(json, "store_hits", stats.store_hits);
	}
	return json;
}

char *report_stats(struct fs *fs)
{
	_cleanup_json_ cJSON *json = cJSON_CreateObject();
	struct odoo_client_stats stats;
	uint64_t answered;

	odoo_client_get_stats(fs->client, &stats);
	answered = stats.calls - stats.in_flight;
	add_count(json, "calls", stats.calls);
	add_count(json, "retries", stats.retries);
	add_count(json, "failures", stats.failures);
	add_count(json, "in_flight", stats.in_flight);
	add_count(json, "queued", stats.queued);
	add_count(json, "bytes_sent", stats.bytes_out);
	add_count(json, "bytes_received", stats.bytes_in);
	add_count(json, "mean_latency_us", answered ? stats.latency_us / answered : 0);
	cJSON_AddItemToObject(json, "calls_by_method", odoo_client_get_calls(fs->client));
	cJSON_AddItemToObject(json, "cache", report_cache(fs));
	return print(json);
}
