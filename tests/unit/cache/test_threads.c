/* SPDX-License-Identifier: MIT */
/*
 * The cache under several threads at once, as the filesystem uses it, with a client that answers
 * from a thread of its own. Worth most under ThreadSanitizer.
 */
#include "world.h"

#include "odoo/cleanup.h"

#include <errno.h>
#include <stdatomic.h>
#include <unistd.h>

#define RECORDS 600
#define READERS 4
#define ROUNDS 1500

static struct world *world;
static atomic_bool over;

/* An ask that its thread can sleep over; what runs is the waker's thread or its own. */
struct sleeper {
	struct cache_waiter waiter; /* must be first */
	pthread_mutex_t mutex;
	pthread_cond_t cond;
	bool woken;
	int error;
};

static void wake(struct cache_waiter *waiter, int error)
{
	struct sleeper *sleeper = (struct sleeper *)waiter;
	_cleanup_unlock_ pthread_mutex_t *held = lock(&sleeper->mutex);

	sleeper->woken = true;
	sleeper->error = error;
	pthread_cond_signal(&sleeper->cond);
}

static void sleeper_init(struct sleeper *sleeper)
{
	*sleeper = (struct sleeper){ .waiter.wake = wake };
	pthread_mutex_init(&sleeper->mutex, NULL);
	pthread_cond_init(&sleeper->cond, NULL);
}

static void sleeper_finish(struct sleeper *sleeper)
{
	pthread_cond_destroy(&sleeper->cond);
	pthread_mutex_destroy(&sleeper->mutex);
}

/* 0 to ask again, or -errno. */
static int sleep_over(struct sleeper *sleeper)
{
	_cleanup_unlock_ pthread_mutex_t *held = lock(&sleeper->mutex);

	while (!sleeper->woken) {
		pthread_cond_wait(&sleeper->cond, &sleeper->mutex);
	}
	sleeper->woken = false;
	return sleeper->error;
}

static int stat_record(uint32_t id, struct cache_attr *ret_attr)
{
	struct sleeper sleeper;
	int r;

	sleeper_init(&sleeper);
	do {
		r = cache_record_stat(world->cache, world->model, id, ret_attr, &sleeper.waiter);
	} while (r == CACHE_WAIT && (r = sleep_over(&sleeper)) == 0);
	sleeper_finish(&sleeper);
	return r;
}

static int read_record(uint32_t id, uint32_t version, struct cache_content **ret_content)
{
	struct sleeper sleeper;
	int r;

	sleeper_init(&sleeper);
	do {
		r = cache_record_read(
			world->cache, world->model, id, version, ret_content, &sleeper.waiter);
	} while (r == CACHE_WAIT && (r = sleep_over(&sleeper)) == 0);
	sleeper_finish(&sleeper);
	return r;
}

static size_t list_all(void)
{
	uint32_t ids[256], after = 0;
	size_t n = 0, all = 0;
	struct sleeper sleeper;
	int r;

	do {
		sleeper_init(&sleeper);
		do {
			r = cache_list(world->cache, world->model, after, ids, 256, &n,
				&sleeper.waiter);
		} while (r == CACHE_WAIT && (r = sleep_over(&sleeper)) == 0);
		sleeper_finish(&sleeper);
		assert_int_equal(r, 0);
		for (size_t i = 0; i < n; i++) {
			assert_true(ids[i] > after);
			after = ids[i];
		}
		all += n;
	} while (n);
	return all;
}

/* What a reader gets is whole, and the record that it asked for. */
static void check_content(uint32_t id, struct cache_content *content, uint64_t expected)
{
	char begin[32];
	const char *data;
	size_t size;

	data = cache_content_bytes(content, &size);
	snprintf(begin, sizeof(begin), "id=%u\n", id);
	assert_int_equal(size, expected);
	assert_memory_equal(data, begin, strlen(begin));
	assert_int_equal(data[size - 1], '\n');
}

static int cat(uint32_t id)
{
	struct cache_content *content;
	struct cache_attr attr;
	int r;

	do {
		r = stat_record(id, &attr);
		if (r == 0) {
			r = read_record(id, attr.version, &content);
		}
	} while (r == -ESTALE);
	if (r == 0) {
		check_content(id, content, attr.size);
		cache_content_release(world->cache, content);
	}
	return r;
}

static void *read_them(void *data)
{
	unsigned seed = (unsigned)(uintptr_t)data;

	for (int i = 0; i < ROUNDS; i++) {
		uint32_t id = (uint32_t)rand_r(&seed) % (RECORDS + 20) + 1;
		uint32_t n = rand_r(&seed) % 10 ? 1 : 100;

		for (; n; n--, id++) {
			int r = cat(id);

			assert_true(r == 0 || r == -ENOENT);
		}
		if (rand_r(&seed) % 40 == 0) {
			list_all();
		}
	}
	return NULL;
}

static void *change_them(void *data)
{
	unsigned seed = 7;

	while (!atomic_load(&over)) {
		uint32_t id = (uint32_t)rand_r(&seed) % RECORDS + 1;

		switch (rand_r(&seed) % 8) {
		case 0:
			small_unlink(&world->odoo, world->table, id);
			break;
		case 1:
			small_restore(&world->odoo, world->table, id);
			break;
		default:
			small_write(&world->odoo, world->table, id);
		}
		stub_clock_move(rand_r(&seed) % 200);
		usleep(200);
	}
	return NULL;
}

/* The notifier, the pusher, and who looks at the statistics. */
static void *keep_them(void *data)
{
	struct cache_ahead contents[16];
	struct cache_model_attr model_attr;
	struct cache_stats stats;
	struct cache_attr attrs[4];
	unsigned seed = 9;

	while (!atomic_load(&over)) {
		uint32_t id = (uint32_t)rand_r(&seed) % RECORDS + 1;
		const uint32_t ids[4] = { id, id + 1, id + 2, id + 3 };
		size_t n = cache_record_ahead(world->cache, world->model, id, contents, 16);

		while (n--) {
			check_content(contents[n].attr.id, contents[n].content,
				contents[n].attr.size);
			cache_record_pushed(world->cache, world->model, &contents[n].attr);
			cache_content_release(world->cache, contents[n].content);
		}
		cache_poll(world->cache);
		cache_record_peek(world->cache, world->model, ids, 4, attrs);
		cache_record_forget(world->cache, world->model, id, (uint32_t)rand_r(&seed) % 8);
		cache_model_stat(world->cache, world->model, &model_attr, NULL);
		cache_get_stats(world->cache, &stats);
		if (rand_r(&seed) % 200 == 0) {
			cache_refresh(world->cache, rand_r(&seed) % 2 ? world->model : NULL);
		}
		usleep(100);
	}
	return NULL;
}

static int any_reason(const struct cache_waiter *waiter, void *data)
{
	return -EINTR;
}

/* Who is killed while it waits. */
static void *give_up(void *data)
{
	unsigned seed = 11;

	while (!atomic_load(&over)) {
		uint32_t id = (uint32_t)rand_r(&seed) % RECORDS + 1;
		struct cache_attr attr;
		struct sleeper sleeper;
		int r;

		sleeper_init(&sleeper);
		r = cache_record_stat(world->cache, world->model, id, &attr, &sleeper.waiter);
		if (r == CACHE_WAIT && !cache_waiter_cancel(world->cache, &sleeper.waiter,
					       any_reason, NULL)) {
			sleep_over(&sleeper); /* it was too late */
		}
		sleeper_finish(&sleeper);
		usleep(100);
	}
	return NULL;
}

static void run(const struct world_options *options)
{
	pthread_t readers[READERS], others[3];

	world = world_create(options);
	atomic_store(&over, false);
	stub_start(&world->client);
	pthread_create(&others[0], NULL, change_them, NULL);
	pthread_create(&others[1], NULL, keep_them, NULL);
	pthread_create(&others[2], NULL, give_up, NULL);
	for (uintptr_t i = 0; i < READERS; i++) {
		pthread_create(&readers[i], NULL, read_them, (void *)(i + 1));
	}
	for (int i = 0; i < READERS; i++) {
		pthread_join(readers[i], NULL);
	}
	atomic_store(&over, true);
	for (int i = 0; i < 3; i++) {
		pthread_join(others[i], NULL);
	}
	/* When all is quiet, what the server has is what is listed. */
	stub_clock_move(3600 * 1000);
	assert_int_equal(list_all(), world->table->n_rows);
	for (size_t i = 0; i < world->table->n_rows; i++) {
		assert_int_equal(cat(world->table->rows[i].id), 0);
	}
	world_destroy(world);
}

static void with_room_for_all(void **state)
{
	run(&(struct world_options){ .records = RECORDS, .ttl = 2 });
}

static void with_room_for_little(void **state)
{
	run(&(struct world_options){ .records = RECORDS, .ttl = 1, .size = 20000 });
}

static void checking_each_time(void **state)
{
	run(&(struct world_options){ .records = RECORDS, .no_ttl = true, .connections = 4 });
}

/* Readers that wait, and a client that ends under them. */
static void *read_until_the_end(void *data)
{
	unsigned seed = (unsigned)(uintptr_t)data;
	int r;

	do {
		r = cat((uint32_t)rand_r(&seed) % RECORDS + 1);
		if (rand_r(&seed) % 100 == 0) {
			cache_refresh(world->cache, NULL);
		}
	} while (r == 0 || r == -ENOENT);
	return NULL;
}

static void the_end_comes_for_all(void **state)
{
	pthread_t readers[READERS];

	world = world_create(&(struct world_options){ .records = RECORDS, .no_ttl = true });
	stub_start(&world->client);
	for (uintptr_t i = 0; i < READERS; i++) {
		pthread_create(&readers[i], NULL, read_until_the_end, (void *)(i + 1));
	}
	usleep(200000);
	world->odoo.down = ODOO_FAULT_DENIED;
	for (int i = 0; i < READERS; i++) {
		pthread_join(readers[i], NULL);
	}
	world_destroy(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(with_room_for_all),
		cmocka_unit_test(with_room_for_little),
		cmocka_unit_test(checking_each_time),
		cmocka_unit_test(the_end_comes_for_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
