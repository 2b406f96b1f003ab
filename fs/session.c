/* SPDX-License-Identifier: MIT */
/* The life of a mount: made, served, ended. And the table of operations. */
#include "fs/author.h"
#include "fs/call_result.h"
#include "fs/change.h"
#include "fs/context.h"
#include "fs/control.h"
#include "fs/draft.h"
#include "fs/edit_file.h"
#include "fs/file.h"
#include "fs/fs.h"
#include "fs/inode.h"
#include "fs/notifier.h"
#include "fs/op.h"
#include "fs/parallel.h"
#include "fs/pusher.h"
#include "fs/reading.h"
#include "fs/render.h"
#include "fs/signals.h"
#include "fs/upkeep.h"
#include "fs/view_node.h"
#include "fs/view_op.h"

#include "cache/prefetch.h"
#include "odoo/cleanup.h"

#include <errno.h>
#include <string.h>
#include <time.h>

/*
 * No handler waits, so one is enough. The kernel hands requests to several in turns, and so wakes
 * one on another CPU for each: a walk of one program then takes up to three times as long, and what
 * four gain is a tenth.
 */
#define RECEIVE_THREADS 1

/* ── The cache's hooks ── */

static int render(void *data, const struct cache_schema *schema, const cJSON *record,
	char **ret_text, size_t *ret_size, const struct cache_field **ret_field,
	struct odoo_error *error)
{
	struct fs *fs = data;

	return render_record(
		schema, record, fs->options->many2one_names, ret_text, ret_size, ret_field, error);
}

static void changed(void *data, const struct cache_news *news)
{
	struct fs *fs = data;

	notifier_post(fs->notifier, news);
}

static void failed(void *data, const struct cache_model *model, uint32_t id, const char *operation,
	int number, const struct odoo_error *error)
{
	struct fs *fs = data;

	errors_add(fs->errors,
		&(struct errors_subject){ model ? cache_model_name(model) : NULL, id, NULL },
		operation, -number, error);
}

/* ── Operations ── */

static void init(void *data, struct fuse_conn_info *conn)
{
	struct fs *fs = data;

	conn->want |= conn->capable & (FUSE_CAP_EXPORT_SUPPORT | FUSE_CAP_READDIRPLUS |
					      FUSE_CAP_AUTO_INVAL_DATA | FUSE_CAP_ASYNC_READ);
	parallel_want(conn);
	/* Batch readers (find, grep, tar) never give the hint that "auto" waits for. */
	conn->want &= ~(unsigned)(FUSE_CAP_READDIRPLUS_AUTO | FUSE_CAP_ATOMIC_O_TRUNC |
				  FUSE_CAP_WRITEBACK_CACHE);
	if (fs->options->read_only) {
		conn->want |=
			conn->capable & (FUSE_CAP_NO_OPEN_SUPPORT | FUSE_CAP_NO_OPENDIR_SUPPORT);
	}
	/* Whoever mounts looks at it next. */
	cache_models_ensure(fs->cache, NULL);
	fs->ready(fs->ready_data);
}

/* Sizes are made up, and constant: df, find and rm -rf ask, and none of it may cost a call. */
void fs_statfs(fuse_req_t req, fuse_ino_t node)
{
	const struct statvfs stat = {
		.f_bsize = 4096,
		.f_frsize = 4096,
		.f_blocks = 1u << 30,
		.f_bfree = 1u << 29,
		.f_bavail = 1u << 29,
		.f_files = 1u << 31,
		.f_ffree = 1u << 30,
		.f_favail = 1u << 30,
		.f_namemax = 255,
	};

	fuse_reply_statfs(req, &stat);
}

static void reply_text(fuse_req_t req, const char *text, size_t size)
{
	size_t length = strlen(text);

	if (!size) {
		fuse_reply_xattr(req, length);
	} else if (size < length) {
		fuse_reply_err(req, ERANGE);
	} else {
		fuse_reply_buf(req, text, length);
	}
}

/* What went wrong last with this: a sentence to be freed, or NULL. */
static char *last_error(struct fs *fs, fuse_ino_t node)
{
	struct cache_model *model;
	struct inode inode;

	if (inode_unpack(node, &inode) < 0) {
		return NULL;
	}
	if (inode.kind == INODE_VIEW) {
		return view_op_last_error(fs, &inode);
	}
	if (inode.kind != INODE_MODEL && inode.kind != INODE_RECORD && inode.kind != INODE_BINARY) {
		return NULL;
	}
	model = cache_model_by_number(fs->cache, inode.model);
	return model ? errors_last(fs->errors,
			       &(struct errors_subject){ cache_model_name(model), inode.id, NULL })
		     : NULL;
}

/* `user.odoofs.error`. */
void fs_getxattr(fuse_req_t req, fuse_ino_t node, const char *name, size_t size)
{
	struct fs *fs = fuse_req_userdata(req);
	_cleanup_free_ char *text = NULL;

	if (fs->options->read_only) {
		fuse_reply_err(req, ENOSYS); /* ls -l asks for each file: never again */
		return;
	}
	if (strcmp(name, "user.odoofs.error") == 0) {
		text = last_error(fs, node);
	}
	if (text) {
		reply_text(req, text, size);
	} else {
		fuse_reply_err(req, ENODATA);
	}
}

/* Sizes of drafts can be set. Owners, modes and times are Odoo's: setting them does nothing. */
void fs_setattr(
	fuse_req_t req, fuse_ino_t node, struct stat *attr, int to_set, struct fuse_file_info *info)
{
	struct inode inode;
	struct op *op;

	if (!(to_set & FUSE_SET_ATTR_SIZE) || inode_unpack(node, &inode) < 0 ||
		(inode.kind != INODE_RECORD && inode.kind != INODE_DRAFT &&
			inode.kind != INODE_BINARY)) {
		fs_getattr(req, node, NULL);
		return;
	}
	op = op_create(req, node, NULL, edit_file_truncate);
	if (op) {
		op->offset = attr->st_size;
		op_go(op);
	}
}

/* Models and their directories are Odoo's own. */
static void refuse_mknod(
	fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, dev_t device)
{
	fuse_reply_err(req, EPERM);
}

static void refuse_mkdir(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode)
{
	fuse_reply_err(req, EPERM);
}

static void refuse_rmdir(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	fuse_reply_err(req, EPERM);
}

static void refuse_link(
	fuse_req_t req, fuse_ino_t node, fuse_ino_t new_parent, const char *new_name)
{
	fuse_reply_err(req, EPERM);
}

static void refuse_setxattr(fuse_req_t req, fuse_ino_t node, const char *name, const char *value,
	size_t size, int flags)
{
	fuse_reply_err(req, ENOTSUP);
}

const struct fuse_lowlevel_ops fs_operations = {
	.init = init,
	.lookup = fs_lookup,
	.forget = fs_forget,
	.forget_multi = fs_forget_multi,
	.getattr = fs_getattr,
	.setattr = fs_setattr,
	.opendir = fs_opendir,
	.readdir = fs_readdir,
	.readdirplus = fs_readdirplus,
	.open = fs_open,
	.read = fs_read,
	.write = fs_write,
	.flush = fs_flush,
	.release = fs_release,
	.statfs = fs_statfs,
	.getxattr = fs_getxattr,
	.fsync = fs_fsync,
	.create = fs_create_file,
	.unlink = fs_unlink,
	.rename = fs_rename,
	.symlink = fs_symlink,
	.readlink = fs_readlink,
	.mknod = refuse_mknod,
	.mkdir = refuse_mkdir,
	.rmdir = refuse_rmdir,
	.link = refuse_link,
	.setxattr = refuse_setxattr,
};

/* ── Life ── */

/* What there isn't is said when the list of models is there. */
static int prefetch(struct fs *fs)
{
	int r = 0;

	for (size_t i = 0; i < fs->options->n_prefetch && r == 0; i++) {
		r = cache_prefetch(fs->cache, fs->options->prefetch[i]);
	}
	return r;
}

static int make_cache(struct fs *fs)
{
	const struct options *options = fs->options;
	_cleanup_free_ char *identity = context_identity(fs->client, options);
	_cleanup_free_ char *origin = options->cache_dir ? context_origin(fs->client) : NULL;
	const struct cache_options cache = {
		.size = options->cache_size,
		.ttl = options->ttl,
		.poll = options->poll,
		.max_age = options->max_age,
		.kernel_ttl = FS_KERNEL_TTL,
		.connections = options->connections,
		.all_fields = options->fields_all,
		.one2many = !options->backup,
		.binary = options->binary,
		.keep_versions =
			true, /* for readers of a read-only mount, and for the base of an edit */
		.models = options->models,
		.n_models = options->n_models,
		.store = identity ? options->cache_dir : NULL,
		.store_identity = identity,
		.store_origin = origin,
		.store_size = options->cache_dir_size,
		.hooks = { .render = render, .changed = changed, .failed = failed },
		.data = fs,
	};

	int r = cache_create(&cache, fs->client, &fs->cache);

	return r < 0 ? r : prefetch(fs);
}

int fs_create(struct options *options, struct odoo_client *client, void (*ready)(void *data),
	void *ready_data, struct fs **ret_fs)
{
	struct fs *fs = calloc(1, sizeof(*fs));

	if (!fs) {
		return -ENOMEM;
	}
	fs->options = options;
	fs->client = client;
	fs->ready = ready;
	fs->ready_data = ready_data;
	fs->started = time(NULL);
	pthread_mutex_init(&fs->op_mutex, NULL);
	pthread_mutex_init(&fs->draft_mutex, NULL);
	pthread_mutex_init(&fs->file_mutex, NULL);
	pthread_mutex_init(&fs->snapshot_mutex, NULL);
	pthread_mutex_init(&fs->view_mutex, NULL);
	pthread_mutex_init(&fs->call_mutex, NULL);
	fs->errors = errors_create();
	fs->notifier = notifier_create(fs);
	if (!fs->errors || !fs->notifier || make_cache(fs) < 0) {
		log_error("out of memory: nothing can be mounted");
		fs_destroy(fs);
		return -ENOMEM;
	}
	*ret_fs = fs;
	return 0;
}

int fs_mount(struct fs *fs)
{
	fs->session = fuse_session_new(
		&fs->options->fuse_args, &fs_operations, sizeof(fs_operations), fs);
	if (!fs->session) {
		return -EINVAL;
	}
	if (fuse_session_mount(fs->session, fs->options->mountpoint) != 0) {
		fuse_session_destroy(fs->session);
		fs->session = NULL;
		return -EPERM;
	}
	return parallel_enable(fs->session);
}

static int serve(struct fs *fs)
{
	struct fuse_loop_config *config = fuse_loop_cfg_create();
	int r;

	if (!config) {
		return -ENOMEM;
	}
	fuse_loop_cfg_set_max_threads(config, RECEIVE_THREADS);
	fuse_loop_cfg_set_clone_fd(config, 0);
	r = fuse_session_loop_mt(fs->session, config);
	fuse_loop_cfg_destroy(config);
	return r < 0 ? r : 0; /* positive: ended by a signal */
}

/* Those that may ask the cache for something by themselves, or tell the kernel. */
static void stop_threads(struct fs *fs)
{
	upkeep_stop(steal(fs->upkeep));
	if (fs->notifier) {
		notifier_stop(fs->notifier);
	}
}

static int start_threads(struct fs *fs, struct signals **ret_signals)
{
	int r = 0;

	if (fs->options->read_only && !(fs->pusher = pusher_create(fs))) {
		r = -EAGAIN;
	}
	if (r == 0) {
		r = notifier_start(fs->notifier);
	}
	if (r == 0) {
		r = upkeep_start(fs, &fs->upkeep);
	}
	if (r == 0) {
		r = signals_start(fs, ret_signals);
	}
	if (r < 0) {
		log_error("the threads that serve %s can't be started: %s", fs->options->mountpoint,
			strerror(-r));
	}
	return r;
}

int fs_run(struct fs *fs)
{
	struct signals *signals;
	int r = start_threads(fs, &signals);

	if (r == 0) {
		r = serve(fs);
		signals_stop(signals);
		op_end(fs);
	}
	stop_threads(fs);
	return r;
}

void fs_destroy(struct fs *fs)
{
	if (!fs) {
		return;
	}
	stop_threads(fs);
	pusher_destroy(fs->pusher);
	files_finish(fs);
	call_results_free(fs);
	view_nodes_finish(fs);
	cache_destroy(fs->cache);
	if (fs->session) {
		fuse_session_unmount(fs->session);
		fuse_session_destroy(fs->session);
	}
	drafts_finish(fs);
	authors_finish(fs);
	readings_finish(fs);
	free(fs->created);
	control_finish(fs);
	notifier_destroy(fs->notifier);
	errors_destroy(fs->errors);
	pthread_mutex_destroy(&fs->op_mutex);
	pthread_mutex_destroy(&fs->draft_mutex);
	pthread_mutex_destroy(&fs->file_mutex);
	pthread_mutex_destroy(&fs->snapshot_mutex);
	pthread_mutex_destroy(&fs->view_mutex);
	pthread_mutex_destroy(&fs->call_mutex);
	free(fs);
}
