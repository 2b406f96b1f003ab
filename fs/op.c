/* SPDX-License-Identifier: MIT */
#include "fs/op.h"

#include "fs/notifier.h"

#include "odoo/cleanup.h"
#include "odoo/clock.h"
#include "odoo/log.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <utlist.h>

/* What asks so often without an answer is a bug of ours; better an error than a loop. */
#define RUNS_MAX 200

/* How long saves that are under way are waited for at the end, and how often it is looked. */
#define END_SECONDS 15
#define END_PAUSE_NS (10 * 1000 * 1000)

static void unref(struct op *op)
{
	if (atomic_fetch_sub(&op->refs, 1) == 1) {
		free(op->new_name);
		free(op);
	}
}

static void finish(struct op *op, int error)
{
	struct fs *fs = op->fs;
	fuse_req_t req = op->req;

	pthread_mutex_lock(&fs->op_mutex);
	DL_DELETE(fs->ops, op);
	pthread_mutex_unlock(&fs->op_mutex);
	unref(op);
	if (error) {
		fuse_reply_err(req, -error);
	}
	notifier_nudge(fs->notifier);
}

/*
 * A run that returns 0 has replied already, while the op is still listed: the scan looks at the
 * request only of ops that are queued at the cache, and this one isn't.
 */
static void run(struct op *op)
{
	int r;

	atomic_fetch_add(&op->refs, 1);
	r = ++op->runs > RUNS_MAX ? -EIO : op->run(op);
	if (r != CACHE_WAIT) {
		finish(op, r);
	}
	unref(op);
}

static void wake(struct cache_waiter *waiter, int error)
{
	struct op *op = (struct op *)waiter;

	if (error) {
		finish(op, error);
	} else {
		run(op);
	}
}

struct op *op_create(
	fuse_req_t req, fuse_ino_t node, const char *name, int (*run_op)(struct op *op))
{
	struct fs *fs = fuse_req_userdata(req);
	size_t length = name ? strlen(name) : 0;
	struct op *op = calloc(1, sizeof(*op) + length + 1);
	int r = op ? inode_unpack(node, &op->inode) : -ENOMEM;

	if (r < 0) {
		free(op);
		fuse_reply_err(req, -r);
		return NULL;
	}
	op->waiter.wake = wake;
	atomic_init(&op->refs, 1);
	op->node = node;
	op->fs = fs;
	op->req = req;
	op->run = run_op;
	op->started_ms = clock_now_ms();
	op->pid = fuse_req_ctx(req)->pid;
	if (name) {
		memcpy(op->name, name, length);
	}
	pthread_mutex_lock(&fs->op_mutex);
	DL_APPEND(fs->ops, op);
	pthread_mutex_unlock(&fs->op_mutex);
	return op;
}

void op_go(struct op *op)
{
	run(op);
}

void op_start(fuse_req_t req, fuse_ino_t node, int (*run_op)(struct op *op))
{
	struct op *op = op_create(req, node, NULL, run_op);

	if (op) {
		run(op);
	}
}

void op_reply(struct op *op, int r)
{
	fuse_req_t req = op->req;
	size_t written = op->written;

	finish(op, 0);
	if (r == 0 && written) {
		fuse_reply_write(req, written);
	} else {
		fuse_reply_err(req, -r);
	}
}

void op_park(struct op *op)
{
	op->parked_next = NULL;
	LL_APPEND2(op->fs->parked, op, parked_next);
}

void op_unpark(struct op *parked)
{
	while (parked) {
		struct op *next = parked->parked_next;

		parked->runs = 0; /* it waited for others, and asked for nothing */
		run(parked);
		parked = next;
	}
}

int op_model(struct op *op, struct cache_model **ret_model)
{
	struct cache_model *model;
	int r = cache_models_ensure(op->fs->cache, &op->waiter);

	if (r != 0) {
		return r;
	}
	model = cache_model_by_number(op->fs->cache, op->inode.model);
	if (!model) {
		return -ESTALE;
	}
	*ret_model = model;
	return 0;
}

/* SIGKILL is pending: the kernel turns every fatal signal of a thread group into one. */
static bool is_being_killed(pid_t pid)
{
	char path[64], line[128];
	uint64_t pending = 0;
	_cleanup_file_ FILE *file = NULL;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file)) {
		uint64_t set;

		if (sscanf(line, "SigPnd: %" SCNx64, &set) == 1 ||
			sscanf(line, "ShdPnd: %" SCNx64, &set) == 1) {
			pending |= set;
		}
	}
	return pending >> (SIGKILL - 1) & 1;
}

static bool is_late(const struct op *op, int64_t now)
{
	return now - op->started_ms > op->fs->options->timeout * 1000LL;
}

bool op_is_late(const struct op *op)
{
	return is_late(op, clock_now_ms());
}

/* Interrupting for any other signal would break programs that don't expect EINTR of a file. */
static int reason_to_end(const struct cache_waiter *waiter, void *data)
{
	const struct op *op = (const struct op *)waiter;
	const int64_t *now = data;

	if (is_late(op, *now)) {
		return -ETIMEDOUT;
	}
	if (fuse_req_interrupted(op->req) && is_being_killed(op->pid)) {
		return -EINTR;
	}
	return 0;
}

/* The same of those that wait for other programs; a save comes when the one before has ended. */
static void end_parked(
	struct fs *fs, int (*reason)(const struct cache_waiter *waiter, void *data), void *data)
{
	struct op *op, *next, *ended = NULL;

	pthread_mutex_lock(&fs->draft_mutex);
	LL_FOREACH_SAFE2(fs->parked, op, next, parked_next)
	{
		int error = op->parked_until_ms ? reason(&op->waiter, data) : 0;

		if (error) {
			op->waiter.error = error;
			/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): it is in there */
			LL_DELETE2(fs->parked, op, parked_next);
			LL_PREPEND2(ended, op, parked_next);
		}
	}
	pthread_mutex_unlock(&fs->draft_mutex);
	LL_FOREACH_SAFE2(ended, op, next, parked_next)
	{
		op_reply(op, op->waiter.error);
	}
}

static void run_parked(struct fs *fs, int64_t now)
{
	struct op *op, *next, *ready = NULL;

	pthread_mutex_lock(&fs->draft_mutex);
	LL_FOREACH_SAFE2(fs->parked, op, next, parked_next)
	{
		if (op->parked_until_ms && op->parked_until_ms <= now) {
			/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): it is in there */
			LL_DELETE2(fs->parked, op, parked_next);
			LL_APPEND2(ready, op, parked_next);
		}
	}
	pthread_mutex_unlock(&fs->draft_mutex);
	op_unpark(ready);
}

/* Nothing came that could say itself what is wrong. */
static void report_late(const struct op *op)
{
	const struct cache_model *model = cache_model_by_number(op->fs->cache, op->inode.model);
	_cleanup_odoo_error_ struct odoo_error error = { 0 };

	odoo_error_set(&error, ODOO_FAULT_TIMEOUT,
		"no answer within %u s, which is what timeout= allows", op->fs->options->timeout);
	errors_add(op->fs->errors,
		&(struct errors_subject){ .model = model ? cache_model_name(model) : NULL,
			.id = op->inode.kind == INODE_RECORD ? op->inode.id : 0,
			.name = op->name[0] ? op->name : NULL },
		"wait", ETIMEDOUT, &error);
}

/* End those that wait for the cache and for which `reason` gives an errno. */
static void end_waiting(
	struct fs *fs, int (*reason)(const struct cache_waiter *waiter, void *data), void *data)
{
	struct op *op, *next, *ended = NULL;

	pthread_mutex_lock(&fs->op_mutex);
	DL_FOREACH_SAFE (fs->ops, op, next) {
		if (cache_waiter_cancel(fs->cache, &op->waiter, reason, data)) {
			DL_DELETE(fs->ops, op);
			DL_APPEND(ended, op);
		}
	}
	pthread_mutex_unlock(&fs->op_mutex);
	DL_FOREACH_SAFE (ended, op, next) {
		log_debug("an operation of process %d ends: %s", (int)op->pid,
			strerror(-op->waiter.error));
		if (op->waiter.error == -ETIMEDOUT) {
			report_late(op);
		}
		fuse_reply_err(op->req, -op->waiter.error);
		unref(op);
		notifier_nudge(fs->notifier);
	}
}

void op_scan(struct fs *fs)
{
	int64_t now = clock_now_ms();

	end_waiting(fs, reason_to_end, &now);
	end_parked(fs, reason_to_end, &now);
	run_parked(fs, now);
}

int64_t op_waiting_since(struct fs *fs, uint32_t model_number)
{
	_cleanup_unlock_ pthread_mutex_t *held = lock(&fs->op_mutex);
	const struct op *op;

	DL_FOREACH (fs->ops, op) { /* the oldest comes first */
		if (op->inode.kind == INODE_MODEL && op->inode.model == model_number) {
			return op->started_ms;
		}
	}
	return 0;
}
/* What every operation hears once there is no mount any more. */
static int unmounted(const struct cache_waiter *waiter, void *data)
{
	return -ENOTCONN;
}

void op_end(struct fs *fs)
{
	const struct timespec pause = { .tv_nsec = END_PAUSE_NS };
	unsigned seconds = fs->options->timeout < END_SECONDS ? fs->options->timeout : END_SECONDS;
	int64_t deadline = clock_now_ms() + seconds * 1000;

	do {
		end_waiting(fs, unmounted, NULL);
		end_parked(fs, unmounted, NULL);
		if (!op_any(fs)) {
			return;
		}
		nanosleep(&pause, NULL);
	} while (clock_now_ms() < deadline);
	log_warning("ending although the server still owes answers to what was saved: it is "
		    "unknown whether that took effect");
}

bool op_any(struct fs *fs)
{
	_cleanup_unlock_ pthread_mutex_t *held = lock(&fs->op_mutex);

	return fs->ops != NULL;
}
