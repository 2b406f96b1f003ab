/* SPDX-License-Identifier: MIT */
/*
 * The filesystem: what the kernel's requests become.
 *
 *	kernel ──▶ receive threads ──▶ handler ──▶ cache ──▶ hit: reply
 *	                                             └─ miss: the op waits, the thread goes on
 *	                    client's thread ──▶ wake ──▶ the op runs again, and replies
 *	  cache's news ──▶ notifier thread ──▶ kernel (invalidate)
 *	  upkeep thread ──▶ cache (poll), ops whose time is over
 *	  a READ on a read-only mount ──▶ pusher thread ──▶ kernel (store what follows)
 *
 * No handler waits, so two receive threads are enough. The op list and the queues of the notifier
 * and the pusher have a mutex each, which is held for no call of others but, by the op list's
 * scan, for the cache's. Drafts have theirs: see draft.h.
 */
#ifndef FS_FS_H
#define FS_FS_H

#include "fs/options.h"

#include "cache/cache.h"
#include "fs/errors.h"

#include <fuse_lowlevel.h>
#include <pthread.h>
#include <stdatomic.h>

/* Seconds for which the kernel may answer for us. What changes meanwhile is told. */
#define FS_KERNEL_TTL 300

struct alias;
struct author;
struct call_result;
struct draft;
struct op;
struct open_file;
struct notifier;
struct pusher;
struct reading;
struct save;
struct snapshot;
struct upkeep;
struct view_table;

struct fs {
	struct options *options;      /* constant, but for what libfuse does with its arguments */
	struct odoo_client *client;   /* constant */
	struct cache *cache;	      /* constant */
	struct errors *errors;	      /* constant */
	struct fuse_session *session; /* constant */
	struct notifier *notifier;    /* constant */
	struct upkeep *upkeep;	      /* constant once it runs */
	struct pusher *pusher;	      /* constant; NULL unless the mount is read-only */
	void (*ready)(void *data);    /* called once, when the kernel has mounted us */
	void *ready_data;
	int64_t started; /* UNIX seconds; constant */

	pthread_mutex_t op_mutex;
	struct op *ops; /* waiting or running; protected by op_mutex */

	pthread_mutex_t draft_mutex;
	struct draft *drafts; /* protected by draft_mutex, as are all up to `created` */
	struct alias *aliases;
	struct author *authors; /* who saved what last */
	unsigned n_authors;
	size_t author_bytes;
	struct reading *readings; /* who read what */
	unsigned n_readings;
	uint64_t moment; /* counts what is remembered of authors and readers */
	uint32_t draft_serial;
	struct save *saves;   /* under way */
	struct op *parked;    /* saves that wait for another of the same file */
	char *created;	      /* text of `.odoofs/created` */
	atomic_uint n_drafts; /* so that who reads needn't take the mutex for nothing */
	pthread_mutex_t file_mutex;
	struct open_file *files; /* open ones; protected by file_mutex */

	pthread_mutex_t snapshot_mutex;
	struct snapshot *snapshots; /* of control files; protected by snapshot_mutex */
	uint32_t snapshot_serial;   /* likewise */

	pthread_mutex_t call_mutex;
	struct call_result *results; /* of methods' last calls; protected by call_mutex */

	pthread_mutex_t view_mutex;
	struct view_table *views; /* protected by view_mutex */
};

/*
 * Make the filesystem, with its own cache, for a client that is logged in. `ready` is called on a
 * receive thread. Returns 0 or -errno.
 */
int fs_create(struct options *options, struct odoo_client *client, void (*ready)(void *data),
	void *ready_data, struct fs **ret_fs);

/* Mount it. Returns 0 or -errno; libfuse has said on stderr what is wrong. */
int fs_mount(struct fs *fs);

/*
 * Serve until the filesystem is unmounted or a signal ends it. Blocks. SIGHUP drops the cache,
 * SIGUSR1 logs the statistics, SIGINT and SIGTERM end it. 0 or -errno. Must be called by the
 * thread that called fs_create.
 */
int fs_run(struct fs *fs);

/*
 * Unmount and free all, but for the client, which must have been destroyed already: its last
 * callbacks reply to those who wait. NULL is allowed.
 */
void fs_destroy(struct fs *fs);

/* To be called before fs_create, whose threads must not get them: block the signals that fs_run
 * takes. */
void fs_block_signals(void);

/* ── For the files of fs/ ── */

/* The operations. */
extern const struct fuse_lowlevel_ops fs_operations;

/* attr.c: attributes, and the timeouts that go with them. */

/* What all records of a model have in common. */
struct fs_model_view {
	uint32_t number;
	mode_t record_mode;
	double timeout; /* seconds for which the kernel may believe what it is told */
};

void fs_model_view(struct fs *fs, struct cache_model *model, struct fs_model_view *ret_view);
void fs_root_attr(const struct fs *fs, struct stat *ret_stat);
void fs_model_attr(const struct fs *fs, uint32_t number, const struct cache_model_attr *attr,
	struct stat *ret_stat);
void fs_record_attr(const struct fs *fs, const struct fs_model_view *view,
	const struct cache_attr *attr, struct stat *ret_stat);
void fs_record_entry(const struct fs *fs, const struct fs_model_view *view,
	const struct cache_attr *attr, struct fuse_entry_param *ret_entry);
double fs_timeout(struct fs *fs, struct cache_model *model);
uint64_t fs_model_node(uint32_t number);
mode_t fs_mode(const struct fs *fs, mode_t type, mode_t permissions);

/* The handlers. */
void fs_lookup(fuse_req_t req, fuse_ino_t parent, const char *name);
void fs_getattr(fuse_req_t req, fuse_ino_t node, struct fuse_file_info *info);
void fs_setattr(fuse_req_t req, fuse_ino_t node, struct stat *attr, int to_set,
	struct fuse_file_info *info);
void fs_forget(fuse_req_t req, fuse_ino_t node, uint64_t nlookup);
void fs_forget_multi(fuse_req_t req, size_t count, struct fuse_forget_data *forgets);
void fs_opendir(fuse_req_t req, fuse_ino_t node, struct fuse_file_info *info);
void fs_readdir(
	fuse_req_t req, fuse_ino_t node, size_t size, off_t offset, struct fuse_file_info *info);
void fs_readdirplus(
	fuse_req_t req, fuse_ino_t node, size_t size, off_t offset, struct fuse_file_info *info);
void fs_open(fuse_req_t req, fuse_ino_t node, struct fuse_file_info *info);
void fs_read(
	fuse_req_t req, fuse_ino_t node, size_t size, off_t offset, struct fuse_file_info *info);
void fs_write(fuse_req_t req, fuse_ino_t node, const char *data, size_t size, off_t offset,
	struct fuse_file_info *info);
void fs_flush(fuse_req_t req, fuse_ino_t node, struct fuse_file_info *info);
void fs_fsync(fuse_req_t req, fuse_ino_t node, int datasync, struct fuse_file_info *info);
void fs_release(fuse_req_t req, fuse_ino_t node, struct fuse_file_info *info);
void fs_statfs(fuse_req_t req, fuse_ino_t node);
void fs_getxattr(fuse_req_t req, fuse_ino_t node, const char *name, size_t size);

#endif
