/* SPDX-License-Identifier: MIT */
/*
 * A model's schema: what fields_get says, kept as far as reading and writing need it.
 *
 * A schema never changes once it is made, so it is read without a lock; who keeps one longer than
 * a call holds a reference.
 */
#ifndef CACHE_SCHEMA_H
#define CACHE_SCHEMA_H

#include "cache/keys.h"
#include "odoo/error.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum cache_field_type {
	FIELD_OTHER, /* a type that we don't know: its value is shown as it comes */
	FIELD_BINARY,
	FIELD_BOOLEAN,
	FIELD_CHAR,
	FIELD_DATE,
	FIELD_DATETIME,
	FIELD_FLOAT,
	FIELD_HTML,
	FIELD_INTEGER,
	FIELD_JSON,
	FIELD_MANY2MANY,
	FIELD_MANY2ONE,
	FIELD_MANY2ONE_REFERENCE,
	FIELD_MONETARY,
	FIELD_ONE2MANY,
	FIELD_PROPERTIES,
	FIELD_PROPERTIES_DEFINITION,
	FIELD_REFERENCE,
	FIELD_SELECTION,
	FIELD_TEXT,
};

struct cache_field {
	char *name;
	char *relation; /* the comodel of a relational field, else NULL */
	char *inverse;	/* of a one2many: the comodel's field that points back, else NULL */
	struct cache_keys *keys;   /* of a selection or reference: what it may be; NULL: unknown */
	struct cache_keys *labels; /* of a selection's keys, in the same order; or NULL */
	struct cache_keys *states; /* values of the field "state" in which `readonly` is reversed */
	uint32_t size;		   /* of a char, in characters; 0: no limit */
	enum cache_field_type type;
	bool stored;
	bool derived;	 /* made from other fields, or another's mirror */
	bool searchable; /* the server can look for its values */
	bool sortable;
	bool readonly;
	bool required;
};

struct cache_schema {
	struct cache_field *fields; /* ascending by name, as strcmp(3) orders; without "id" */
	size_t n_fields;
	bool has_write_date;
	struct cache_schema *next; /* in a list of retired ones */
};

/*
 * Make a schema of fields_get's answer. Returns 0 and a schema that the caller owns, or -EBADMSG
 * with an error. A field whose name is over ODOO_MAX_NAME, or isn't an identifier, is an error.
 */
int cache_schema_parse(
	const cJSON *fields, struct cache_schema **ret_schema, struct odoo_error *error);

/* NULL is allowed. */
void cache_schema_destroy(struct cache_schema *schema);

/* Put one that was replaced on a list, to live until all who may refer to it are done. */
static inline void cache_schema_retire(struct cache_schema **list, struct cache_schema *schema)
{
	if (schema) {
		schema->next = *list;
		*list = schema;
	}
}

static inline void cache_schema_destroy_all(struct cache_schema *list)
{
	while (list) {
		struct cache_schema *next = list->next;

		cache_schema_destroy(list);
		list = next;
	}
}

/* By name; NULL when there is none. */
const struct cache_field *cache_schema_find(const struct cache_schema *schema, const char *name);

/* Whether Odoo itself keeps this field: create_date, write_uid, display_name, … */
bool cache_field_is_log(const char *name);

/*
 * Whether the field can't be set on a record whose field "state" has this value. NULL is a state
 * that isn't known: then a field that can be set in any state can be.
 */
bool cache_field_is_readonly(const struct cache_field *field, const char *state);

/* The attributes that cache_schema_parse reads, to be asked for in fields_get. */
extern const char *const cache_schema_attributes[];
extern const size_t cache_schema_n_attributes;

#endif
