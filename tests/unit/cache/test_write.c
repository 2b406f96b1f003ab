/* SPDX-License-Identifier: MIT */
/* What the cache knows of changes that go through it. */
#include "world.h"

#include "cache/write.h"
#include "odoo/cleanup.h"

#include <errno.h>

struct end {
	bool done;
	int r;
	double result;
	enum odoo_fault fault;
	char *field; /* "name" of a fetched record */
};

static void on_end(int r, const cJSON *result, const struct odoo_error *error, void *data)
{
	struct end *end = data;
	const cJSON *name = cJSON_GetObjectItem(result, "name");

	assert_false(end->done);
	end->done = true;
	end->r = r;
	end->fault = error->fault;
	end->result = cJSON_IsNumber(result) ? result->valuedouble : 0;
	end->field = cJSON_IsString(name) ? strdup(name->valuestring) : NULL;
}

static struct world *begin(uint32_t records)
{
	struct world *world = world_create(&(struct world_options){ .records = records });

	assert_int_equal(world_list(world, NULL), records);
	world_walk(world, 1, records);
	stub_answer_all(&world->client);
	stub_clock_move(3000);
	world_forget(world);
	return world;
}

static int64_t mtime(struct world *world)
{
	struct cache_model_attr attr;

	assert_int_equal(cache_model_stat(world->cache, world->model, &attr, NULL), 0);
	return attr.mtime;
}

static struct end write_to(struct world *world, uint32_t id)
{
	_cleanup_json_ cJSON *values = cJSON_Parse("{\"name\": \"new\"}");
	struct end end = { 0 };

	cache_write(world->cache, world->model, id, values, on_end, &end);
	assert_false(end.done);
	stub_answer_all(&world->client);
	assert_true(end.done);
	return end;
}

static struct end unlink_from(struct world *world, uint32_t id)
{
	struct end end = { 0 };

	cache_unlink(world->cache, world->model, id, on_end, &end);
	stub_answer_all(&world->client);
	assert_true(end.done);
	return end;
}

static void what_was_written_is_read_back(void **state)
{
	struct world *world = begin(100);
	_cleanup_free_ char *text = NULL;

	assert_int_equal(write_to(world, 14).r, 0);
	assert_int_equal(world->client.calls, 2);
	assert_true(world_news(world, CACHE_NEWS_RECORD, 14) > 0);
	world_forget(world);
	assert_int_equal(world_cat(world, 14, &text), 0);
	assert_contains(text, "revision 1");
	assert_int_equal(world->client.calls, 0);
	world_destroy(world);
}

/* The record is on its way to somebody, as it was before: that isn't what was made of it. */
static void what_is_read_back_is_newer_than_the_write(void **state)
{
	struct world *world = begin(100);
	_cleanup_json_ cJSON *values = cJSON_Parse("{\"name\": \"new\"}");
	_cleanup_free_ char *text = NULL;
	struct stub_sent *batch;
	struct end end = { 0 };
	struct ask *reader;

	cache_refresh_record(world->cache, world->model, 14);
	reader = ask_cat(world, 14);
	batch = stub_at(&world->client, 0);
	stub_make(&world->client, batch);
	cache_write(world->cache, world->model, 14, values, on_end, &end);
	stub_deliver(&world->client, stub_at(&world->client, 1));
	stub_deliver(&world->client, batch);
	assert_false(end.done);
	stub_answer_all(&world->client);
	assert_true(end.done);
	assert_true(reader->done);
	ask_free(reader);
	world_forget(world);
	assert_int_equal(world_cat(world, 14, &text), 0);
	assert_contains(text, "revision 1");
	assert_int_equal(world->client.calls, 0);
	world_destroy(world);
}

static void what_could_not_be_read_back_was_written(void **state)
{
	struct world *world = begin(100);
	_cleanup_json_ cJSON *values = cJSON_Parse("{\"name\": \"new\"}");
	_cleanup_free_ char *text = NULL;
	struct end end = { 0 };

	cache_write(world->cache, world->model, 14, values, on_end, &end);
	stub_answer(&world->client);
	world->odoo.down = ODOO_FAULT_SERVER;
	stub_answer_all(&world->client);
	assert_true(end.done);
	assert_int_equal(end.r, 0);
	world->odoo.down = ODOO_FAULT_NONE;
	stub_clock_move(11000);
	assert_int_equal(world_cat(world, 14, &text), 0);
	assert_contains(text, "revision 1");
	world_destroy(world);
}

static void a_refused_write_changes_nothing(void **state)
{
	struct world *world = begin(100);
	struct end end;

	small_can(&world->odoo, WORLD_MODEL ".write", NULL, ODOO_FAULT_VALIDATION);
	end = write_to(world, 14);
	assert_int_equal(end.r, -EINVAL);
	assert_int_equal(end.fault, ODOO_FAULT_VALIDATION);
	assert_int_equal(world->client.calls, 1);
	assert_int_equal(world->n_news, 0);
	world_destroy(world);
}

static void a_created_record_is_listed_and_there(void **state)
{
	struct world *world = begin(100);
	_cleanup_json_ cJSON *values = cJSON_CreateObject();
	_cleanup_free_ uint32_t *ids = NULL;
	struct end end = { 0 };

	assert_int_equal(world_touch(world, 101), -ENOENT);
	cache_create_record(world->cache, world->model, values, on_end, &end);
	stub_answer_all(&world->client);
	assert_true(end.done);
	assert_int_equal(end.r, 0);
	assert_int_equal((int)end.result, 101);
	assert_int_equal(mtime(world), stub_clock_wall());
	assert_true(world_news(world, CACHE_NEWS_LISTING, 0) > 0);
	world_forget(world);
	assert_int_equal(world_list(world, &ids), 101);
	assert_int_equal(ids[100], 101);
	assert_int_equal(world_touch(world, 101), 0);
	assert_int_equal(world->client.calls, 0);
	/* The next check finds nothing that isn't known. */
	stub_clock_move(11000);
	assert_int_equal(world_list(world, NULL), 101);
	assert_int_equal(stub_count(&world->client, WORLD_MODEL ".search"), 0);
	world_destroy(world);
}

static void a_removed_record_is_lost(void **state)
{
	struct world *world = begin(100);

	assert_int_equal(unlink_from(world, 14).r, 0);
	assert_int_equal(mtime(world), stub_clock_wall());
	assert_int_equal(world_news(world, CACHE_NEWS_LISTING, 0), 1);
	assert_true(world_news(world, CACHE_NEWS_RECORD, 14) > 0);
	world_forget(world);
	assert_int_equal(world_list(world, NULL), 99);
	assert_int_equal(world_touch(world, 14), -ENOENT);
	assert_int_equal(world->client.calls, 0);
	world_destroy(world);
}

/* Somebody else was faster: the server says so, and the cache believes it. */
static void a_record_that_is_gone_is_lost_as_well(void **state)
{
	struct world *world = begin(100);

	small_unlink(&world->odoo, world->table, 14);
	small_unlink(&world->odoo, world->table, 15);
	assert_int_equal(unlink_from(world, 14).r, -ENOENT);
	assert_int_equal(write_to(world, 15).r, -ENOENT);
	world_forget(world);
	assert_int_equal(world_list(world, NULL), 98);
	assert_int_equal(world_touch(world, 14), -ENOENT);
	assert_int_equal(world_touch(world, 15), -ENOENT);
	assert_int_equal(world->client.calls, 0);
	world_destroy(world);
}

/* A batch with the record was sent before it was removed, and comes after. */
static void a_late_batch_brings_nothing_back(void **state)
{
	struct world *world = begin(100);
	struct stub_sent *batch;
	struct ask *reader;
	struct end end = { 0 };

	cache_refresh_record(world->cache, world->model, 14);
	reader = ask_cat(world, 14);
	batch = stub_at(&world->client, 0);
	stub_make(&world->client, batch);
	cache_unlink(world->cache, world->model, 14, on_end, &end);
	stub_deliver(&world->client, stub_at(&world->client, 1));
	assert_true(end.done);
	stub_deliver(&world->client, batch);
	assert_int_equal(ask_finish(reader), 0);
	ask_free(reader);
	assert_int_equal(world_touch(world, 14), -ENOENT);
	assert_int_equal(world_list(world, NULL), 99);
	world_destroy(world);
}

/* Whether it took effect isn't known: it is looked at again. */
static void a_write_without_an_answer(void **state)
{
	struct world *world = begin(100);
	_cleanup_json_ cJSON *values = cJSON_Parse("{\"name\": \"new\"}");
	_cleanup_free_ char *text = NULL;
	struct stub_sent *sent;
	struct end end = { 0 };

	cache_write(world->cache, world->model, 14, values, on_end, &end);
	sent = stub_at(&world->client, 0);
	stub_make(&world->client, sent);
	cJSON_Delete(steal(sent->reply.result));
	odoo_error_set(&sent->reply.error, ODOO_FAULT_TIMEOUT, "no answer");
	sent->reply.error.unsure = true;
	stub_deliver(&world->client, sent);
	assert_true(end.done);
	assert_true(end.r < 0);
	assert_int_equal(world_cat(world, 14, &text), 0);
	assert_contains(text, "revision 1");
	world_destroy(world);
}

static void a_record_is_fetched_as_it_is_now(void **state)
{
	static const char *const fields[] = { "name" };
	static const char *const strange[] = { "{}", "7", "[{\"id\": 15, \"name\": \"other\"}]" };
	struct world *world = begin(100);
	struct end end = { 0 };

	small_write(&world->odoo, world->table, 14);
	cache_fetch(world->cache, world->model, 14, fields, 1, on_end, &end);
	stub_answer_all(&world->client);
	assert_int_equal(end.r, 0);
	assert_contains(end.field, "revision 1");
	free(end.field);
	for (size_t i = 0; i < 3; i++) {
		end = (struct end){ 0 };
		cache_fetch(world->cache, world->model, 14, fields, 1, on_end, &end);
		stub_answer_json(&world->client, strange[i]);
		assert_int_equal(end.r, -EIO);
		assert_null(end.field);
	}
	end = (struct end){ 0 };
	cache_fetch(world->cache, world->model, 4711, fields, 1, on_end, &end);
	stub_answer_all(&world->client);
	assert_int_equal(end.r, -ENOENT);
	world_destroy(world);
}

static void values_that_may_be_sent_twice(void **state)
{
	static const struct {
		const char *json;
		bool absolute;
	} cases[] = {
		{ "{}", true },
		{ "{\"name\": \"x\", \"active\": false, \"n\": 5}", true },
		{ "{\"extra\": [[0, 1], [2]]}", true },
		{ "{\"tag_ids\": [[6, 0, [1, 2]]]}", true },
		{ "{\"tag_ids\": [[4, 1, 0], [3, 2, 0]]}", true },
		{ "{\"tag_ids\": [[5, 0, 0], [4, 1, 0]]}", true },
		{ "{\"tag_ids\": []}", true },
		{ "{\"tag_ids\": [[2, 1, 0]]}", false },
		{ "{\"tag_ids\": [[4, 1, 0], [0, 0, {}]]}", false },
		{ "{\"tag_ids\": [[6, 0, []]], \"line_ids\": [[0, 0, {}]]}", false },
		{ "{\"line_ids\": [[1, 5, {}]]}", false },
		{ "{\"line_ids\": [[2, 5]]}", false },
		{ "{\"line_ids\": [[3, 5, 0]]}", false },
		{ "{\"line_ids\": [[4, 5, 0]]}", false },
		{ "{\"line_ids\": [[6, 0, [1]]]}", true },
		{ "{\"line_ids\": [[6, 0, [1]], [4, 2]]}", false },
		{ "{\"unknown\": [[3, 2, 0]]}", false },
	};
	_cleanup_json_ cJSON *fields = cJSON_Parse(
		"{\"extra\": {\"type\": \"json\"}, \"line_ids\": {\"type\": \"one2many\"},"
		"\"tag_ids\": {\"type\": \"many2many\"}}");
	struct cache_schema *schema;

	assert_int_equal(cache_schema_parse(fields, &schema, NULL), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_json_ cJSON *values = cJSON_Parse(cases[i].json);

		assert_int_equal(cache_values_are_absolute(schema, values), cases[i].absolute);
	}
	cache_schema_destroy(schema);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_written_is_read_back),
		cmocka_unit_test(what_is_read_back_is_newer_than_the_write),
		cmocka_unit_test(what_could_not_be_read_back_was_written),
		cmocka_unit_test(a_refused_write_changes_nothing),
		cmocka_unit_test(a_created_record_is_listed_and_there),
		cmocka_unit_test(a_removed_record_is_lost),
		cmocka_unit_test(a_record_that_is_gone_is_lost_as_well),
		cmocka_unit_test(a_late_batch_brings_nothing_back),
		cmocka_unit_test(a_write_without_an_answer),
		cmocka_unit_test(a_record_is_fetched_as_it_is_now),
		cmocka_unit_test(values_that_may_be_sent_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
