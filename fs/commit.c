/* SPDX-License-Identifier: MIT */
#include "fs/commit_private.h"

#include "fs/buffer.h"
#include "fs/document.h"
#include "fs/edit.h"

#include "odoo/cleanup.h"
#include "odoo/log.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

/* ── The call ── */

/* Who read that state, and wrote what is based on it, has come. */
static void spend_base(struct commit *commit)
{
	_cleanup_unlock_ pthread_mutex_t *held = lock(&commit->fs->draft_mutex);

	if (commit->base.state.id) {
		reading_spend(commit->fs, &commit->base.state, &commit->process);
	}
}

static void on_written(int r, const cJSON *result, const struct odoo_error *error, void *data)
{
	struct commit *commit = data;

	if (r < 0) {
		commit_fail(commit, r, error);
		return;
	}
	if (commit->id) {
		spend_base(commit);
		commit_succeed(commit, false);
		return;
	}
	commit->id = (uint32_t)cJSON_GetNumberValue(result);
	commit_succeed(commit, true);
}

/*
 * Nothing is to be sent. But an old text that is put back as it was isn't in the record by that:
 * to say so would be a lie.
 */
static void end_unchanged(struct commit *commit)
{
	if (commit->base.older) {
		commit_fail_text(commit, -ESTALE, BASE_OTHER_STATE);
	} else {
		commit_succeed(commit, false);
	}
}

static void send_values(struct commit *commit)
{
	_cleanup_json_ cJSON *values = NULL;

	if (commit->id && !commit->edit->n_changes) { /* the server has all of it already */
		commit_succeed(commit, false);
		return;
	}
	if (edit_take_values(commit->edit, &values) < 0) {
		commit_fail_text(commit, -ENOMEM, "out of memory");
	} else if (commit->id) {
		cache_write(
			commit->fs->cache, commit->model, commit->id, values, on_written, commit);
	} else {
		cache_create_record(commit->fs->cache, commit->model, values, on_written, commit);
	}
}

/* ── Lost updates ── */

static void on_now(int r, const cJSON *now, const struct odoo_error *error, void *data)
{
	struct commit *commit = data;
	_cleanup_odoo_error_ struct odoo_error conflict = { 0 };

	if (r < 0) {
		commit_fail(commit, r, error);
		return;
	}
	r = edit_conflicts(
		commit->edit, cache_model_schema(commit->fs->cache, commit->model), now, &conflict);
	if (r == -ESTALE) {
		cache_refresh_record(commit->fs->cache, commit->model, commit->id);
	}
	if (r < 0) {
		commit_fail(commit, r, &conflict);
	} else {
		send_values(commit);
	}
}

static void check_conflicts(struct commit *commit)
{
	const struct edit *edit = commit->edit;
	_cleanup_free_ const char **fields = NULL;

	if (commit->id && !edit->n_changes) {
		end_unchanged(commit);
		return;
	}
	if (!commit->id) {
		send_values(commit);
		return;
	}
	fields = calloc(edit->n_changes, sizeof(*fields));
	if (!fields) {
		commit_fail_text(commit, -ENOMEM, "out of memory");
		return;
	}
	for (size_t i = 0; i < edit->n_changes; i++) {
		fields[i] = edit->changes[i].field;
	}
	cache_fetch(commit->fs->cache, commit->model, commit->id, fields, edit->n_changes, on_now,
		commit);
}

/* ── Names ── */

static void next_name(struct commit *commit);

static void on_name(int r, const cJSON *result, const struct odoo_error *error, void *data)
{
	struct commit *commit = data;
	_cleanup_odoo_error_ struct odoo_error wrong = { 0 };

	if (r == -EACCES && commit->edit->names[commit->name].id) {
		commit->name++; /* what this user may not read he may refer to */
		next_name(commit);
		return;
	}
	if (r < 0) {
		commit_fail(commit, r, error);
		return;
	}
	r = edit_resolve(commit->edit, commit->name, result, &wrong);
	if (r < 0) {
		commit_fail(commit, r, &wrong);
		return;
	}
	commit->name++;
	next_name(commit);
}

static void next_name(struct commit *commit)
{
	const struct edit *edit = commit->edit;

	if (commit->name < edit->n_names) {
		const struct edit_name *name = &edit->names[commit->name];

		if (name->id) {
			cache_look_for(commit->fs->cache, name->model, name->id, on_name, commit);
		} else {
			cache_name_search(
				commit->fs->cache, name->model, name->text, on_name, commit);
		}
		return;
	}
	edit_settle(commit->edit);
	check_conflicts(commit);
}

/* ── The edit ── */

static const struct cache_schema *schema_of(void *data, const char *name)
{
	struct fs *fs = data;
	struct cache_model *model = cache_model_find(fs->cache, name);

	return model ? cache_model_schema(fs->cache, model) : NULL;
}

/* Returns 0 when all are there, CACHE_WAIT, or -errno. */
static int load_schemas(struct commit *commit, const struct edit *edit)
{
	for (size_t i = 0; i < edit->n_models; i++) {
		struct cache_model *model = cache_model_find(commit->fs->cache, edit->models[i]);
		int r = model ? cache_schema_ensure(commit->fs->cache, model, &commit->waiter)
			      : -EACCES;

		if (r != 0) {
			return r;
		}
	}
	return 0;
}

static void refuse_taking(struct commit *commit, const struct edit_taken *taken, const char *mode)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };

	odoo_error_set(&error, ODOO_FAULT_USER,
		"records are taken out of \"%s\", which may delete them: delete=%s doesn't allow "
		"that",
		taken->field, mode);
	commit_fail(commit, -EPERM, &error);
}

/* Lines that are taken out of an order are deleted by Odoo: that is what `delete=` is about. */
static void on_parsed(struct commit *commit)
{
	const struct edit *edit = commit->edit;
	enum delete_mode mode = commit->fs->options->delete_mode;

	if (edit->n_taken > 0 && mode != DELETE_UNLINK) {
		refuse_taking(commit, &edit->taken[0], mode == DELETE_DENY ? "deny" : "archive");
		return;
	}
	for (size_t i = 0; i < edit->n_taken; i++) {
		log_info("%s/%u.json: %s loses %zu records", cache_model_name(commit->model),
			commit->id, edit->taken[i].field, edit->taken[i].n_ids);
	}
	next_name(commit);
}

static void parse(struct commit *commit)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };
	struct edit_source source = {
		.schema = cache_model_schema(commit->fs->cache, commit->model),
		.id = commit->id,
		.base = commit->base.text,
		.base_size = commit->base.size,
		.seen = commit->base.seen,
		.seen_size = commit->base.seen_size,
		.text = commit->text,
		.size = commit->size,
		.binary_inline = commit->fs->options->binary == CACHE_BINARY_INLINE,
		.schema_of = schema_of,
		.data = commit->fs,
	};
	int r;

	do {
		edit_destroy(steal(commit->edit));
		r = edit_parse(&source, &commit->edit, &error);
		if (r == EDIT_WANTS_SCHEMAS) {
			int loaded = load_schemas(commit, commit->edit);

			if (loaded == CACHE_WAIT) {
				return;
			}
			if (loaded < 0) {
				commit_fail_text(
					commit, loaded, "the schema of a line's model isn't known");
				return;
			}
		}
	} while (r == EDIT_WANTS_SCHEMAS);
	if (r == EDIT_EMPTY) {
		commit_fail_text(commit, -EINVAL, "the file is empty: a JSON object is expected");
	} else if (r < 0) {
		commit_fail(commit, r, &error);
	} else {
		on_parsed(commit);
	}
}

/* ── What it is based on ── */

/* A text that is no JSON is refused when it is parsed for what changed. */
static int find_base(struct commit *commit, struct odoo_error *error)
{
	struct base_query query = {
		.model = commit->model,
		.id = commit->id,
		.schema = cache_model_schema(commit->fs->cache, commit->model),
		.process = commit->process,
		.opened = commit->opened,
		.opened_size = commit->opened_size,
		.seen = commit->seen,
		.seen_size = commit->seen_size,
		.in_place = commit->in_place,
	};
	json_t *wanted;
	int r = document_parse(commit->text, commit->size, &wanted, error);

	base_finish(&commit->base);
	commit->base = (struct base){ 0 };
	if (r != 0) {
		return r < 0 ? r : 0;
	}
	query.wanted = wanted;
	r = base_find(commit->fs, &query, &commit->base, error);
	json_decref(wanted);
	return r;
}

/* The record as it is in the cache; for a text that was written without opening it. */
static int take_present(struct commit *commit)
{
	struct cache_content *content;
	struct cache_attr attr;
	const char *text;
	int r = cache_record_stat(
		commit->fs->cache, commit->model, commit->id, &attr, &commit->waiter);

	if (r == 0) {
		r = cache_record_read(commit->fs->cache, commit->model, commit->id, attr.version,
			&content, &commit->waiter);
	}
	if (r != 0) {
		return r;
	}
	text = cache_content_bytes(content, &commit->opened_size);
	commit->opened = buffer_copy_text(text, commit->opened_size);
	cache_content_release(commit->fs->cache, content);
	return commit->opened ? 0 : -ENOMEM;
}

static void step(struct commit *commit)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };
	int r = cache_schema_ensure(commit->fs->cache, commit->model, &commit->waiter);

	if (r == 0 && commit->id && !commit->opened) {
		r = take_present(commit);
	}
	if (r == CACHE_WAIT) {
		return;
	}
	if (r < 0) {
		commit_fail_text(commit, r,
			r == -ENOENT ? "the record doesn't exist any more"
				     : "the record can't be read");
		return;
	}
	r = commit->id ? find_base(commit, &error) : 0;
	if (r == 0) {
		parse(commit);
	} else if (error.fault) {
		commit_fail(commit, r, &error);
	} else {
		commit_fail_text(commit, r, "what the text is based on can't be found out");
	}
}

static void wake(struct cache_waiter *waiter, int error)
{
	struct commit *commit = (struct commit *)waiter;

	if (error) {
		commit_fail_text(commit, error, "what the change depends on can't be read");
	} else {
		step(commit);
	}
}

struct commit *commit_create(
	struct fs *fs, const struct commit_source *source, commit_done_fn fn, void *data)
{
	struct commit *commit = calloc(1, sizeof(*commit));

	if (!commit) {
		return NULL;
	}
	commit->waiter.wake = wake;
	commit->fs = fs;
	cache_schemas_hold(fs->cache);
	commit->model = source->model;
	commit->id = source->id;
	commit->written = source->name ? strdup(source->name) : NULL;
	commit->text = buffer_copy_text(source->text, source->size);
	commit->size = source->size;
	commit->process = source->process;
	commit->opened = buffer_copy_text(source->opened, source->opened_size);
	commit->opened_size = source->opened_size;
	commit->in_place = source->in_place;
	commit->seen = buffer_copy_text(source->seen, source->seen_size);
	commit->seen_size = source->seen_size;
	commit->fn = fn;
	commit->data = data;
	if (!commit->text || (source->opened && !commit->opened) ||
		(source->seen && !commit->seen)) {
		commit_destroy(commit);
		return NULL;
	}
	return commit;
}

void commit_go(struct commit *commit)
{
	step(commit);
}
