/* SPDX-License-Identifier: MIT */
/*
 * OPENDIR, READDIR, READDIRPLUS.
 *
 * An offset is made of a record's id (a model's number in the root) and of which of its files it
 * is, after "." (1) and ".." (2): it means the same whatever came and went since, and on the next
 * mount.
 */
#include "fs/dir.h"

#include "fs/binary.h"
#include "fs/control.h"
#include "fs/fs.h"
#include "fs/inode.h"
#include "fs/name.h"
#include "fs/op.h"
#include "fs/overlay.h"
#include "fs/view_dir.h"

#include "odoo/cleanup.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

bool dir_add(
	struct listing *listing, const char *name, const struct fuse_entry_param *entry, off_t next)
{
	struct op *op = listing->op;
	char *at = listing->buffer + listing->used;
	size_t left = op->size - listing->used, size;

	size = op->plus ? fuse_add_direntry_plus(op->req, at, left, name, entry, next)
			: fuse_add_direntry(op->req, at, left, name, &entry->attr, next);
	if (size > left) {
		return false;
	}
	listing->used += size;
	return true;
}

bool dir_add_dots(struct listing *listing, uint64_t self, uint64_t parent)
{
	struct fuse_entry_param entry = { .attr.st_mode = S_IFDIR };

	entry.attr.st_ino = self;
	if (listing->op->offset < 1 && !dir_add(listing, ".", &entry, 1)) {
		return false;
	}
	entry.attr.st_ino = parent;
	return listing->op->offset >= DIR_DOTS || dir_add(listing, "..", &entry, DIR_DOTS);
}

static bool add_dots(struct listing *listing)
{
	return dir_add_dots(listing, inode_number(&listing->op->inode), FUSE_ROOT_ID);
}

int dir_reply(struct listing *listing)
{
	fuse_reply_buf(listing->op->req, listing->buffer, listing->used);
	return 0;
}

size_t dir_room(const struct listing *listing)
{
	const struct op *op = listing->op;

	return op->size / (op->plus ? DIR_ENTRY_PLUS_MIN : DIR_ENTRY_MIN) + 1;
}

static uint32_t last_seen(const struct op *op)
{
	return op->offset > DIR_DOTS ? (uint32_t)(op->offset - DIR_DOTS) : 0;
}

static uint32_t last_record(const struct op *op)
{
	return dir_place(op->offset);
}

static int list_root(struct listing *listing)
{
	struct op *op = listing->op;
	struct cache_model *model = NULL;
	uint32_t number = last_seen(op);
	int r = cache_models_ensure(op->fs->cache, &op->waiter);

	if (r != 0) {
		return r;
	}
	if (!add_dots(listing)) {
		return dir_reply(listing);
	}
	while ((model = cache_model_next(op->fs->cache, number))) {
		struct fuse_entry_param entry = { .entry_timeout = FS_KERNEL_TTL };
		struct cache_model_attr attr;

		number = cache_model_number(model);
		cache_model_stat(op->fs->cache, model, &attr, NULL);
		fs_model_attr(op->fs, number, &attr, &entry.attr);
		entry.ino = fs_model_node(number);
		entry.attr_timeout = fs_timeout(op->fs, model);
		if (!dir_add(listing, cache_model_name(model), &entry, (off_t)number + DIR_DOTS)) {
			break;
		}
	}
	return dir_reply(listing);
}

bool dir_add_record(struct listing *listing, const struct fs_model_view *view, uint32_t id,
	const struct cache_attr *attr, double entry_timeout, off_t next)
{
	struct fuse_entry_param entry = { .attr.st_mode = S_IFREG };
	char name[NAME_RECORD_MAX];

	if (attr->id) {
		fs_record_entry(listing->op->fs, view, attr, &entry);
		entry.entry_timeout = entry_timeout;
	} else {
		entry.attr.st_ino = inode_number(
			&(struct inode){ .kind = INODE_RECORD, .model = view->number, .id = id });
	}
	name_of_record(id, name);
	return dir_add(listing, name, &entry, next);
}

/* Drafts come behind all records: their offsets are past any id. */
#define DRAFT_OFFSET ((off_t)1 << 40)

static int list_drafts(struct listing *listing, struct cache_model *model)
{
	struct op *op = listing->op;
	uint32_t number = cache_model_number(model);
	uint32_t serial = op->offset > DRAFT_OFFSET ? (uint32_t)(op->offset - DRAFT_OFFSET) : 0;
	char name[NAME_MAX + 1];

	while ((serial = overlay_next(op->fs, number, serial, name, sizeof(name)))) {
		struct fuse_entry_param entry = { .attr.st_mode = S_IFREG };

		entry.attr.st_ino = inode_number(
			&(struct inode){ .kind = INODE_DRAFT, .model = number, .id = serial });
		if (!dir_add(listing, name, &entry, DRAFT_OFFSET + serial)) {
			break;
		}
	}
	return dir_reply(listing);
}

/* ── Files of binary fields ── */

static int by_number(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return (left > right) - (left < right);
}

/* All of them, however many each record has. */
static int load_binaries(struct op *op, struct cache_model *model,
	const struct cache_binary_scope *scope, struct dir_binaries *binaries)
{
	size_t max = scope->n_ids + 1;
	int r;

	do {
		struct cache_binary *grown =
			reallocarray(binaries->binaries, max *= 2, sizeof(*grown));

		if (!grown) {
			return -ENOMEM;
		}
		binaries->binaries = grown;
		r = cache_binary_list(op->fs->cache, model, scope, binaries->binaries, max,
			&binaries->n, &op->waiter);
	} while (r == 0 && binaries->n == max);
	return r;
}

static uint32_t *in_order(const uint32_t *ids, size_t n_ids)
{
	uint32_t *sorted = calloc(n_ids + 1, sizeof(*sorted));

	if (sorted && n_ids) {
		memcpy(sorted, ids, n_ids * sizeof(*sorted));
		qsort(sorted, n_ids, sizeof(*sorted), by_number);
	}
	return sorted;
}

int dir_binaries_load(struct listing *listing, struct cache_model *model,
	struct cache_binary_scope scope, struct dir_binaries *ret_binaries)
{
	_cleanup_free_ uint32_t *ids = NULL, *ahead = NULL;

	*ret_binaries = (struct dir_binaries){ 0 };
	if (!scope.n_ids || listing->op->fs->options->binary != CACHE_BINARY_FILES) {
		return 0;
	}
	ids = in_order(scope.ids, scope.n_ids);
	ahead = in_order(scope.ahead, scope.n_ahead);
	if (!ids || !ahead) {
		return -ENOMEM;
	}
	scope.ids = ids;
	scope.ahead = ahead;
	return load_binaries(listing->op, model, &scope, ret_binaries);
}

void dir_binaries_finish(struct dir_binaries *binaries)
{
	free(binaries->binaries);
}

bool dir_each_binary(struct listing *listing, const struct dir_binaries *binaries, uint32_t id,
	off_t own, dir_binary_fn add, void *data)
{
	size_t first = cache_binary_position(binaries->binaries, binaries->n, id, 0);

	for (size_t i = first; i < binaries->n && binaries->binaries[i].id == id; i++) {
		off_t next = own + binaries->binaries[i].slot + 1;

		if (next > listing->op->offset &&
			!add(listing, &binaries->binaries[i], next, data)) {
			return false;
		}
	}
	return true;
}

struct files {
	struct cache_model *model;
	double timeout;
};

static bool add_file(
	struct listing *listing, const struct cache_binary *binary, off_t next, void *data)
{
	const struct files *files = data;

	return binary_add(listing, files->model, binary, files->timeout, next);
}

bool dir_add_binaries(struct listing *listing, struct cache_model *model,
	const struct dir_binaries *binaries, uint32_t id, off_t own, double entry_timeout)
{
	struct files files = { model, entry_timeout };

	return dir_each_binary(listing, binaries, id, own, add_file, &files);
}

/* ── A model's directory ── */

/* What comes next: the record where the listing stands, whose own file is behind it, and others. */
struct model_page {
	uint32_t *ids;
	size_t n;
	bool resumes; /* the first is that record */
	struct dir_binaries binaries;
};

static int read_page(struct listing *listing, struct cache_model *model, struct model_page *page)
{
	struct op *op = listing->op;
	uint32_t last = last_record(op);
	int r;

	page->resumes = last != 0;
	page->ids[0] = last;
	r = cache_list(op->fs->cache, model, last, page->ids + page->resumes, dir_room(listing),
		&page->n, &op->waiter);
	page->n += page->resumes;
	if (r == 0) {
		r = dir_binaries_load(listing, model,
			(struct cache_binary_scope){
				.ids = page->ids, .n_ids = page->n, .walks = true },
			&page->binaries);
	}
	return r;
}

static bool add_page(
	struct listing *listing, struct cache_model *model, const struct model_page *page)
{
	struct op *op = listing->op;
	_cleanup_free_ struct cache_attr *attrs = calloc(page->n + 1, sizeof(*attrs));
	struct fs_model_view view;

	if (op->plus && attrs) {
		cache_record_peek(op->fs->cache, model, page->ids, page->n, attrs);
	}
	fs_model_view(op->fs, model, &view);
	for (size_t i = 0; attrs && i < page->n; i++) {
		uint32_t id = page->ids[i];
		bool shown = (i || !page->resumes) && !overlay_hides(op->fs, view.number, id);

		if ((shown && !dir_add_record(listing, &view, id, &attrs[i], view.timeout,
				      dir_offset(id, 0))) ||
			!dir_add_binaries(listing, model, &page->binaries, id, dir_offset(id, 0),
				view.timeout)) {
			return false;
		}
	}
	return attrs != NULL;
}

static int list_model(struct listing *listing)
{
	struct op *op = listing->op;
	_cleanup_free_ uint32_t *ids = calloc(dir_room(listing) + 1, sizeof(*ids));
	struct model_page page = { .ids = ids };
	struct cache_model *model;
	int r = ids ? op_model(op, &model) : -ENOMEM;

	if (r == 0 && op->offset >= DRAFT_OFFSET) {
		return list_drafts(listing, model);
	}
	if (r == 0) {
		r = read_page(listing, model, &page);
	}
	if (r == 0) {
		bool room = add_dots(listing) && add_page(listing, model, &page);

		/* Nothing follows the record where it stands. */
		r = room && page.n <= page.resumes ? list_drafts(listing, model)
						   : dir_reply(listing);
	}
	dir_binaries_finish(&page.binaries);
	return r;
}

static int list_control(struct listing *listing)
{
	const char *name;
	struct inode inode;

	if (!add_dots(listing)) {
		return dir_reply(listing);
	}
	for (uint32_t i = last_seen(listing->op); (name = control_name(i)); i++) {
		struct fuse_entry_param entry = { .attr.st_mode = S_IFREG };

		inode = (struct inode){ .kind = INODE_CONTROL, .id = i };
		entry.attr.st_ino = inode_number(&inode);
		if (!dir_add(listing, name, &entry, (off_t)i + 1 + DIR_DOTS)) {
			break;
		}
	}
	return dir_reply(listing);
}

static int run_readdir(struct op *op)
{
	_cleanup_free_ char *buffer = malloc(op->size);
	struct listing listing = { .op = op, .buffer = buffer };

	if (!buffer) {
		return -ENOMEM;
	}
	switch (op->inode.kind) {
	case INODE_MOUNT:
		return op->inode.id == INODE_ROOT ? list_root(&listing) : list_control(&listing);
	case INODE_MODEL:
		return list_model(&listing);
	case INODE_VIEW:
		return view_list(&listing);
	default:
		return -ENOTDIR;
	}
}

static void start(fuse_req_t req, fuse_ino_t node, size_t size, off_t offset, bool plus)
{
	struct op *op = op_create(req, node, NULL, run_readdir);

	if (op) {
		op->size = size;
		op->offset = offset;
		op->plus = plus;
		op_go(op);
	}
}

void fs_readdir(
	fuse_req_t req, fuse_ino_t node, size_t size, off_t offset, struct fuse_file_info *info)
{
	start(req, node, size, offset, false);
}

void fs_readdirplus(
	fuse_req_t req, fuse_ino_t node, size_t size, off_t offset, struct fuse_file_info *info)
{
	start(req, node, size, offset, true);
}

/* A chain that can't be is refused here: who reads takes ENOENT for the end of the directory. */
static int run_opendir(struct op *op)
{
	struct fuse_file_info info = { .flags = op->flags };
	int r = view_dir_check(op);

	if (r == 0) {
		fuse_reply_open(op->req, &info);
	}
	return r;
}

void fs_opendir(fuse_req_t req, fuse_ino_t node, struct fuse_file_info *info)
{
	struct fs *fs = fuse_req_userdata(req);
	struct inode inode;

	if (fs->options->read_only) {
		fuse_reply_err(req, ENOSYS); /* and the kernel never asks again */
		return;
	}
	if (inode_unpack(node, &inode) == 0 && inode.kind == INODE_VIEW) {
		op_start(req, node, run_opendir);
		return;
	}
	if (node == FUSE_ROOT_ID) {
		cache_models_renew(fs->cache);
	}
	/* What others change is told for the models' own directories. */
	info->cache_readdir = 1;
	info->keep_cache = 1;
	fuse_reply_open(req, info);
}
