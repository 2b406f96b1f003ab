/* SPDX-License-Identifier: MIT */
#include "fs/upkeep.h"

#include "fs/op.h"
#include "fs/overlay.h"
#include "fs/view_node.h"

#include "odoo/cleanup.h"
#include "odoo/clock.h"

#include <errno.h>
#include <malloc.h>

/* How long nobody may have waited before malloc gives back what it keeps. */
#define QUIET_MS 3000

/* How soon a killed process gets away, while there is anybody waiting; and otherwise. */
#define SCAN_MS 100
#define IDLE_MS 500

struct upkeep {
	struct fs *fs; /* constant */
	pthread_t thread;
	uint64_t batches; /* by its thread, as is the next: how many there were at the last look */
	int64_t busy_ms;  /* when somebody last waited; 0: memory was given back since */

	pthread_mutex_t mutex;
	pthread_cond_t cond;
	bool stopping; /* protected by mutex */
};

/* A walk is over: what it took to parse thousands of records isn't needed. */
static void give_back(struct upkeep *upkeep)
{
	struct cache_stats stats;
	int64_t now = clock_now_ms();

	cache_get_stats(upkeep->fs->cache, &stats);
	if (stats.batches != upkeep->batches || op_any(upkeep->fs)) {
		upkeep->batches = stats.batches;
		upkeep->busy_ms = now;
	} else if (upkeep->busy_ms && now - upkeep->busy_ms >= QUIET_MS) {
		upkeep->busy_ms = 0;
		malloc_trim(0);
	}
}

/* Returns whether to go on. */
static bool pause_a_while(struct upkeep *upkeep)
{
	struct timespec until = clock_after_ms(op_any(upkeep->fs) ? SCAN_MS : IDLE_MS);
	int r = 0;

	_cleanup_unlock_ pthread_mutex_t *held = lock(&upkeep->mutex);
	while (!upkeep->stopping && r == 0) {
		r = pthread_cond_timedwait(&upkeep->cond, &upkeep->mutex, &until);
	}
	return !upkeep->stopping;
}

static void *work(void *data)
{
	struct upkeep *upkeep = data;

	while (pause_a_while(upkeep)) {
		op_scan(upkeep->fs);
		overlay_scan(upkeep->fs);
		view_nodes_scan(upkeep->fs);
		cache_poll(upkeep->fs->cache);
		give_back(upkeep);
	}
	return NULL;
}

static void destroy(struct upkeep *upkeep)
{
	pthread_cond_destroy(&upkeep->cond);
	pthread_mutex_destroy(&upkeep->mutex);
	free(upkeep);
}

int upkeep_start(struct fs *fs, struct upkeep **ret_upkeep)
{
	struct upkeep *upkeep = calloc(1, sizeof(*upkeep));
	int r;

	if (!upkeep) {
		return -ENOMEM;
	}
	upkeep->fs = fs;
	pthread_mutex_init(&upkeep->mutex, NULL);
	clock_cond_init(&upkeep->cond);
	r = pthread_create(&upkeep->thread, NULL, work, upkeep);
	if (r != 0) {
		destroy(upkeep);
		return -r;
	}
	*ret_upkeep = upkeep;
	return 0;
}

void upkeep_stop(struct upkeep *upkeep)
{
	if (!upkeep) {
		return;
	}
	pthread_mutex_lock(&upkeep->mutex);
	upkeep->stopping = true;
	pthread_cond_signal(&upkeep->cond);
	pthread_mutex_unlock(&upkeep->mutex);
	pthread_join(upkeep->thread, NULL);
	destroy(upkeep);
}
