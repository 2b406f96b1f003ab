/* SPDX-License-Identifier: MIT */
/* Which of several states of one second a text is based on. */
#include "edit_unit.h"

#include "fs/base_choose.h"

#define OLDER "{\"name\": \"a\", \"color\": 1, \"category_ids\": [3], \"write_date\": \"x\"}"
#define NEWER "{\"name\": \"b\", \"color\": 1, \"category_ids\": [3], \"write_date\": \"x\"}"

enum reader {
	NOBODY,	   /* who may still come */
	SOMEBODY,  /* may still come */
	WRITER,	   /* read it, and wrote from it already */
	WRITER_TOO /* read it last */
};

static struct base_state state_of(const char *text, enum reader reader)
{
	return (struct base_state){
		.text = text,
		.size = strlen(text),
		.open = reader == SOMEBODY,
		.moment = reader == WRITER	 ? 1
			  : reader == WRITER_TOO ? 2
						 : 0,
	};
}

static int choose(const struct base_state *states, size_t n, bool complete, const char *wanted)
{
	json_t *object = json_loads(wanted, 0, NULL);
	size_t index = n;
	int r;

	assert_non_null(object);
	r = base_choose(edit_schema, object, states, n, complete, &index);
	json_decref(object);
	return r < 0 ? r : (int)index;
}

/* Of NEWER (0) and OLDER (1). */
static int choose_of_two(enum reader newer, enum reader older, const char *wanted)
{
	struct base_state states[] = { state_of(NEWER, newer), state_of(OLDER, older) };

	return choose(states, 2, true, wanted);
}

static void one_is_it(void **state)
{
	struct base_state one = state_of(OLDER, NOBODY);

	assert_int_equal(choose(&one, 1, true, "{\"name\": \"mine\"}"), 0);
	one.open = true;
	assert_int_equal(choose(&one, 1, true, "{\"name\": \"mine\"}"), 0);
}

/* Others are missing. */
static void one_may_not_be_it(void **state)
{
	struct base_state one = state_of(OLDER, NOBODY);

	assert_int_equal(choose(&one, 1, false, "{\"name\": \"mine\"}"), -ESTALE);
	assert_int_equal(choose(&one, 1, false,
				 "{\"name\": \"a\", \"category_ids\": [3], \"write_date\": 5}"),
		0);
	one.moment = 1;
	assert_int_equal(choose(&one, 1, false, "{\"name\": \"mine\"}"), 0);
}

static void what_the_writer_read_is_it(void **state)
{
	assert_int_equal(choose_of_two(NOBODY, WRITER, "{\"name\": \"a\", \"color\": 2}"), 1);
	assert_int_equal(choose_of_two(SOMEBODY, WRITER, "{\"name\": \"a\", \"color\": 2}"), 1);
	assert_int_equal(choose_of_two(SOMEBODY, WRITER, "{\"name\": \"mine\"}"), 1);
	assert_int_equal(choose_of_two(WRITER, NOBODY, "{\"name\": \"mine\"}"), 0);
	assert_int_equal(choose_of_two(WRITER, SOMEBODY, "{\"name\": \"mine\"}"), 0);
	assert_int_equal(choose_of_two(WRITER, SOMEBODY, "{\"color\": 2}"), 0);
	/* The last one. */
	assert_int_equal(choose_of_two(WRITER_TOO, WRITER, "{\"name\": \"a\"}"), 0);
	assert_int_equal(choose_of_two(WRITER, WRITER_TOO, "{\"name\": \"b\"}"), 1);
}

/* It wrote what another program gave it: the text reads as if that had read another state. */
static void unless_it_reads_like_another(void **state)
{
	assert_int_equal(choose_of_two(WRITER, NOBODY, "{\"name\": \"a\"}"), 0);
	assert_int_equal(choose_of_two(WRITER, SOMEBODY, "{\"name\": \"a\"}"), -ESTALE);
	assert_int_equal(
		choose_of_two(WRITER, SOMEBODY, "{\"name\": \"a\", \"color\": 2}"), -ESTALE);
	assert_int_equal(choose_of_two(SOMEBODY, WRITER, "{\"name\": \"b\"}"), -ESTALE);
}

static void of_strangers_the_one_that_is_left_is_it(void **state)
{
	assert_int_equal(choose_of_two(NOBODY, SOMEBODY, "{\"name\": \"mine\"}"), 1);
	assert_int_equal(choose_of_two(SOMEBODY, NOBODY, "{\"name\": \"mine\"}"), 0);
	assert_int_equal(choose_of_two(SOMEBODY, NOBODY, "{\"name\": \"a\"}"), 0);
}

/* Where it makes no difference either will do; where it does nothing is guessed. */
static void or_it_can_not_be_told(void **state)
{
	for (int i = 0; i < 2; i++) {
		enum reader each = i ? SOMEBODY : NOBODY;

		assert_int_equal(choose_of_two(each, each, "{\"color\": 2}"), 0);
		assert_int_equal(choose_of_two(each, each, "{\"name\": \"b\", \"color\": 2}"), 0);
		assert_int_equal(
			choose_of_two(each, each, "{\"name\": \"a\", \"color\": 2}"), -ESTALE);
		assert_int_equal(choose_of_two(each, each, "{\"name\": \"mine\"}"), -ESTALE);
		assert_int_equal(choose_of_two(each, each, "{}"), 0);
	}
}

static void what_was_written_in_place(void **state)
{
	struct base_state states[] = { state_of(NEWER, SOMEBODY), state_of(OLDER, NOBODY) };

	states[1].in_place = true;
	assert_int_equal(choose(states, 2, true, "{\"color\": 2}"), 1);
	assert_int_equal(choose(states, 2, true, "{\"name\": \"a\", \"color\": 2}"), 1);
	assert_int_equal(choose(states, 2, true, "{\"name\": \"b\"}"), -ESTALE);
	/* What the writer read says more. */
	states[0].moment = 1;
	assert_int_equal(choose(states, 2, true, "{\"color\": 2}"), 0);
}

static void three_states(void **state)
{
	struct base_state states[] = {
		state_of("{\"name\": \"c\", \"color\": 1}", SOMEBODY),
		state_of("{\"name\": \"b\", \"color\": 1}", NOBODY),
		state_of("{\"name\": \"a\", \"color\": 1}", WRITER),
	};

	assert_int_equal(choose(states, 3, true, "{\"name\": \"b\"}"), 2);
	assert_int_equal(choose(states, 3, true, "{\"name\": \"c\"}"), -ESTALE);
	states[2] = state_of("{\"name\": \"a\", \"color\": 1}", SOMEBODY);
	assert_int_equal(choose(states, 3, true, "{\"name\": \"c\", \"color\": 2}"), 0);
	assert_int_equal(choose(states, 3, true, "{\"name\": \"a\", \"color\": 2}"), -ESTALE);
}

static void states_that_are_none(void **state)
{
	struct base_state states[] = { state_of("[]", NOBODY), state_of(OLDER, NOBODY) };

	assert_int_equal(choose(states, 2, true, "{}"), -EBADMSG);
}

/* ── A save and a look at what came of it ── */

static bool is_of_save(const char *wanted, const char *saved, const char *seen, const char *read)
{
	const char *const texts[] = { wanted, saved, seen, read };
	json_t *objects[4];
	bool of_save;

	for (size_t i = 0; i < 4; i++) {
		objects[i] = json_loads(texts[i], 0, NULL);
		assert_non_null(objects[i]);
	}
	of_save = base_is_of_save(edit_schema, objects[0], objects[1], objects[2], objects[3]);
	for (size_t i = 0; i < 4; i++) {
		json_decref(objects[i]);
	}
	return of_save;
}

static void what_the_server_made_tells(void **state)
{
	static const char *const saved =
		"{\"weight\": 2.555, \"name\": \"a\", \"amount_total\": 1}";
	static const char *const seen = "{\"weight\": 2.56, \"name\": \"a\", \"amount_total\": 1}";
	static const char *const read = "{\"weight\": 2.56, \"name\": \"a\", \"amount_total\": 9}";
	static const char *const theirs =
		"{\"weight\": 2.56, \"name\": \"b\", \"amount_total\": 9}";

	/* It has what was rounded, or computed, as it was before. */
	assert_true(is_of_save("{\"weight\": 2.555, \"name\": \"x\"}", saved, seen, read));
	assert_true(is_of_save("{\"amount_total\": 1, \"name\": \"x\"}", saved, seen, read));
	assert_true(is_of_save("{\"amount_total\": 1, \"name\": \"a\"}", saved, seen, theirs));
	/* It has it as it is now. */
	assert_false(is_of_save("{\"weight\": 2.56, \"name\": \"x\"}", saved, seen, read));
	assert_false(is_of_save("{\"weight\": 2.555, \"amount_total\": 9}", saved, seen, read));
	assert_false(is_of_save("{\"amount_total\": 1, \"name\": \"b\"}", saved, seen, theirs));
	/* It has none of it; or what may as well be a change. */
	assert_false(is_of_save("{\"name\": \"x\"}", saved, seen, read));
	assert_false(is_of_save("{\"name\": \"a\"}", saved, seen, theirs));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_is_it),
		cmocka_unit_test(one_may_not_be_it),
		cmocka_unit_test(what_the_writer_read_is_it),
		cmocka_unit_test(unless_it_reads_like_another),
		cmocka_unit_test(of_strangers_the_one_that_is_left_is_it),
		cmocka_unit_test(or_it_can_not_be_told),
		cmocka_unit_test(what_was_written_in_place),
		cmocka_unit_test(three_states),
		cmocka_unit_test(states_that_are_none),
		cmocka_unit_test(what_the_server_made_tells),
	};

	return cmocka_run_group_tests(tests, edit_set_up, edit_tear_down);
}
