/* SPDX-License-Identifier: MIT */
#include "fs/base_choose.h"

#include "fs/document.h"
#include "fs/edit_private.h"
#include "odoo/cleanup.h"

#include <errno.h>
#include <stdlib.h>

struct choice {
	const struct cache_schema *schema;
	const json_t *wanted;
	const struct base_state *states;
	json_t **objects; /* of the states' texts */
	size_t n;
};

static void choice_finish(struct choice *choice)
{
	for (size_t i = 0; choice->objects && i < choice->n; i++) {
		json_decref(choice->objects[i]);
	}
	free(choice->objects);
}

static int parse_all(struct choice *choice)
{
	choice->objects = calloc(choice->n, sizeof(json_t *));
	if (!choice->objects) {
		return -ENOMEM;
	}
	for (size_t i = 0; i < choice->n; i++) {
		int r = document_parse(
			choice->states[i].text, choice->states[i].size, &choice->objects[i], NULL);
		if (r != 0) {
			return r < 0 ? r : -EBADMSG;
		}
	}
	return 0;
}

/* A field of which two states have different values, and what is wanted of it. */
struct dispute {
	enum cache_field_type type;
	const json_t *chosen, *rival, *wanted;
};

/* The text reads as if the rival were meant. */
static bool speaks_for_rival(const struct dispute *dispute)
{
	return edit_same(dispute->type, dispute->wanted, dispute->rival);
}

/* It makes a difference which is meant. */
static bool matters(const struct dispute *dispute)
{
	return !edit_same(dispute->type, dispute->wanted, dispute->chosen);
}

/* Whether there is such a dispute between two states. */
static bool any(const struct choice *choice, size_t chosen, size_t rival,
	bool (*test)(const struct dispute *dispute))
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)choice->wanted, key, value)
	{
		const struct cache_field *field = cache_schema_find(choice->schema, key);
		struct dispute dispute = {
			.type = field ? field->type : FIELD_OTHER,
			.chosen = json_object_get(choice->objects[chosen], key),
			.rival = json_object_get(choice->objects[rival], key),
			.wanted = value,
		};

		if (!cache_field_is_log(key) && dispute.chosen && dispute.rival &&
			!edit_same(dispute.type, dispute.chosen, dispute.rival) && test(&dispute)) {
			return true;
		}
	}
	return false;
}

/* Whether the text differs from a state at all. */
static bool changes_any(const struct choice *choice, size_t chosen)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)choice->wanted, key, value)
	{
		const struct cache_field *field = cache_schema_find(choice->schema, key);
		const json_t *was = json_object_get(choice->objects[chosen], key);

		if (field && !cache_field_is_log(key) && !edit_same(field->type, was, value)) {
			return true;
		}
	}
	return false;
}

/* The writer read this one. */
static int check_read(const struct choice *choice, size_t chosen)
{
	for (size_t i = 0; i < choice->n; i++) {
		if (i != chosen && choice->states[i].open &&
			any(choice, chosen, i, speaks_for_rival)) {
			return -ESTALE;
		}
	}
	return 0;
}

/* The writer isn't known as a reader. */
static int check_unread(const struct choice *choice, size_t chosen, bool any_open, bool complete)
{
	for (size_t i = 0; i < choice->n; i++) {
		if (i != chosen && (choice->states[i].open || !any_open) &&
			any(choice, chosen, i, matters)) {
			return -ESTALE;
		}
	}
	return complete || !changes_any(choice, chosen) ? 0 : -ESTALE;
}

static int choose(const struct choice *choice, bool complete, size_t *ret_index)
{
	const struct base_state *states = choice->states;
	size_t latest = 0, in_place = choice->n, open = choice->n;
	bool any_open;

	for (size_t i = choice->n; i-- > 0;) { /* the newest of each kind */
		latest = states[i].moment >= states[latest].moment ? i : latest;
		in_place = states[i].in_place ? i : in_place;
		open = states[i].open ? i : open;
	}
	if (states[latest].moment) {
		*ret_index = latest;
		return check_read(choice, latest);
	}
	any_open = open < choice->n;
	*ret_index = in_place < choice->n ? in_place : any_open ? open : 0;
	return check_unread(choice, *ret_index, any_open, complete);
}

int base_choose(const struct cache_schema *schema, const json_t *wanted,
	const struct base_state *states, size_t n, bool complete, size_t *ret_index)
{
	_cleanup_(choice_finish) struct choice choice = {
		.schema = schema, .wanted = wanted, .states = states, .n = n
	};
	int r = parse_all(&choice);

	return r < 0 ? r : choose(&choice, complete, ret_index);
}

bool base_is_of_save(const struct cache_schema *schema, const json_t *wanted, const json_t *saved,
	const json_t *seen, const json_t *read)
{
	const char *key;
	json_t *value;
	bool is_of_save = false;

	json_object_foreach((json_t *)wanted, key, value)
	{
		const struct cache_field *field = cache_schema_find(schema, key);
		const json_t *ours = json_object_get(saved, key);
		const json_t *theirs = json_object_get(read, key);
		const json_t *known = json_object_get(seen, key);

		if (!field || cache_field_is_log(key) || !ours || !theirs ||
			edit_same(field->type, ours, theirs)) {
			continue;
		}
		if (edit_same(field->type, value, theirs)) {
			return false;
		}
		if (edit_same(field->type, value, ours) &&
			(cache_field_is_readonly(field, NULL) ||
				(known && edit_same(field->type, known, theirs)))) {
			is_of_save = true;
		}
	}
	return is_of_save;
}
