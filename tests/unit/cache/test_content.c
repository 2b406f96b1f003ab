/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "cache/content.h"

static struct cache_content *add(struct cache_contents *contents, uint32_t id, size_t size)
{
	char *data = malloc(size);

	memset(data, 'a', size);
	return cache_content_create(contents, NULL, id, data, size);
}

static void clear(struct cache_contents *contents)
{
	while (contents->list) {
		cache_content_detach(contents, contents->list);
	}
	assert_int_equal(contents->bytes, 0);
}

static void the_least_recently_used_goes_first(void **state)
{
	struct cache_contents contents = { .limit = SIZE_MAX };
	struct cache_content *first = add(&contents, 1, 100), *second = add(&contents, 2, 100);

	add(&contents, 3, 100);
	assert_null(cache_contents_victim(&contents));
	contents.limit = contents.bytes;
	assert_null(cache_contents_victim(&contents));
	contents.limit--;
	assert_ptr_equal(cache_contents_victim(&contents), first);
	cache_content_touch(&contents, first); /* read for the first time: as was to be expected */
	assert_ptr_equal(cache_contents_victim(&contents), first);
	cache_content_touch(&contents, first);
	assert_ptr_equal(cache_contents_victim(&contents), second);
	cache_content_touch(&contents, first); /* is at the front already */
	cache_content_detach(&contents, second);
	assert_null(cache_contents_victim(&contents));
	clear(&contents);
}

/* Its reader isn't done with it. */
static void one_stays_however_large(void **state)
{
	struct cache_contents contents = { 0 };
	struct cache_content *first;

	assert_null(cache_contents_victim(&contents));
	first = add(&contents, 1, 1000);
	assert_null(cache_contents_victim(&contents));
	add(&contents, 2, 0);
	assert_ptr_equal(cache_contents_victim(&contents), first);
	clear(&contents);
}

static void who_holds_it_keeps_it(void **state)
{
	struct cache_contents contents = { .limit = SIZE_MAX };
	struct cache_content *content = add(&contents, 14, 50);

	assert_ptr_equal(cache_content_ref(content), content);
	cache_content_detach(&contents, content);
	assert_int_equal(contents.bytes, 0);
	assert_null(contents.list);
	assert_null(content->model);
	assert_int_equal(content->data[49], 'a');
	cache_content_unref(content);
	cache_content_unref(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_least_recently_used_goes_first),
		cmocka_unit_test(one_stays_however_large),
		cmocka_unit_test(who_holds_it_keeps_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
