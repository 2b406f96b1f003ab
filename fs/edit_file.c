/* SPDX-License-Identifier: MIT */
#include "fs/edit_file.h"

#include "fs/draft.h"
#include "fs/name.h"
#include "fs/reading.h"
#include "fs/save.h"

#include "cache/write.h"
#include "odoo/cleanup.h"
#include "odoo/clock.h"

#include <errno.h>
#include <fcntl.h>

/*
 * So long who wants to write waits for another program that is at it; past it they share the draft,
 * as on any filesystem. It may have been started by that one, which then waits for it.
 */
#define TURN_MS 10000

static int64_t end_of_turn(const struct op *op)
{
	int64_t half = op->fs->options->timeout * 1000LL / 2; /* an answer in time */

	return op->started_ms + (half < TURN_MS ? half : TURN_MS);
}

/* With draft_mutex held. True when it was parked. */
static bool wait_for_turn(struct op *op, const struct draft *draft)
{
	struct process process;

	if ((op->flags & O_ACCMODE) == O_RDONLY || draft->kind == DRAFT_SCRATCH ||
		!(draft->writing || draft->busy) || clock_now_ms() >= end_of_turn(op)) {
		return false;
	}
	process = process_of(op->pid);
	if (!process.id || !draft->owner.id || process_is(&draft->owner, &process)) {
		return false;
	}
	op->parked_until_ms = end_of_turn(op);
	op_park(op);
	return true;
}

static void reply_open(struct op *op, struct draft *draft, struct open_file *file)
{
	struct fuse_file_info info = { .flags = op->flags, .fh = open_file_pack(file) };

	file->draft = draft;
	file->writes = (op->flags & O_ACCMODE) != O_RDONLY;
	draft->handles++;
	draft->writing += file->writes;
	/* The kernel's pages of a record's node may be older than what others wrote to the draft.
	 */
	info.keep_cache = draft->handles > 1;
	info.noflush = (op->flags & O_ACCMODE) == O_RDONLY; /* closing it saves nothing */
	if (fuse_reply_open(op->req, &info) == -ENOENT) {   /* interrupted: there is no release */
		draft->handles--;
		draft->writing -= file->writes;
		file->draft = NULL;
		open_file_destroy(op->fs, file);
	}
}

/* With draft_mutex held: the draft of a record that is opened in place. */
static struct draft *draft_of_record(
	struct op *op, struct cache_model *model, struct cache_content *content)
{
	struct draft *draft = draft_by_node(op->fs, op->node);
	char name[NAME_RECORD_MAX];
	const char *text;
	size_t size;

	if (draft) {
		return draft;
	}
	name_of_record(op->inode.id, name);
	draft = draft_add(op->fs, model, name, DRAFT_RECORD, op->node);
	if (!draft) {
		return NULL;
	}
	draft->id = op->inode.id;
	draft->owner = process_of(op->pid);
	draft->in_place = true;
	text = cache_content_bytes(content, &size);
	if (draft_set_text(draft, text, size) < 0 || draft_set_base(draft, text, size) < 0) {
		draft_drop(op->fs, draft);
		return NULL;
	}
	return draft;
}

void edit_file_note_reading(struct op *op, struct cache_model *model, uint32_t id, uint32_t version)
{
	struct fs *fs = op->fs;
	struct reading_state state = { .model_number = cache_model_number(model), .id = id };
	struct cache_showing showing;
	struct process process;

	cache_record_show(fs->cache, model, id, version, &showing);
	if (!showing.alike) {
		return;
	}
	state.digest = showing.digest;
	process = process_of(op->pid);
	_cleanup_unlock_ pthread_mutex_t *held = lock(&fs->draft_mutex);
	reading_note(fs, &state, &process, showing.again);
}

static int may_write(struct op *op, struct cache_model *model)
{
	struct cache_model_attr attr;

	cache_model_stat(op->fs->cache, model, &attr, NULL);
	return attr.may_write ? 0 : -EACCES;
}

/* The content of the record's version: 0, CACHE_WAIT, or -errno. */
static int read_version(
	struct op *op, struct cache_model **ret_model, struct cache_content **ret_content)
{
	int r = op_model(op, ret_model);

	if (r != 0) {
		return r;
	}
	r = cache_record_read(op->fs->cache, *ret_model, op->inode.id, op->inode.version,
		ret_content, &op->waiter);
	return r == -ENOENT ? -ESTALE : r; /* the name is looked up again */
}

/* Somebody has this very node open for writing: it is shared, whatever became of the version. */
int edit_file_join(struct op *op, bool dirty_only)
{
	struct fs *fs = op->fs;
	struct open_file *file;
	struct draft *draft;

	if (!atomic_load(&fs->n_drafts)) {
		return -ENOENT;
	}
	_cleanup_unlock_ pthread_mutex_t *held = lock(&fs->draft_mutex);
	draft = draft_by_node(fs, op->node);
	if (!draft || (dirty_only && !draft->dirty)) {
		return -ENOENT;
	}
	if (wait_for_turn(op, draft)) {
		return OP_TAKEN;
	}
	file = open_file_create(fs, FILE_DRAFT);
	if (!file) {
		return -ENOMEM;
	}
	reply_open(op, draft, file);
	return 0;
}

int edit_file_open_record(struct op *op)
{
	struct fs *fs = op->fs;
	struct cache_model *model;
	struct cache_content *content;
	struct open_file *file;
	struct draft *draft;
	int r;

	r = edit_file_join(op, false);
	if (r != -ENOENT) {
		return r;
	}
	r = read_version(op, &model, &content);
	if (r != 0) {
		return r;
	}
	r = may_write(op, model);
	if (r < 0) {
		cache_content_release(fs->cache, content);
		return r;
	}
	if ((op->flags & O_ACCMODE) == O_RDWR) {
		edit_file_note_reading(op, model, op->inode.id, op->inode.version);
	}
	file = open_file_create(fs, FILE_DRAFT);
	pthread_mutex_lock(&fs->draft_mutex);
	draft = file ? draft_of_record(op, model, content) : NULL;
	if (draft) {
		draft_set_hidden(fs, op->inode.model, op->inode.id, false);
		reply_open(op, draft, file);
	}
	pthread_mutex_unlock(&fs->draft_mutex);
	cache_content_release(fs->cache, content);
	if (!draft) {
		open_file_destroy(fs, file);
		return -ENOMEM;
	}
	return 0;
}

int edit_file_open_draft(struct op *op)
{
	int r = edit_file_join(op, false);

	return r == -ENOENT ? -ESTALE : r; /* the name is looked up again */
}

int edit_file_open_shared(struct op *op)
{
	return edit_file_join(op, true);
}

void edit_file_read(struct fs *fs, fuse_req_t req, struct draft *draft, size_t size, off_t offset)
{
	size_t left;

	_cleanup_unlock_ pthread_mutex_t *held = lock(&fs->draft_mutex);
	left = (uint64_t)offset < draft->size ? draft->size - (size_t)offset : 0;
	fuse_reply_buf(req, left ? draft->text + offset : NULL, left < size ? left : size);
}

int edit_file_write(struct fs *fs, struct draft *draft, const char *data, size_t size, off_t offset)
{
	int r;

	_cleanup_unlock_ pthread_mutex_t *held = lock(&fs->draft_mutex);
	r = draft_write(fs, draft, data, size, offset);
	return r == -EFBIG ? save_refuse_size(fs, draft) : r;
}

static int truncate_draft(struct op *op, struct draft *draft)
{
	struct stat stat;
	int r = draft_truncate(op->fs, draft, op->offset);

	if (r < 0) {
		return r == -EFBIG ? save_refuse_size(op->fs, draft) : r;
	}
	draft->writers = true;
	draft_attr(op->fs, draft, &stat);
	fuse_reply_attr(op->req, &stat, 0);
	return 0;
}

int edit_file_truncate(struct op *op)
{
	struct fs *fs = op->fs;
	struct cache_model *model;
	struct cache_content *content;
	struct draft *draft;
	int r;

	pthread_mutex_lock(&fs->draft_mutex);
	draft = draft_by_node(fs, op->node);
	r = draft ? truncate_draft(op, draft) : -ESTALE;
	pthread_mutex_unlock(&fs->draft_mutex);
	if (draft || op->inode.kind != INODE_RECORD) {
		return r;
	}
	r = read_version(op, &model, &content);
	if (r == 0) {
		r = may_write(op, model);
		pthread_mutex_lock(&fs->draft_mutex);
		draft = r == 0 ? draft_of_record(op, model, content) : NULL;
		if (r == 0) {
			r = draft ? truncate_draft(op, draft) : -ENOMEM;
		}
		pthread_mutex_unlock(&fs->draft_mutex);
		cache_content_release(fs->cache, content);
	}
	return r;
}

void edit_file_release(struct fs *fs, struct open_file *file)
{
	struct draft *draft = file->draft;
	struct op *parked;

	pthread_mutex_lock(&fs->draft_mutex);
	draft->writing -= file->writes;
	if (--draft->handles == 0) {
		save_release(fs, draft);
	}
	parked = steal(fs->parked);
	pthread_mutex_unlock(&fs->draft_mutex);
	op_unpark(parked);
}
