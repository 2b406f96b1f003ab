/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "cache/media.h"

static void suffixes(void **state)
{
	assert_string_equal(cache_media_suffix("image/png"), "png");
	assert_string_equal(cache_media_suffix("image/jpeg"), "jpg");
	assert_string_equal(cache_media_suffix("application/pdf"), "pdf");
	assert_string_equal(cache_media_suffix("text/plain; charset=utf-8"), "txt");
	assert_string_equal(cache_media_suffix("application/octet-stream"), "bin");
	assert_string_equal(cache_media_suffix("video/webm"), "webm");
	assert_string_equal(cache_media_suffix("application/gzip"), "gz");
	assert_string_equal(cache_media_suffix(""), "bin");
	assert_string_equal(cache_media_suffix("../../etc/passwd"), "bin");
}

/* An editor's backup isn't another form of the same file. */
static void known_suffixes(void **state)
{
	assert_true(cache_media_is_suffix("png"));
	assert_true(cache_media_is_suffix("bin"));
	assert_false(cache_media_is_suffix("png~"));
	assert_false(cache_media_is_suffix("rej"));
	assert_false(cache_media_is_suffix("png.rej"));
	assert_false(cache_media_is_suffix(""));
}

static void guess(const char *head, size_t size, const char *type)
{
	assert_string_equal(cache_media_guess(head, size), type);
}

static void guesses(void **state)
{
	guess("\x89PNG\r\n\x1a\n....", 12, "image/png");
	guess("\xff\xd8\xff\xe0", 4, "image/jpeg");
	guess("GIF89a..", 8, "image/gif");
	guess("RIFF....WEBPVP8 ", 16, "image/webp");
	guess("%PDF-1.4", 8, "application/pdf");
	guess("<svg xmlns=\"…\">", 16, "image/svg+xml");
	guess("<?xml version=\"1.0\"?><svg/>", 27, "image/svg+xml");
	guess("<?xml version=\"1.0\"?><a/>", 25, "text/xml");
	guess("caf\xc3\xa9\n", 6, "text/plain");
	guess("caf\xc3", 4, "text/plain"); /* cut inside of a character */
	guess("caf\xc3 au lait", 12, "application/octet-stream");
	guess("a\0b", 3, "application/octet-stream");
	guess("\x89PN", 3, "application/octet-stream");
	guess("", 0, "application/octet-stream");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(suffixes),
		cmocka_unit_test(known_suffixes),
		cmocka_unit_test(guesses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
