/* SPDX-License-Identifier: MIT */
#include "fs/view_node.h"

#include "fs/spool.h"
#include "fs/view_links.h"
#include "fs/view_names.h"
#include "fs/view_number.h"

#include "odoo/cleanup.h"
#include "odoo/clock.h"

#include <errno.h>
#include <search.h>
#include <string.h>
#include <time.h>

/* The two orders of the table; both begin empty. */
struct view_table {
	void *by_number; /* tsearch(3), of struct view_node */
	void *by_name;	 /* named ones */
	void *roots;	 /* by model */
	uint64_t last_serial;
	int64_t scanned_ms;
};

/* How often it is looked for what nobody needs. */
#define SCAN_MS 10000

static int compare_number(const void *a, const void *b)
{
	const struct view_node *left = a, *right = b;

	return (left->serial > right->serial) - (left->serial < right->serial);
}

static int compare_name(const void *a, const void *b)
{
	const struct view_node *left = a, *right = b;

	if (left->parent != right->parent) {
		return left->parent < right->parent ? -1 : 1;
	}
	return strcmp(left->view->text, right->view->text);
}

static int compare_root(const void *a, const void *b)
{
	const struct view_node *left = a, *right = b;

	return (left->model_number > right->model_number) -
	       (left->model_number < right->model_number);
}

static struct view_table *table_of(struct fs *fs)
{
	if (!fs->views) {
		fs->views = calloc(1, sizeof(*fs->views));
	}
	return fs->views;
}

/* ── Life ── */

static void node_free(struct view_node *node)
{
	spool_release(node->spool); /* before the rows that it reads */
	cache_rows_destroy(node->rows);
	for (size_t i = 0; i < node->n_old_rows; i++) {
		cache_rows_destroy(node->old_rows[i]);
	}
	free(node->old_rows);
	for (size_t i = 0; i < N_INFOS; i++) {
		cache_ask_destroy(node->asks[i]);
	}
	view_names_free(node->names_list);
	view_link_pages_free(node->link_pages);
	view_destroy(node->view);
	free(node->text);
	free(node);
}

/* With the mutex held. Takes over the view. */
static struct view_node *add(struct fs *fs, struct view_node *parent, struct view *view)
{
	struct view_table *table = table_of(fs);
	struct view_node *node = table ? calloc(1, sizeof(*node)) : NULL;

	if (!node) {
		view_destroy(view);
		return NULL;
	}
	node->view = view;
	node->parent = parent;
	node->model = parent->model;
	node->model_number = parent->model_number;
	node->path_hash = view_number_hash(parent->path_hash, view->text);
	node->touched_ms = clock_now_ms();
	do {
		node->serial = ++table->last_serial;
	} while (!(node->serial & VIEW_ID_MASK));
	node->named = true;
	if (!tsearch(node, &table->by_number, compare_number)) {
		node_free(node);
		return NULL;
	}
	if (!tsearch(node, &table->by_name, compare_name)) {
		tdelete(node, &table->by_number, compare_number);
		node_free(node);
		return NULL;
	}
	parent->n_children++;
	return node;
}

static bool is_needed(const struct view_node *node)
{
	return node->n_lookups || node->n_children || node->n_handles || !node->parent;
}

/*
 * With the mutex held: take out what isn't needed any more, upwards; returns them as a list by
 * their parents, for free_all.
 */
static struct view_node *take_out(struct fs *fs, struct view_node *node)
{
	struct view_node *out = NULL, **end = &out;

	while (!is_needed(node)) {
		struct view_node *parent = node->parent;

		tdelete(node, &fs->views->by_number, compare_number);
		if (node->named) {
			tdelete(node, &fs->views->by_name, compare_name);
		}
		parent->n_children--;
		*end = node;
		end = &node->parent;
		node = parent;
	}
	*end = NULL;
	return out;
}

/* Without the mutex. */
static void free_all(struct view_node *out)
{
	while (out) {
		struct view_node *next = out->parent;

		node_free(out);
		out = next;
	}
}

struct view_node *view_node_root(struct fs *fs, struct cache_model *model)
{
	const struct view_node wanted = { .model_number = cache_model_number(model) };
	struct view_node *root;
	void *found;

	_cleanup_unlock_ pthread_mutex_t *held = lock(&fs->view_mutex);
	if (!table_of(fs)) {
		return NULL;
	}
	found = tfind(&wanted, &fs->views->roots, compare_root);
	if (found) {
		return *(struct view_node **)found;
	}
	root = calloc(1, sizeof(*root));
	if (!root || !(root->view = view_create_root())) {
		free(root);
		return NULL;
	}
	root->model = model;
	root->model_number = wanted.model_number;
	root->path_hash = VIEW_NUMBER_HASH;
	if (!tsearch(root, &fs->views->roots, compare_root)) {
		node_free(root);
		return NULL;
	}
	return root;
}

/* With the mutex held. */
static struct view_node *find_number(struct fs *fs, const struct inode *inode)
{
	const struct view_node wanted = { .serial = (uint64_t)inode->version << VIEW_ID_BITS |
						    inode->id };
	void *found = fs->views ? tfind(&wanted, &fs->views->by_number, compare_number) : NULL;
	struct view_node *node = found ? *(struct view_node **)found : NULL;

	return node && node->model_number == inode->model ? node : NULL;
}

struct view_node *view_node_find(struct fs *fs, const struct inode *inode)
{
	_cleanup_unlock_ pthread_mutex_t *held = lock(&fs->view_mutex);

	return find_number(fs, inode);
}

/* With the mutex held. */
static struct view_node *find_name(struct fs *fs, struct view_node *parent, const struct view *view)
{
	struct view_node wanted = { .parent = parent, .view = (struct view *)view };
	void *found = fs->views ? tfind(&wanted, &fs->views->by_name, compare_name) : NULL;

	return found ? *(struct view_node **)found : NULL;
}

int view_node_step(struct fs *fs, struct view_node *parent, const char *name,
	struct view_node **ret_node, struct odoo_error *error)
{
	struct view_node *node;
	struct view *view;
	int r = view_step(parent->view, name, &view, error);

	if (r < 0) {
		return r;
	}
	_cleanup_unlock_ pthread_mutex_t *held = lock(&fs->view_mutex);
	node = find_name(fs, parent, view);
	if (node) {
		view_destroy(view);
		node->touched_ms = clock_now_ms();
	} else {
		node = add(fs, parent, view);
	}
	if (!node) {
		return -ENOMEM;
	}
	node->n_handles++;
	*ret_node = node;
	return 0;
}

/*
 * With the mutex held: the node that has the name of a file that is to have another content, and
 * none yet; held in the old one's place. NULL when out of memory.
 */
static struct view_node *replace(struct fs *fs, struct view_node *old)
{
	struct view_node *node = NULL;
	struct view *view = NULL;

	if (view_step(old->parent->view, old->view->text, &view, NULL) < 0) {
		return NULL;
	}
	if (old->named) {
		tdelete(old, &fs->views->by_name, compare_name);
		old->named = false;
	} else {
		node = find_name(fs, old->parent, view);
	}
	if (node) {
		view_destroy(view);
	} else {
		node = add(fs, old->parent, view);
	}
	if (node) {
		node->n_handles++;
		old->n_handles--;
	}
	return node;
}

static bool is_filled(const struct view_node *node)
{
	return node->text || node->spool;
}

int view_node_publish(
	struct fs *fs, struct view_node **node, char *text, size_t size, int64_t mtime)
{
	struct view_node *target = *node;

	_cleanup_unlock_ pthread_mutex_t *held = lock(&fs->view_mutex);
	if (target->text && target->size == size && memcmp(target->text, text, size) == 0) {
		free(text);
		return 0;
	}
	while (target && is_filled(target)) { /* by who was faster, the second time */
		target = replace(fs, target);
	}
	if (!target) {
		free(text);
		return -ENOMEM;
	}
	target->text = text;
	target->size = size;
	target->mtime = mtime;
	*node = target;
	return 0;
}

int view_node_set_spool(struct fs *fs, struct view_node **node, struct spool *spool)
{
	struct view_node *target = *node;

	_cleanup_unlock_ pthread_mutex_t *held = lock(&fs->view_mutex);
	while (target && is_filled(target)) {
		target = replace(fs, target);
	}
	if (!target) {
		spool_release(spool);
		return -ENOMEM;
	}
	target->spool = spool;
	*node = target;
	return 0;
}

void view_node_set_size(struct fs *fs, struct view_node *node, size_t size)
{
	_cleanup_unlock_ pthread_mutex_t *held = lock(&fs->view_mutex);

	node->size = size;
	node->mtime = node->mtime ? node->mtime : time(NULL);
}

void view_node_looked_up(struct fs *fs, struct view_node *node)
{
	_cleanup_unlock_ pthread_mutex_t *held = lock(&fs->view_mutex);

	node->n_lookups++;
}

void view_node_forget(struct fs *fs, const struct inode *inode, uint64_t n)
{
	struct view_node *node, *out = NULL;

	pthread_mutex_lock(&fs->view_mutex);
	node = find_number(fs, inode);
	if (node) {
		node->n_lookups -= n < node->n_lookups ? n : node->n_lookups;
		out = take_out(fs, node);
	}
	pthread_mutex_unlock(&fs->view_mutex);
	free_all(out);
}

void view_node_hold(struct fs *fs, struct view_node *node)
{
	_cleanup_unlock_ pthread_mutex_t *held = lock(&fs->view_mutex);

	node->n_handles++;
}

void view_node_release(struct fs *fs, struct view_node *node)
{
	struct view_node *out;

	pthread_mutex_lock(&fs->view_mutex);
	node->n_handles--;
	out = take_out(fs, node);
	pthread_mutex_unlock(&fs->view_mutex);
	free_all(out);
}

void view_node_let_go(struct fs *fs, struct view_node *node)
{
	_cleanup_unlock_ pthread_mutex_t *held = lock(&fs->view_mutex);

	node->n_handles--;
}

struct cache_rows *view_node_rows(struct fs *fs, struct view_node *node, int64_t now)
{
	_cleanup_unlock_ pthread_mutex_t *held = lock(&fs->view_mutex);

	return now < node->rows_until ? node->rows : NULL;
}

/* With the mutex held: put by those of another day. */
static int put_by(struct view_node *node)
{
	struct cache_rows **grown =
		reallocarray(node->old_rows, node->n_old_rows + 1, sizeof(*node->old_rows));

	if (!grown) {
		return -ENOMEM;
	}
	node->old_rows = grown;
	grown[node->n_old_rows++] = steal(node->rows);
	return 0;
}

struct cache_rows *view_node_set_rows(
	struct fs *fs, struct view_node *node, struct cache_rows *made, int64_t now, int64_t until)
{
	struct cache_rows *rows;

	pthread_mutex_lock(&fs->view_mutex);
	if (node->rows && now >= node->rows_until) {
		put_by(node);
	}
	if (!node->rows) {
		node->rows = steal(made);
		node->rows_until = until;
	}
	rows = node->rows;
	pthread_mutex_unlock(&fs->view_mutex);
	cache_rows_destroy(made);
	return rows;
}

struct cache_ask *view_node_ask(struct fs *fs, struct view_node *node, unsigned which, bool strict)
{
	_cleanup_unlock_ pthread_mutex_t *held = lock(&fs->view_mutex);

	if (!node->asks[which]) {
		node->asks[which] = cache_ask_create(fs->cache, node->model, strict);
	}
	return node->asks[which];
}

/* ── Records ── */

bool view_node_takes_records(struct fs *fs, const struct inode *directory)
{
	const struct view_node *node;

	if (directory->kind != INODE_VIEW) {
		return directory->kind == INODE_MODEL;
	}
	node = view_node_find(fs, directory);
	return node && view_node_has_records(node);
}

/* ── Upkeep ── */

struct scan {
	int64_t before;
	struct view_node *found[64];
	size_t n;
};

static void look_for_orphans(const void *item, VISIT visit, void *data)
{
	struct view_node *node = *(struct view_node *const *)item;
	struct scan *scan = data;

	if ((visit == postorder || visit == leaf) && !is_needed(node) &&
		node->touched_ms < scan->before && scan->n < 64) {
		scan->found[scan->n++] = node;
	}
}

void view_nodes_scan(struct fs *fs)
{
	/* Longer than a lookup may take. */
	struct scan scan = {
		.before = clock_now_ms() - (fs->options->timeout + 10) * 1000LL,
	};
	struct view_node *out[64];

	pthread_mutex_lock(&fs->view_mutex);
	if (fs->views && fs->views->scanned_ms < clock_now_ms() - SCAN_MS) {
		fs->views->scanned_ms = clock_now_ms();
		twalk_r(fs->views->by_number, look_for_orphans, &scan);
	}
	for (size_t i = 0; i < scan.n; i++) {
		out[i] = take_out(fs, scan.found[i]);
	}
	pthread_mutex_unlock(&fs->view_mutex);
	for (size_t i = 0; i < scan.n; i++) {
		free_all(out[i]);
	}
}

static void free_visited(void *node)
{
	node_free(node);
}

/* One that isn't whole yet reads rows of another node. */
static void release_spool(const void *item, VISIT visit, void *data)
{
	struct view_node *node = *(struct view_node *const *)item;

	if (visit == postorder || visit == leaf) {
		spool_release(steal(node->spool));
	}
}

static void keep_visited(void *node)
{
}

void view_nodes_finish(struct fs *fs)
{
	if (fs->views) {
		twalk_r(fs->views->by_number, release_spool, NULL);
		tdestroy(fs->views->by_name, keep_visited);
		tdestroy(fs->views->by_number, free_visited);
		tdestroy(fs->views->roots, free_visited);
		free(steal(fs->views));
	}
}
