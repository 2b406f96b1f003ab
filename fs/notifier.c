/* SPDX-License-Identifier: MIT */
#include "fs/notifier.h"

#include "fs/name.h"
#include "fs/op.h"
#include "fs/overlay.h"
#include "fs/view_node.h"

#include "odoo/cleanup.h"
#include "odoo/clock.h"
#include "odoo/log.h"

#include <errno.h>
#include <malloc.h>
#include <string.h>
#include <utlist.h>

/* How long nobody may have waited before malloc gives back what it keeps. */
#define QUIET_MS 3000

/* How soon a killed process gets away, while there is anybody waiting; and otherwise. */
#define SCAN_MS 100
#define IDLE_MS 500

struct item {
	struct cache_news news;
	char *name;    /* a name that stands for something else now */
	struct op *op; /* to be replied, with `error` */
	int error;
	struct item *prev, *next;
};

struct notifier {
	struct fs *fs; /* constant */
	pthread_t thread;
	uint64_t batches; /* by its thread, as is the next: how many there were at the last look */
	int64_t busy_ms;  /* when somebody last waited; 0: memory was given back since */
	bool started;	  /* by the thread that starts and stops it */

	pthread_mutex_t mutex;
	pthread_cond_t cond;
	struct item *items; /* protected by mutex, as is the next */
	bool stopping;
};

static bool is_repeated(const struct item *items, const struct cache_news *news)
{
	const struct cache_news *last = items ? &items->prev->news : NULL;

	return last && !items->prev->name && !items->prev->op && last->kind == news->kind &&
	       last->model == news->model && last->id == news->id;
}

static void append(struct notifier *notifier, struct item *item)
{
	_cleanup_unlock_ pthread_mutex_t *held = lock(&notifier->mutex);

	DL_APPEND(notifier->items, item);
	pthread_cond_signal(&notifier->cond);
}

void notifier_post_name(struct notifier *notifier, struct cache_model *model, const char *name)
{
	struct item *item = calloc(1, sizeof(*item));

	if (!item || !(item->name = strdup(name))) {
		free(item);
		log_error("out of memory: the kernel isn't told of a change");
		return;
	}
	item->news.model = model;
	append(notifier, item);
}

static bool is_stopping(struct notifier *notifier)
{
	_cleanup_unlock_ pthread_mutex_t *held = lock(&notifier->mutex);

	return notifier->stopping;
}

void notifier_reply(struct notifier *notifier, struct op *op, int r)
{
	struct item *item = calloc(1, sizeof(*item));

	if (!item || is_stopping(notifier)) {
		free(item);
		op_reply(op, r);
		return;
	}
	item->op = op;
	item->error = r;
	append(notifier, item);
}

void notifier_post(struct notifier *notifier, const struct cache_news *news)
{
	struct item *item = calloc(1, sizeof(*item));

	if (!item) {
		log_error("out of memory: the kernel isn't told of a change");
		return;
	}
	item->news = *news;
	_cleanup_unlock_ pthread_mutex_t *held = lock(&notifier->mutex);
	if (is_repeated(notifier->items, news)) {
		free(item);
		return;
	}
	DL_APPEND(notifier->items, item);
	pthread_cond_signal(&notifier->cond);
}

/* ENOENT is the rule rather than the exception: the kernel knew nothing of it. */
static void note(int r, const char *what)
{
	if (r < 0 && r != -ENOENT && r != -ENOTDIR && r != -ENODEV) {
		log_debug("telling the kernel about %s: %s", what, strerror(-r));
	}
}

static void tell(struct fs *fs, const struct cache_news *news)
{
	char name[NAME_RECORD_MAX];
	fuse_ino_t dir = FUSE_ROOT_ID;

	if (news->model) {
		dir = fs_model_node(cache_model_number(news->model));
	}
	if (news->kind == CACHE_NEWS_RECORD) {
		name_of_record(news->id, name);
		note(fuse_lowlevel_notify_inval_entry(fs->session, dir, name, strlen(name)),
			"a record");
	} else {
		note(fuse_lowlevel_notify_inval_inode(fs->session, dir, 0, 0), "a listing");
	}
}

static void deal_with(struct fs *fs, struct item *item)
{
	if (item->op) {
		op_reply(item->op, item->error);
	} else if (item->name) {
		note(fuse_lowlevel_notify_inval_entry(fs->session,
			     fs_model_node(cache_model_number(item->news.model)), item->name,
			     strlen(item->name)),
			"a name");
	} else {
		tell(fs, &item->news);
	}
	free(item->name);
	free(item);
}

static struct item *wait_for_items(struct notifier *notifier)
{
	struct timespec until;
	long wait_ms = op_any(notifier->fs) ? SCAN_MS : IDLE_MS;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += wait_ms * 1000000;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	_cleanup_unlock_ pthread_mutex_t *held = lock(&notifier->mutex);
	if (!notifier->items && !notifier->stopping) {
		pthread_cond_timedwait(&notifier->cond, &notifier->mutex, &until);
	}
	return steal(notifier->items);
}

/* A walk is over: what it took to parse thousands of records isn't needed. */
static void give_back(struct notifier *notifier)
{
	struct cache_stats stats;
	int64_t now = clock_now_ms();

	cache_get_stats(notifier->fs->cache, &stats);
	if (stats.batches != notifier->batches || op_any(notifier->fs)) {
		notifier->batches = stats.batches;
		notifier->busy_ms = now;
	} else if (notifier->busy_ms && now - notifier->busy_ms >= QUIET_MS) {
		notifier->busy_ms = 0;
		malloc_trim(0);
	}
}

static void *work(void *data)
{
	struct notifier *notifier = data;
	struct item *items, *item, *next;

	while (!is_stopping(notifier)) {
		items = wait_for_items(notifier);
		DL_FOREACH_SAFE (items, item, next) {
			deal_with(notifier->fs, item);
		}
		op_scan(notifier->fs);
		overlay_scan(notifier->fs);
		view_nodes_scan(notifier->fs);
		cache_poll(notifier->fs->cache);
		give_back(notifier);
	}
	return NULL;
}

struct notifier *notifier_create(struct fs *fs)
{
	struct notifier *notifier = calloc(1, sizeof(*notifier));
	pthread_condattr_t attr;

	if (!notifier) {
		return NULL;
	}
	notifier->fs = fs;
	pthread_mutex_init(&notifier->mutex, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&notifier->cond, &attr);
	pthread_condattr_destroy(&attr);
	return notifier;
}

int notifier_start(struct notifier *notifier)
{
	int r = pthread_create(&notifier->thread, NULL, work, notifier);

	notifier->started = r == 0;
	return -r;
}

void notifier_stop(struct notifier *notifier)
{
	if (!notifier->started) {
		return;
	}
	pthread_mutex_lock(&notifier->mutex);
	notifier->stopping = true;
	pthread_cond_signal(&notifier->cond);
	pthread_mutex_unlock(&notifier->mutex);
	pthread_join(notifier->thread, NULL);
	notifier->started = false;
}

void notifier_destroy(struct notifier *notifier)
{
	struct item *item, *next;

	if (!notifier) {
		return;
	}
	DL_FOREACH_SAFE (notifier->items, item, next) {
		if (item->op) {
			op_reply(item->op, item->error);
		}
		free(item->name);
		free(item);
	}
	pthread_cond_destroy(&notifier->cond);
	pthread_mutex_destroy(&notifier->mutex);
	free(notifier);
}
