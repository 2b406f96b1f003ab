/* SPDX-License-Identifier: MIT */
#include "fs/export.h"

#include "fs/export_format.h"
#include "fs/file.h"
#include "fs/left_out.h"

#include "cache/question.h"
#include "cache/write.h"
#include "odoo/cleanup.h"
#include "odoo/clock.h"
#include "odoo/json.h"
#include "odoo/temporary.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define PAGE 1000
#define PAGES 2

/* So many values that can't be shown are named one by one. */
#define NAMED_MAX 20

/* Records that are asked for. */
struct page {
	uint32_t ids[PAGE];
	size_t n_ids;
	struct cache_ask *ask; /* NULL: not asked yet */
	unsigned steps;	       /* of it */
};

struct exporter {
	struct fs *fs;		 /* constant */
	struct view_node *node;	 /* constant */
	bool holds;		 /* the node; constant */
	struct cache_rows *rows; /* constant */
	uint32_t edition;	 /* constant; pinned */
	const char **names;	 /* of the fields, for read; constant */

	pthread_mutex_t mutex; /* protects the rest */
	struct export_format format;
	struct page pages[PAGES]; /* the first is the next to be written */
	size_t n_pages;
	uint32_t position; /* behind the ids of the last page */
	bool no_more;	   /* pages */
	bool ended;
	struct left_out left_out;
	unsigned n_named;
	struct buffer text; /* what was made and not been read yet, and … */
	size_t start;	    /* … where in all of it that begins */
};

/* ── Opening ── */

/* With the schemas held. What a record's file has, unless there are .columns. */
static int choose_fields(struct op *op, struct view_node *node, const struct view_schemas *schemas,
	struct export_format *format, struct odoo_error *error)
{
	_cleanup_free_ const char **names = NULL;
	size_t n = 0;
	int r = view_query_columns(node->view, schemas, &format->fields, &format->n_fields, error);

	if (r != 0 || format->n_fields) {
		return r;
	}
	free(steal(format->fields));
	r = cache_model_read_fields(op->fs->cache, node->model, &names, &n);
	if (r < 0) {
		return r;
	}
	format->fields = calloc(n + 1, sizeof(*format->fields));
	if (!format->fields) {
		return -ENOMEM;
	}
	r = view_query_field(schemas, "id", &format->fields[format->n_fields++], error);
	for (size_t i = 0; r == 0 && i < n; i++) {
		r = view_query_field(schemas, names[i], &format->fields[format->n_fields++], error);
	}
	return r;
}

static int set_up(struct op *op, struct view_node *node, struct exporter *exporter)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };
	struct view_schemas_use use;
	int r;

	view_schemas_begin(&use, op, node, true);
	r = choose_fields(op, node, &use.schemas, &exporter->format, &error);
	if (r == 0) { /* the fields are the schemas': they are held as long as this is open */
		cache_schemas_hold(op->fs->cache);
	}
	view_schemas_end(&use);
	if (r != 0) {
		free(steal(exporter->format.fields));
		return view_op_failed(op, node, NULL, r, &error);
	}
	exporter->names = calloc(exporter->format.n_fields + 1, sizeof(*exporter->names));
	for (size_t i = 0; exporter->names && i < exporter->format.n_fields; i++) {
		exporter->names[i] = exporter->format.fields[i]->name;
	}
	return exporter->names ? 0 : -ENOMEM;
}

int export_open(struct op *op, struct view_node *node, bool hold, struct exporter **ret_exporter)
{
	struct exporter *exporter = NULL;
	struct cache_rows *rows;
	uint32_t edition;
	int r = view_op_rows(op, node, &rows);

	if (r == 0) {
		r = view_op_rows_failed(
			op, node, rows, cache_rows_begin(rows, &edition, &op->waiter));
	}
	if (r == 0) {
		r = cache_schema_ensure(op->fs->cache, node->model, &op->waiter);
	}
	if (r != 0) {
		return r;
	}
	if (!cache_rows_pin(rows, edition)) {
		return -ESTALE;
	}
	exporter = calloc(1, sizeof(*exporter));
	if (!exporter) {
		cache_rows_unpin(rows, edition);
		return -ENOMEM;
	}
	pthread_mutex_init(&exporter->mutex, NULL);
	if (hold) {
		view_node_hold(op->fs, node);
	}
	exporter->fs = op->fs;
	exporter->node = node;
	exporter->holds = hold;
	exporter->rows = rows;
	exporter->edition = edition;
	exporter->format.kind = (enum view_export)node->view->number;
	exporter->format.many2one_names = op->fs->options->many2one_names;
	r = set_up(op, node, exporter);
	if (r != 0) {
		export_close(exporter);
		return r;
	}
	export_begin(&exporter->format, &exporter->text);
	*ret_exporter = exporter;
	return 0;
}

void export_close(struct exporter *exporter)
{
	if (!exporter) {
		return;
	}
	for (size_t i = 0; i < PAGES; i++) {
		cache_ask_destroy(exporter->pages[i].ask);
	}
	cache_rows_unpin(exporter->rows, exporter->edition);
	if (exporter->format.fields) {
		cache_schemas_release(exporter->fs->cache);
		free(exporter->format.fields);
	}
	free(exporter->names);
	buffer_finish(&exporter->text);
	if (exporter->holds) {
		view_node_release(exporter->fs, exporter->node);
	}
	pthread_mutex_destroy(&exporter->mutex);
	free(exporter);
}

/* ── Making text; with the mutex held ── */

/* Ask for the next page: 0; CACHE_WAIT while its ids aren't there; or -errno. */
static int add_page(struct op *op, struct exporter *exporter, struct cache_waiter *waiter)
{
	struct page *page = &exporter->pages[exporter->n_pages];
	int r = cache_rows_get(exporter->rows, exporter->edition, exporter->position, page->ids,
		PAGE, &page->n_ids, waiter);

	if (r != 0) {
		return view_op_rows_failed(op, exporter->node, exporter->rows, r);
	}
	if (!page->n_ids) {
		exporter->no_more = true;
		return 0;
	}
	page->ask = cache_ask_create(op->fs->cache, exporter->node->model, false);
	if (!page->ask) {
		return -ENOMEM;
	}
	cache_ask_keep(page->ask);
	exporter->position += (uint32_t)page->n_ids;
	exporter->n_pages++;
	return cache_ask_records_ahead(page->ask, page->ids, page->n_ids, exporter->names,
		exporter->format.n_fields, exporter->format.kind != EXPORT_CSV);
}

/* As many pages ahead as there may be; only for the first of them the op waits. */
static int fill(struct op *op, struct exporter *exporter, struct cache_waiter *waiter)
{
	int r = 0;

	while (r == 0 && exporter->n_pages < PAGES && !exporter->no_more) {
		r = add_page(op, exporter, exporter->n_pages ? NULL : waiter);
	}
	return exporter->n_pages ? 0 : r;
}

/* What the server failed on was reported as a failure of its record. */
static void note_gaps(struct exporter *exporter, uint32_t id, const struct export_gaps *gaps)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };
	struct left_out *left_out = &exporter->left_out;

	if (gaps->n_missing) {
		left_out_add_values(left_out, id, gaps->missing->name, gaps->n_missing);
	}
	if (!gaps->n_wrong) {
		return;
	}
	left_out_add_values(left_out, id, gaps->wrong->name, gaps->n_wrong);
	if (exporter->n_named++ < NAMED_MAX) {
		odoo_error_set(&error, ODOO_FAULT_MALFORMED,
			"record %u: the value of \"%s\" can't be shown, and is left out", id,
			gaps->wrong->name);
		view_op_note(exporter->fs, exporter->node, &error);
	}
}

/* Once it is whole. */
static void tell_left_out(struct exporter *exporter)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };

	if (left_out_tell(&exporter->left_out, &error)) {
		view_op_note(exporter->fs, exporter->node, &error);
	}
}

/* In the order of the ids; what isn't there any more is left out. */
static void write_page(struct exporter *exporter, const struct page *page, const cJSON *records)
{
	const cJSON *record = records->child;

	for (size_t i = 0; i < page->n_ids; i++) {
		struct export_gaps gaps;
		uint32_t id = 0;

		if (!record || odoo_json_get_id(odoo_json_get(record, "id"), &id) < 0 ||
			id != page->ids[i]) {
			cJSON_ArrayForEach (record, records) {
				if (odoo_json_get_id(odoo_json_get(record, "id"), &id) == 0 &&
					id == page->ids[i]) {
					break;
				}
			}
		}
		if (!record) {
			left_out_add_record(&exporter->left_out, page->ids[i]);
			record = records->child;
			continue;
		}
		export_record(&exporter->format, &exporter->text, record, &gaps);
		note_gaps(exporter, id, &gaps);
		record = record->next;
	}
}

static void drop_first_page(struct exporter *exporter)
{
	cache_ask_destroy(exporter->pages[0].ask);
	exporter->n_pages--;
	memmove(exporter->pages, exporter->pages + 1,
		sizeof(exporter->pages) - sizeof(exporter->pages[0]));
	exporter->pages[PAGES - 1].ask = NULL;
}

/* It takes as long as it takes, while it gets on. */
static void renew(struct op *op)
{
	op->started_ms = clock_now_ms();
	op->runs = 0;
}

/* Make more text: 0, CACHE_WAIT, or -errno. */
static int go_on(struct op *op, struct exporter *exporter)
{
	_cleanup_answer_ struct cache_answer *answer = NULL;
	struct page *page = &exporter->pages[0];
	unsigned steps;
	int r = fill(op, exporter, &op->waiter);

	if (r != 0) {
		return r;
	}
	if (!exporter->n_pages) {
		export_end(&exporter->format, &exporter->text);
		exporter->ended = true;
		tell_left_out(exporter);
		return 0;
	}
	steps = cache_ask_steps(page->ask);
	if (steps != page->steps) {
		page->steps = steps;
		renew(op);
	}
	r = cache_ask_get(page->ask, &answer, &op->waiter);
	if (r != 0) {
		return r < 0 ? view_op_ask_failed(op, exporter->node, page->ask, r) : r;
	}
	if (!cJSON_IsArray(answer->json)) {
		return -EIO;
	}
	write_page(exporter, page, answer->json);
	drop_first_page(exporter);
	fill(op, exporter, NULL); /* what fails is told when it is needed */
	renew(op);
	return exporter->text.failed ? -ENOMEM : 0;
}

/* ── Reading ── */

/* Forget the text before an offset. */
static void forget(struct exporter *exporter, size_t offset)
{
	size_t n = offset - exporter->start;

	if (offset <= exporter->start) {
		return;
	}
	n = n < exporter->text.size ? n : exporter->text.size;
	exporter->text.size -= n;
	exporter->start += n;
	if (exporter->text.size) {
		memmove(exporter->text.text, exporter->text.text + n, exporter->text.size);
	}
}

int export_read(struct op *op, struct exporter *exporter)
{
	size_t offset = (size_t)op->offset;
	int r = 0;

	_cleanup_unlock_ pthread_mutex_t *held = lock(&exporter->mutex);
	while (r == 0 && !exporter->ended && offset >= exporter->start + exporter->text.size) {
		forget(exporter, offset);
		r = go_on(op, exporter);
	}
	if (r == 0 && offset < exporter->start) {
		r = -ESPIPE;
	}
	if (r == 0) {
		file_reply_part(op->req, exporter->text.text, exporter->text.size, op->size,
			(off_t)(offset - exporter->start));
	}
	return r;
}

int export_spool(struct op *op, struct exporter *exporter, int fd, size_t *ret_size)
{
	int r = 0;

	_cleanup_unlock_ pthread_mutex_t *held = lock(&exporter->mutex);
	for (;;) {
		if (exporter->text.size) {
			r = temporary_file_write(
				fd, exporter->text.text, exporter->text.size, exporter->start);
			if (r < 0) {
				return r;
			}
			forget(exporter, exporter->start + exporter->text.size);
		}
		if (exporter->ended) {
			*ret_size = exporter->start;
			return 0;
		}
		r = go_on(op, exporter);
		if (r != 0) {
			return r;
		}
	}
}
