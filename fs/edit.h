/* SPDX-License-Identifier: MIT */
/*
 * From a saved text to the values of a write or a create.
 *
 *	edit_parse		what differs from the text that was opened, checked by type
 *	edit_resolve		for each many2one that was given by name: the id
 *	edit_conflicts		on write: against the record as the server has it now
 *	edit_take_values	what write or create is to be given
 *
 * Keys that were left out stay as they are. Values are compared by meaning: numbers by value, a
 * many2one by id, x2many lists as sets, text exactly. Of a many2many the difference is sent, so
 * that it can't conflict with what others add or take out.
 *
 * Sentences name the line, the field and, inside of lists, the place as jq writes it:
 *
 *	line 7: "order_line[2].product_uom_qty" has to be a number, not "two"
 *
 * Pure: nothing here blocks or locks; an edit belongs to one thread at a time.
 */
#ifndef FS_EDIT_H
#define FS_EDIT_H

#include "cache/schema.h"
#include "odoo/error.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_t;

struct edit_source {
	const struct cache_schema *schema;
	uint32_t id;	  /* the record, or 0 for one to be created */
	const char *base; /* what was opened, as render_record made it; unused on create */
	size_t base_size;
	const char
		*seen; /* what the server made of it, where `base` is an own earlier save; NULL */
	size_t seen_size;
	const char *text; /* what was saved */
	size_t size;
	bool binary_inline; /* binary fields have their contents here, as base64 */

	/*
	 * The schema of a model whose records stand in a one2many as objects, good until edit_parse
	 * returns; NULL while there is none. May be NULL itself.
	 */
	const struct cache_schema *(*schema_of)(void *data, const char *model);
	void *data;
};

struct edit_change {
	char *field;
	cJSON *value;	       /* as write and create take it */
	struct json_t *wanted; /* as it was written */
	cJSON *properties;     /* of a properties field: those that change, by name; else NULL */
};

/* A many2one that was given by name; or a reference, of which Odoo doesn't look whether it's there.
 */
struct edit_name {
	char *place;   /* "country_id", "order_line[2].product_id" */
	char *field;   /* the record's field that it belongs to: "country_id", "order_line" */
	char *model;   /* to be searched, by name_search */
	char *text;    /* for this; of a reference what was written */
	uint32_t id;   /* of a reference: the record to be looked for, and not the name. Else 0 */
	size_t line;   /* 0 where it isn't known */
	cJSON *target; /* where the id goes: an item of that change's value. NULL for a reference */
};

/*
 * Records that leave a one2many, or that a command deletes. Odoo deletes those whose inverse field
 * cascades (order lines), and detaches others; `deletes` is true where it deletes for sure.
 */
struct edit_taken {
	char *field;
	char *model;
	char *inverse; /* the field of `model` that points back; NULL where it isn't known */
	uint32_t *ids; /* n_ids 0: whichever there are, by a command */
	size_t n_ids;
	bool deletes;
};

struct edit {
	/* Models whose schemas are missing: then there is nothing else here. */
	char **models;
	size_t n_models;

	struct edit_change *changes; /* in the order of the text; each field once */
	size_t n_changes;
	struct edit_name *names;
	size_t n_names;
	struct edit_taken *taken;
	size_t n_taken;

	/*
	 * Fields of which something was left aside, for the log: on create, what can't be set; on
	 * write, another name in the pair of a many2one whose id stays.
	 */
	char **aside;
	size_t n_aside;

	char **sent; /* fields that edit_take_values gave */
	size_t n_sent;

	struct json_t *base; /* NULL on create */
	struct json_t *seen; /* what others' changes are told from; NULL: from `base` */
};

/* Besides 0 and -errno, edit_parse returns: */
enum edit_condition {
	EDIT_EMPTY = 1,	    /* no text, or blanks only: no edit */
	EDIT_WANTS_SCHEMAS, /* an edit with `models`: load these schemas and call again */
};

/*
 * What `source` changes. Returns 0 or EDIT_WANTS_SCHEMAS and an edit that the caller destroys;
 * EDIT_EMPTY; -EINVAL and an error that says what is wrong and what would be right; or -ENOMEM.
 * A `base` or `seen` that isn't a JSON object is our own fault: -EBADMSG.
 */
int edit_parse(const struct edit_source *source, struct edit **ret_edit, struct odoo_error *error);

/* NULL is allowed. */
void edit_destroy(struct edit *edit);

/*
 * Give edit->names[i] the id that `found` says, name_search's answer with a limit of 2 or more:
 * [[id, name], …]; of a reference, any list of what is there with its id. It has to be one, or one
 * of exactly this name among several. A change that turns out to be none stays until edit_settle.
 * Returns 0, or -EINVAL and an error.
 */
int edit_resolve(struct edit *edit, size_t i, const cJSON *found, struct odoo_error *error);

/* All names are resolved: drop the changes that are none after all. */
void edit_settle(struct edit *edit);

/*
 * Compare with `now`, the record as the server has it now: an object of search_read's answer with
 * at least the changed fields. Call it after edit_settle, on write only. Changes that the server
 * already has are dropped; properties are merged into those that it has now.
 *
 * Returns 0 (n_changes may be 0 then: nothing is to be sent); -ESTALE and an error that names each
 * field that was changed to something else meanwhile; -EBADMSG when `now` can't be shown; -ENOMEM.
 */
int edit_conflicts(struct edit *edit, const struct cache_schema *schema, const cJSON *now,
	struct odoo_error *error);

/* Take the values, as one object for write or create that the caller owns. 0 or -ENOMEM. */
int edit_take_values(struct edit *edit, cJSON **ret_values);

/*
 * What who saved it may know of the record afterwards: of what was sent, what the server made of
 * it, which `now` says, the record as render_record makes it; of the rest, what it was. Returns 0
 * and a JSON text to be freed; -EBADMSG when `now` can't be read; or -ENOMEM.
 */
int edit_known(const struct edit *edit, const char *now, size_t size, char **ret_text);

static inline void cleanup_edit(struct edit **edit)
{
	edit_destroy(*edit);
}

#define _cleanup_edit_ __attribute__((cleanup(cleanup_edit)))

#endif
