/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "cache/stream.h"

/* Every id exists. */
static uint32_t dense(void *data, uint32_t next)
{
	return next;
}

/* Every tenth. */
static uint32_t sparse(void *data, uint32_t next)
{
	return (next + 9) / 10 * 10;
}

/* A miss that fetches what its stream says. */
static uint32_t miss(struct stream_set *set, uint32_t id, int64_t now_ms)
{
	struct stream *stream = stream_miss(set, id, dense, NULL, now_ms);

	stream_fetched(stream, id, id + stream->window - 1);
	return stream->window;
}

static void the_window_grows_for_who_goes_on(void **state)
{
	static const uint32_t windows[] = { 1, 32, 1000, 1000 };
	struct stream_set set = { 0 };
	uint32_t id = 14;

	for (size_t i = 0; i < sizeof(windows) / sizeof(windows[0]); i++) {
		assert_int_equal(miss(&set, id, 5000), windows[i]);
		id += windows[i];
	}
}

static void holes_are_no_end(void **state)
{
	struct stream_set set = { 0 };
	struct stream *stream = stream_miss(&set, 10, sparse, NULL, 5000);

	stream_fetched(stream, 10, 10);
	stream = stream_miss(&set, 20, sparse, NULL, 5000);
	assert_int_equal(stream->window, 32);
	stream_fetched(stream, 20, 330);
	assert_int_equal(stream_miss(&set, 340, sparse, NULL, 5000)->window, 1000);
}

static void who_jumps_begins_with_one(void **state)
{
	struct stream_set set = { 0 };

	assert_int_equal(miss(&set, 100, 5000), 1);
	assert_int_equal(miss(&set, 101, 5000), 32);
	assert_int_equal(miss(&set, 500, 5000), 1);
	assert_int_equal(miss(&set, 99, 5000), 1);
	assert_int_equal(miss(&set, 133, 5000), 1000); /* the first one goes on */
}

static void several_walks_live_side_by_side(void **state)
{
	struct stream_set set = { 0 };

	for (uint32_t round = 0, window = 1, done = 0; round < 2; round++) {
		for (uint32_t walk = 0; walk < STREAMS; walk++) {
			assert_int_equal(miss(&set, 1 + walk * 100000 + done, 5000), window);
		}
		done += window;
		window *= 32;
	}
}

static void the_one_unused_for_longest_is_replaced(void **state)
{
	struct stream_set set = { 0 };

	for (uint32_t walk = 0; walk < STREAMS; walk++) {
		miss(&set, 1 + walk * 1000, 5000);
	}
	assert_int_equal(miss(&set, 2, 5000), 32);     /* walk 0 is in use */
	assert_int_equal(miss(&set, 900000, 5000), 1); /* replaces walk 1 */
	assert_int_equal(miss(&set, 34, 5000), 1000);  /* walk 0 is still there */
	assert_int_equal(miss(&set, 1002, 5000), 1);   /* walk 1 isn't */
}

static void a_batch_is_found_by_its_ids(void **state)
{
	struct stream_set set = { 0 };
	struct stream *stream = stream_miss(&set, 100, dense, NULL, 5000);

	assert_null(stream_at(&set, 0));
	stream_fetched(stream, 100, 109);
	assert_ptr_equal(stream_at(&set, 100), stream);
	assert_ptr_equal(stream_at(&set, 109), stream);
	assert_null(stream_at(&set, 110));
	assert_null(stream_at(&set, 99));
}

static void many_strays_take_their_neighbours_along(void **state)
{
	struct stream_set set = { 0 };
	uint32_t id = 1000;

	for (int i = 0; i < 32; i++, id += 1000) {
		assert_int_equal(miss(&set, id, 5000 + i), 1);
	}
	assert_int_equal(miss(&set, id, 5040), 64);
	assert_int_equal(miss(&set, id + 1000, 5041), 64);
	/* Somebody else, later. */
	assert_int_equal(miss(&set, id + 2000, 60000), 1);
}

static void the_last_id_overflows_nothing(void **state)
{
	struct stream_set set = { 0 };
	struct stream *stream = stream_miss(&set, 2147483647, dense, NULL, 5000);

	stream_fetched(stream, 2147483647, 2147483647);
	assert_ptr_equal(stream_at(&set, 2147483647), stream);
	assert_int_equal(stream->next, 2147483648u);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_window_grows_for_who_goes_on),
		cmocka_unit_test(holes_are_no_end),
		cmocka_unit_test(who_jumps_begins_with_one),
		cmocka_unit_test(several_walks_live_side_by_side),
		cmocka_unit_test(the_one_unused_for_longest_is_replaced),
		cmocka_unit_test(a_batch_is_found_by_its_ids),
		cmocka_unit_test(many_strays_take_their_neighbours_along),
		cmocka_unit_test(the_last_id_overflows_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
