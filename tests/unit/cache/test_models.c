/* SPDX-License-Identifier: MIT */
/* The list of models, for the kinds of users that there are, and from servers that aren't well. */
#include "world.h"

#include "odoo/cleanup.h"

#include <errno.h>

#define MODELS "ir.model.search_read"
#define ACCESS "ir.model.access.search_read"
#define AVAILABLE "ir.model.get_available_models"

static struct world *begin(int major, const char *const *models)
{
	return world_create(&(struct world_options){
		.major = major, .models = models, .unloaded = true, .records = 10 });
}

static int load(struct world *world)
{
	struct ask *ask = ask_models(world);
	int r = ask_finish(ask);

	ask_free(ask);
	stub_answer_all(&world->client);
	return r;
}

/* All names, in the order of their numbers, each with a space behind it. */
static const char *names(struct world *world, char text[static 1024])
{
	struct cache_model *model = NULL;
	uint32_t number = 0;
	size_t used = 0;

	text[0] = '\0';
	while ((model = cache_model_next(world->cache, number))) {
		assert_true(cache_model_number(model) > number);
		number = cache_model_number(model);
		assert_true(number <= CACHE_MAX_MODEL);
		assert_ptr_equal(cache_model_find(world->cache, cache_model_name(model)), model);
		assert_ptr_equal(cache_model_by_number(world->cache, number), model);
		used += (size_t)snprintf(text + used, 1024 - used, "%s ", cache_model_name(model));
	}
	return text;
}

static struct cache_model_attr attr_of(struct world *world, const char *name)
{
	struct cache_model_attr attr;
	struct cache_model *model = cache_model_find(world->cache, name);

	assert_non_null(model);
	assert_int_equal(cache_model_stat(world->cache, model, &attr, NULL), 0);
	return attr;
}

static void can_administrator(struct world *world)
{
	small_can(&world->odoo, MODELS,
		"[{\"id\": 5, \"model\": \"res.users\"}, {\"id\": 77, \"model\": \"res.partner\"},"
		" {\"id\": 90, \"model\": \"sale.order\"}, {\"id\": 91, \"model\": \"ir.secret\"}]",
		ODOO_FAULT_NONE);
	small_can(&world->odoo, ACCESS,
		"[{\"id\": 1, \"model_id\": [77, \"x\"], \"perm_read\": true, \"perm_write\": "
		"true},"
		" {\"id\": 2, \"model_id\": [5, \"x\"], \"perm_read\": true},"
		" {\"id\": 3, \"model_id\": [5, \"x\"], \"perm_create\": true, \"perm_read\": "
		"false},"
		" {\"id\": 4, \"model_id\": [90, \"x\"], \"perm_read\": true, \"perm_unlink\": "
		"true},"
		" {\"id\": 5, \"model_id\": [91, \"x\"], \"perm_write\": true},"
		" {\"id\": 6, \"model_id\": false, \"perm_read\": true},"
		" {\"id\": 7, \"model_id\": [4711, \"x\"], \"perm_read\": true}]",
		ODOO_FAULT_NONE);
}

/* ── The kinds of users ── */

static void an_administrator(void **state)
{
	static const int majors[] = { 14, 19 };

	for (size_t i = 0; i < 2; i++) {
		struct world *world = begin(majors[i], NULL);
		char text[1024];

		can_administrator(world);
		assert_int_equal(load(world), 0);
		assert_string_equal(names(world, text), "res.users res.partner sale.order ");
		assert_int_equal(world->client.calls, 2);
		assert_int_equal(
			cache_model_number(cache_model_find(world->cache, "res.partner")), 77);
		assert_true(attr_of(world, "res.partner").may_write);
		assert_false(attr_of(world, "res.partner").may_populate);
		assert_false(attr_of(world, "res.users").may_write);
		assert_true(attr_of(world, "res.users").may_populate);
		assert_true(attr_of(world, "sale.order").may_populate);
		assert_null(cache_model_find(world->cache, "ir.secret"));
		assert_null(cache_model_by_number(world->cache, 91));
		assert_null(cache_model_find(world->cache, ""));
		world_destroy(world);
	}
}

/* 14's may list the models, but not their rights: each is asked. */
static void an_ordinary_user_of_14(void **state)
{
	struct world *world = begin(14, NULL);
	char text[1024];

	can_administrator(world);
	small_can(&world->odoo, ACCESS, NULL, ODOO_FAULT_ACCESS);
	small_can(&world->odoo, "res.users.check_access_rights", "true", ODOO_FAULT_NONE);
	small_can(&world->odoo, "res.partner.check_access_rights", "true", ODOO_FAULT_NONE);
	small_can(&world->odoo, "sale.order.check_access_rights", "false", ODOO_FAULT_NONE);
	small_can(&world->odoo, "ir.secret.check_access_rights", NULL, ODOO_FAULT_SERVER);
	assert_int_equal(load(world), 0);
	/* Who doesn't answer is shown, and will say what is wrong. */
	assert_string_equal(names(world, text), "res.users res.partner ir.secret ");
	assert_int_equal(world->client.calls, 2 + 4);
	world_destroy(world);
}

/* 19's may not list the models, but has a method that does. */
static void an_ordinary_user_of_19(void **state)
{
	struct world *world = begin(19, NULL), *other;
	char text[1024], again[1024];

	small_can(&world->odoo, MODELS, NULL, ODOO_FAULT_ACCESS);
	small_can(&world->odoo, AVAILABLE,
		"[{\"model\": \"res.partner\", \"display_name\": \"Contact\"},"
		" {\"model\": \"sale.order\"}, {\"display_name\": \"nameless\"}, 7]",
		ODOO_FAULT_NONE);
	assert_int_equal(load(world), 0);
	assert_contains(names(world, text), "res.partner ");
	assert_contains(text, "sale.order ");
	assert_int_equal(strlen(text), strlen("res.partner sale.order "));
	/* Numbers are made from the names: the same next time, whatever comes first. */
	other = begin(19, NULL);
	small_can(&other->odoo, MODELS, NULL, ODOO_FAULT_ACCESS);
	small_can(&other->odoo, AVAILABLE,
		"[{\"model\": \"sale.order\"}, {\"model\": \"res.partner\"}]", ODOO_FAULT_NONE);
	assert_int_equal(load(other), 0);
	assert_string_equal(names(other, again), text);
	assert_int_equal(cache_model_number(cache_model_find(world->cache, "sale.order")),
		cache_model_number(cache_model_find(other->cache, "sale.order")));
	world_destroy(other);
	world_destroy(world);
}

/* A portal user may list nothing: what is named is shown. */
static void a_portal_user(void **state)
{
	static const char *named[] = { "sale.order", "res.*", "res.partner", NULL };
	static const char *globs[] = { "sale.*", "*", NULL };
	struct world *world;
	char text[1024];

	for (int major = 14; major <= 19; major += 5) {
		world = begin(major, named);
		small_can(&world->odoo, MODELS, NULL, ODOO_FAULT_ACCESS);
		small_can(&world->odoo, AVAILABLE, "[]", ODOO_FAULT_NONE);
		assert_int_equal(load(world), 0);
		names(world, text);
		assert_contains(text, "res.partner ");
		assert_contains(text, "sale.order ");
		assert_int_equal(strlen(text), strlen("res.partner sale.order "));
		world_destroy(world);

		world = begin(major, globs);
		small_can(&world->odoo, MODELS, NULL, ODOO_FAULT_ACCESS);
		small_can(&world->odoo, AVAILABLE, NULL, ODOO_FAULT_ACCESS);
		assert_int_equal(load(world), -EACCES);
		assert_contains(world->failure, "-o models=");
		world_destroy(world);
	}
}

static void models_are_narrowed(void **state)
{
	static const char *globs[] = { "res.*", "sale.order", NULL };
	static const char *none[] = { "no.such", NULL };
	struct world *world = begin(14, globs);
	char text[1024];

	can_administrator(world);
	assert_int_equal(load(world), 0);
	assert_string_equal(names(world, text), "res.users res.partner sale.order ");
	world_destroy(world);
	globs[1] = NULL;
	world = begin(14, globs);
	can_administrator(world);
	assert_int_equal(load(world), 0);
	assert_string_equal(names(world, text), "res.users res.partner ");
	world_destroy(world);
	world = begin(14, none);
	can_administrator(world);
	assert_int_equal(load(world), 0);
	assert_string_equal(names(world, text), "");
	world_destroy(world);
}

/* ── Servers that aren't well ── */

static void names_that_cannot_be_directories(void **state)
{
	static const char *const bad[] = { "../x", "..", ".", "", "/etc", "a/b", ".hidden", "-rf",
		"a b", "a\\nb", "\\u00e9t\\u00e9", "a\\u0007", "x\\\"y" };
	struct world *world;
	char text[1024], json[1024];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		world = begin(19, NULL);
		snprintf(json, sizeof(json), "[{\"model\": \"good.one\"}, {\"model\": \"%s\"}]",
			bad[i]);
		small_can(&world->odoo, MODELS, NULL, ODOO_FAULT_ACCESS);
		small_can(&world->odoo, AVAILABLE, json, ODOO_FAULT_NONE);
		assert_int_equal(load(world), 0);
		assert_string_equal(names(world, text), "good.one ");
		assert_int_equal(world->n_failures, 1);
		assert_contains(world->failure, "can't be a directory");
		world_destroy(world);
	}
	world = begin(19, NULL);
	snprintf(json, sizeof(json), "[{\"model\": \"%0200d\"}, {\"model\": \"%0201d\"}]", 1, 2);
	small_can(&world->odoo, MODELS, NULL, ODOO_FAULT_ACCESS);
	small_can(&world->odoo, AVAILABLE, json, ODOO_FAULT_NONE);
	assert_int_equal(load(world), 0);
	assert_int_equal(strlen(names(world, text)), 201);
	assert_int_equal(world->n_failures, 1);
	world_destroy(world);
}

static void numbers_that_collide(void **state)
{
	struct world *world = begin(14, NULL);
	char text[1024];

	small_can(&world->odoo, MODELS,
		"[{\"id\": 0, \"model\": \"no.number\"}, {\"id\": -5, \"model\": \"negative\"},"
		" {\"id\": 7, \"model\": \"seven\"}, {\"id\": 7, \"model\": \"seven.too\"},"
		" {\"id\": 1048575, \"model\": \"last\"}, {\"id\": 1048575, \"model\": "
		"\"last.too\"},"
		" {\"id\": 1048576, \"model\": \"past.it\"}, {\"id\": 2147483648, \"model\": "
		"\"far\"}]",
		ODOO_FAULT_NONE);
	small_can(&world->odoo, ACCESS, NULL, ODOO_FAULT_ACCESS);
	for (size_t i = 0; i < 8; i++) {
		static const char *const checks[] = { "no.number.check_access_rights",
			"negative.check_access_rights", "seven.check_access_rights",
			"seven.too.check_access_rights", "last.check_access_rights",
			"last.too.check_access_rights", "past.it.check_access_rights",
			"far.check_access_rights" };

		small_can(&world->odoo, checks[i], "true", ODOO_FAULT_NONE);
	}
	assert_int_equal(load(world), 0);
	names(world, text);
	assert_int_equal(cache_model_number(cache_model_find(world->cache, "seven")), 7);
	assert_int_equal(cache_model_number(cache_model_find(world->cache, "seven.too")), 8);
	assert_int_equal(cache_model_number(cache_model_find(world->cache, "last")), 1048575);
	assert_int_equal(cache_model_number(cache_model_find(world->cache, "last.too")), 1);
	assert_non_null(cache_model_find(world->cache, "far"));
	world_destroy(world);
}

static void a_model_that_is_listed_twice(void **state)
{
	struct world *world = begin(14, NULL);
	char text[1024];

	can_administrator(world);
	small_can(&world->odoo, MODELS,
		"[{\"id\": 77, \"model\": \"res.partner\"}, {\"id\": 78, \"model\": "
		"\"res.partner\"}]",
		ODOO_FAULT_NONE);
	assert_int_equal(load(world), 0);
	assert_string_equal(names(world, text), "res.partner ");
	assert_true(attr_of(world, "res.partner").may_write);
	world_destroy(world);
}

static void more_models_than_there_are_numbers_for(void **state)
{
	struct world *world = begin(19, NULL);
	size_t size = 0, n = 0;
	struct cache_model *model;
	uint32_t number = 0;
	char *json = NULL;
	FILE *file = open_memstream(&json, &size);

	fprintf(file, "[{\"model\": \"m0\"}");
	for (int i = 1; i < 70000; i++) {
		fprintf(file, ", {\"model\": \"m%d\"}", i);
	}
	fprintf(file, "]");
	fclose(file);
	small_can(&world->odoo, MODELS, NULL, ODOO_FAULT_ACCESS);
	small_can(&world->odoo, AVAILABLE, json, ODOO_FAULT_NONE);
	assert_int_equal(load(world), 0);
	assert_contains(world->failure, "no more than 65536 are shown");
	while (n < 100 && (model = cache_model_next(world->cache, number))) {
		number = cache_model_number(model);
		n++;
	}
	assert_int_equal(n, 100);
	world_destroy(world);
	free(json);
}

/* Whatever is wrong with an answer: it ends, it is named, and the next try may succeed. */
static void answers_of_a_wrong_shape(void **state)
{
	static const char *const methods[] = { MODELS, ACCESS };
	static const char *const answers[] = { "{}", "false", "7", "\"x\"", "null", "[]", "[7]" };

	for (size_t i = 0; i < 2; i++) {
		for (size_t j = 0; j < sizeof(answers) / sizeof(answers[0]); j++) {
			struct world *world = begin(14, NULL);
			char text[1024];
			int r;

			can_administrator(world);
			small_can(&world->odoo, methods[i], answers[j], ODOO_FAULT_NONE);
			r = load(world);
			if (r != 0) {
				assert_int_equal(r, -EIO);
				assert_int_equal(world->n_failures, 1);
				assert_at_most(world->client.calls, 2);
				can_administrator(world);
				assert_int_equal(load(world), 0);
				assert_string_equal(
					names(world, text), "res.users res.partner sale.order ");
			} else {
				assert_string_equal(methods[i], ACCESS);
			}
			world_destroy(world);
		}
	}
}

static void a_server_that_fails_at_each_step(void **state)
{
	static const enum odoo_fault faults[] = { ODOO_FAULT_UNREACHABLE, ODOO_FAULT_TIMEOUT,
		ODOO_FAULT_DENIED };
	static const char *const methods[] = { MODELS, ACCESS };

	for (size_t i = 0; i < 2; i++) {
		for (size_t j = 0; j < 3; j++) {
			struct world *world = begin(14, NULL);
			struct cache_stats stats;

			can_administrator(world);
			small_can(&world->odoo, methods[i], NULL, faults[j]);
			assert_true(load(world) < 0);
			cache_get_stats(world->cache, &stats);
			assert_int_equal(stats.offline, faults[j] != ODOO_FAULT_DENIED);
			can_administrator(world);
			assert_int_equal(load(world), 0);
			cache_get_stats(world->cache, &stats);
			assert_false(stats.offline);
			world_destroy(world);
		}
	}
}

/* ── Later ── */

static void models_come_and_go(void **state)
{
	struct world *world = begin(14, NULL);
	struct cache_model *order;
	char text[1024];

	can_administrator(world);
	assert_int_equal(load(world), 0);
	assert_int_equal(world_news(world, CACHE_NEWS_MODELS, 0), 0);
	order = cache_model_find(world->cache, "sale.order");
	small_can(&world->odoo, MODELS,
		"[{\"id\": 5, \"model\": \"res.users\"}, {\"id\": 77, \"model\": \"res.partner\"},"
		" {\"id\": 100, \"model\": \"crm.lead\"}]",
		ODOO_FAULT_NONE);
	small_can(&world->odoo, ACCESS,
		"[{\"id\": 1, \"model_id\": [77, \"x\"], \"perm_read\": true},"
		" {\"id\": 2, \"model_id\": [100, \"x\"], \"perm_read\": true}]",
		ODOO_FAULT_NONE);
	assert_int_equal(load(world), 0);
	assert_contains(names(world, text), "sale.order"); /* not so soon */
	stub_clock_move(11 * 60 * 1000);
	assert_int_equal(load(world), 0);
	assert_string_equal(names(world, text), "res.partner crm.lead ");
	assert_int_equal(world_news(world, CACHE_NEWS_MODELS, 0), 1);
	assert_false(attr_of(world, "res.partner").may_write);
	assert_string_equal(
		cache_model_name(order), "sale.order"); /* it lives as long as the cache */
	/* And back, under its number. */
	can_administrator(world);
	stub_clock_move(11 * 60 * 1000);
	assert_int_equal(load(world), 0);
	assert_ptr_equal(cache_model_by_number(world->cache, 90), order);
	/* Nothing new is no news. */
	world_forget(world);
	stub_clock_move(11 * 60 * 1000);
	assert_int_equal(load(world), 0);
	assert_int_equal(world->client.calls, 2);
	assert_int_equal(world->n_news, 0);
	world_destroy(world);
}

static void many_ask_and_one_loads(void **state)
{
	struct world *world = begin(14, NULL);
	struct ask *asks[10];

	can_administrator(world);
	for (int i = 0; i < 10; i++) {
		asks[i] = ask_models(world);
	}
	stub_answer_all(&world->client);
	for (int i = 0; i < 10; i++) {
		assert_true(asks[i]->done);
		assert_int_equal(asks[i]->result, 0);
		ask_free(asks[i]);
	}
	assert_int_equal(world->client.calls, 2);
	world_destroy(world);
}

/* Relations to models that the user may not read make a whole read fail: they aren't asked for. */
static void fields_of_unreadable_models_are_not_read(void **state)
{
	static const char fields[] =
		"{\"name\": {\"type\": \"char\", \"store\": true},"
		"\"a_ids\": {\"type\": \"one2many\", \"store\": true, \"relation\": \"ir.secret\"},"
		"\"b_ids\": {\"type\": \"many2many\", \"store\": true, \"relation\": "
		"\"sale.order\"},"
		"\"c_ids\": {\"type\": \"many2many\", \"store\": true, \"relation\": \"no.such\"},"
		"\"d_id\": {\"type\": \"many2one\", \"store\": true, \"relation\": \"ir.secret\"},"
		"\"e\": {\"type\": \"char\", \"store\": false},"
		"\"f\": {\"type\": \"binary\", \"store\": true}}";
	struct world *world = begin(14, NULL);
	_cleanup_free_ char *asked = NULL;
	struct ask *ask;

	can_administrator(world);
	small_can(&world->odoo, WORLD_MODEL ".fields_get", fields, ODOO_FAULT_NONE);
	assert_int_equal(load(world), 0);
	world->model = cache_model_find(world->cache, WORLD_MODEL);
	ask = ask_stat(world, 3);
	stub_answer(&world->client);
	asked = cJSON_PrintUnformatted(
		cJSON_GetObjectItem(stub_at(&world->client, 0)->request->params, "fields"));
	assert_string_equal(asked, "[\"b_ids\",\"d_id\",\"name\"]");
	assert_int_equal(ask_finish(ask), 0);
	ask_free(ask);
	world_destroy(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_administrator),
		cmocka_unit_test(an_ordinary_user_of_14),
		cmocka_unit_test(an_ordinary_user_of_19),
		cmocka_unit_test(a_portal_user),
		cmocka_unit_test(models_are_narrowed),
		cmocka_unit_test(names_that_cannot_be_directories),
		cmocka_unit_test(numbers_that_collide),
		cmocka_unit_test(a_model_that_is_listed_twice),
		cmocka_unit_test(more_models_than_there_are_numbers_for),
		cmocka_unit_test(answers_of_a_wrong_shape),
		cmocka_unit_test(a_server_that_fails_at_each_step),
		cmocka_unit_test(models_come_and_go),
		cmocka_unit_test(many_ask_and_one_loads),
		cmocka_unit_test(fields_of_unreadable_models_are_not_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
