/* SPDX-License-Identifier: MIT */
#include "fs/commit_private.h"

#include "fs/buffer.h"
#include "fs/edit.h"

#include "odoo/cleanup.h"

#include <errno.h>
#include <string.h>

void commit_destroy(struct commit *commit)
{
	cache_schemas_release(commit->fs->cache);
	free(commit->text);
	free(commit->opened);
	free(commit->seen);
	base_finish(&commit->base);
	free(commit->written);
	edit_destroy(commit->edit);
	free(commit);
}

/* What else was in the text and isn't in the record: the user is to know. */
static void tell_aside(struct commit *commit, bool created)
{
	const struct edit *edit = commit->edit;
	_cleanup_odoo_error_ struct odoo_error error = { 0 };
	_cleanup_buffer_ struct buffer names = { 0 };

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

/* What the one who saved it may know of the record from here on; NULL when that can't be told. */
static char *make_known(struct commit *commit)
{
	struct cache_content *content;
	const char *now;
	char *known;
	size_t size;

	if (!commit->edit || cache_record_peek_content(
				     commit->fs->cache, commit->model, commit->id, &content) < 0) {
		return NULL;
	}
	now = cache_content_bytes(content, &size);
	if (edit_known(commit->edit, now, size, &known) < 0) {
		known = NULL;
	}
	cache_content_release(commit->fs->cache, content);
	return known;
}

void commit_succeed(struct commit *commit, bool created)
{
	_cleanup_free_ char *known = make_known(commit);

	tell_aside(commit, created);
	commit->fn(0, &(struct commit_result){ .id = commit->id, .known = known }, commit->data);
	commit_destroy(commit);
}

void commit_fail(struct commit *commit, int r, const struct odoo_error *error)
{
	const char *operation = commit->id ? "write" : "create";
	_cleanup_odoo_error_ struct odoo_error unsure = { 0 };

	if (r == -EBADMSG || (error->unsure && !commit->id)) {
		r = -EIO; /* the server's record can't be read; or nobody knows what came of it */
	}
	error = errors_word(error, &unsure);
	errors_add(commit->fs->errors,
		&(struct errors_subject){
			cache_model_name(commit->model), commit->id, commit->written },
		operation, -r, error);
	commit->fn(r, &(struct commit_result){ .id = commit->id, .why = error->message },
		commit->data);
	commit_destroy(commit);
}

void commit_fail_text(struct commit *commit, int r, const char *text)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };

	odoo_error_set(&error, ODOO_FAULT_USER, "%s", text);
	commit_fail(commit, r, &error);
}
