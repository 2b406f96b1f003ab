/* SPDX-License-Identifier: MIT */
#include "small_odoo.h"

#include "odoo/cleanup.h"
#include "odoo/json.h"

#include <string.h>
#include <time.h>

#define DAY 86400

/* ── The tables ── */

void small_finish(struct small_odoo *odoo)
{
	for (size_t i = 0; i < odoo->n_tables; i++) {
		free(odoo->tables[i].rows);
	}
	pthread_mutex_destroy(&odoo->mutex);
}

int64_t small_now(const struct small_odoo *odoo)
{
	return stub_clock_wall() + odoo->client->skew;
}

/* The place of the first row whose id isn't lower. */
static size_t place_of(const struct small_table *table, uint32_t id)
{
	size_t low = 0, high = table->n_rows;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (table->rows[middle].id < id) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

struct small_row *small_find(struct small_table *table, uint32_t id)
{
	size_t place = place_of(table, id);

	return place < table->n_rows && table->rows[place].id == id ? &table->rows[place] : NULL;
}

static void insert(struct small_table *table, const struct small_row *row)
{
	size_t place = place_of(table, row->id);

	if (table->n_rows == table->capacity) {
		table->capacity = table->capacity ? table->capacity * 2 : 64;
		table->rows = reallocarray(table->rows, table->capacity, sizeof(*table->rows));
	}
	memmove(table->rows + place + 1, table->rows + place,
		(table->n_rows - place) * sizeof(*table->rows));
	table->rows[place] = *row;
	table->n_rows++;
}

struct small_table *small_add_table(struct small_odoo *odoo, const char *name, uint32_t n)
{
	struct small_table *table = &odoo->tables[odoo->n_tables++];
	int64_t when = small_now(odoo) - DAY;

	*table = (struct small_table){ .name = name };
	for (uint32_t id = 1; id <= n; id++) {
		int64_t date = when - (n - id) * INT64_C(100);

		insert(table, &(struct small_row){
			.id = id, .write_date = date, .create_date = date });
	}
	return table;
}

void small_uncan(struct small_odoo *odoo, const char *name)
{
	for (size_t i = 0; i < odoo->n_canned; i++) {
		if (strcmp(odoo->canned[i].name, name) == 0) {
			odoo->canned[i] = odoo->canned[--odoo->n_canned];
			return;
		}
	}
}

void small_can(struct small_odoo *odoo, const char *name, const char *json, enum odoo_fault fault)
{
	small_uncan(odoo, name);
	odoo->canned[odoo->n_canned++] =
		(struct small_canned){ .name = name, .json = json, .fault = fault };
}

void small_fail(struct small_table *table, const char *field, uint32_t id, enum odoo_fault fault)
{
	table->rules[table->n_rules++] =
		(struct small_rule){ .field = field, .id = id, .fault = fault };
}

void small_write(struct small_odoo *odoo, struct small_table *table, uint32_t id)
{
	_cleanup_unlock_ pthread_mutex_t *held = lock(&odoo->mutex);
	struct small_row *row = small_find(table, id);

	if (row) {
		row->revision++;
		row->write_date = small_now(odoo);
	}
}

static void create(struct small_odoo *odoo, struct small_table *table, uint32_t id)
{
	insert(table, &(struct small_row){
		.id = id, .write_date = small_now(odoo), .create_date = small_now(odoo) });
}

void small_create(struct small_odoo *odoo, struct small_table *table, uint32_t id)
{
	_cleanup_unlock_ pthread_mutex_t *held = lock(&odoo->mutex);

	create(odoo, table, id);
}

void small_restore(struct small_odoo *odoo, struct small_table *table, uint32_t id)
{
	_cleanup_unlock_ pthread_mutex_t *held = lock(&odoo->mutex);

	if (!small_find(table, id)) {
		create(odoo, table, id);
	}
}

void small_unlink(struct small_odoo *odoo, struct small_table *table, uint32_t id)
{
	_cleanup_unlock_ pthread_mutex_t *held = lock(&odoo->mutex);
	struct small_row *row = small_find(table, id);

	if (row) {
		size_t place = (size_t)(row - table->rows);

		memmove(row, row + 1, (table->n_rows - place - 1) * sizeof(*row));
		table->n_rows--;
	}
}

/* ── Its answers ── */

static void add_date(cJSON *object, const char *name, int64_t seconds)
{
	char text[32];
	time_t when = seconds;
	struct tm tm;

	gmtime_r(&when, &tm);
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm);
	cJSON_AddStringToObject(object, name, text);
}

static bool is_strange(const struct small_table *table, uint32_t id)
{
	return table->strange_all || id == table->strange_id ||
	       (id > table->strange_id && id <= table->strange_last);
}

static void add_name(cJSON *object, const struct small_table *table, const struct small_row *row)
{
	_cleanup_free_ char *text = NULL;

	if (table->strange && is_strange(table, row->id)) {
		cJSON_AddStringToObject(object, "name", table->strange);
		return;
	}
	if (asprintf(&text, "record %u, revision %u%*s", row->id, row->revision,
		    (int)row->padding, "") >= 0) {
		cJSON_AddStringToObject(object, "name", text);
	}
}

static void add_field(cJSON *object, const struct small_table *table, const struct small_row *row,
	const char *field)
{
	if (strcmp(field, "name") == 0) {
		add_name(object, table, row);
	} else if (strcmp(field, "write_date") == 0) {
		add_date(object, field, row->write_date);
	} else if (strcmp(field, "create_date") == 0) {
		add_date(object, field, row->create_date);
	} else if (strcmp(field, "id") != 0) {
		cJSON_AddNumberToObject(object, field, row->id);
	}
}

static bool applies(const struct small_rule *rule, uint32_t id, const char *field)
{
	return (!rule->id || rule->id == id) &&
	       (rule->field ? strcmp(rule->field, field) == 0 : strcmp(field, "id") != 0);
}

static cJSON *read_row(const struct small_table *table, const struct small_row *row,
	const cJSON *fields, struct odoo_error *error)
{
	cJSON *object = cJSON_CreateObject();
	const cJSON *field;

	cJSON_AddNumberToObject(object, "id", row->id);
	cJSON_ArrayForEach(field, fields)
	{
		for (size_t i = 0; i < table->n_rules; i++) {
			if (applies(&table->rules[i], row->id, field->valuestring)) {
				odoo_error_set(error, table->rules[i].fault, "%s of %u fails",
					field->valuestring, row->id);
			}
		}
		add_field(object, table, row, field->valuestring);
	}
	return object;
}

/* The value of a domain's condition on this field, or NULL. */
static const cJSON *condition(const cJSON *domain, const char *field)
{
	const cJSON *each;

	cJSON_ArrayForEach(each, domain)
	{
		const cJSON *name = cJSON_GetArrayItem(each, 0);

		if (cJSON_IsString(name) && strcmp(name->valuestring, field) == 0) {
			return cJSON_GetArrayItem(each, 2);
		}
	}
	return NULL;
}

static bool was_written_since(const struct small_row *row, const cJSON *since)
{
	_cleanup_json_ cJSON *object = cJSON_CreateObject();

	if (!since) {
		return true;
	}
	add_date(object, "date", row->write_date);
	return strcmp(odoo_json_get_string(object, "date"), since->valuestring) >= 0;
}

static void add_result(struct odoo_reply *reply, struct small_table *table,
	const struct small_row *row, const cJSON *fields)
{
	cJSON *value = fields ? read_row(table, row, fields, &reply->error)
			      : cJSON_CreateNumber(row->id);

	cJSON_AddItemToArray(reply->result, value);
}

/* search, and search_read where `fields` are given. */
static void search(struct small_table *table, const cJSON *params, const cJSON *fields,
	struct odoo_reply *reply)
{
	const cJSON *domain = odoo_json_get(params, "domain");
	const cJSON *bound = condition(domain, "id"), *since = condition(domain, "write_date");
	const cJSON *limit = odoo_json_get(params, "limit"), *id;
	size_t most = limit ? (size_t)limit->valuedouble : SIZE_MAX, n = 0;

	reply->result = cJSON_CreateArray();
	if (cJSON_IsArray(bound)) {
		cJSON_ArrayForEach(id, bound)
		{
			struct small_row *row = small_find(table, (uint32_t)id->valuedouble);

			if (row) {
				add_result(reply, table, row, fields);
				n++;
			}
		}
	} else {
		uint32_t after = bound ? (uint32_t)bound->valuedouble : 0;

		for (size_t i = place_of(table, after + 1); i < table->n_rows && n < most; i++) {
			if (was_written_since(&table->rows[i], since)) {
				add_result(reply, table, &table->rows[i], fields);
				n++;
			}
		}
	}
	if (table->most_records && cJSON_GetArraySize(fields) > 1 && n > table->most_records) {
		odoo_error_set(&reply->error, ODOO_FAULT_TOO_LARGE, "%zu records", n);
	}
}

/* "id:max" of an older server is answered as "id". */
static void add_maximum(
	cJSON *group, const struct small_table *table, const char *asked, bool formatted)
{
	int length = formatted ? (int)strlen(asked) : (int)strcspn(asked, ":");
	int64_t latest = 0;
	char name[64];

	snprintf(name, sizeof(name), "%.*s", length, asked);
	for (size_t i = 0; i < table->n_rows; i++) {
		if (table->rows[i].write_date > latest) {
			latest = table->rows[i].write_date;
		}
	}
	if (!table->n_rows) {
		cJSON_AddFalseToObject(group, name);
	} else if (strncmp(asked, "id", 2) == 0) {
		cJSON_AddNumberToObject(group, name, table->rows[table->n_rows - 1].id);
	} else {
		add_date(group, name, latest);
	}
}

static void summarize(const struct small_table *table, const cJSON *params, bool formatted,
	struct odoo_reply *reply)
{
	const cJSON *asked = odoo_json_get(params, formatted ? "aggregates" : "fields"), *each;
	cJSON *group = cJSON_CreateObject();

	cJSON_AddNumberToObject(group, "__count", (double)table->n_rows + table->miscount);
	cJSON_ArrayForEach(each, asked)
	{
		if (strcmp(each->valuestring, "__count") != 0) {
			add_maximum(group, table, each->valuestring, formatted);
		}
	}
	reply->result = cJSON_CreateArray();
	cJSON_AddItemToArray(reply->result, group);
}

static void describe_field(cJSON *fields, const char *name, const char *type)
{
	cJSON *field = cJSON_AddObjectToObject(fields, name);

	cJSON_AddStringToObject(field, "type", type);
	cJSON_AddTrueToObject(field, "store");
}

static void describe(const struct small_table *table, struct odoo_reply *reply)
{
	cJSON *fields = reply->result = cJSON_CreateObject();

	describe_field(fields, "name", "char");
	for (unsigned i = 0; i < table->n_extra; i++) {
		char name[32];

		snprintf(name, sizeof(name), "extra_%02u", i);
		describe_field(fields, name, "integer");
	}
	if (!table->no_write_date) {
		describe_field(fields, "write_date", "datetime");
		describe_field(fields, "create_date", "datetime");
	}
}

static struct small_table *find_table(struct small_odoo *odoo, const char *name)
{
	for (size_t i = 0; i < odoo->n_tables; i++) {
		if (strcmp(odoo->tables[i].name, name) == 0) {
			return &odoo->tables[i];
		}
	}
	return NULL;
}

static const struct small_canned *find_canned(
	const struct small_odoo *odoo, const struct odoo_request *request)
{
	char name[256];

	snprintf(name, sizeof(name), "%s.%s", request->model, request->method);
	for (size_t i = 0; i < odoo->n_canned; i++) {
		if (strcmp(odoo->canned[i].name, name) == 0) {
			return &odoo->canned[i];
		}
	}
	return NULL;
}

static void answer_from(
	struct small_table *table, const struct odoo_request *request, struct odoo_reply *reply)
{
	const char *method = request->method;

	if (strcmp(method, "fields_get") == 0) {
		describe(table, reply);
	} else if (strcmp(method, "search") == 0) {
		search(table, request->params, NULL, reply);
	} else if (strcmp(method, "search_read") == 0) {
		search(table, request->params, odoo_json_get(request->params, "fields"), reply);
	} else if (strcmp(method, "read_group") == 0) {
		summarize(table, request->params, false, reply);
	} else if (strcmp(method, "formatted_read_group") == 0) {
		summarize(table, request->params, true, reply);
	} else {
		odoo_error_set(&reply->error, ODOO_FAULT_SERVER, "no method %s", method);
	}
}

static void answer(const struct odoo_request *request, struct odoo_reply *reply, void *data)
{
	struct small_odoo *odoo = data;
	_cleanup_unlock_ pthread_mutex_t *held = lock(&odoo->mutex);
	const struct small_canned *canned = find_canned(odoo, request);
	struct small_table *table = find_table(odoo, request->model);

	if (odoo->down) {
		odoo_error_set(&reply->error, odoo->down, "the server is down");
	} else if (canned && canned->json) {
		reply->result = cJSON_Parse(canned->json);
	} else if (canned) {
		odoo_error_set(&reply->error, canned->fault, "%s fails", canned->name);
	} else if (table) {
		answer_from(table, request, reply);
	} else {
		odoo_error_set(&reply->error, ODOO_FAULT_UNKNOWN_MODEL, "no model %s",
			request->model);
	}
	if (reply->error.fault && reply->result) {
		cJSON_Delete(steal(reply->result));
	}
}

void small_init(struct small_odoo *odoo, struct odoo_client *client)
{
	*odoo = (struct small_odoo){ .client = client };
	pthread_mutex_init(&odoo->mutex, NULL);
	client->answer = answer;
	client->data = odoo;
}
