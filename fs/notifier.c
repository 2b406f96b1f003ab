/* SPDX-License-Identifier: MIT */
#include "fs/notifier.h"

#include "fs/name.h"
#include "fs/op.h"

#include "cache/binary.h"
#include "cache/media.h"
#include "odoo/cleanup.h"
#include "odoo/clock.h"
#include "odoo/log.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <utlist.h>

/* While somebody has waited in a directory for so long, the kernel isn't told of its names … */
#define SLOW_MS 200

/* … but where somebody always does, and nobody for longer than this, it is told in the end. */
#define PATIENCE_MS 5000

/* What is held back is looked at again this often, and whenever an operation ends. */
#define HELD_MS 100

struct item {
	struct cache_news news;
	char *name;    /* a name that stands for something else now */
	struct op *op; /* to be replied, with `error` */
	int error;
	int64_t held_ms; /* since when it is held back, as clock_now_ms; 0: it isn't */
	struct item *prev, *next;
};

struct notifier {
	struct fs *fs; /* constant */
	pthread_t thread;
	bool started;	     /* by the thread that starts and stops it */
	struct item *held;   /* by its thread, in the order in which they came */
	atomic_bool holding; /* whether there are any */

	pthread_mutex_t mutex;
	pthread_cond_t cond;
	struct item *items; /* protected by mutex, as are the next two */
	bool nudged;
	bool stopping;
};

static bool is_repeated(const struct item *items, const struct cache_news *news)
{
	const struct cache_news *last = items ? &items->prev->news : NULL;

	return last && !items->prev->name && !items->prev->op && last->kind == news->kind &&
	       last->model == news->model && last->id == news->id && last->field == news->field &&
	       last->type == news->type;
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

/* Both of its names. */
static void tell_binary(struct fs *fs, fuse_ino_t dir, const struct cache_news *news)
{
	char name[CACHE_BINARY_NAME_MAX];

	cache_binary_print_name(news->id, news->field, NULL, name);
	note(fuse_lowlevel_notify_inval_entry(fs->session, dir, name, strlen(name)), "a file");
	if (news->type) {
		cache_binary_print_name(
			news->id, news->field, cache_media_suffix(news->type), name);
		note(fuse_lowlevel_notify_inval_entry(fs->session, dir, name, strlen(name)),
			"a file");
	}
}

static void tell(struct fs *fs, const struct cache_news *news)
{
	char name[NAME_RECORD_MAX];
	fuse_ino_t dir = FUSE_ROOT_ID;

	if (news->model) {
		dir = fs_model_node(cache_model_number(news->model));
	}
	if (news->kind == CACHE_NEWS_BINARY) {
		tell_binary(fs, dir, news);
	} else if (news->kind == CACHE_NEWS_RECORD) {
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

/* A model's number; 0 for what is told of none. */
static uint32_t model_of(const struct item *item)
{
	if (item->op) {
		return item->op->inode.model;
	}
	return item->news.model ? cache_model_number(item->news.model) : 0;
}

/*
 * The kernel holds a directory for who looks something up in it, until that is answered. Telling it
 * of a name there would wait for as long, and make everybody else wait who comes after.
 */
static bool is_held(struct fs *fs, struct item *item)
{
	int64_t now = clock_now_ms(), since = op_waiting_since(fs, model_of(item));

	if (!since || now - since < SLOW_MS) {
		return false;
	}
	if (!item->held_ms) {
		item->held_ms = now;
	}
	return now - item->held_ms < PATIENCE_MS || now - since > PATIENCE_MS;
}

static bool has_model(const struct item *items, uint32_t model)
{
	const struct item *item;

	DL_FOREACH (items, item) {
		if (model_of(item) == model) {
			return true;
		}
	}
	return false;
}

/* Deal with what can be dealt with now, each model's in their order; the rest is held back. */
static void deal_with_all(struct notifier *notifier, struct item *items)
{
	struct item *item, *next, *held = NULL;
	uint32_t model = 0;
	bool waits = false;

	DL_CONCAT(notifier->held, items);
	DL_FOREACH_SAFE (notifier->held, item, next) {
		if (model_of(item) != model) {
			model = model_of(item);
			waits = has_model(held, model);
		}
		waits = waits || (model && is_held(notifier->fs, item));
		if (waits) {
			DL_APPEND(held, item);
		} else {
			deal_with(notifier->fs, item);
		}
	}
	notifier->held = held;
	atomic_store(&notifier->holding, held != NULL);
}

static struct item *wait_for_items(struct notifier *notifier)
{
	struct timespec until = clock_after_ms(HELD_MS);

	_cleanup_unlock_ pthread_mutex_t *held = lock(&notifier->mutex);
	while (!notifier->items && !notifier->stopping && !notifier->nudged) {
		if (!notifier->held) {
			pthread_cond_wait(&notifier->cond, &notifier->mutex);
		} else if (pthread_cond_timedwait(&notifier->cond, &notifier->mutex, &until)) {
			break;
		}
	}
	notifier->nudged = false;
	return steal(notifier->items);
}

void notifier_nudge(struct notifier *notifier)
{
	if (!atomic_load(&notifier->holding)) {
		return;
	}
	_cleanup_unlock_ pthread_mutex_t *held = lock(&notifier->mutex);

	notifier->nudged = true;
	pthread_cond_signal(&notifier->cond);
}

static void *work(void *data)
{
	struct notifier *notifier = data;

	while (!is_stopping(notifier)) {
		deal_with_all(notifier, wait_for_items(notifier));
	}
	return NULL;
}

struct notifier *notifier_create(struct fs *fs)
{
	struct notifier *notifier = calloc(1, sizeof(*notifier));

	if (!notifier) {
		return NULL;
	}
	notifier->fs = fs;
	pthread_mutex_init(&notifier->mutex, NULL);
	clock_cond_init(&notifier->cond);
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
	DL_CONCAT(notifier->held, notifier->items);
	DL_FOREACH_SAFE (notifier->held, item, next) {
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
