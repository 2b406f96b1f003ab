/* SPDX-License-Identifier: MIT */
/* Texts that couldn't be saved: under which names they are kept, and for how long. */
#include "unit.h"

#include "fs/notifier.h"
#include "fs/reject.h"

#include "cache/internal.h"
#include "odoo/cleanup.h"

#include <limits.h>
#include <stdio.h>

static struct options options = { .max_file = 16u * 1024 * 1024 };
static struct cache_model model = { .name = (char[]){ "res.partner" }, .number = 7 };

static struct fs *make(void)
{
	struct fs *fs = calloc(1, sizeof(*fs));

	assert_non_null(fs);
	fs->options = &options;
	fs->notifier = notifier_create(fs);
	assert_non_null(fs->notifier);
	return fs;
}

static void unmake(struct fs *fs)
{
	drafts_finish(fs);
	notifier_destroy(fs->notifier);
	free(fs);
}

static void keep(struct fs *fs, const char *name, const char *text, size_t size, const char *why)
{
	struct draft *draft = draft_add(fs, &model, name, DRAFT_RECORD, 1);

	reject_keep(fs, draft, text, size, why);
	draft_drop(fs, draft);
}

static void is_kept(struct fs *fs, const char *name, const char *text)
{
	const struct draft *draft = draft_by_name(fs, model.number, name);

	if (!draft) {
		fail_msg("%s isn't there", name);
	}
	assert_int_equal(draft->size, strlen(text));
	assert_memory_equal(draft->text, text, draft->size);
}

static bool is_there(struct fs *fs, const char *name)
{
	return draft_by_name(fs, model.number, name) != NULL;
}

static void each_text_has_a_name(void **state)
{
	struct fs *fs = make();

	keep(fs, "14.json", "one", 3, "first");
	keep(fs, "14.json", "two", 3, "second");
	keep(fs, "15.json", "one", 3, "another record");
	is_kept(fs, "14.json.rej", "one");
	is_kept(fs, "14.json.rej.txt", "first\n");
	is_kept(fs, "14.json.rej.1", "two");
	is_kept(fs, "14.json.rej.1.txt", "second\n");
	is_kept(fs, "15.json.rej", "one");
	assert_false(is_there(fs, "14.json.rej.2"));
	unmake(fs);
}

static void the_same_text_is_kept_once(void **state)
{
	struct fs *fs = make();

	keep(fs, "14.json", "one", 3, "first");
	keep(fs, "14.json", "two", 3, "second");
	keep(fs, "14.json", "one", 3, "third");
	is_kept(fs, "14.json.rej", "one");
	is_kept(fs, "14.json.rej.txt", "third\n");
	assert_false(is_there(fs, "14.json.rej.2"));
	unmake(fs);
}

/* What its user wrote to, or gave a name, is his own. */
static void what_was_written_to_is_left_alone(void **state)
{
	struct fs *fs = make();
	struct draft *kept;

	keep(fs, "14.json", "one", 3, "first");
	kept = draft_by_name(fs, model.number, "14.json.rej");
	assert_int_equal(draft_write(fs, kept, "o", 1, 0), 0);
	keep(fs, "14.json", "one", 3, "again");
	is_kept(fs, "14.json.rej.txt", "first\n");
	is_kept(fs, "14.json.rej.1", "one");
	unmake(fs);
}

static void a_gap_is_filled(void **state)
{
	struct fs *fs = make();

	keep(fs, "14.json", "one", 3, "first");
	keep(fs, "14.json", "two", 3, "second");
	draft_unname(fs, draft_by_name(fs, model.number, "14.json.rej"));
	keep(fs, "14.json", "three", 5, "third");
	is_kept(fs, "14.json.rej", "three");
	is_kept(fs, "14.json.rej.txt", "third\n");
	unmake(fs);
}

static void the_oldest_goes(void **state)
{
	struct fs *fs = make();
	char text[32];

	for (unsigned i = 0; i < REJECTED_MAX + 2; i++) {
		snprintf(text, sizeof(text), "text %u", i);
		keep(fs, "14.json", text, strlen(text), "why");
	}
	/* The last took the name of the first, and the second was the oldest then. */
	is_kept(fs, "14.json.rej", text);
	assert_false(is_there(fs, "14.json.rej.1"));
	assert_false(is_there(fs, "14.json.rej.1.txt"));
	is_kept(fs, "14.json.rej.2", "text 2");
	is_kept(fs, "14.json.rej.2.txt", "why\n");
	unmake(fs);
}

static void large_ones_go_sooner(void **state)
{
	struct fs *fs = make();
	size_t size = options.max_file - 1;
	_cleanup_free_ char *text = malloc(size);

	memset(text, ' ', size);
	for (unsigned i = 0; i < 5; i++) {
		text[0] = (char)('a' + i);
		keep(fs, "14.json", text, size, "why");
	}
	assert_false(is_there(fs, "14.json.rej"));
	assert_true(is_there(fs, "14.json.rej.1"));
	assert_true(is_there(fs, "14.json.rej.4"));
	unmake(fs);
}

static void a_name_that_leaves_no_room(void **state)
{
	struct fs *fs = make();
	char name[NAME_MAX + 1], kept[NAME_MAX + 1];

	memset(name, 'a', NAME_MAX);
	name[NAME_MAX] = '\0';
	keep(fs, name, "one", 3, "why");
	keep(fs, name, "two", 3, "why");
	snprintf(kept, sizeof(kept), "%.*s.rej", NAME_MAX - 8, name);
	is_kept(fs, kept, "one");
	snprintf(kept, sizeof(kept), "%.*s.rej.1.txt", NAME_MAX - 10, name);
	is_kept(fs, kept, "why\n");
	unmake(fs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_text_has_a_name),
		cmocka_unit_test(the_same_text_is_kept_once),
		cmocka_unit_test(what_was_written_to_is_left_alone),
		cmocka_unit_test(a_gap_is_filled),
		cmocka_unit_test(the_oldest_goes),
		cmocka_unit_test(large_ones_go_sooner),
		cmocka_unit_test(a_name_that_leaves_no_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
