/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "odoo/divert.h"

#include <stdlib.h>
#include <string.h>

struct taken {
	char text[200];
	size_t size;
	unsigned begun;
};

static void begin(void *data)
{
	struct taken *taken = data;

	taken->size = 0;
	taken->begun++;
}

static void take(const char *text, size_t size, void *data)
{
	struct taken *taken = data;

	assert_true(taken->size + size < sizeof(taken->text));
	memcpy(taken->text + taken->size, text, size);
	taken->size += size;
}

/* What is kept and taken of a body is the same however it is cut into pieces. */
static void diverts(const char *body, const char *kept, const char *text)
{
	size_t size = strlen(body);

	for (size_t piece = 1; piece <= size; piece++) {
		struct taken taken = { 0 };
		struct odoo_divert divert = {
			.member = "datas", .begin = begin, .take = take, .data = &taken
		};
		char *rest = malloc(size + 1);
		size_t n = 0;

		assert_non_null(rest);
		odoo_divert_begin(&divert);
		for (size_t i = 0; i < size; i += piece) {
			n += odoo_divert_feed(
				&divert, body + i, size - i < piece ? size - i : piece, rest + n);
		}
		rest[n] = '\0';
		taken.text[taken.size] = '\0';
		assert_string_equal(rest, kept);
		assert_string_equal(taken.text, text);
		assert_int_equal(taken.begun, 1);
		free(rest);
	}
}

static void json(void **state)
{
	diverts("{\"result\": [{\"id\": 5, \"datas\": \"aGk=\"}]}",
		"{\"result\": [{\"id\": 5, \"datas\": \"\"}]}", "aGk=");
	diverts("[{\"datas\" : \n\"aGk=\", \"id\": 5}]", "[{\"datas\" : \n\"\", \"id\": 5}]",
		"aGk=");
	diverts("[{\"datas\": \"a\\/b\\nc\\u0041\"}]", "[{\"datas\": \"\"}]", "a/bc\\0041");
	diverts("[{\"datas\": \"\"}]", "[{\"datas\": \"\"}]", "");
}

/* A text that is no value of the member's stays where it is. */
static void others_are_kept(void **state)
{
	static const char *const bodies[] = {
		"[{\"id\": 5, \"datas\": false}]",
		"[{\"id\": 5, \"data\": \"x\", \"datas2\": \"y\"}]",
		"[\"datas\", \"x\"]",
		"{\"message\": \"no \\\"datas\\\": \\\"x\\\" here\"}",
		"{\"dat\\u0061s\": \"x\"}",
		"",
		"  \n",
		"<html><body>\"datas\": \"x\"</body></html>",
	};

	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		diverts(bodies[i], bodies[i], "");
	}
}

static void xml(void **state)
{
	diverts("<?xml version='1.0'?>\n<member><name>datas</name>\n<value><string>aGk=</string>"
		"</value></member><member><name>x</name><value><string>y</string></value></member>",
		"<?xml version='1.0'?>\n<member><name>datas</name>\n<value><string></string>"
		"</value></member><member><name>x</name><value><string>y</string></value></member>",
		"aGk=");
	diverts("<a><name>datas</name><value><boolean>0</boolean></value><string>x</string></a>",
		"<a><name>datas</name><value><boolean>0</boolean></value><string>x</string></a>",
		"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json),
		cmocka_unit_test(others_are_kept),
		cmocka_unit_test(xml),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
