/* SPDX-License-Identifier: MIT */
/*
 * A small Odoo: tables of records with a write_date, answering what the cache asks, and failing
 * where it is told to.
 */
#ifndef TESTS_UNIT_CACHE_SMALL_ODOO_H
#define TESTS_UNIT_CACHE_SMALL_ODOO_H

#include "stub.h"

#define SMALL_TABLES 8
#define SMALL_RULES 100
#define SMALL_CANNED 16

struct small_row {
	uint32_t id;
	unsigned revision;
	unsigned padding; /* bytes that its text is longer than others' */
	int64_t write_date, create_date;
};

/* A read fails that asks for this field of this record. */
struct small_rule {
	const char *field; /* NULL: any field but the id */
	uint32_t id;	   /* 0: any record */
	enum odoo_fault fault;
};

struct small_table {
	const char *name;
	struct small_row *rows; /* ascending by id */
	size_t n_rows, capacity;
	unsigned n_extra; /* fields "extra_00", … beside name and the dates */
	bool no_write_date;
	int miscount;	     /* what the group call counts more than there are */
	size_t most_records; /* more of them, with their fields, are too large; 0: no limit */
	const char *strange; /* value of the name that the renderer can't show, … */
	uint32_t strange_id, strange_last; /* … in this record, or these, … */
	bool strange_all;		   /* … or in all */
	struct small_rule rules[SMALL_RULES];
	size_t n_rules;
};

/* An answer that is always the same: JSON, or a fault. */
struct small_canned {
	const char *name; /* "ir.model.search_read" */
	const char *json;
	enum odoo_fault fault;
};

struct small_odoo {
	pthread_mutex_t mutex; /* held while it answers and while it is changed */
	struct odoo_client *client;
	struct small_table tables[SMALL_TABLES];
	size_t n_tables;
	struct small_canned canned[SMALL_CANNED];
	size_t n_canned;
	_Atomic enum odoo_fault down; /* every call fails with this */
};

void small_init(struct small_odoo *odoo, struct odoo_client *client);
void small_finish(struct small_odoo *odoo);

/* A table with the records 1 to n, the last one a day old, each one 100 s older than the next. */
struct small_table *small_add_table(struct small_odoo *odoo, const char *name, uint32_t n);

/* Answer the calls "MODEL.METHOD" with this JSON, or, where it is NULL, with the fault. */
void small_can(struct small_odoo *odoo, const char *name, const char *json, enum odoo_fault fault);
void small_uncan(struct small_odoo *odoo, const char *name);

void small_fail(struct small_table *table, const char *field, uint32_t id, enum odoo_fault fault);

/* The server's clock, in seconds. */
int64_t small_now(const struct small_odoo *odoo);

struct small_row *small_find(struct small_table *table, uint32_t id);

/* Write to a record now: a new revision, a new write_date. Create it; or only if it isn't there. */
void small_write(struct small_odoo *odoo, struct small_table *table, uint32_t id);
void small_create(struct small_odoo *odoo, struct small_table *table, uint32_t id);
void small_restore(struct small_odoo *odoo, struct small_table *table, uint32_t id);
void small_unlink(struct small_odoo *odoo, struct small_table *table, uint32_t id);

#endif
