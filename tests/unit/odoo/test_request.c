/* SPDX-License-Identifier: MIT */
#include "odoo/request.h"

#include "odoo/cleanup.h"
#include "unit.h"

#include <errno.h>
#include <string.h>

/* Check what a request says, and free it. */
static void check(struct odoo_request *request, const char *method, const char *params)
{
	_cleanup_json_text_ char *text = NULL;

	assert_non_null(request);
	assert_string_equal(request->model, "res.partner");
	assert_string_equal(request->method, method);
	assert_true(request->repeatable);
	assert_false(request->ahead);
	text = cJSON_PrintUnformatted(request->params);
	assert_string_equal(text, params);
	odoo_request_destroy(request);
}

static void test_search(void **state)
{
	_cleanup_json_ cJSON *domain = cJSON_Parse("[[\"name\",\"ilike\",\"x\"]]");

	check(odoo_request_search_after("res.partner", NULL, 0, 0), "search",
		"{\"domain\":[[\"id\",\">\",0]],\"order\":\"id\"}");
	check(odoo_request_search_after("res.partner", domain, 2147483647, 1000), "search",
		"{\"domain\":[[\"name\",\"ilike\",\"x\"],[\"id\",\">\",2147483647]],\"order\":"
		"\"id\",\"limit\":1000}");
	assert_int_equal(cJSON_GetArraySize(domain), 1);
}

static void test_read(void **state)
{
	static const char *const fields[] = { "name", "write_date" };
	static const uint32_t ids[] = { 5, 7 };

	check(odoo_request_read_ids("res.partner", ids, 2, fields, 2), "read",
		"{\"ids\":[5,7],\"fields\":[\"name\",\"write_date\"]}");
	/* Odoo would take no field for all fields. */
	check(odoo_request_read_ids("res.partner", ids, 1, NULL, 0), "search_read",
		"{\"domain\":[[\"id\",\"in\",[5]]],\"fields\":[\"id\"],\"order\":\"id\"}");
}

static void test_written_since(void **state)
{
	check(odoo_request_written_since("res.partner", "2026-11-20 08:12:44", 9, 50),
		"search_read",
		"{\"domain\":[[\"write_date\",\">=\",\"2026-11-20 08:12:44\"],[\"id\",\">\",9]],"
		"\"fields\":[\"write_date\"],\"order\":\"id\",\"limit\":50}");
}

static void test_fields_get(void **state)
{
	static const char *const attributes[] = { "type", "store" };

	check(odoo_request_fields_get("res.partner", attributes, 2), "fields_get",
		"{\"attributes\":[\"type\",\"store\"]}");
}

static void test_summary(void **state)
{
	check(odoo_request_summary("res.partner", 19, true), "formatted_read_group",
		"{\"domain\":[],\"groupby\":[],\"aggregates\":[\"__count\",\"id:max\","
		"\"write_date:max\"]}");
	check(odoo_request_summary("res.partner", 19, false), "formatted_read_group",
		"{\"domain\":[],\"groupby\":[],\"aggregates\":[\"__count\",\"id:max\"]}");
	check(odoo_request_summary("res.partner", 14, true), "read_group",
		"{\"domain\":[],\"groupby\":[],\"lazy\":false,\"fields\":[\"id:max\","
		"\"write_date:max\"]}");
	check(odoo_request_summary("res.partner", 18, false), "read_group",
		"{\"domain\":[],\"groupby\":[],\"lazy\":false,\"fields\":[\"id:max\"]}");
}

static void test_set(void **state)
{
	struct odoo_request *request = odoo_request_create("a.b", "write");

	assert_non_null(request);
	assert_false(request->repeatable);
	assert_int_equal(odoo_request_set(request, "ids", NULL), -ENOMEM);
	assert_int_equal(odoo_request_set(request, "ids", cJSON_CreateArray()), 0);
	assert_true(cJSON_IsArray(request->params->child));
	odoo_request_destroy(request);
	odoo_request_destroy(NULL);
}

static void check_summary(const char *text, const char *write_date, uint32_t max_id, uint32_t count)
{
	_cleanup_json_ cJSON *json = cJSON_Parse(text);
	struct odoo_summary summary = { 0 };

	assert_int_equal(odoo_summary_parse(json, &summary), 0);
	assert_string_equal(summary.write_date, write_date);
	assert_int_equal(summary.max_id, max_id);
	assert_int_equal(summary.count, count);
}

/* As 14 and 19 answered, with records and without. */
static void test_summary_answers(void **state)
{
	check_summary("[{\"__count\":36,\"id\":40,\"write_date\":\"2026-11-22 "
		      "07:41:33\"}]",
		"2026-11-22 07:41:33", 40, 36);
	check_summary("[{\"__count\":0,\"id\":null,\"write_date\":null}]", "", 0, 0);
	check_summary("[{\"__count\":36,\"id\":40}]", "", 40, 36);
	check_summary("[{\"__extra_domain\":[[1,\"=\",1]],\"__count\":39,\"id:max\":42,"
		      "\"write_date:max\":\"2026-11-22 07:42:05\"}]",
		"2026-11-22 07:42:05", 42, 39);
	check_summary("[{\"__count\":0,\"id:max\":false,\"write_date:max\":false}]", "", 0, 0);
	check_summary("[{\"__count\":1,\"id:max\":2,\"write_date:max\":\"2026-11-22 "
		      "07:42:05.123456\"}]",
		"2026-11-22 07:42:05", 2, 1);
	check_summary("[]", "", 0, 0);
}

static void test_wrong_summary_answers(void **state)
{
	static const char *const texts[] = { "{}", "false", "[1]", "[{}]", "[{\"__count\":-1}]",
		"[{\"__count\":1e300}]", "[{\"__count\":\"1\"}]",
		"[{\"__count\":1},{\"__count\":1}]", "[{\"__count\":1,\"id\":0}]",
		"[{\"__count\":1,\"id\":1.5}]", "[{\"__count\":1,\"write_date\":\"\"}]",
		"[{\"__count\":1,\"write_date\":5}]",
		"[{\"__count\":1,\"write_date\":\"2026-11-22T07:42:05\"}]",
		"[{\"__count\":1,\"write_date\":\"2026-11-22 07:42\"}]" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		_cleanup_json_ cJSON *json = cJSON_Parse(texts[i]);
		struct odoo_summary summary = { .count = 77 };

		assert_int_equal(odoo_summary_parse(json, &summary), -EBADMSG);
		assert_int_equal(summary.count, 77);
	}
	assert_int_equal(odoo_summary_parse(NULL, &(struct odoo_summary){ 0 }), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_search),
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_written_since),
		cmocka_unit_test(test_fields_get),
		cmocka_unit_test(test_summary),
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_summary_answers),
		cmocka_unit_test(test_wrong_summary_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
