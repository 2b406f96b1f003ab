/* SPDX-License-Identifier: MIT */
#include "fs/overlay.h"

#include "fs/save.h"

#include "odoo/cleanup.h"
#include "odoo/clock.h"

#include <errno.h>
#include <string.h>
#include <utlist.h>

/* A draft that was truncated by path, and that nobody opens within this time, is none. */
#define ORPHAN_MS 3000

/* The name is the record's: saved, and nothing new since; or opened in place, and not touched. */
static bool is_settled(const struct draft *draft)
{
	return draft->kind != DRAFT_SCRATCH && !draft->dirty && draft->id &&
	       (draft->committed || !draft->serial);
}

static void reply_entry(struct op *op, const struct draft *draft)
{
	struct fuse_entry_param entry = { .ino = draft->node };

	draft_attr(op->fs, draft, &entry.attr);
	fuse_reply_entry(op->req, &entry);
}

enum overlay_answer overlay_lookup(struct op *op, uint32_t *ret_id)
{
	struct fs *fs = op->fs;
	uint32_t id;
	struct draft *draft;

	_cleanup_unlock_ pthread_mutex_t *held = lock(&fs->draft_mutex);
	if (!fs->drafts && !fs->aliases) {
		return OVERLAY_NONE;
	}
	draft = draft_by_name(fs, op->inode.model, op->name);
	if (draft && !is_settled(draft)) {
		reply_entry(op, draft);
		return OVERLAY_REPLIED;
	}
	if (draft_kind_of(op->name, &id) == DRAFT_RECORD &&
		draft_is_hidden(fs, op->inode.model, id)) {
		return OVERLAY_GONE;
	}
	*ret_id = alias_find(fs, op->inode.model, op->name);
	return *ret_id ? OVERLAY_ALIAS : OVERLAY_NONE;
}

bool overlay_getattr(struct op *op)
{
	struct fs *fs = op->fs;
	struct draft *draft;
	struct stat stat;

	if (!atomic_load(&fs->n_drafts)) {
		return false;
	}
	_cleanup_unlock_ pthread_mutex_t *held = lock(&fs->draft_mutex);
	draft = draft_by_node(fs, op->node);
	/* A record's own node that was saved stands for a version that is no more. */
	if (!draft || (!draft->serial && !draft->dirty && !draft->committed)) {
		return false;
	}
	draft_attr(fs, draft, &stat);
	fuse_reply_attr(op->req, &stat, 0);
	return true;
}

static bool is_listed(const struct draft *draft, uint32_t model_number, uint32_t after)
{
	return draft->model_number == model_number && draft->serial > after && draft->name &&
	       draft->name[0] != '.' && (draft->kind == DRAFT_SCRATCH || !is_settled(draft));
}

uint32_t overlay_next(
	struct fs *fs, uint32_t model_number, uint32_t after, char *name, size_t name_size)
{
	const struct draft *draft, *best = NULL;

	if (!atomic_load(&fs->n_drafts)) {
		return 0;
	}
	_cleanup_unlock_ pthread_mutex_t *held = lock(&fs->draft_mutex);
	DL_FOREACH (fs->drafts, draft) {
		if (is_listed(draft, model_number, after) &&
			(!best || draft->serial < best->serial)) {
			best = draft;
		}
	}
	if (best) {
		snprintf(name, name_size, "%s", best->name);
	}
	return best ? best->serial : 0;
}

bool overlay_hides(struct fs *fs, uint32_t model_number, uint32_t id)
{
	if (!atomic_load(&fs->n_drafts)) {
		return false;
	}
	_cleanup_unlock_ pthread_mutex_t *held = lock(&fs->draft_mutex);

	return draft_is_hidden(fs, model_number, id);
}

void overlay_scan(struct fs *fs)
{
	struct draft *draft, *next;
	int64_t now = clock_now_ms();

	if (!atomic_load(&fs->n_drafts)) {
		return;
	}
	_cleanup_unlock_ pthread_mutex_t *held = lock(&fs->draft_mutex);
	DL_FOREACH_SAFE (fs->drafts, draft, next) {
		if (draft->handles || draft->busy || draft->kind == DRAFT_SCRATCH) {
			draft->touched_ms = 0;
		} else if (!draft->touched_ms) {
			draft->touched_ms = now;
		} else if (now - draft->touched_ms > ORPHAN_MS) {
			save_release(fs, draft);
		}
	}
}
