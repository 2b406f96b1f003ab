/* SPDX-License-Identifier: MIT */
#include "fs/commit.h"

#include "fs/buffer.h"
#include "fs/document.h"
#include "fs/edit.h"

#include "cache/write.h"
#include "odoo/cleanup.h"
#include "odoo/log.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

struct commit {
	struct cache_waiter waiter; /* must be first */
	struct fs *fs;
	struct cache_model *model;
	uint32_t id;
	char *text, *base, *seen;
	char *written; /* the name */
	size_t size, base_size, seen_size;
	struct edit *edit;
	bool older;  /* the text is of an older state of the record than what was opened */
	size_t name; /* being searched */
	commit_done_fn fn;
	void *data;
};

/* ── The end ── */

static void commit_destroy(struct commit *commit)
{
	cache_schemas_release(commit->fs->cache);
	free(commit->text);
	free(commit->base);
	free(commit->seen);
	free(commit->written);
	edit_destroy(commit->edit);
	free(commit);
}

/* What else was in the text and isn't in the record: the user is to know. */
static void tell_aside(struct commit *commit, bool created)
{
	const struct edit *edit = commit->edit;
	_cleanup_odoo_error_ struct odoo_error error;
	_cleanup_buffer_ struct buffer names = { 0 };

	odoo_error_init(&error);
	for (size_t i = 0; edit && i < edit->n_aside; i++) {
		if (!cache_field_is_log(edit->aside[i])) {
			buffer_append_text(&names, names.size ? "\", \"" : "\"");
			buffer_append_text(&names, edit->aside[i]);
		}
	}
	if (!names.size || names.failed) {
		return;
	}
	odoo_error_set(&error, ODOO_FAULT_USER,
		created ? "left aside, as a new record can't be given it: %.*s\""
			: "only the name was changed, which says nothing beside an id that stays: "
			  "give the id of the record that is meant, or its name alone: %.*s\"",
		(int)names.size, names.text);
	errors_add(commit->fs->errors,
		&(struct errors_subject){ cache_model_name(commit->model), commit->id, NULL },
		created ? "create" : "write", 0, &error);
}

static void succeed(struct commit *commit, bool created)
{
	tell_aside(commit, created);
	commit->fn(0, commit->id, NULL, commit->data);
	commit_destroy(commit);
}

static void fail(struct commit *commit, int r, const struct odoo_error *error)
{
	const char *operation = commit->id ? "write" : "create";
	struct odoo_error unsure;

	odoo_error_init(&unsure);
	if (error->unsure) {
		odoo_error_set(&unsure, error->fault, "%s: it is unknown whether it took effect",
			error->message);
		error = &unsure;
		r = commit->id ? r : -EIO;
	}
	errors_add(commit->fs->errors,
		&(struct errors_subject){
			cache_model_name(commit->model), commit->id, commit->written },
		operation, -r, error);
	commit->fn(r, commit->id, error->message, commit->data);
	odoo_error_finish(&unsure);
	commit_destroy(commit);
}

static void fail_text(struct commit *commit, int r, const char *text)
{
	_cleanup_odoo_error_ struct odoo_error error;

	odoo_error_init(&error);
	odoo_error_set(&error, ODOO_FAULT_USER, "%s", text);
	fail(commit, r, &error);
}

/* ── The call ── */

static void on_written(int r, const cJSON *result, const struct odoo_error *error, void *data)
{
	struct commit *commit = data;

	if (r < 0) {
		fail(commit, r, error);
		return;
	}
	if (commit->id) {
		succeed(commit, false);
		return;
	}
	commit->id = (uint32_t)cJSON_GetNumberValue(result);
	succeed(commit, true);
}

#define OTHER_STATE \
	"the text is of another state of the record, as its write_date says: read the record " \
	"again, or take the write_date line out to overwrite whatever others changed"

/*
 * Nothing is to be sent. But an old text that is put back as it was isn't in the record by that:
 * to say so would be a lie.
 */
static void end_unchanged(struct commit *commit)
{
	if (commit->older) {
		fail_text(commit, -ESTALE, OTHER_STATE);
	} else {
		succeed(commit, false);
	}
}

static void send_values(struct commit *commit)
{
	_cleanup_json_ cJSON *values = NULL;

	if (commit->id && !commit->edit->n_changes) { /* the server has all of it already */
		succeed(commit, false);
		return;
	}
	if (edit_take_values(commit->edit, &values) < 0) {
		fail_text(commit, -ENOMEM, "out of memory");
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
	_cleanup_odoo_error_ struct odoo_error conflict;

	odoo_error_init(&conflict);
	if (r < 0) {
		fail(commit, r, error);
		return;
	}
	r = edit_conflicts(
		commit->edit, cache_model_schema(commit->fs->cache, commit->model), now, &conflict);
	if (r == -ESTALE) {
		cache_refresh_record(commit->fs->cache, commit->model, commit->id);
	}
	if (r < 0) {
		fail(commit, r, &conflict);
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
		fail_text(commit, -ENOMEM, "out of memory");
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
	_cleanup_odoo_error_ struct odoo_error wrong;

	odoo_error_init(&wrong);
	if (r == -EACCES && commit->edit->names[commit->name].id) {
		commit->name++; /* what this user may not read he may refer to */
		next_name(commit);
		return;
	}
	if (r < 0) {
		fail(commit, r, error);
		return;
	}
	r = edit_resolve(commit->edit, commit->name, result, &wrong);
	if (r < 0) {
		fail(commit, r, &wrong);
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
	_cleanup_odoo_error_ struct odoo_error error;

	odoo_error_init(&error);
	odoo_error_set(&error, ODOO_FAULT_USER,
		"records are taken out of \"%s\", which may delete them: delete=%s doesn't allow "
		"that",
		taken->field, mode);
	fail(commit, -EPERM, &error);
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
	_cleanup_odoo_error_ struct odoo_error error;
	struct edit_source source = {
		.schema = cache_model_schema(commit->fs->cache, commit->model),
		.id = commit->id,
		.base = commit->base,
		.base_size = commit->base_size,
		.seen = commit->seen,
		.seen_size = commit->seen_size,
		.text = commit->text,
		.size = commit->size,
		.schema_of = schema_of,
		.data = commit->fs,
	};
	int r;

	odoo_error_init(&error);
	do {
		edit_destroy(steal(commit->edit));
		r = edit_parse(&source, &commit->edit, &error);
		if (r == EDIT_WANTS_SCHEMAS) {
			int loaded = load_schemas(commit, commit->edit);

			if (loaded == CACHE_WAIT) {
				return;
			}
			if (loaded < 0) {
				fail_text(
					commit, loaded, "the schema of a line's model isn't known");
				return;
			}
		}
	} while (r == EDIT_WANTS_SCHEMAS);
	if (r == EDIT_EMPTY) {
		fail_text(commit, -EINVAL, "the file is empty: a JSON object is expected");
	} else if (r < 0) {
		fail(commit, r, &error);
	} else {
		on_parsed(commit);
	}
}

/* ── What it is based on ── */

static char *copy(const char *text, size_t size)
{
	char *copied = text ? malloc(size + 1) : NULL;

	if (copied) {
		memcpy(copied, text, size);
		copied[size] = '\0';
	}
	return copied;
}

/* The write_date that stands in a text: UNIX seconds, 0 where there is none. */
static int64_t date_in(const char *text, size_t size)
{
	_cleanup_odoo_error_ struct odoo_error error;
	json_t *object;
	int64_t date = 0;

	odoo_error_init(&error);
	if (document_parse(text, size, &object, &error) != 0) {
		return 0;
	}
	date = cache_parse_date(json_string_value(json_object_get(object, "write_date")));
	json_decref(object);
	return date;
}

/*
 * Returns whether there is a base now. A text of a state that isn't known any more can't be told
 * from the changes of others.
 */
static bool find_base(struct commit *commit)
{
	int64_t date = date_in(commit->text, commit->size);
	struct cache_content *content;
	const char *text;
	size_t size;
	char *base;

	if (!date || cache_record_find_version(
			     commit->fs->cache, commit->model, commit->id, date, &content) < 0) {
		return commit->base != NULL &&
		       (!date || date == date_in(commit->base, commit->base_size));
	}
	text = cache_content_bytes(content, &size);
	base = copy(text, size);
	cache_content_release(commit->fs->cache, content);
	if (!base) {
		return false;
	}
	commit->older = commit->base && date < date_in(commit->base, commit->base_size);
	free(commit->base);
	commit->base = base;
	commit->base_size = size;
	return true;
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
	text = cache_content_bytes(content, &commit->base_size);
	commit->base = copy(text, commit->base_size);
	cache_content_release(commit->fs->cache, content);
	return commit->base ? 0 : -ENOMEM;
}

static void step(struct commit *commit)
{
	int r = cache_schema_ensure(commit->fs->cache, commit->model, &commit->waiter);

	if (r == 0 && commit->id && !commit->base) {
		r = take_present(commit);
	}
	if (r == CACHE_WAIT) {
		return;
	}
	if (r < 0) {
		fail_text(commit, r,
			r == -ENOENT ? "the record doesn't exist any more"
				     : "the record can't be read");
	} else if (commit->id && !commit->seen && !find_base(commit)) {
		fail_text(commit, -ESTALE, OTHER_STATE);
	} else {
		parse(commit);
	}
}

static void wake(struct cache_waiter *waiter, int error)
{
	struct commit *commit = (struct commit *)waiter;

	if (error) {
		fail_text(commit, error, "what the change depends on can't be read");
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
	commit->text = copy(source->text, source->size);
	commit->size = source->size;
	commit->base = copy(source->base, source->base_size);
	commit->base_size = source->base_size;
	commit->seen = copy(source->seen, source->seen_size);
	commit->seen_size = source->seen_size;
	commit->fn = fn;
	commit->data = data;
	if (!commit->text || (source->base && !commit->base) || (source->seen && !commit->seen)) {
		commit_destroy(commit);
		return NULL;
	}
	return commit;
}

void commit_go(struct commit *commit)
{
	step(commit);
}
