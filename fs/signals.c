/* SPDX-License-Identifier: MIT */
#include "fs/signals.h"

#include "fs/control.h"

#include "odoo/cleanup.h"
#include "odoo/log.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

/* Wakes the serving thread out of its wait; stops our own thread. Never sent by others. */
#define SIGNAL_WAKE SIGUSR2

#define WAKE_NS (50 * 1000 * 1000)

struct signals {
	struct fs *fs;	   /* constant */
	pthread_t thread;  /* constant */
	pthread_t serving; /* constant */
	pthread_mutex_t mutex;
	bool stopping; /* protected by mutex */
};

static void taken(sigset_t *ret_set)
{
	sigemptyset(ret_set);
	sigaddset(ret_set, SIGHUP);
	sigaddset(ret_set, SIGINT);
	sigaddset(ret_set, SIGTERM);
	sigaddset(ret_set, SIGUSR1);
}

void fs_block_signals(void)
{
	sigset_t set;

	taken(&set);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
}

static void do_nothing(int signal)
{
}

static void log_stats(struct fs *fs)
{
	_cleanup_free_ char *text = report_stats(fs);

	for (char *c = text; c && *c; c++) {
		*c = *c == '\n' || *c == '\t' ? ' ' : *c;
	}
	log_info("statistics: %s", text ? text : "out of memory");
}

static bool is_stopping(struct signals *signals)
{
	_cleanup_unlock_ pthread_mutex_t *held = lock(&signals->mutex);

	return signals->stopping;
}

/*
 * libfuse's loop sleeps until a signal interrupts it, and looks at the exit flag before it sleeps:
 * wake it until it has seen the flag.
 */
static void end_session(struct signals *signals)
{
	const struct timespec pause = { .tv_nsec = WAKE_NS };

	log_info("ending: unmounting %s", signals->fs->options->mountpoint);
	fuse_session_exit(signals->fs->session);
	while (!is_stopping(signals)) {
		pthread_kill(signals->serving, SIGNAL_WAKE);
		nanosleep(&pause, NULL);
	}
}

static void *work(void *data)
{
	struct signals *signals = data;
	const struct timespec period = { .tv_sec = 1 };
	sigset_t set;

	taken(&set);
	while (!is_stopping(signals)) {
		switch (sigtimedwait(&set, NULL, &period)) {
		case SIGHUP:
			log_info("dropping the cache");
			cache_refresh(signals->fs->cache, NULL);
			break;
		case SIGUSR1:
			log_stats(signals->fs);
			break;
		case SIGINT:
		case SIGTERM:
			end_session(signals);
			break;
		default:
			break;
		}
	}
	return NULL;
}

int signals_start(struct fs *fs, struct signals **ret_signals)
{
	struct sigaction action = { .sa_handler = do_nothing };
	struct signals *signals = calloc(1, sizeof(*signals));
	int r;

	if (!signals) {
		return -ENOMEM;
	}
	sigemptyset(&action.sa_mask);
	sigaction(SIGNAL_WAKE, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	signals->fs = fs;
	signals->serving = pthread_self();
	pthread_mutex_init(&signals->mutex, NULL);
	r = pthread_create(&signals->thread, NULL, work, signals);
	if (r != 0) {
		free(signals);
		return -r;
	}
	*ret_signals = signals;
	return 0;
}

void signals_stop(struct signals *signals)
{
	pthread_mutex_lock(&signals->mutex);
	signals->stopping = true;
	pthread_mutex_unlock(&signals->mutex);
	pthread_kill(signals->thread, SIGNAL_WAKE);
	pthread_join(signals->thread, NULL);
	pthread_mutex_destroy(&signals->mutex);
	free(signals);
}
