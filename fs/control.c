/* SPDX-License-Identifier: MIT */
#include "fs/control.h"

#include "fs/file.h"

#include "cache/prefetch.h"
#include "odoo/cleanup.h"
#include "odoo/limits.h"
#include "odoo/log.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <utlist.h>

struct snapshot {
	fuse_ino_t node;
	char *text;
	size_t size;
	time_t time;
	struct snapshot *prev, *next;
};

static const char *const names[CONTROL_FILES] = {
	[CONTROL_CREATED] = "created",
	[CONTROL_ERRORS] = "errors",
	[CONTROL_PREFETCH] = "prefetch",
	[CONTROL_README] = "README",
	[CONTROL_REFRESH] = "refresh",
	[CONTROL_STATS] = "stats.json",
	[CONTROL_STATUS] = "status.json",
};

bool control_is_writable(uint32_t file)
{
	return file == CONTROL_PREFETCH || file == CONTROL_REFRESH;
}

const char *control_name(uint32_t file)
{
	return file < CONTROL_FILES ? names[file] : NULL;
}

static void fill(const struct fs *fs, const struct inode *inode, mode_t mode, size_t size,
	time_t time, struct stat *ret_stat)
{
	*ret_stat = (struct stat){
		.st_ino = inode_number(inode),
		.st_mode = mode,
		.st_nlink = 1,
		.st_uid = fs->options->uid,
		.st_gid = fs->options->gid,
		.st_size = (off_t)size,
		.st_blocks = (blkcnt_t)((size + 511) / 512),
		.st_mtime = time,
		.st_ctime = time,
		.st_atime = time,
	};
}

static void dir_attr(const struct fs *fs, struct stat *ret_stat)
{
	const struct inode inode = { .kind = INODE_MOUNT, .id = INODE_CONTROL_DIR };

	fill(fs, &inode, fs_mode(fs, S_IFDIR, 0555), 0, fs->started, ret_stat);
}

static int reply_dir(struct op *op)
{
	struct fuse_entry_param entry = {
		.ino = INODE_CONTROL_DIR,
		.attr_timeout = FS_KERNEL_TTL,
		.entry_timeout = FS_KERNEL_TTL,
	};

	dir_attr(op->fs, &entry.attr);
	fuse_reply_entry(op->req, &entry);
	return 0;
}

int control_lookup_dir(struct op *op)
{
	return reply_dir(op);
}

static char *make_text(struct fs *fs, enum control_file file, size_t *ret_size)
{
	char *text;

	switch (file) {
	case CONTROL_CREATED:
		pthread_mutex_lock(&fs->draft_mutex);
		text = strdup(fs->created ? fs->created : "");
		pthread_mutex_unlock(&fs->draft_mutex);
		break;
	case CONTROL_ERRORS:
		return errors_text(fs->errors, ret_size);
	case CONTROL_README:
		text = strdup(control_readme);
		break;
	case CONTROL_STATS:
		text = report_stats(fs);
		break;
	case CONTROL_STATUS:
		text = report_status(fs);
		break;
	default:
		text = strdup("");
		break;
	}
	*ret_size = text ? strlen(text) : 0;
	return text;
}

static struct snapshot *take_snapshot(struct fs *fs, enum control_file file)
{
	struct snapshot *snapshot = calloc(1, sizeof(*snapshot));
	struct inode inode = { .kind = INODE_CONTROL, .id = file };

	if (!snapshot || !(snapshot->text = make_text(fs, file, &snapshot->size))) {
		free(snapshot);
		return NULL;
	}
	snapshot->time = time(NULL);
	pthread_mutex_lock(&fs->snapshot_mutex);
	inode.version = ++fs->snapshot_serial;
	snapshot->node = inode_pack(&inode);
	DL_PREPEND(fs->snapshots, snapshot);
	pthread_mutex_unlock(&fs->snapshot_mutex);
	return snapshot;
}

static void snapshot_attr(const struct fs *fs, const struct snapshot *snapshot,
	const struct inode *inode, struct stat *ret_stat)
{
	mode_t permissions = control_is_writable(inode->id) ? 0222 : 0444;

	fill(fs, &(struct inode){ .kind = INODE_CONTROL, .id = inode->id },
		fs_mode(fs, S_IFREG, permissions), snapshot->size, snapshot->time, ret_stat);
}

static int find_file(const char *name)
{
	for (int i = 0; i < CONTROL_FILES; i++) {
		if (strcmp(name, names[i]) == 0) {
			return i;
		}
	}
	return -ENOENT;
}

int control_lookup(struct op *op)
{
	struct fuse_entry_param entry = { .attr_timeout = FS_KERNEL_TTL };
	struct inode inode = { .kind = INODE_CONTROL };
	struct snapshot *snapshot;
	int file;

	if (strcmp(op->name, ".") == 0) {
		return reply_dir(op);
	}
	file = find_file(op->name);
	if (file < 0) {
		return file;
	}
	snapshot = take_snapshot(op->fs, (enum control_file)file);
	if (!snapshot) {
		return -ENOMEM;
	}
	inode.id = (uint32_t)file;
	entry.ino = snapshot->node;
	snapshot_attr(op->fs, snapshot, &inode, &entry.attr);
	fuse_reply_entry(op->req, &entry);
	return 0;
}

/* With snapshot_mutex held. */
static struct snapshot *find_snapshot(struct fs *fs, const struct inode *inode)
{
	fuse_ino_t node = inode_pack(inode);
	struct snapshot *snapshot;

	DL_SEARCH_SCALAR(fs->snapshots, snapshot, node, node);
	return snapshot;
}

int control_getattr(struct op *op)
{
	struct snapshot *snapshot;
	struct stat stat;

	if (op->inode.kind == INODE_MOUNT) {
		dir_attr(op->fs, &stat);
	} else {
		_cleanup_unlock_ pthread_mutex_t *held = lock(&op->fs->snapshot_mutex);

		snapshot = find_snapshot(op->fs, &op->inode);
		if (!snapshot) {
			return -ESTALE;
		}
		snapshot_attr(op->fs, snapshot, &op->inode, &stat);
	}
	fuse_reply_attr(op->req, &stat, FS_KERNEL_TTL);
	return 0;
}

int control_read(struct op *op)
{
	_cleanup_unlock_ pthread_mutex_t *held = lock(&op->fs->snapshot_mutex);
	struct snapshot *snapshot = find_snapshot(op->fs, &op->inode);
	size_t size;

	if (!snapshot) {
		return -ESTALE;
	}
	if ((uint64_t)op->offset >= snapshot->size) {
		fuse_reply_buf(op->req, NULL, 0);
		return 0;
	}
	size = snapshot->size - (size_t)op->offset;
	fuse_reply_buf(op->req, snapshot->text + op->offset, size < op->size ? size : op->size);
	return 0;
}

static void drop(struct fs *fs, struct snapshot *snapshot)
{
	DL_DELETE(fs->snapshots, snapshot);
	free(snapshot->text);
	free(snapshot);
}

/* Each node was looked up once, so the first FORGET is the last. */
void control_forget(struct fs *fs, fuse_ino_t node)
{
	struct snapshot *snapshot;

	_cleanup_unlock_ pthread_mutex_t *held = lock(&fs->snapshot_mutex);
	DL_SEARCH_SCALAR(fs->snapshots, snapshot, node, node);
	if (snapshot) {
		drop(fs, snapshot);
	}
}

void control_finish(struct fs *fs)
{
	while (fs->snapshots) {
		drop(fs, fs->snapshots);
	}
}

/* Cut white space off both ends, in place. */
static char *trimmed(char *text)
{
	char *end = text + strlen(text);

	while (end > text && isspace((unsigned char)end[-1])) {
		*--end = '\0';
	}
	while (isspace((unsigned char)*text)) {
		text++;
	}
	return text;
}

static int refuse(struct fs *fs, enum control_file file, int r, const char *why)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };

	odoo_error_set(
		&error, r == -EINVAL ? ODOO_FAULT_VALIDATION : ODOO_FAULT_UNKNOWN_MODEL, "%s", why);
	errors_add(fs->errors, &(struct errors_subject){ NULL, 0, NULL }, names[file], -r, &error);
	return r;
}

static int refuse_unknown(struct fs *fs, enum control_file file, const char *name)
{
	_cleanup_free_ char *why = NULL;

	if (asprintf(&why, "there is no model '%s' here", name) < 0) {
		why = NULL;
		return -ENOMEM;
	}
	return refuse(fs, file, -ENOENT, why);
}

/* Before the list of models is there nothing is cached. */
static int do_refresh(struct fs *fs, const char *name)
{
	struct cache_model *model = *name ? cache_model_find(fs->cache, name) : NULL;

	if (*name && !model) {
		return cache_model_next(fs->cache, 0) ? refuse_unknown(fs, CONTROL_REFRESH, name)
						      : 0;
	}
	cache_refresh(fs->cache, model);
	return 0;
}

static int do_prefetch(struct fs *fs, const char *glob)
{
	int r;

	if (!*glob) {
		return refuse(fs, CONTROL_PREFETCH, -EINVAL,
			"write which models to read: a name, or a pattern as in res.*");
	}
	r = cache_prefetch(fs->cache, glob);
	return r == -ENOENT ? refuse_unknown(fs, CONTROL_PREFETCH, glob) : r;
}

static int do_written(struct fs *fs, struct open_file *handle)
{
	_cleanup_free_ char *written = steal(handle->written);
	const char *name = trimmed(written);

	handle->n_written = 0;
	return handle->control == CONTROL_REFRESH ? do_refresh(fs, name) : do_prefetch(fs, name);
}

/* What is whole is done here: bash and dash don't look at what close says. */
int control_write(struct fs *fs, struct open_file *handle, const char *data, size_t size)
{
	char *grown;

	if (handle->n_written + size > ODOO_MAX_NAME + 1) {
		return -EFBIG; /* no model has such a name */
	}
	grown = realloc(handle->written, handle->n_written + size + 1);
	if (!grown) {
		return -ENOMEM;
	}
	memcpy(grown + handle->n_written, data, size);
	handle->n_written += size;
	grown[handle->n_written] = '\0';
	handle->written = grown;
	return strchr(grown, '\n') ? do_written(fs, handle) : 0;
}

/* The shell flushes once before it writes (`echo > f`): nothing written yet is nothing to do. */
int control_commit(struct fs *fs, struct open_file *handle)
{
	return handle->written ? do_written(fs, handle) : 0;
}
