/* SPDX-License-Identifier: MIT */
/* The moments at which the draft of a binary field reaches the server. */
#include "fs/binary_edit.h"

#include "fs/notifier.h"
#include "fs/save.h"

#include "cache/write.h"
#include "odoo/cleanup.h"

#include <errno.h>
#include <nettle/base64.h>
#include <nettle/sha1.h>
#include <stdlib.h>
#include <string.h>

/* Some of a content, on its way. */
struct binary_save {
	struct fs *fs;
	struct op *op;
	struct draft *draft; /* busy: nobody frees it */
	char *renamed;	     /* the new name, for a rename */
	uint32_t id;
};

static void save_destroy(struct binary_save *save)
{
	free(save->renamed);
	free(save);
}

static void tell(struct binary_save *save, struct cache_model *model, const char *name)
{
	if (name) {
		notifier_post_name(save->fs->notifier, model, name);
	}
	notifier_post(save->fs->notifier,
		&(struct cache_news){ .kind = CACHE_NEWS_LISTING, .model = model });
}

/* With draft_mutex held. */
static void end_draft(struct binary_save *save, int r, const struct odoo_error *error)
{
	struct draft *draft = save->draft;

	draft->busy = false;
	free(steal(draft->failure));
	if (r < 0) {
		draft->failure = error->message ? strdup(error->message) : NULL;
		draft->dirty = true;
	} else {
		draft->committed = true;
		tell(save, draft->model, save->renamed ? save->renamed : draft->name);
	}
	if (save->renamed) {
		if (r == 0) {
			draft_unname(save->fs, draft);
		}
	} else if (!draft->handles) {
		save_release(save->fs, draft);
	}
}

static void end(struct binary_save *save, int r, const struct odoo_error *error)
{
	struct fs *fs = save->fs;
	struct op *op = save->op, *parked;

	pthread_mutex_lock(&fs->draft_mutex);
	end_draft(save, r, error);
	parked = steal(fs->parked);
	pthread_mutex_unlock(&fs->draft_mutex);
	if (save->renamed) {
		op_reply(op, r); /* the kernel holds the directory: nothing can be told before */
	} else {
		notifier_reply(fs->notifier, op, r);
	}
	save_destroy(save);
	op_unpark(parked);
}

static void on_written(int r, const cJSON *result, const struct odoo_error *error, void *data)
{
	struct binary_save *save = data;

	if (r < 0) {
		errors_add(save->fs->errors,
			&(struct errors_subject){
				cache_model_name(save->draft->model), save->id, NULL },
			"write", -r, error);
	}
	end(save, r, error);
}

/* {field: base64}; NULL when out of memory. */
static cJSON *make_values(const char *field, const char *bytes, size_t size)
{
	_cleanup_json_ cJSON *values = cJSON_CreateObject();
	_cleanup_free_ char *text = malloc(BASE64_ENCODE_RAW_LENGTH(size) + 1);

	if (!values || !text) {
		return NULL;
	}
	base64_encode_raw(text, size, (const uint8_t *)bytes);
	text[BASE64_ENCODE_RAW_LENGTH(size)] = '\0';
	return cJSON_AddStringToObject(values, field, text) ? steal(values) : NULL;
}

/* Whether the server has the very same. */
static bool is_known(struct draft *draft, struct fs *fs, uint32_t id, unsigned slot)
{
	struct cache_binary binary;
	unsigned char sum[SHA1_DIGEST_SIZE];
	struct sha1_ctx sha1;

	if (!cache_binary_peek(fs->cache, draft->model, id, slot, &binary) ||
		binary.size != draft->size) {
		return false;
	}
	sha1_init(&sha1);
	sha1_update(&sha1, draft->size, (const uint8_t *)draft->text);
	sha1_digest(&sha1, sizeof(sum), sum);
	return memcmp(sum, binary.sha1, sizeof(sum)) == 0;
}

/* With draft_mutex held, which is given up. */
static int start(struct op *op, struct draft *draft, uint32_t id, unsigned slot, const char *field,
	const char *renamed)
{
	struct fs *fs = op->fs;
	struct binary_save *save = calloc(1, sizeof(*save));
	struct cache_model *model = draft->model;
	_cleanup_json_ cJSON *values = NULL;
	bool known = is_known(draft, fs, id, slot);

	if (save && !known) {
		values = make_values(field, draft->text, draft->size);
	}
	if (!save || (!known && !values) || (renamed && !(save->renamed = strdup(renamed)))) {
		pthread_mutex_unlock(&fs->draft_mutex);
		free(save);
		return -ENOMEM;
	}
	save->fs = fs;
	save->op = op;
	save->draft = draft;
	save->id = id;
	draft->busy = true;
	draft->dirty = false; /* unless it is written to meanwhile */
	pthread_mutex_unlock(&fs->draft_mutex);
	if (known) {
		end(save, 0, &(struct odoo_error){ 0 });
	} else {
		cache_write(fs->cache, model, id, values, on_written, save);
	}
	return OP_TAKEN;
}

int binary_save_run(struct op *op, struct draft *draft)
{
	struct fs *fs = op->fs;
	int r = 0;

	if (draft->dirty && draft->cut) {
		r = save_refuse_size(fs, draft);
	} else if (draft->busy) { /* another save of the same file: this one's turn comes */
		op_park(op);
		r = OP_TAKEN;
	} else if (draft->dirty && draft->size && !process_was_killed(op->pid)) {
		return start(op, draft, draft->id, draft->slot, draft->field, NULL);
	}
	pthread_mutex_unlock(&fs->draft_mutex);
	if (r == 0) {
		op_reply(op, 0);
		r = OP_TAKEN;
	}
	return r;
}

int binary_save_rename(struct op *op, struct draft *draft, const struct binary_target *target)
{
	struct fs *fs = op->fs;
	struct cache_model *model = draft->model;
	bool readonly;
	const char *field = cache_binary_field(fs->cache, model, target->slot, &readonly);
	int r = 0;

	if (draft->busy) {
		r = -EBUSY;
	} else if (draft->cut) {
		r = save_refuse_size(fs, draft);
	} else if (!draft->size || !field || readonly) {
		r = binary_refuse(fs, model, target->id, readonly ? -EACCES : -EINVAL, "%s",
			readonly ? "the field is read-only"
				 : "the file is empty: rm empties a field");
	}
	if (r < 0) {
		pthread_mutex_unlock(&fs->draft_mutex);
		return r;
	}
	return start(op, draft, target->id, target->slot, field, op->new_name);
}
