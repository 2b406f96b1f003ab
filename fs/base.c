/* SPDX-License-Identifier: MIT */
#include "fs/base.h"

#include "fs/author.h"
#include "fs/base_choose.h"
#include "fs/buffer.h"
#include "fs/document.h"

#include "cache/write.h"
#include "odoo/cleanup.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

/* More states of one second than this aren't told apart. */
#define STATES_MAX 64

#define AMBIGUOUS \
	"the record was changed more than once within the second of the text's write_date, and " \
	"which of its states the text is based on can't be told: read the record again, or take " \
	"the write_date line out to overwrite whatever others changed"

struct search {
	struct fs *fs;
	const struct base_query *query;
	int64_t date;
	struct cache_version versions[STATES_MAX];
	struct base_state states[STATES_MAX + 1]; /* of the versions, and of what was opened */
	size_t n_versions, n_states;
	bool complete;
};

void base_finish(struct base *base)
{
	free(base->text);
	free(base->seen);
}

static int take_saved(
	const char *text, size_t size, const char *seen, size_t seen_size, struct base *ret_base)
{
	struct base base = {
		.text = buffer_copy_text(text, size),
		.size = size,
		.seen = buffer_copy_text(seen, seen_size),
		.seen_size = seen_size,
	};

	if (!base.text || (seen && !base.seen)) {
		base_finish(&base);
		return -ENOMEM;
	}
	*ret_base = base;
	return 0;
}

int64_t base_date(const char *text, size_t size)
{
	int64_t date = 0;
	json_t *object;

	if (document_parse(text, size, &object, NULL) == 0) {
		date = cache_parse_date(json_string_value(json_object_get(object, "write_date")));
		json_decref(object);
	}
	return date;
}

static struct reading_state reading_of(const struct search *s, size_t i)
{
	return (struct reading_state){
		.model_number = cache_model_number(s->query->model),
		.id = s->query->id,
		.digest = s->versions[i].digest,
	};
}

/* ── The states ── */

static bool is_text(const struct base_state *state, const char *text, size_t size)
{
	return state->size == size && memcmp(state->text, text, size) == 0;
}

/* What was opened is one of them as a rule, and may have been given up in between. */
static void add_opened(struct search *s)
{
	const struct base_query *query = s->query;
	struct base_state *state = s->states;

	if (!query->opened || base_date(query->opened, query->opened_size) != s->date) {
		return;
	}
	while (state < s->states + s->n_states &&
		!is_text(state, query->opened, query->opened_size)) {
		state++;
	}
	if (state == s->states + s->n_states) {
		*state = (struct base_state){ .text = query->opened, .size = query->opened_size };
		s->n_states++;
	}
	state->in_place = query->in_place;
}

static void collect(struct search *s)
{
	s->n_versions = cache_record_versions(s->fs->cache, s->query->model, s->query->id, s->date,
		s->versions, STATES_MAX, &s->complete);
	for (size_t i = 0; i < s->n_versions; i++) {
		struct base_state *state = &s->states[s->n_states++];

		*state = (struct base_state){ .open = s->versions[i].shown };
		state->text = cache_content_bytes(s->versions[i].content, &state->size);
	}
	if (!s->query->seen) {
		add_opened(s);
	}
}

static void search_finish(struct search *s)
{
	for (size_t i = 0; i < s->n_versions; i++) {
		cache_content_release(s->fs->cache, s->versions[i].content);
	}
}

/* With draft_mutex held: what is known of their readers. The one that the writer read last; NULL.
 */
static const struct base_state *ask_for_readers(struct search *s)
{
	const struct base_state *latest = NULL;

	for (size_t i = 0; i < s->n_versions; i++) {
		struct reading_state reading = reading_of(s, i);
		struct base_state *state = &s->states[i];

		state->open = state->open && reading_is_open(s->fs, &reading);
		state->moment = reading_moment(s->fs, &reading, &s->query->process);
		if (state->moment && (!latest || state->moment > latest->moment)) {
			latest = state;
		}
	}
	return latest;
}

static bool is_present(struct search *s, const struct base *base)
{
	struct cache_content *content;
	const char *text;
	size_t size;
	bool same;

	if (cache_record_peek_content(s->fs->cache, s->query->model, s->query->id, &content) < 0) {
		return true; /* as far as is known */
	}
	text = cache_content_bytes(content, &size);
	same = size == base->size && memcmp(text, base->text, size) == 0;
	cache_content_release(s->fs->cache, content);
	return same;
}

static int refuse(struct odoo_error *error, const char *why)
{
	odoo_error_set(error, ODOO_FAULT_CONFLICT, "%s", why);
	return -ESTALE;
}

static int take_state(struct search *s, struct base *ret_base, struct odoo_error *error)
{
	const struct base_query *query = s->query;
	size_t i;
	int r;

	if (!s->n_states) {
		return refuse(error, BASE_OTHER_STATE);
	}
	r = base_choose(query->schema, query->wanted, s->states, s->n_states, s->complete, &i);
	if (r < 0) {
		return r == -ESTALE ? refuse(error, AMBIGUOUS) : r;
	}
	r = take_saved(s->states[i].text, s->states[i].size, NULL, 0, ret_base);
	if (r == 0) {
		ret_base->older = !is_present(s, ret_base);
		ret_base->state = i < s->n_versions ? reading_of(s, i) : ret_base->state;
	}
	return r;
}

/* ── What was saved before ── */

static bool is_of_save(
	const struct search *s, const struct author *author, const struct base_state *read)
{
	json_t *saved = NULL, *seen = NULL, *opened = NULL;
	bool of_save = document_parse(author->text, author->size, &saved, NULL) == 0 &&
		       document_parse(author->seen, author->seen_size, &seen, NULL) == 0 &&
		       document_parse(read->text, read->size, &opened, NULL) == 0 &&
		       base_is_of_save(s->query->schema, s->query->wanted, saved, seen, opened);

	json_decref(saved);
	json_decref(seen);
	json_decref(opened);
	return of_save;
}

/* With draft_mutex held. Returns 1 when it was, 0 when not, or -ENOMEM. */
static int take_own(struct search *s, const struct base_state *read, struct base *ret_base)
{
	const struct base_query *query = s->query;
	const struct author *author = author_find(
		s->fs, cache_model_number(query->model), query->id, &query->process, s->date);
	int r = 0;

	if (author && (!read || author->moment > read->moment || is_of_save(s, author, read))) {
		r = take_saved(
			author->text, author->size, author->seen, author->seen_size, ret_base);
	} else if (!author && query->seen &&
		   base_date(query->opened, query->opened_size) == s->date) {
		r = take_saved(
			query->opened, query->opened_size, query->seen, query->seen_size, ret_base);
	} else {
		return 0;
	}
	return r < 0 ? r : 1;
}

int base_find(struct fs *fs, const struct base_query *query, struct base *ret_base,
	struct odoo_error *error)
{
	_cleanup_(search_finish) struct search s = { .fs = fs, .query = query };
	const struct base_state *read;
	int r;

	s.date = cache_parse_date(
		json_string_value(json_object_get((json_t *)query->wanted, "write_date")));
	if (!s.date && query->schema->has_write_date) {
		return take_saved(
			query->opened, query->opened_size, query->seen, query->seen_size, ret_base);
	}
	collect(&s);
	pthread_mutex_lock(&fs->draft_mutex);
	read = ask_for_readers(&s);
	r = take_own(&s, read, ret_base);
	pthread_mutex_unlock(&fs->draft_mutex);
	if (r == 0) {
		r = take_state(&s, ret_base, error);
	}
	return r > 0 ? 0 : r;
}
