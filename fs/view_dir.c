/* SPDX-License-Identifier: MIT */
#include "fs/view_dir.h"

#include "fs/binary.h"
#include "fs/name.h"
#include "fs/overlay.h"
#include "fs/view_links.h"
#include "fs/view_names.h"
#include "fs/view_number.h"
#include "fs/view_op.h"

#include "odoo/cleanup.h"

#include <errno.h>
#include <string.h>

#define POSITION_BITS 40

static off_t offset_of(uint32_t edition, uint32_t position)
{
	return (off_t)edition << POSITION_BITS | dir_offset(position, 0);
}

static uint32_t edition_at(off_t offset)
{
	return (uint32_t)(offset >> POSITION_BITS);
}

static uint32_t position_at(off_t offset)
{
	return dir_place(offset & (((off_t)1 << POSITION_BITS) - 1));
}

static bool begins(const struct op *op)
{
	return op->offset <= DIR_DOTS;
}

static bool add_dots(struct listing *listing, const struct view_node *node)
{
	const struct inode self = view_node_inode(node), parent = view_node_inode(node->parent);

	return dir_add_dots(listing, inode_number(&self), inode_number(&parent));
}

/* ── Records ── */

/* What of the rows has room in one answer, and where it stands. */
struct page {
	uint32_t *ids;
	size_t n;
	bool by_id;
	bool resumes; /* the first is the record whose own file was listed last */
	uint32_t edition, position;
};

static int read_by_id(struct op *op, struct cache_rows *rows, struct page *page, size_t max)
{
	uint32_t after = begins(op) ? 0 : dir_place(op->offset);
	int r;

	page->resumes = page->resumes && after;
	page->ids[0] = after;
	r = cache_rows_get_after(
		rows, after, page->ids + page->resumes, max, &page->n, &op->waiter);
	page->n += page->resumes;
	return r;
}

/* Up to `max` past where the listing stands, and that one, where page->resumes is set. */
static int read_page(struct op *op, struct cache_rows *rows, struct page *page, size_t max)
{
	size_t n = 1;
	int r = 0;

	page->by_id = cache_rows_are_by_id(rows);
	if (page->by_id) {
		return read_by_id(op, rows, page, max);
	}
	if (begins(op)) {
		r = cache_rows_begin(rows, &page->edition, &op->waiter);
		page->resumes = false;
	} else {
		page->edition = edition_at(op->offset);
		page->position = position_at(op->offset);
	}
	if (page->resumes) {
		r = cache_rows_get(
			rows, page->edition, page->position - 1, page->ids, 1, &n, &op->waiter);
		page->resumes = n != 0;
	}
	r = r ? r
	      : cache_rows_get(rows, page->edition, page->position, page->ids + page->resumes, max,
			&page->n, &op->waiter);
	page->n += page->resumes;
	page->position -= page->resumes;
	return r;
}

static off_t next_offset(const struct page *page, size_t i)
{
	return page->by_id ? dir_offset(page->ids[i], 0)
			   : offset_of(page->edition, page->position + (uint32_t)i + 1);
}

static bool add_page(struct listing *listing, struct view_node *node, const struct page *page,
	const struct dir_binaries *binaries, const struct cache_attr *attrs)
{
	struct fs *fs = listing->op->fs;
	struct fs_model_view view;

	fs_model_view(fs, node->model, &view);
	for (size_t i = 0; i < page->n; i++) {
		off_t own = next_offset(page, i);
		bool shown = (i || !page->resumes) && !overlay_hides(fs, view.number, page->ids[i]);

		if ((shown && !dir_add_record(listing, &view, page->ids[i], &attrs[i], 0, own)) ||
			!dir_add_binaries(listing, node->model, binaries, page->ids[i], own, 0)) {
			return false;
		}
	}
	return true;
}

/* Who lists on wants those behind the page, too: their binary fields are asked for together. */
static int load_binaries(struct listing *listing, const struct view_node *node,
	struct cache_rows *rows, const struct page *page, struct dir_binaries *ret_binaries)
{
	_cleanup_free_ uint32_t *ahead = NULL;
	struct cache_binary_scope scope = { .ids = page->ids, .n_ids = page->n };

	*ret_binaries = (struct dir_binaries){ 0 };
	if (page->n && page->n < LINKS_PAGE) {
		ahead = calloc(LINKS_PAGE, sizeof(*ahead));
		if (!ahead) {
			return -ENOMEM;
		}
		scope.ahead = ahead;
		scope.n_ahead = cache_rows_following(rows, page->ids[0], ahead, LINKS_PAGE);
	}
	return dir_binaries_load(listing, node->model, scope, ret_binaries);
}

static int add_records(struct listing *listing, struct view_node *node, struct cache_rows *rows,
	const struct page *page)
{
	struct op *op = listing->op;
	_cleanup_free_ struct cache_attr *attrs = calloc(page->n + 1, sizeof(*attrs));
	struct dir_binaries binaries = { 0 };
	int r = attrs ? load_binaries(listing, node, rows, page, &binaries) : -ENOMEM;

	if (r == 0 && op->plus) {
		cache_record_peek(op->fs->cache, node->model, page->ids, page->n, attrs);
	}
	if (r == 0) {
		if (add_dots(listing, node)) {
			add_page(listing, node, page, &binaries, attrs);
		}
		dir_reply(listing);
	}
	dir_binaries_finish(&binaries);
	return r;
}

/* Files that .columns makes are the view's own. */
static int add_files(struct listing *listing, const struct view_node *node, const struct page *page)
{
	if (!add_dots(listing, node)) {
		return dir_reply(listing);
	}
	for (size_t i = 0; i < page->n; i++) {
		struct fuse_entry_param entry = { .attr.st_mode = S_IFREG };
		char name[NAME_RECORD_MAX];

		name_of_record(page->ids[i], name);
		entry.attr.st_ino = view_node_child_number(node, name);
		if (!dir_add(listing, name, &entry, next_offset(page, i))) {
			break;
		}
	}
	return dir_reply(listing);
}

static int list_rows(struct listing *listing, struct view_node *node)
{
	struct op *op = listing->op;
	_cleanup_free_ uint32_t *ids = calloc(dir_room(listing) + 1, sizeof(*ids));
	struct page page = { .ids = ids, .resumes = view_node_has_records(node) };
	struct cache_rows *rows;
	int r = ids ? view_op_rows(op, node, &rows) : -ENOMEM;

	if (r == 0) {
		r = view_op_rows_failed(
			op, node, rows, read_page(op, rows, &page, dir_room(listing)));
	}
	if (r != 0) {
		return r;
	}
	return view_node_has_records(node) ? add_records(listing, node, rows, &page)
					   : add_files(listing, node, &page);
}

/* ── Links ── */

/* What of a directory of links is listed now. */
struct links {
	struct view_node *node;
	struct page page;
	size_t n_named; /* ids in its list whose names are asked for together */
	struct dir_binaries binaries;
};

/* 0; -ENOENT when the name isn't known; -ENOSPC when the listing is full; or -ENOMEM. */
static int add_link(struct listing *listing, const struct links *links, uint32_t id,
	const char *end, off_t next)
{
	struct fuse_entry_param entry = { .attr.st_mode = S_IFLNK };
	char name[NAME_MAX + 1];
	int r = view_link_name(listing->op, links->node, id, end, name);

	if (r != 0) {
		return r;
	}
	entry.attr.st_ino = view_node_child_number(links->node, name);
	return dir_add(listing, name, &entry, next) ? 0 : -ENOSPC;
}

static bool add_binary_link(
	struct listing *listing, const struct cache_binary *binary, off_t next, void *data)
{
	const struct links *links = data;
	char name[CACHE_BINARY_NAME_MAX];

	return !binary_print_name(listing->op->fs, links->node->model, binary, name) ||
	       add_link(listing, links, binary->id, strchr(name, '.'), next) == 0;
}

/* Add those of the names that are known: how many of the ids are dealt with. */
static size_t add_links(struct listing *listing, struct links *links, size_t i)
{
	const struct page *page = &links->page;

	for (; i < page->n; i++) {
		uint32_t id = page->ids[i];
		off_t own = next_offset(page, i);
		bool shown = i || !page->resumes;

		if ((shown && add_link(listing, links, id, ".json", own) < 0) ||
			!dir_each_binary(
				listing, &links->binaries, id, own, add_binary_link, links)) {
			break;
		}
	}
	return i;
}

static int load_links(struct listing *listing, struct links *links)
{
	struct op *op = listing->op;
	struct page *page = &links->page;
	struct cache_rows *rows;
	int r = view_op_rows(op, links->node, &rows);

	page->resumes = view_links_have_binaries(links->node);
	if (r == 0) {
		r = view_op_rows_failed(
			op, links->node, rows, read_page(op, rows, page, LINKS_PAGE - 1));
	}
	links->n_named = page->n;
	page->n = page->n < dir_room(listing) ? page->n : dir_room(listing);
	if (r == 0 && view_links_have_binaries(links->node)) {
		r = load_binaries(listing, links->node, rows, page, &links->binaries);
	}
	return r;
}

/* What is known is given; only when nothing is there is anything to wait for. */
static int list_links(struct listing *listing, struct view_node *node)
{
	struct op *op = listing->op;
	_cleanup_free_ uint32_t *ids = calloc(LINKS_PAGE, sizeof(*ids));
	struct links links = { .node = node, .page.ids = ids };
	const struct page *page = &links.page;
	size_t done = 0, dots = 0;
	int r = ids ? load_links(listing, &links) : -ENOMEM;

	if (r == 0) {
		add_dots(listing, node);
		dots = listing->used;
	}
	while (r == 0 && done < page->n && listing->used == dots) {
		r = view_links_ensure(op, node, page->ids + done, links.n_named - done);
		if (r == 0) {
			done = add_links(listing, &links, done);
		} else if (r == -ENOENT) {
			done++; /* it went meanwhile */
			r = 0;
		}
	}
	dir_binaries_finish(&links.binaries);
	if (r != 0) {
		return r;
	}
	if (page->n > page->resumes && done == page->n && listing->used == dots) {
		op->offset = next_offset(page, page->n - 1); /* all of them went */
		return list_links(listing, node);
	}
	return dir_reply(listing);
}

/* ── Names ── */

static int add_names(struct listing *listing, const struct view_node *node, uint32_t edition)
{
	const struct op *op = listing->op;
	uint32_t position = begins(op) ? 0 : position_at(op->offset);
	const struct view_names *names;

	_cleanup_unlock_ pthread_mutex_t *held = lock(&op->fs->view_mutex);
	names = view_names_find(node, edition);
	if (!names) {
		return -ESTALE;
	}
	for (; position < names->n_names; position++) {
		struct fuse_entry_param entry = { .attr.st_mode = view_names_type(node) };

		entry.attr.st_ino = view_node_child_number(node, names->names[position]);
		if (!dir_add(listing, names->names[position], &entry,
			    offset_of(edition, position + 1))) {
			break;
		}
	}
	return 0;
}

static int list_names(struct listing *listing, struct view_node *node)
{
	struct op *op = listing->op;
	uint32_t edition = edition_at(op->offset);
	int r = begins(op) ? view_names_begin(op, node, &edition) : 0;

	if (r != 0) {
		return r;
	}
	if (add_dots(listing, node)) {
		r = add_names(listing, node, edition);
	}
	return r ? r : dir_reply(listing);
}

int view_dir_check(struct op *op)
{
	struct view_node *node;
	int r = view_op_node(op, &node);

	if (r != 0) {
		return r;
	}
	while (node->view->kind == VIEW_NAMES || node->view->kind == VIEW_EXPORT) {
		node = node->parent;
	}
	return view_op_check(op, node, true);
}

/* On a read-only mount nobody asked view_dir_check. The C library takes ENOENT for the end. */
static int told(int r)
{
	return r == -ENOENT ? -EINVAL : r;
}

int view_list(struct listing *listing)
{
	struct view_node *node;
	int r = view_op_node(listing->op, &node);

	if (r != 0) {
		return r;
	}
	if (!view_is_directory(node->view->kind)) {
		return -ENOTDIR;
	}
	if (node->view->kind == VIEW_NAMES) {
		return told(list_links(listing, node));
	}
	return told(
		view_has_rows(node->view) ? list_rows(listing, node) : list_names(listing, node));
}
