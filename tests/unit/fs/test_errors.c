/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "fs/errors.h"
#include "odoo/cleanup.h"
#include "odoo/json.h"
#include "odoo/log.h"

#include <errno.h>

static void add(struct errors *errors, const char *model, uint32_t id, int number,
	const char *exception, const char *message)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };

	odoo_error_set(&error, ODOO_FAULT_SERVER, "%s", message);
	error.name = exception ? strdup(exception) : NULL;
	errors_add(errors, &(struct errors_subject){ .model = model, .id = id }, "read", number,
		&error);
}

/* The n-th line as JSON; NULL behind the last. */
static cJSON *line_of(const char *text, unsigned n)
{
	const char *end;

	for (; n; n--) {
		text = strchr(text, '\n');
		if (!text) {
			return NULL;
		}
		text++;
	}
	end = strchr(text, '\n');
	return end ? cJSON_ParseWithLength(text, (size_t)(end - text)) : NULL;
}

static void assert_member(const cJSON *line, const char *name, const char *expected)
{
	const char *value = odoo_json_get_string(line, name);

	assert_non_null(value);
	assert_string_equal(value, expected);
}

static void nothing_is_an_empty_text(void **state)
{
	struct errors *errors = errors_create();
	size_t size = 4711;
	_cleanup_free_ char *text = errors_text(errors, &size);

	assert_non_null(text);
	assert_int_equal(size, 0);
	assert_int_equal(errors_count(errors), 0);
	assert_null(errors_last(errors, &(struct errors_subject){ .model = "res.partner" }));
	errors_destroy(errors);
	errors_destroy(NULL);
}

static void a_failure_is_a_line(void **state)
{
	struct errors *errors = errors_create();
	size_t size;

	add(errors, "res.partner", 14, EACCES, "odoo.exceptions.AccessError",
		"no \"right\"\nat all");
	add(errors, "sale.order", 0, EIO, NULL, "it fails");
	add(errors, NULL, 0, 0, NULL, "all of it \xe2\x82\xac");
	_cleanup_free_ char *text = errors_text(errors, &size);
	assert_int_equal(size, strlen(text));
	assert_int_equal(errors_count(errors), 3);

	_cleanup_json_ cJSON *first = line_of(text, 0), *second = line_of(text, 1),
			     *third = line_of(text, 2);
	assert_null(line_of(text, 3));
	assert_member(first, "path", "res.partner/14.json");
	assert_member(first, "operation", "read");
	assert_member(first, "errno", "EACCES");
	assert_member(first, "exception", "odoo.exceptions.AccessError");
	assert_member(first, "message", "no \"right\"\nat all");
	assert_int_equal(strlen(odoo_json_get_string(first, "time")), 20);
	assert_member(second, "path", "sale.order");
	assert_member(second, "errno", "EIO");
	assert_null(odoo_json_get(second, "exception"));
	assert_member(third, "path", "/");
	assert_member(third, "errno", "0");
	assert_member(third, "message", "all of it \xe2\x82\xac");
	errors_destroy(errors);
}

/* A file that is no record has a name of its own. */
static void a_name_that_is_no_record(void **state)
{
	const struct errors_subject draft = { .model = "res.partner", .name = "acme.json" };
	struct errors *errors = errors_create();
	_cleanup_odoo_error_ struct odoo_error error = { 0 };
	size_t size;

	odoo_error_set(&error, ODOO_FAULT_VALIDATION, "no name");
	errors_add(errors, &draft, "create", EINVAL, &error);
	_cleanup_free_ char *text = errors_text(errors, &size);
	_cleanup_json_ cJSON *line = line_of(text, 0);
	assert_member(line, "path", "res.partner/acme.json");
	_cleanup_free_ char *last = errors_last(errors, &draft);
	assert_string_equal(last, "no name");
	assert_null(errors_last(errors, &(struct errors_subject){ .model = "res.partner" }));
	errors_destroy(errors);
}

static void only_the_last_hundred_are_kept(void **state)
{
	struct errors *errors = errors_create();
	unsigned lines = 0;
	size_t size;

	for (unsigned i = 1; i <= 1234; i++) {
		add(errors, "res.partner", i, EIO, NULL, "it fails");
	}
	_cleanup_free_ char *text = errors_text(errors, &size);
	for (const char *c = text; *c; c++) {
		lines += *c == '\n';
	}
	assert_int_equal(lines, ERRORS_KEPT);
	assert_int_equal(errors_count(errors), 1234);
	_cleanup_json_ cJSON *oldest = line_of(text, 0), *newest = line_of(text, ERRORS_KEPT - 1);
	assert_member(oldest, "path", "res.partner/1135.json");
	assert_member(newest, "path", "res.partner/1234.json");
	errors_destroy(errors);
}

static void assert_last(struct errors *errors, const char *model, uint32_t id, const char *expected)
{
	_cleanup_free_ char *last =
		errors_last(errors, &(struct errors_subject){ .model = model, .id = id });

	if (expected) {
		assert_non_null(last);
		assert_string_equal(last, expected);
	} else {
		assert_null(last);
	}
}

static void the_last_of_each_is_found(void **state)
{
	struct errors *errors = errors_create();

	add(errors, "res.partner", 14, EIO, NULL, "first");
	add(errors, "res.partner", 14, EIO, NULL, "second");
	add(errors, "res.partner", 15, EIO, NULL, "another");
	add(errors, "res.partner", 0, EIO, NULL, "of the model");
	assert_last(errors, "res.partner", 14, "second");
	assert_last(errors, "res.partner", 15, "another");
	assert_last(errors, "res.partner", 0, "of the model");
	assert_last(errors, "res.partner", 1, NULL);
	assert_last(errors, "res.partne", 14, NULL);
	assert_last(errors, NULL, 0, NULL);
	/* What was pushed out isn't found any more. */
	for (unsigned i = 0; i < ERRORS_KEPT; i++) {
		add(errors, "sale.order", 1, EIO, NULL, "more");
	}
	assert_last(errors, "res.partner", 14, NULL);
	errors_destroy(errors);
}

static void a_failure_is_logged(void **state)
{
	struct errors *errors = errors_create();
	struct capture capture;

	log_set_up(LOG_LEVEL_WARNING, false);
	capture_begin(&capture, STDERR_FILENO);
	add(errors, "res.partner", 14, EIO, NULL, "line one\nline two");
	const char *logged = capture_end(&capture);
	log_set_up(LOG_LEVEL_ERROR, false);
	assert_contains(logged, "res.partner/14.json: read: line one");
	assert_ptr_equal(strchr(logged, '\n'), logged + strlen(logged) - 1); /* one line */
	errors_destroy(errors);
}

/* Longer than any that the server may send, and still whole. */
static void long_texts_are_kept(void **state)
{
	struct errors *errors = errors_create();
	_cleanup_free_ char *message = malloc(100001);
	char model[201];
	size_t size;

	memset(message, 'x', 100000);
	message[100000] = '\0';
	memset(model, 'm', 200);
	model[200] = '\0';
	add(errors, model, 2147483647, EIO, NULL, message);
	_cleanup_free_ char *text = errors_text(errors, &size);
	_cleanup_json_ cJSON *line = line_of(text, 0);
	assert_member(line, "message", message);
	assert_int_equal(
		strlen(odoo_json_get_string(line, "path")), 200 + strlen("/2147483647.json"));
	errors_destroy(errors);
}

static void *add_many(void *data)
{
	for (unsigned i = 0; i < 500; i++) {
		add(data, "res.partner", i + 1, EIO, "some.Exception", "it fails");
	}
	return NULL;
}

static void several_threads_may_add(void **state)
{
	struct errors *errors = errors_create();
	pthread_t threads[4];
	size_t size;

	for (int i = 0; i < 4; i++) {
		pthread_create(&threads[i], NULL, add_many, errors);
	}
	for (int i = 0; i < 50; i++) {
		free(errors_text(errors, &size));
		free(errors_last(
			errors, &(struct errors_subject){ .model = "res.partner", .id = 5 }));
	}
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
	}
	assert_int_equal(errors_count(errors), 2000);
	errors_destroy(errors);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_an_empty_text),
		cmocka_unit_test(a_failure_is_a_line),
		cmocka_unit_test(a_name_that_is_no_record),
		cmocka_unit_test(only_the_last_hundred_are_kept),
		cmocka_unit_test(the_last_of_each_is_found),
		cmocka_unit_test(a_failure_is_logged),
		cmocka_unit_test(long_texts_are_kept),
		cmocka_unit_test(several_threads_may_add),
	};

	log_set_up(LOG_LEVEL_ERROR, false); /* failures are warnings */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
