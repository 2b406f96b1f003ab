/* SPDX-License-Identifier: MIT */
#include "fs/save.h"

#include "fs/author.h"
#include "fs/base.h"
#include "fs/binary_edit.h"
#include "fs/commit.h"
#include "fs/created.h"
#include "fs/document.h"
#include "fs/name.h"
#include "fs/notifier.h"
#include "fs/reject.h"

#include "cache/write.h"
#include "odoo/cleanup.h"
#include "odoo/log.h"

#include <errno.h>
#include <string.h>
#include <utlist.h>

/* A commit on its way: whose it is, and what was saved. */
struct save {
	struct save *prev, *next; /* in fs->saves */
	struct process process;	  /* who saves */
	struct op *op;
	struct fs *fs;
	struct draft *draft; /* busy: nobody frees it */
	uint32_t id;	     /* 0: a create */
	char *text;	     /* what is being committed */
	size_t size;
	char *renamed; /* the new name, for a rename */
};

static void save_destroy(struct save *save)
{
	free(save->text);
	free(save->renamed);
	free(save);
}

static void tell_listing(struct fs *fs, struct cache_model *model)
{
	notifier_post(
		fs->notifier, &(struct cache_news){ .kind = CACHE_NEWS_LISTING, .model = model });
}

/* The kernel has a node under this name that isn't the record's any more. */
static void forget_name(struct fs *fs, struct cache_model *model, const char *name)
{
	notifier_post_name(fs->notifier, model, name);
}

/* ── After a commit ── */

/*
 * With draft_mutex held: what this process, or this draft, saves next comes after this. `date` is
 * the write_date in what was saved.
 */
static void note_known(struct save *save, const char *known, int64_t date)
{
	struct draft *draft = save->draft;
	struct author author = {
		.model_number = draft->model_number,
		.id = draft->id,
		.process = save->process,
		.date = date,
		.text = save->text,
		.size = save->size,
		.seen = (char *)known,
	};

	free(draft->seen);
	draft->seen = known ? strdup(known) : NULL;
	draft->seen_size = draft->seen ? strlen(known) : 0;
	if (known) {
		author.seen_size = strlen(known);
		author_note(save->fs, &author);
	}
}

/* With draft_mutex held: another program that shares the draft wrote to it meanwhile. */
static bool was_overwritten(const struct save *save)
{
	const struct draft *draft = save->draft;

	return draft->size != save->size || memcmp(draft->text, save->text, save->size) != 0;
}

/* With draft_mutex held. */
static void note_refused(struct save *save, const char *why)
{
	struct draft *draft = save->draft;

	free(draft->failure);
	draft->failure = why ? strdup(why) : NULL;
	if (draft->name && why && was_overwritten(save)) {
		reject_keep(save->fs, draft, save->text, save->size, why);
	}
}

/* With draft_mutex held. */
static void note_committed(struct save *save, uint32_t id)
{
	struct fs *fs = save->fs;
	struct draft *draft = save->draft;
	const char *name = save->renamed ? save->renamed : draft->name;

	if (!save->id && name) {
		uint32_t number;

		created_add(fs, cache_model_name(draft->model), name, id);
		if (draft_kind_of(name, &number) != DRAFT_RECORD || number != id) {
			alias_set(fs, draft->model_number, name, id);
		}
		tell_listing(fs, draft->model);
	}
	draft->id = id;
	draft->committed = true;
	draft->saver = save->process;
	free(steal(draft->failure));
	draft_set_base(draft, save->text, save->size);
	draft->dirty = was_overwritten(save);
	if (name) {
		forget_name(fs, draft->model, name);
	}
}

static void end_rename(struct save *save, int r)
{
	struct draft *draft = save->draft;

	if (r == 0) {
		draft_set_hidden(save->fs, draft->model_number, draft->id, false);
		forget_name(save->fs, draft->model, save->renamed);
		tell_listing(save->fs, draft->model);
		draft_unname(save->fs, draft);
	}
}

static void on_committed(int r, const struct commit_result *result, void *data)
{
	struct save *save = data;
	struct fs *fs = save->fs;
	struct draft *draft = save->draft;
	struct op *op = save->op, *parked;
	int64_t date = r == 0 ? base_date(save->text, save->size) : 0; /* takes a while */

	pthread_mutex_lock(&fs->draft_mutex);
	draft->busy = false;
	DL_DELETE(fs->saves, save);
	if (r == 0) {
		note_committed(save, result->id);
		note_known(save, result->known, date);
	} else {
		note_refused(save, result->why);
	}
	if (save->renamed) {
		end_rename(save, r);
	} else if (!draft->handles) {
		save_release(fs, draft);
	}
	parked = steal(fs->parked);
	pthread_mutex_unlock(&fs->draft_mutex);
	if (save->renamed) {
		op_reply(op, r); /* the kernel holds the directory: nothing can be told before */
	} else {
		notifier_reply(fs->notifier, op, r); /* once it knows of the new version */
	}
	save_destroy(save);
	op_unpark(parked);
}

static struct save *save_create(struct op *op, struct draft *draft, const char *renamed)
{
	struct save *save = calloc(1, sizeof(*save));

	if (!save) {
		return NULL;
	}
	save->op = op;
	save->fs = op->fs;
	save->draft = draft;
	save->size = draft->size;
	save->text = malloc(draft->size + 1);
	save->renamed = renamed ? strdup(renamed) : NULL;
	if (!save->text || (renamed && !save->renamed)) {
		save_destroy(save);
		return NULL;
	}
	memcpy(save->text, draft->text, draft->size);
	return save;
}

static bool is_being_saved(struct fs *fs, uint32_t model_number, uint32_t id)
{
	struct save *save;

	DL_FOREACH (fs->saves, save) {
		if (id && save->id == id && save->draft->model_number == model_number) {
			return true;
		}
	}
	return false;
}

static struct commit *prepare(struct op *op, struct draft *draft, uint32_t id, const char *renamed)
{
	struct commit_source source = {
		.model = draft->model,
		.id = id,
		.name = renamed ? renamed : draft->name,
		.text = draft->text,
		.size = draft->size,
		.process = process_of(op->pid),
		.opened = draft->base,
		.opened_size = draft->base_size,
		.in_place = draft->in_place,
	};
	struct save *save = save_create(op, draft, renamed);
	struct commit *commit;

	if (draft->seen && process_is(&draft->saver, &source.process)) {
		source.seen = draft->seen;
		source.seen_size = draft->seen_size;
	}

	if (!save) {
		return NULL;
	}
	save->id = id;
	save->process = source.process;
	commit = commit_create(op->fs, &source, on_committed, save);
	if (!commit) {
		save_destroy(save);
		return NULL;
	}
	draft->busy = true;
	DL_APPEND(op->fs->saves, save);
	return commit;
}

/*
 * With draft_mutex held, which is given up. The draft has a text. Saves of one record come one
 * after another, so that each is compared with what the one before made of it.
 */
static int start(struct op *op, struct draft *draft, uint32_t id, const char *renamed)
{
	struct commit *commit = NULL;
	int r = 0;

	if (op_is_late(op)) {
		r = -ETIMEDOUT;
	} else if (is_being_saved(op->fs, draft->model_number, id)) {
		op_park(op);
		r = OP_TAKEN;
	} else {
		commit = prepare(op, draft, id, renamed);
		r = commit ? OP_TAKEN : -ENOMEM;
	}
	pthread_mutex_unlock(&op->fs->draft_mutex);
	if (commit) {
		commit_go(commit);
	}
	return r;
}

/* ── FLUSH, FSYNC ── */

/* With draft_mutex held: say why this text can't be saved. Returns `r`. */
static int refuse(struct fs *fs, struct draft *draft, int r, const struct odoo_error *error)
{
	free(draft->failure);
	draft->failure = error->message ? strdup(error->message) : NULL;
	errors_add(fs->errors,
		&(struct errors_subject){ cache_model_name(draft->model), draft->id, draft->name },
		"save", -r, error);
	return r;
}

int save_refuse_size(struct fs *fs, struct draft *draft)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };

	odoo_error_set(&error, ODOO_FAULT_USER,
		"the text is larger than the %zu bytes that max_file= allows",
		fs->options->max_file);
	return refuse(fs, draft, -EFBIG, &error);
}

/* A text that is no JSON object can't be committed, ever: better EINVAL now than a call. */
static int check_text(struct fs *fs, struct draft *draft)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };

	if (draft->cut) {
		return save_refuse_size(fs, draft);
	}
	if (document_check(draft->text, draft->size, &error) == 0) {
		return 0;
	}
	return refuse(fs, draft, -EINVAL, &error);
}

static bool is_blank(const struct draft *draft)
{
	if (draft->kind == DRAFT_BINARY) {
		return !draft->size;
	}
	for (size_t i = 0; i < draft->size; i++) {
		if (!draft->text[i] || !strchr(" \t\r\n", draft->text[i])) {
			return false;
		}
	}
	return true;
}

int save_run(struct op *op)
{
	struct fs *fs = op->fs;
	struct draft *draft;
	int r;

	pthread_mutex_lock(&fs->draft_mutex);
	draft = draft_by_node(fs, op->node);
	if (draft && draft->kind == DRAFT_BINARY) {
		return binary_save_run(op, draft);
	}
	if (!draft || draft->kind == DRAFT_SCRATCH ||
		(!draft->cut && (!draft->dirty || is_blank(draft)))) {
		pthread_mutex_unlock(&fs->draft_mutex);
		op_reply(op, 0);
		return OP_TAKEN;
	}
	if (draft->busy) { /* another save of the same file: this one's turn comes */
		op_park(op);
		pthread_mutex_unlock(&fs->draft_mutex);
		return OP_TAKEN;
	}
	r = check_text(fs, draft);
	if (r < 0) {
		pthread_mutex_unlock(&fs->draft_mutex);
		return r;
	}
	return start(op, draft, draft->id, NULL);
}

/* ── RELEASE ── */

void save_release(struct fs *fs, struct draft *draft)
{
	if (draft->busy || draft->kind == DRAFT_SCRATCH) {
		if (!draft->name && !draft->busy) {
			draft_drop(fs, draft);
		}
		return;
	}
	if (draft->name && draft->dirty && !is_blank(draft) &&
		!(draft->kind == DRAFT_BINARY && draft->cut)) { /* half a picture is none */
		reject_keep(fs, draft, draft->text, draft->size,
			draft->failure ? draft->failure : "it was never saved as a whole");
		/*
		 * An editor that moved the record aside, and failed to write it anew, now removes
		 * what it wrote, and moves the copy back: that must not reach the record.
		 */
		if (draft->serial && draft->id && !draft->committed &&
			draft->kind == DRAFT_RECORD) {
			draft_set_hidden(fs, draft->model_number, draft->id, true);
		}
	}
	/* The record's own node has seen the user's bytes: its name gets another one. */
	if (draft->writers && !draft->serial && draft->kind == DRAFT_BINARY) {
		cache_binary_renew(fs->cache, draft->model, draft->id, draft->slot);
	} else if (draft->writers && !draft->serial && draft->id) {
		cache_record_renew(fs->cache, draft->model, draft->id);
	}
	if (draft->name) {
		forget_name(fs, draft->model, draft->name);
	}
	draft_drop(fs, draft);
}

/* ── RENAME ── */

int save_rename(struct op *op, struct draft *draft, const char *name)
{
	struct fs *fs = op->fs;
	uint32_t id;
	int r;

	draft_kind_of(name, &id);
	if (!id) {
		id = alias_find(fs, draft->model_number, name);
	}
	r = draft->busy ? -EBUSY : draft->size ? check_text(fs, draft) : -EINVAL;
	if (r < 0) {
		pthread_mutex_unlock(&fs->draft_mutex);
		return r;
	}
	/* A number that no record has is a create: Odoo gives it its own. */
	return start(op, draft, op->exists ? id : 0, name);
}
