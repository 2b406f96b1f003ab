/* SPDX-License-Identifier: MIT */
/* How long a batch of 1,000 records of 80 fields takes to render: in order, and reversed. */
#include "fs/render.h"
#include "odoo/cleanup.h"

#include <stdint.h>
#include <string.h>
#include <time.h>

#define RECORDS 1000
#define FIELDS 80
#define ROUNDS 20

static const char *const types[] = { "boolean", "char", "char", "many2one", "many2many", "integer",
	"float", "datetime", "text", "selection" };

static const char *const values[] = { "true", "\"Azure Interior, 4557 De Silva St\"", "false",
	"[21, \"Belgium\"]", "[3, 7, 12]", "14", "1234.56", "\"2026-11-20 08:12:44\"",
	"\"A longer text of some\\nlines that say \\\"nothing\\\" at all, as comments do.\"",
	"\"contact\"" };

#define N_KINDS (sizeof(types) / sizeof(types[0]))

static cJSON *make_fields(void)
{
	cJSON *fields = cJSON_CreateObject();
	char name[20];

	for (size_t i = 0; i < FIELDS; i++) {
		snprintf(name, sizeof(name), "field_number_%02zu", i);
		cJSON *attributes = cJSON_AddObjectToObject(fields, name);
		cJSON_AddStringToObject(attributes, "type", types[i % N_KINDS]);
	}
	return fields;
}

static cJSON *make_record(int id, bool reversed)
{
	cJSON *record = cJSON_CreateObject();
	char name[20];

	cJSON_AddNumberToObject(record, "id", id);
	for (size_t i = 0; i < FIELDS; i++) {
		size_t at = reversed ? FIELDS - 1 - i : i;
		snprintf(name, sizeof(name), "field_number_%02zu", at);
		cJSON_AddItemToObject(record, name, cJSON_Parse(values[at % N_KINDS]));
	}
	return record;
}

static int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int measure(const struct cache_schema *schema, bool reversed)
{
	_cleanup_json_ cJSON *records = cJSON_CreateArray();
	const struct cache_field *field;
	size_t size = 0, bytes = 0;
	int64_t best = INT64_MAX;

	for (int id = 1; id <= RECORDS; id++) {
		cJSON_AddItemToArray(records, make_record(id, reversed));
	}
	for (int round = 0; round < ROUNDS; round++) {
		int64_t start = now_us();
		const cJSON *record;
		bytes = 0;
		cJSON_ArrayForEach (record, records) {
			_cleanup_free_ char *text = NULL;
			if (render_record(schema, record, true, &text, &size, &field, NULL) < 0) {
				return 1;
			}
			bytes += size;
		}
		int64_t took = now_us() - start;
		best = took < best ? took : best;
	}
	printf("%s: %d records of %d fields, %zu bytes: %.2f ms\n",
		reversed ? "reversed" : "in order", RECORDS, FIELDS, bytes, (double)best / 1000);
	return 0;
}

int main(void)
{
	_cleanup_json_ cJSON *fields = make_fields();
	struct cache_schema *schema = NULL;

	if (cache_schema_parse(fields, &schema, NULL) < 0) {
		return 1;
	}
	int r = measure(schema, false) || measure(schema, true);
	cache_schema_destroy(schema);
	return r;
}
