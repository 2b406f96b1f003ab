/* SPDX-License-Identifier: MIT */
/*
 * A request of the kernel that may have to wait for the cache.
 *
 * Its `run` asks the cache, and either replies and returns 0, or returns CACHE_WAIT after the cache
 * has queued it, or returns an errno to be replied. When the cache wakes it, it runs again from its
 * beginning. While it waits, the thread that received it serves others; it ends early when its
 * process is being killed, or when its deadline has passed.
 *
 * Once queued it may run in another thread, to its end, before this one's `run` has returned: which
 * may still look at what is asked for, as the op is freed behind both, and must change nothing.
 */
#ifndef FS_OP_H
#define FS_OP_H

#include "fs/fs.h"
#include "fs/inode.h"

#include <stdatomic.h>

struct op {
	struct cache_waiter waiter; /* must be first */
	struct op *prev, *next;	    /* in fs->ops */
	atomic_uint refs;	    /* until it is replied, and each run */
	struct fs *fs;
	fuse_req_t req;
	int (*run)(struct op *op);
	fuse_ino_t node;
	struct op *parked_next; /* in fs->parked */
	int64_t started_ms;
	int64_t parked_until_ms; /* then it runs whatever happened, and may be ended before; 0: not
				  */
	unsigned runs;
	pid_t pid;

	/* What is asked for */
	struct inode inode;	      /* the node, or the directory */
	struct open_file *handle;     /* read, write: by the kernel's word; NULL: none */
	bool plus;		      /* readdirplus */
	int flags;		      /* of open, create, rename */
	bool exists;		      /* rename: the target is a record */
	char *new_name;		      /* rename, symlink's target; freed with the op */
	struct odoo_request *request; /* a call's; given on when it runs */
	size_t written;		      /* of a write that waits: what it is answered with */
	size_t size;
	off_t offset;
	char name[]; /* lookup; else empty */
};

/* Begin: unpacks `node`, runs, and replies what run returns. Replies in every case. */
void op_start(fuse_req_t req, fuse_ino_t node, int (*run)(struct op *op));

/* The same in two steps, for what needs arguments. NULL: it was replied. */
struct op *op_create(fuse_req_t req, fuse_ino_t node, const char *name, int (*run)(struct op *op));
void op_go(struct op *op);

/*
 * Reply an errno (0 or negative; of a write that waited, 0 is what was written) and be done with
 * it: for ops whose run returned OP_TAKEN.
 */
void op_reply(struct op *op, int r);

/* Whether its deadline has passed. */
bool op_is_late(const struct op *op);

/*
 * Run it again when a commit ends or a draft is closed, in the order of parking. With draft_mutex
 * held.
 */
void op_park(struct op *op);

/* Run those that were parked: the list as it was taken from fs->parked. No lock held. */
void op_unpark(struct op *parked);

/* The model of op->inode: 0, CACHE_WAIT, or -ESTALE. */
int op_model(struct op *op, struct cache_model **ret_model);

/*
 * Since when (clock_now_ms) an op has been waiting in this model's directory; 0 when none is. The
 * kernel holds the directory meanwhile. Any thread.
 */
int64_t op_waiting_since(struct fs *fs, uint32_t model_number);

/* End the ops whose processes are being killed, or whose deadline has passed. Upkeep's thread. */
void op_scan(struct fs *fs);

/*
 * Once no more requests are received: end what only reads, at once, and wait for what changes
 * something, as a save that is under way shouldn't end half told. Blocks for 15 s at most.
 */
void op_end(struct fs *fs);

/* Whether any op waits. */
bool op_any(struct fs *fs);

#endif
