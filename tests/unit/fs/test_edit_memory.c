/* SPDX-License-Identifier: MIT */
/*
 * Every allocation of an edit fails once: it ends in an error and loses no memory. The linker puts
 * these wrappers in front of our own calls; both JSON libraries take their memory from hooks. The
 * error isn't always -ENOMEM: the parser takes a lack of memory for wrong JSON, and what can't be
 * compared counts as different.
 */
#include "edit_unit.h"

#include <jansson.h>

static long countdown; /* the allocation to fail, from 1; 0: none */
static bool failed;

static bool fails(void)
{
	if (countdown > 0 && --countdown == 0) {
		failed = true;
		return true;
	}
	return false;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *pointer, size_t size);
void *__real_reallocarray(void *pointer, size_t n, size_t size);
char *__real_strdup(const char *text);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *pointer, size_t size);
void *__wrap_reallocarray(void *pointer, size_t n, size_t size);
char *__wrap_strdup(const char *text);

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *pointer, size_t size)
{
	return fails() ? NULL : __real_realloc(pointer, size);
}

void *__wrap_reallocarray(void *pointer, size_t n, size_t size)
{
	return fails() ? NULL : __real_reallocarray(pointer, n, size);
}

char *__wrap_strdup(const char *text)
{
	return fails() ? NULL : __real_strdup(text);
}

static void *allocate(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

static const char write_text[] =
	"{\"id\": 14, \"name\": \"x\", \"color\": 5, \"weight\": 0.30000000000000004,"
	"\"country_id\": \"Chad\", \"category_ids\": [3, 8], \"extra\": {\"a\": [1, {\"b\": 2.5}]},"
	"\"order_line\": [31, {\"id\": 32, \"product_id\": \"Box\"}, {\"name\": \"y\"}],"
	"\"props\": {\"a1\": \"blue\", \"e5\": [[9, \"z\"], 3]}, \"origin\": \"crm.lead,3\"}";

static const char create_text[] =
	"{\"id\": 1, \"write_date\": 5, \"name\": \"x\", \"order_line\": [1, {\"name\": \"y\"}],"
	"\"props\": [{\"name\": \"b2\", \"type\": \"many2one\", \"value\": [7, \"A\"]}],"
	"\"category_ids\": [[6, 0, [1]], [4, 7]]}";

static const struct {
	const char *text;
	bool create;
} cases[] = {
	{ write_text, false },
	{ create_text, true },
	{ "{\"order_line\": [[5], [2, 31]]}", false },
	{ "{\"order_line\": [{\"nope\": 5}]}", false },
	{ "{\"props\": {\"nope\": 5}}", false },
	{ "{\"tz\": \"nope\"}", false },
	{ "{\"state\": \"nope\"}", false },
	{ "{\"name\": NaN}", false },
	{ "{\"name\": [1, 2]}", false },
};

/* From a text to values, and to a conflict for those that conflict. */
static int run(const char *text, bool create, const cJSON *found, const cJSON *now)
{
	const struct edit_source source = edit_source_of(text, create);
	_cleanup_odoo_error_ struct odoo_error error;
	_cleanup_edit_ struct edit *edit = NULL;
	_cleanup_json_ cJSON *values = NULL;

	odoo_error_init(&error);
	int r = edit_parse(&source, &edit, &error);
	assert_int_equal(r == 0, edit != NULL);
	for (size_t i = 0; r == 0 && i < edit->n_names; i++) {
		r = edit_resolve(edit, i, found, &error);
	}
	if (r == 0) {
		edit_settle(edit);
		r = create ? 0 : edit_conflicts(edit, edit_schema, now, &error);
	}
	return r == 0 ? edit_take_values(edit, &values) : r;
}

/* Returns how many allocations there were. */
static long fail_each(size_t i, const cJSON *found, const cJSON *now)
{
	int whole = run(cases[i].text, cases[i].create, found, now);
	long n = 0;

	do {
		failed = false;
		countdown = ++n;
		int r = run(cases[i].text, cases[i].create, found, now);
		countdown = 0;
		if (r != whole && r >= 0) {
			fail_msg("%s: %d instead of %d at %ld", cases[i].text, r, whole, n);
		}
	} while (failed);
	return n;
}

static void every_allocation_may_fail(void **state)
{
	_cleanup_json_ cJSON *found = cJSON_Parse("[[21, \"Belgium\"]]");
	_cleanup_json_ cJSON *same = cJSON_Parse(edit_record), *other = cJSON_Parse(edit_record);

	cJSON_DeleteItemFromObjectCaseSensitive(other, "name");
	cJSON_AddStringToObject(other, "name", "theirs");
	json_set_alloc_funcs(allocate, free);
	cJSON_InitHooks(&(cJSON_Hooks){ allocate, free });
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(fail_each(i, found, same) > 3);
		fail_each(i, found, other);
	}
	cJSON_InitHooks(NULL);
	json_set_alloc_funcs(malloc, free);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, edit_set_up, edit_tear_down);
}
