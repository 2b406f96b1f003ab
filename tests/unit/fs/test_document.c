/* SPDX-License-Identifier: MIT */
/*
 * Texts that aren't a JSON object: each bad-edits/NAME.json has to give what bad-edits/NAME.error
 * says, which is the condition, a colon, and the sentence.
 */
#include "edit_unit.h"

#include "fs/document.h"

#include <dirent.h>

static const char *const conditions[] = {
	[DOCUMENT_INCOMPLETE] = "incomplete",
	[DOCUMENT_NOT_JSON] = "not JSON",
	[DOCUMENT_NOT_OBJECT] = "not an object",
};

static char *read_file(const char *name, const char *suffix, size_t *ret_size)
{
	_cleanup_free_ char *path = NULL;
	char *text = calloc(1, 65536);

	assert_true(asprintf(&path, "%s/%s%s", BAD_EDITS, name, suffix) > 0);
	_cleanup_file_ FILE *file = fopen(path, "r");
	if (!file) {
		fail_msg("%s is missing", path);
	}
	*ret_size = fread(text, 1, 65535, file);
	return text;
}

static void check_file(const char *name)
{
	_cleanup_odoo_error_ struct odoo_error error;
	_cleanup_free_ char *said = NULL;
	size_t size, expected_size;
	_cleanup_free_ char *text = read_file(name, ".json", &size);

	odoo_error_init(&error);
	int r = document_check(text, size, &error);
	if (r < DOCUMENT_INCOMPLETE || r > DOCUMENT_NOT_OBJECT) {
		fail_msg("%s: %d", name, r);
	}
	assert_int_equal(odoo_error_errno(&error), -EINVAL);
	assert_true(asprintf(&said, "%s: %s\n", conditions[r], error.message) > 0);
	if (getenv("WRITE_EXPECTED")) {
		_cleanup_free_ char *path = NULL;
		assert_true(asprintf(&path, "%s/%s.error", BAD_EDITS, name) > 0);
		_cleanup_file_ FILE *file = fopen(path, "w");
		fputs(said, file);
		return;
	}
	_cleanup_free_ char *expected = read_file(name, ".error", &expected_size);
	assert_string_equal(said, expected);
}

static void bad_files(void **state)
{
	DIR *directory = opendir(BAD_EDITS);
	const struct dirent *entry;
	char name[256];
	int n = 0;

	assert_non_null(directory);
	while ((entry = readdir(directory))) {
		size_t size = strlen(entry->d_name);
		if (size > 5 && strcmp(entry->d_name + size - 5, ".json") == 0) {
			snprintf(name, sizeof(name), "%.*s", (int)size - 5, entry->d_name);
			check_file(name);
			n++;
		}
	}
	closedir(directory);
	assert_true(n > 90);
}

/* An edit is refused by the same sentence. */
static void edits(void **state)
{
	struct edit_source source = edit_source_of("{\"name\": NaN}", false);
	_cleanup_odoo_error_ struct odoo_error error;
	struct edit *edit = NULL;

	odoo_error_init(&error);
	assert_int_equal(edit_parse(&source, &edit, &error), -EINVAL);
	assert_string_equal(error.message, "line 1, column 10: JSON has no number NaN");
}

static void good(void **state)
{
	static const char *const texts[] = { "{}", " {} ", "\n{}\r\n\t", "\xef\xbb\xbf{}",
		"{\"\": 1}", "{\"a\": 1E5}", "{\"a\": \"\\ud83d\\ude00\\/\"}", "{\"a\": \"\x7f\"}",
		"{\"a\": -0}", "{\"a\": 9223372036854775807}", "{\"a\": 1e-999}" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		_cleanup_odoo_error_ struct odoo_error error;
		odoo_error_init(&error);
		assert_int_equal(document_check(texts[i], strlen(texts[i]), &error), 0);
		assert_int_equal(error.fault, ODOO_FAULT_NONE);
	}
	assert_int_equal(document_check(NULL, 0, NULL), DOCUMENT_EMPTY);
	assert_int_equal(document_check("{} trailing", 2, NULL), 0);
}

/* Up to the limit, and not beyond. */
static void depth(void **state)
{
	char text[1000];

	for (int levels = 199; levels <= 200; levels++) {
		memset(text, 0, sizeof(text));
		strcpy(text, "{\"a\": ");
		memset(text + 6, '[', (size_t)levels);
		memset(text + 6 + levels, ']', (size_t)levels);
		strcat(text, "}");
		assert_int_equal(document_check(text, strlen(text), NULL),
			levels == 199 ? 0 : DOCUMENT_NOT_JSON);
	}
}

/* Every way of cutting a file off is told as such, or as not JSON, and never crashes. */
static void every_cut(void **state)
{
	size_t size = strlen(edit_base);

	for (size_t n = 0; n < size; n++) {
		_cleanup_odoo_error_ struct odoo_error error;
		odoo_error_init(&error);
		int r = document_check(edit_base, n, &error);
		bool whole = n == size - 1; /* but for the line's end */
		assert_int_equal(r, n == 0 ? DOCUMENT_EMPTY : whole ? 0 : DOCUMENT_INCOMPLETE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_files),
		cmocka_unit_test(edits),
		cmocka_unit_test(good),
		cmocka_unit_test(depth),
		cmocka_unit_test(every_cut),
	};

	return cmocka_run_group_tests(tests, edit_set_up, edit_tear_down);
}
