/* SPDX-License-Identifier: MIT */
#include "fs/view_links.h"

#include "fs/binary.h"
#include "fs/percent.h"

#include "cache/question.h"
#include "odoo/cleanup.h"
#include "odoo/clock.h"
#include "odoo/json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PAGES_MAX 4

struct link_name {
	uint32_t id;
	char *text;
};

struct view_link_page {
	struct view_link_page *next;
	int64_t made_ms;
	struct link_name *names; /* ascending by id */
	size_t n_names;
};

/* ── Pages ── */

static void page_free(struct view_link_page *page)
{
	for (size_t i = 0; i < page->n_names; i++) {
		free(page->names[i].text);
	}
	free(page->names);
	free(page);
}

void view_link_pages_free(struct view_link_page *pages)
{
	while (pages) {
		struct view_link_page *next = pages->next;

		page_free(pages);
		pages = next;
	}
}

static int by_id(const void *a, const void *b)
{
	const struct link_name *left = a, *right = b;

	return (left->id > right->id) - (left->id < right->id);
}

/* NULL when out of memory. */
static struct view_link_page *make_page(const cJSON *records)
{
	struct view_link_page *page = calloc(1, sizeof(*page));
	size_t n = (size_t)cJSON_GetArraySize(records);
	const cJSON *record;

	if (!page || !(page->names = calloc(n + 1, sizeof(*page->names)))) {
		free(page);
		return NULL;
	}
	page->made_ms = clock_now_ms();
	cJSON_ArrayForEach (record, records) {
		struct link_name *name = &page->names[page->n_names];
		const char *text = odoo_json_get_string(record, "display_name");

		if (odoo_json_get_id(odoo_json_get(record, "id"), &name->id) == 0 &&
			(name->text = strdup(text && *text ? text : "-"))) {
			page->n_names++;
		}
	}
	if (page->n_names) {
		qsort(page->names, page->n_names, sizeof(*page->names), by_id);
	}
	return page;
}

static int64_t oldest_for(const struct op *op)
{
	int64_t ttl_ago = clock_now_ms() - op->fs->options->ttl * 1000LL;

	return ttl_ago < op->started_ms ? ttl_ago : op->started_ms;
}

/* What a record is called; NULL when it isn't known. With view_mutex held. */
static const char *find_text(const struct view_node *node, uint32_t id, int64_t oldest)
{
	const struct link_name wanted = { .id = id }, *found = NULL;
	const struct view_link_page *page;

	for (page = node->link_pages; page && !found; page = page->next) {
		if (page->made_ms >= oldest) {
			found = bsearch(&wanted, page->names, page->n_names, sizeof(wanted), by_id);
		}
	}
	return found ? found->text : NULL;
}

/* With as much of what it is called as has room. */
int view_link_name(struct op *op, const struct view_node *node, uint32_t id, const char *end,
	char name[static NAME_MAX + 1])
{
	_cleanup_buffer_ struct buffer buffer = { 0 };
	char tail[NAME_MAX + 1];
	const char *text;

	snprintf(tail, sizeof(tail), " (%u)%s", id, end);
	pthread_mutex_lock(&op->fs->view_mutex);
	text = find_text(node, id, oldest_for(op));
	if (text) {
		percent_encode_cut(&buffer, text, NAME_MAX - strlen(tail));
	}
	pthread_mutex_unlock(&op->fs->view_mutex);
	if (!text) {
		return -ENOENT;
	}
	buffer_append_text(&buffer, tail);
	buffer_append_char(&buffer, '\0');
	if (buffer.failed) {
		return -ENOMEM;
	}
	memcpy(name, buffer.text, strlen(buffer.text) + 1);
	return 0;
}

/* What is known of a link: 0; -ENOENT when it was asked for, and there was none; or -ENODATA. */
static int look_up(struct op *op, struct view_node *node, uint32_t id)
{
	uint64_t changes = cache_model_changes(op->fs->cache, node->model);

	_cleanup_unlock_ pthread_mutex_t *held = lock(&op->fs->view_mutex);
	if (node->link_changes == changes && find_text(node, id, oldest_for(op))) {
		return 0;
	}
	return node->link_asked == id && node->link_asked_ms >= op->started_ms ? -ENOENT : -ENODATA;
}

/* Pages of another state go, and of those that are too many the oldest. */
static int keep_page(struct op *op, struct view_node *node, const cJSON *records)
{
	uint64_t changes = cache_model_changes(op->fs->cache, node->model);
	struct view_link_page *page = make_page(records), *changed = NULL, *old, **end;
	unsigned n = 0;

	if (!page) {
		return -ENOMEM;
	}
	pthread_mutex_lock(&op->fs->view_mutex);
	if (node->link_changes != changes) {
		changed = steal(node->link_pages);
		node->link_changes = changes;
	}
	page->next = node->link_pages;
	node->link_pages = page;
	for (end = &node->link_pages; *end && n < PAGES_MAX; n++) {
		end = &(*end)->next;
	}
	old = steal(*end);
	pthread_mutex_unlock(&op->fs->view_mutex);
	view_link_pages_free(changed);
	view_link_pages_free(old);
	return 0;
}

/* Who asked what last, so that a record that isn't there any more isn't asked for again and again.
 */
static void note_asked(struct op *op, struct view_node *node, uint32_t id)
{
	_cleanup_unlock_ pthread_mutex_t *held = lock(&op->fs->view_mutex);

	node->link_asked = id;
	node->link_asked_ms = clock_now_ms();
}

int view_links_ensure(struct op *op, struct view_node *node, const uint32_t *ids, size_t n)
{
	_cleanup_answer_ struct cache_answer *answer = NULL;
	struct cache_ask *ask = view_node_ask(op->fs, node, 0, false);
	int r = look_up(op, node, ids[0]);

	if (r == 0 || !ask) {
		return ask ? 0 : -ENOMEM;
	}
	r = cache_ask_get(ask, &answer, &op->waiter);
	if (r == 0) {
		r = keep_page(op, node, answer->json);
		r = r ? r : look_up(op, node, ids[0]);
	}
	if (r == -ENODATA) {
		note_asked(op, node, ids[0]);
		r = cache_ask_names(ask, ids, n, &op->waiter);
	}
	return r < 0 && r != -ENOENT ? view_op_ask_failed(op, node, ask, r) : r;
}

/* ── Links ── */

static bool is_right(struct op *op, const struct view_node *node, const char *end)
{
	char name[NAME_MAX + 1];

	return view_link_name(op, node->parent, node->view->number, end, name) == 0 &&
	       strcmp(name, node->view->text) == 0;
}

/* Whether the record has a file that ends so. */
static int find_file(struct op *op, struct view_node *node, const char *end)
{
	struct cache_binary binary;
	char name[NAME_MAX + 1];
	int r;

	if (strcmp(end, ".json") == 0) {
		return 0;
	}
	if (!view_links_have_binaries(node->parent)) {
		return -ENOENT;
	}
	snprintf(name, sizeof(name), "%u%s", node->view->number, end);
	r = binary_find(op, node->model, name, &binary);
	return r == -EPERM ? -ENOENT : r;
}

bool view_links_have_binaries(const struct view_node *node)
{
	return view_node_has_records(node->parent);
}

int view_link_text(struct op *op, struct view_node *node, char **ret_text, size_t *ret_size)
{
	const char *end = strrchr(node->view->text, ')') + 1; /* it has one: it is a link's */
	uint32_t id = node->view->number, ids[LINKS_PAGE];
	struct cache_rows *rows;
	size_t n;
	int r = view_op_rows(op, node, &rows);

	if (r == 0) {
		r = view_op_rows_failed(op, node, rows, cache_rows_has(rows, id, &op->waiter));
	}
	r = r ? r : find_file(op, node, end);
	if (r == 0) {
		n = cache_rows_following(rows, id, ids, LINKS_PAGE);
		r = view_links_ensure(op, node->parent, ids, n);
	}
	if (r != 0) {
		return r;
	}
	if (!is_right(op, node, end)) {
		return -ENOENT;
	}
	r = asprintf(ret_text, "../%u%s", id, end);
	*ret_size = r < 0 ? 0 : (size_t)r;
	return r < 0 ? -ENOMEM : 0;
}
