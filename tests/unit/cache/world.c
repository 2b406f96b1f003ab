/* SPDX-License-Identifier: MIT */
#include "world.h"

#include "odoo/cleanup.h"
#include "odoo/json.h"

#include <errno.h>

/* What asks so often without an answer never gets one. */
#define RUNS_MAX 50

/* ── The cache's hooks ── */

/* One line a field, "name=…"; a name that begins with "strange" can't be shown. */
static int render(void *data, const struct cache_schema *schema, const cJSON *record,
	char **ret_text, size_t *ret_size, const struct cache_field **ret_field,
	struct odoo_error *error)
{
	struct world *world = data;
	FILE *file = open_memstream(ret_text, ret_size);

	world->rendered++;
	fprintf(file, "id=%.0f\n", odoo_json_get(record, "id")->valuedouble);
	for (size_t i = 0; i < schema->n_fields; i++) {
		const cJSON *value = odoo_json_get(record, schema->fields[i].name);

		if (cJSON_IsString(value) && strncmp(value->valuestring, "strange", 7) == 0) {
			fclose(file);
			free(*ret_text);
			*ret_text = NULL;
			*ret_field = &schema->fields[i];
			odoo_error_set(error, ODOO_FAULT_MALFORMED, "a strange value");
			return -EBADMSG;
		}
		if (cJSON_IsString(value)) {
			fprintf(file, "%s=%s\n", schema->fields[i].name, value->valuestring);
		} else if (value) {
			fprintf(file, "%s=%g\n", schema->fields[i].name, value->valuedouble);
		}
	}
	fclose(file);
	return 0;
}

static void changed(void *data, const struct cache_news *news)
{
	struct world *world = data;
	_cleanup_unlock_ pthread_mutex_t *held = lock(&world->mutex);

	if (world->n_news < WORLD_NEWS) {
		world->news[world->n_news++] = *news;
	}
}

static void failed(void *data, const struct cache_model *model, uint32_t id, const char *operation,
	int number, const struct odoo_error *error)
{
	struct world *world = data;
	_cleanup_unlock_ pthread_mutex_t *held = lock(&world->mutex);

	assert_non_null(error->message);
	assert_true(number < 0);
	world->n_failures++;
	world->failure_fault = error->fault;
	world->failure_number = number;
	snprintf(world->failure, sizeof(world->failure), "%s/%u: %s: %s",
		model ? cache_model_name(model) : "", id, operation, error->message);
}

unsigned world_news(const struct world *world, enum cache_news_kind kind, uint32_t id)
{
	unsigned n = 0;

	for (size_t i = 0; i < world->n_news; i++) {
		n += world->news[i].kind == kind && (!id || world->news[i].id == id);
	}
	return n;
}

void world_forget(struct world *world)
{
	world->n_news = 0;
	world->n_failures = 0;
	world->failure[0] = '\0';
	world->rendered = 0;
	stub_forget_counts(&world->client);
}

/* ── Making it ── */

/* The calls of an administrator's start, for this one model. */
void world_can_models(struct small_odoo *odoo)
{
	small_can(odoo, "ir.model.search_read", "[{\"id\": 77, \"model\": \"" WORLD_MODEL "\"}]",
		ODOO_FAULT_NONE);
	small_can(odoo, "ir.model.access.search_read",
		"[{\"id\": 1, \"model_id\": [77, \"Contact\"], \"perm_read\": true,"
		"  \"perm_write\": true, \"perm_create\": true, \"perm_unlink\": false}]",
		ODOO_FAULT_NONE);
}

static void load_models(struct world *world)
{
	struct ask *ask = ask_models(world);

	assert_int_equal(ask_finish(ask), 0);
	ask_free(ask);
	world->model = cache_model_find(world->cache, WORLD_MODEL);
	assert_non_null(world->model);
	world_forget(world);
}

static size_t count_models(const char *const *models)
{
	size_t n = 0;

	while (models && models[n]) {
		n++;
	}
	return n;
}

static void mount(struct world *world)
{
	const struct world_options *options = &world->options;
	unsigned ttl = options->ttl ? options->ttl : 10;
	const struct cache_options cache = {
		.size = options->size ? options->size : 256u << 20,
		.ttl = options->no_ttl ? 0 : ttl,
		.poll = options->no_ttl ? 0 : ttl,
		.max_age = options->max_age,
		.kernel_ttl = 3600,
		.connections = options->connections ? options->connections : 2,
		.one2many = true,
		.keep_versions = !options->forget_versions,
		.models = (char *const *)options->models,
		.n_models = count_models(options->models),
		.store = options->store,
		.store_identity = "small",
		.store_size = options->store_size ? options->store_size : 64u << 20,
		.hooks = { .render = render, .changed = changed, .failed = failed },
		.data = world,
	};

	assert_int_equal(cache_create(&cache, &world->client, &world->cache), 0);
	if (!options->unloaded) {
		world_can_models(&world->odoo);
		load_models(world);
	}
}

struct world *world_create(const struct world_options *options)
{
	struct world *world = calloc(1, sizeof(*world));

	pthread_mutex_init(&world->mutex, NULL);
	stub_clock_reset();
	stub_init(&world->client);
	world->options = *options;
	world->client.major = options->major ? options->major : 14;
	world->client.skew = options->skew;
	small_init(&world->odoo, &world->client);
	world->table = small_add_table(&world->odoo, WORLD_MODEL, options->records);
	world->table->n_extra = options->extra;
	world->table->no_write_date = options->no_write_date;
	mount(world);
	return world;
}

void world_remount(struct world *world)
{
	cache_destroy(world->cache);
	mount(world);
	world_forget(world);
}

void world_free(struct world *world)
{
	cache_destroy(world->cache);
	small_finish(&world->odoo);
	pthread_mutex_destroy(&world->mutex);
	free(world);
}

void world_destroy(struct world *world)
{
	stub_finish(&world->client);
	world_free(world);
}

/* ── Asking ── */

static void run(struct ask *ask)
{
	int r = ++ask->runs > RUNS_MAX ? -ELOOP : ask->run(ask);

	if (r != CACHE_WAIT) {
		ask->result = r;
		ask->done = true;
	}
}

static void wake(struct cache_waiter *waiter, int error)
{
	struct ask *ask = (struct ask *)waiter;

	assert_false(ask->done);
	assert_null(waiter->queue);
	assert_true(error <= 0);
	if (error) {
		ask->result = error;
		ask->done = true;
	} else {
		run(ask);
	}
}

static struct ask *start(struct world *world, uint32_t id, int (*run_ask)(struct ask *ask))
{
	struct ask *ask = calloc(1, sizeof(*ask));

	ask->waiter.wake = wake;
	ask->world = world;
	ask->model = world->model;
	ask->id = id;
	ask->run = run_ask;
	run(ask);
	return ask;
}

static int run_stat(struct ask *ask)
{
	return cache_record_stat(ask->world->cache, ask->model, ask->id, &ask->attr, &ask->waiter);
}

static int run_cat(struct ask *ask)
{
	struct cache *cache = ask->world->cache;
	struct cache_content *content;
	const char *data;
	size_t size;
	int r = 0;

	if (!ask->has_attr) {
		r = run_stat(ask);
	}
	if (r != 0) {
		return r;
	}
	ask->has_attr = true;
	r = cache_record_read(
		cache, ask->model, ask->id, ask->attr.version, &content, &ask->waiter);
	if (r == -ESTALE) { /* the kernel looks the name up again */
		ask->has_attr = false;
		return ask->runs < RUNS_MAX ? run_cat(ask) : r;
	}
	if (r == 0) {
		data = cache_content_bytes(content, &size);
		assert_int_equal(size, ask->attr.size);
		ask->text = strndup(data, size);
		cache_content_release(cache, content);
	}
	return r;
}

static int run_list(struct ask *ask)
{
	return cache_list(ask->world->cache, ask->model, ask->id, ask->ids, ASK_IDS, &ask->n_ids,
		&ask->waiter);
}

static int run_model(struct ask *ask)
{
	return cache_model_stat(ask->world->cache, ask->model, &ask->model_attr, &ask->waiter);
}

static int run_models(struct ask *ask)
{
	return cache_models_ensure(ask->world->cache, &ask->waiter);
}

struct ask *ask_stat(struct world *world, uint32_t id)
{
	return start(world, id, run_stat);
}

struct ask *ask_cat(struct world *world, uint32_t id)
{
	return start(world, id, run_cat);
}

struct ask *ask_list(struct world *world, uint32_t after)
{
	struct ask *ask = calloc(1, sizeof(*ask));

	ask->waiter.wake = wake;
	ask->world = world;
	ask->model = world->model;
	ask->id = after;
	ask->run = run_list;
	ask->ids = calloc(ASK_IDS, sizeof(*ask->ids));
	run(ask);
	return ask;
}

struct ask *ask_model(struct world *world)
{
	return start(world, 0, run_model);
}

struct ask *ask_models(struct world *world)
{
	return start(world, 0, run_models);
}

int ask_finish(struct ask *ask)
{
	while (!ask->done && stub_answer(&ask->world->client)) {
	}
	assert_true(ask->done);
	return ask->result;
}

void ask_free(struct ask *ask)
{
	assert_true(ask->done);
	free(ask->text);
	free(ask->ids);
	free(ask);
}

int world_stat(struct world *world, uint32_t id, struct cache_attr *ret_attr)
{
	struct ask *ask = ask_stat(world, id);
	int r = ask_finish(ask);

	if (r == 0) {
		*ret_attr = ask->attr;
	}
	ask_free(ask);
	return r;
}

struct cache_attr world_attr(struct world *world, uint32_t id)
{
	struct cache_attr attr;

	assert_int_equal(world_stat(world, id, &attr), 0);
	return attr;
}

int world_cat(struct world *world, uint32_t id, char **ret_text)
{
	struct ask *ask = ask_cat(world, id);
	int r = ask_finish(ask);

	*ret_text = steal(ask->text);
	ask_free(ask);
	return r;
}

int world_touch(struct world *world, uint32_t id)
{
	_cleanup_free_ char *text = NULL;

	return world_cat(world, id, &text);
}

size_t world_list(struct world *world, uint32_t **ret_ids)
{
	uint32_t *ids = NULL, after = 0;
	size_t n = 0;

	for (;;) {
		struct ask *ask = ask_list(world, after);

		assert_int_equal(ask_finish(ask), 0);
		if (!ask->n_ids) {
			ask_free(ask);
			break;
		}
		ids = reallocarray(ids, n + ask->n_ids, sizeof(*ids));
		memcpy(ids + n, ask->ids, ask->n_ids * sizeof(*ids));
		n += ask->n_ids;
		after = ids[n - 1];
		ask_free(ask);
	}
	if (ret_ids) {
		*ret_ids = ids;
	} else {
		free(ids);
	}
	return n;
}

void world_walk(struct world *world, uint32_t first, uint32_t last)
{
	for (uint32_t id = first; id <= last; id++) {
		assert_int_equal(world_touch(world, id), 0);
	}
}

struct world *world_begin(const struct world_options *options)
{
	struct world *world = world_create(options);

	assert_int_equal(world_list(world, NULL), options->records);
	world_walk(world, 1, options->records);
	stub_answer_all(&world->client);
	world_forget(world);
	return world;
}

void world_later(void)
{
	stub_clock_move(11000);
}
