/* SPDX-License-Identifier: MIT */
/*
 * Random days in the life of a cache: readers, changes on the server, answers that come late and in
 * any order, a server that goes away. Whatever happens:
 *
 *	- everybody who asks gets an answer;
 *	- a version of a record has one content;
 *	- nobody is shown what was replaced longer ago than the ttl and the answers on their
 *	  way take;
 *	- when all is quiet again, the cache shows what the server has, and so does the next mount
 *	  over the same store on disk.
 *
 * A day that goes wrong is told by its seed, and can be had again: test-cache-random SEED [LAST].
 */
#include "directory.h"
#include "world.h"

#include "odoo/cleanup.h"

#include <errno.h>
#include <limits.h>

#define DAYS 150
#define STEPS 400
#define IDS 260
#define ASKS 24
#define REVISIONS 64

struct day {
	unsigned seed;
	struct world *world;
	struct world_options options;
	struct ask *asks[ASKS];
	int64_t asked_at[ASKS];	 /* by the wall clock */
	bool goes_away, is_sick; /* the server, now and then */

	/* When each revision of each record was written; 0: not yet. */
	int64_t written[IDS + 1][REVISIONS];
	/* What was shown of each version last. */
	char *shown[IDS + 1][8];
	int64_t slowest; /* answer, seconds */
};

static unsigned pick(struct day *day, unsigned n)
{
	return (unsigned)rand_r(&day->seed) % n;
}

static uint32_t pick_id(struct day *day)
{
	return pick(day, IDS) + 1;
}

/* ── What happens on the server ── */

static void write_record(struct day *day, uint32_t id)
{
	struct small_row *row = small_find(day->world->table, id);

	if (row && row->revision + 1 < REVISIONS) {
		small_write(&day->world->odoo, day->world->table, id);
		day->written[id][row->revision] = stub_clock_wall();
	}
}

/* A record that comes again goes on with its revisions: Odoo gives an id only once. */
static void create_record(struct day *day, uint32_t id)
{
	unsigned revision = 0;

	if (small_find(day->world->table, id)) {
		return;
	}
	while (revision < REVISIONS && day->written[id][revision]) {
		revision++;
	}
	if (revision < REVISIONS) {
		small_create(&day->world->odoo, day->world->table, id);
		small_find(day->world->table, id)->revision = revision;
		day->written[id][revision] = stub_clock_wall();
	}
}

static void change_server(struct day *day)
{
	uint32_t id = pick_id(day);

	switch (pick(day, 4)) {
	case 0:
		small_unlink(&day->world->odoo, day->world->table, id);
		break;
	case 1:
		create_record(day, id);
		break;
	default:
		write_record(day, id);
	}
}

/* ── What readers see ── */

static unsigned revision_of(const char *text)
{
	const char *at = strstr(text, "revision ");

	return at ? (unsigned)strtoul(at + 9, NULL, 10) : UINT_MAX; /* its field was left out */
}

static void check_version(struct day *day, const struct ask *ask)
{
	char **shown = &day->shown[ask->id][ask->attr.version % 8];
	char key[32];
	_cleanup_free_ char *now = NULL;

	snprintf(key, sizeof(key), "%u:", ask->attr.version);
	assert_true(asprintf(&now, "%s%s", key, ask->text) > 0);
	if (*shown && strncmp(*shown, key, strlen(key)) == 0) {
		assert_string_equal(*shown, now);
	}
	free(*shown);
	*shown = steal(now);
}

/* The revision after the one that was shown isn't older than may be. */
static void check_age(struct day *day, const struct ask *ask, int64_t asked_at)
{
	unsigned revision = revision_of(ask->text);
	int64_t next = revision < REVISIONS - 1 ? day->written[ask->id][revision + 1] : 0;
	int64_t allowed = (int64_t)day->options.ttl + 3 * day->slowest + 2;

	if (next && !day->goes_away && asked_at - next > allowed) {
		fail_msg("record %u: revision %u was replaced %lld s before it was asked for, "
			 "and shown: over %lld s",
			ask->id, revision, (long long)(asked_at - next), (long long)allowed);
	}
}

static void take_answer(struct day *day, unsigned place)
{
	struct ask *ask = day->asks[place];

	if (!ask || !ask->done) {
		return;
	}
	if (ask->result == 0 && ask->text) {
		check_version(day, ask);
		check_age(day, ask, day->asked_at[place]);
	}
	assert_int_not_equal(ask->result, -ELOOP);
	assert_true(ask->result == 0 || ask->result == -ENOENT || day->goes_away || day->is_sick);
	ask_free(steal(day->asks[place]));
}

static void take_answers(struct day *day)
{
	for (unsigned i = 0; i < ASKS; i++) {
		take_answer(day, i);
	}
}

static void ask_something(struct day *day)
{
	unsigned place = pick(day, ASKS);
	struct world *world = day->world;

	if (day->asks[place]) {
		return;
	}
	day->asked_at[place] = stub_clock_wall();
	switch (pick(day, 8)) {
	case 0:
		day->asks[place] = ask_list(world, pick(day, 2) ? 0 : pick_id(day));
		break;
	case 1:
		day->asks[place] = ask_model(world);
		break;
	case 2:
		day->asks[place] = ask_stat(world, pick_id(day));
		break;
	default:
		day->asks[place] = ask_cat(world, pick_id(day));
	}
}

/* Somebody walks through all, as far as answers come. */
static void walk(struct day *day)
{
	uint32_t first = pick_id(day), n = pick(day, 40);

	for (uint32_t id = first; id < first + n && id <= IDS; id++) {
		struct ask *ask = ask_cat(day->world, id);

		while (!ask->done && stub_answer(&day->world->client)) {
		}
		assert_true(ask->done);
		assert_int_not_equal(ask->result, -ELOOP);
		ask_free(ask);
	}
}

/* ── The network ── */

/* A reply that isn't what was asked for. */
static void spoil(struct day *day, struct odoo_reply *reply)
{
	static const enum odoo_fault faults[] = { ODOO_FAULT_SERVER, ODOO_FAULT_ACCESS,
		ODOO_FAULT_MALFORMED, ODOO_FAULT_TOO_LARGE, ODOO_FAULT_DENIED, ODOO_FAULT_INTERNAL,
		ODOO_FAULT_MISSING };
	static const char *const answers[] = { "{}", "[]", "[7, 5]", "false", "[{}]",
		"[{\"id\": 3}, {\"id\": 3}]", "[0, -1]", "[{\"id\": 0}]" };

	cJSON_Delete(steal(reply->result));
	odoo_error_finish(&reply->error);
	if (pick(day, 2)) {
		odoo_error_set(&reply->error, faults[pick(day, 7)], "a spoilt answer");
	} else {
		reply->result = cJSON_Parse(answers[pick(day, 8)]);
	}
}

static void deliver(struct day *day, struct stub_sent *sent)
{
	int64_t took = stub_clock_wall() - sent->sent_at;

	if (took > day->slowest) {
		day->slowest = took;
	}
	if (!sent->made) {
		stub_make(&day->world->client, sent);
	}
	if (day->is_sick && pick(day, 12) == 0) {
		spoil(day, &sent->reply);
	}
	stub_deliver(&day->world->client, sent);
}

static void answer_something(struct day *day)
{
	struct odoo_client *client = &day->world->client;
	struct stub_sent *sent;

	if (!client->n_queued) {
		return;
	}
	sent = stub_at(client, pick(day, client->n_queued));
	if (!sent->made && pick(day, 3) == 0) {
		stub_make(client, sent); /* to be delivered later */
	} else {
		deliver(day, sent);
	}
}

static void answer_all(struct day *day)
{
	while (day->world->client.n_queued) {
		deliver(day, stub_at(&day->world->client, 0));
	}
}

/* ── A day ── */

static int any_reason(const struct cache_waiter *waiter, void *data)
{
	return -EINTR;
}

static void do_upkeep(struct day *day)
{
	struct cache *cache = day->world->cache;
	uint32_t ids[8];
	struct cache_attr attrs[8];
	struct cache_ahead contents[8];
	struct ask *ask = day->asks[pick(day, ASKS)];
	size_t n;

	switch (pick(day, 6)) {
	case 0:
		if (pick(day, 20) == 0) {
			cache_refresh(cache, pick(day, 2) ? day->world->model : NULL);
		}
		break;
	case 1:
		for (int i = 0; i < 8; i++) {
			ids[i] = pick_id(day);
		}
		cache_record_peek(cache, day->world->model, ids, 8, attrs);
		break;
	case 2:
		n = cache_record_ahead(cache, day->world->model, pick_id(day), contents, 8);
		while (n--) {
			cache_record_pushed(cache, day->world->model, &contents[n].attr);
			cache_content_release(cache, contents[n].content);
		}
		break;
	case 3:
		cache_record_forget(cache, day->world->model, pick_id(day), pick(day, 4));
		break;
	case 4:
		if (ask && cache_waiter_cancel(cache, &ask->waiter, any_reason, NULL)) {
			ask->done = true;
			ask->result = -ENOENT;
		}
		break;
	default:
		cache_poll(cache);
	}
}

static void step(struct day *day)
{
	unsigned what = pick(day, 100);

	if (what < 35) {
		ask_something(day);
	} else if (what < 70) {
		answer_something(day);
	} else if (what < 80) {
		change_server(day);
	} else if (what < 90) {
		do_upkeep(day);
	} else if (what < 97) {
		stub_clock_move(pick(day, 10) ? pick(day, 1500) : pick(day, 15000));
	} else if (what < 98) {
		walk(day);
	} else if (what < 99) {
		day->world->odoo.down =
			day->goes_away && pick(day, 2) ? ODOO_FAULT_UNREACHABLE : ODOO_FAULT_NONE;
	} else {
		answer_all(day);
	}
	take_answers(day);
}

/* Past every ttl: what the server has is what is shown, and nothing else. */
static void check_all(struct day *day)
{
	struct world *world = day->world;
	struct small_table *table = world->table;
	_cleanup_free_ uint32_t *ids = NULL;
	size_t n = world_list(world, &ids);

	assert_int_equal(n, table->n_rows);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(ids[i], table->rows[i].id);
	}
	for (uint32_t id = 1; id <= IDS; id++) {
		const struct small_row *row = small_find(table, id);
		_cleanup_free_ char *text = NULL;
		int r = world_cat(world, id, &text);

		if (r != (row ? 0 : -ENOENT)) {
			fail_msg("record %u: %d", id, r);
		}
		if (row && revision_of(text) != row->revision) {
			fail_msg("record %u: revision %u is shown, %u there", id, revision_of(text),
				row->revision);
		}
	}
}

/* Others work on between the mounts, and while they are there; not all is looked at each time. */
static void check_next_mounts(struct day *day)
{
	for (int mount = 0; mount < 3; mount++) {
		for (unsigned n = pick(day, 20); n; n--) {
			change_server(day);
			stub_clock_move(pick(day, 3000));
		}
		if (pick(day, 2)) {
			walk(day);
		}
		answer_all(day);
		world_remount(day->world);
		stub_clock_move(pick(day, 2) ? 0 : pick(day, 100000));
		if (mount == 2 || pick(day, 2)) {
			check_all(day);
		} else {
			walk(day);
		}
		answer_all(day);
	}
}

static void begin(struct day *day, unsigned seed)
{
	static const unsigned ttls[] = { 0, 1, 10, 600 };
	uint32_t records;

	*day = (struct day){ .seed = seed };
	directory_make(directory);
	records = pick(day, 4) ? pick(day, IDS) : 0;
	day->options = (struct world_options){
		.records = records,
		.ttl = ttls[pick(day, 4)],
		.connections = pick(day, 3) + 1,
		.size = pick(day, 3) ? 0 : pick(day, 30000) + 1,
		.no_write_date = pick(day, 8) == 0,
		.forget_versions = pick(day, 2),
		.major = pick(day, 2) ? 14 : 19,
		.store = pick(day, 6) ? NULL : directory,
		.store_size = pick(day, 3) ? 0 : 40000,
	};
	day->options.no_ttl = day->options.ttl == 0;
	day->goes_away = pick(day, 3) == 0;
	day->is_sick = pick(day, 4) == 0;
	day->world = world_create(&day->options);
	for (uint32_t id = 1; id <= records; id++) {
		day->written[id][0] = 1;
	}
}

static void end(struct day *day)
{
	day->world->odoo.down = ODOO_FAULT_NONE;
	answer_all(day);
	take_answers(day);
	if (day->is_sick) {
		day->is_sick = false;
		cache_refresh(day->world->cache, NULL); /* forgets what was left out */
	}
	for (unsigned i = 0; i < ASKS; i++) {
		assert_null(day->asks[i]);
	}
	/* If it was away, the first to ask finds that it is back. */
	stub_clock_move(2000 * 1000);
	world_list(day->world, NULL);
	answer_all(day);
	stub_clock_move(2000 * 1000);
	check_all(day);
	answer_all(day);
	if (day->options.store) {
		check_next_mounts(day);
	}
	world_destroy(day->world);
	directory_remove(directory);
	for (uint32_t id = 0; id <= IDS; id++) {
		for (int i = 0; i < 8; i++) {
			free(day->shown[id][i]);
		}
	}
}

static unsigned first_seed = 1, last_seed = DAYS, current_seed;

static void random_days(void **state)
{
	static struct day day;

	for (unsigned seed = first_seed; seed <= last_seed; seed++) {
		current_seed = seed;
		begin(&day, seed);
		for (int i = 0; i < STEPS; i++) {
			step(&day);
		}
		end(&day);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_days),
	};

	int failures;

	if (argc > 1) {
		first_seed = last_seed = (unsigned)strtoul(argv[1], NULL, 10);
	}
	if (argc > 2) {
		last_seed = (unsigned)strtoul(argv[2], NULL, 10);
	}
	failures = cmocka_run_group_tests(tests, NULL, NULL);
	if (failures) {
		print_error("It was the day with the seed %u.\n", current_seed);
	}
	return failures;
}
