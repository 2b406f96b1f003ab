/* SPDX-License-Identifier: MIT */
#include "fs/pusher.h"

#include "odoo/cleanup.h"

#include <string.h>

/* Files pushed after a READ. */
#define PUSH_AHEAD 64

struct pusher {
	struct fs *fs; /* constant */
	pthread_t thread;

	pthread_mutex_t mutex;
	pthread_cond_t cond;
	struct cache_model *model; /* of the last READ; NULL when it was dealt with */
	uint32_t id;
	bool stopping;
};

/* Returns 0 or -errno; -ENOENT when the kernel doesn't know the node. */
static int push(struct fs *fs, const struct fs_model_view *view, struct cache_ahead *ahead)
{
	struct fuse_entry_param entry;
	struct fuse_bufvec buffer = FUSE_BUFVEC_INIT(0);
	size_t size;
	const char *data = cache_content_bytes(ahead->content, &size);

	fs_record_entry(fs, view, &ahead->attr, &entry);
	buffer.buf[0].mem = (void *)data;
	buffer.buf[0].size = size;
	return fuse_lowlevel_notify_store(fs->session, entry.ino, 0, &buffer, 0);
}

static void push_all(struct fs *fs, struct cache_model *model, uint32_t id)
{
	struct cache_ahead ahead[PUSH_AHEAD];
	size_t n = cache_record_ahead(fs->cache, model, id, ahead, PUSH_AHEAD);
	struct fs_model_view view;
	bool known = true;

	fs_model_view(fs, model, &view);
	for (size_t i = 0; i < n; i++) {
		const struct cache_attr *attr = &ahead[i].attr;

		if (known && push(fs, &view, &ahead[i]) == 0) {
			cache_record_pushed(fs->cache, model, attr);
		} else if (known) {
			/* Forgotten meanwhile, as are those that follow, most likely. */
			cache_record_forget(fs->cache, model, attr->id, attr->version);
			known = false;
		}
		cache_content_release(fs->cache, ahead[i].content);
	}
}

/* Returns the model, or NULL to stop. */
static struct cache_model *wait_for_read(struct pusher *pusher, uint32_t *ret_id)
{
	_cleanup_unlock_ pthread_mutex_t *held = lock(&pusher->mutex);

	while (!pusher->model && !pusher->stopping) {
		pthread_cond_wait(&pusher->cond, &pusher->mutex);
	}
	*ret_id = pusher->id;
	return pusher->stopping ? NULL : steal(pusher->model);
}

static void *work(void *data)
{
	struct pusher *pusher = data;
	struct cache_model *model;
	uint32_t id;

	while ((model = wait_for_read(pusher, &id))) {
		push_all(pusher->fs, model, id);
	}
	return NULL;
}

void pusher_follow(struct pusher *pusher, struct cache_model *model, uint32_t id)
{
	if (!cache_record_has_ahead(pusher->fs->cache, model, id)) {
		return; /* a wake-up costs more than to look */
	}
	_cleanup_unlock_ pthread_mutex_t *held = lock(&pusher->mutex);

	pusher->model = model;
	pusher->id = id;
	pthread_cond_signal(&pusher->cond);
}

struct pusher *pusher_create(struct fs *fs)
{
	struct pusher *pusher = calloc(1, sizeof(*pusher));

	if (!pusher) {
		return NULL;
	}
	pusher->fs = fs;
	pthread_mutex_init(&pusher->mutex, NULL);
	pthread_cond_init(&pusher->cond, NULL);
	if (pthread_create(&pusher->thread, NULL, work, pusher) != 0) {
		free(pusher);
		return NULL;
	}
	return pusher;
}

void pusher_destroy(struct pusher *pusher)
{
	if (!pusher) {
		return;
	}
	pthread_mutex_lock(&pusher->mutex);
	pusher->stopping = true;
	pthread_cond_signal(&pusher->cond);
	pthread_mutex_unlock(&pusher->mutex);
	pthread_join(pusher->thread, NULL);
	pthread_cond_destroy(&pusher->cond);
	pthread_mutex_destroy(&pusher->mutex);
	free(pusher);
}
