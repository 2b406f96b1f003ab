/* SPDX-License-Identifier: MIT */
/*
 * The table of what is below a model and asks something: directories of chains, and their files.
 *
 *	sale.order (the root of its chains, which the kernel knows as the model's directory)
 *	├── .filter ── state ── sale ── .export ── csv
 *	└── .info ── count
 *
 * A node is made when its name is looked up, and freed when the kernel has forgotten it and there
 * is nothing below it. The same path is the same node while it is known. A file's text never
 * changes: when there is another, the name gets another node, and who has the old one open reads
 * it to its end.
 *
 * fs->view_mutex protects the table and what isn't marked constant. No other lock is taken inside
 * of it. A node can't go while a request for it is under way, as the kernel holds it.
 */
#ifndef FS_VIEW_NODE_H
#define FS_VIEW_NODE_H

#include "fs/fs.h"
#include "fs/inode.h"
#include "fs/view.h"

#include "cache/ask.h"
#include "cache/rows.h"

struct spool;
struct view_link_page;

/* Names of a directory that isn't made of records; a reader in its middle finishes the old ones. */
struct view_names {
	struct view_names *next; /* the older ones */
	uint32_t edition;	 /* 1 to 2^22 */
	char **names;
	size_t n_names;
};

struct view_node {
	struct view *view;	   /* constant */
	struct view_node *parent;  /* constant; NULL: the root of a model's chains */
	struct cache_model *model; /* constant */
	uint32_t model_number;	   /* constant */
	uint64_t serial;	   /* constant; 0: a root */
	uint64_t path_hash;	   /* constant; for st_ino */
	bool named;		   /* its name leads to it; else to one that came after it */
	uint64_t n_lookups;	   /* that the kernel hasn't forgotten */
	unsigned n_children, n_handles;
	int64_t touched_ms;

	struct cache_rows *rows;      /* made when they are first asked for */
	struct cache_rows **old_rows; /* of another day; somebody may be reading them */
	size_t n_old_rows;
	int64_t rows_until;		 /* UNIX seconds: then "today" is another day */
	struct cache_ask *asks[N_INFOS]; /* made when they are asked; then constant */
	struct view_names *names_list;
	uint32_t names_edition;

	struct view_link_page *link_pages; /* of `.names`; see view_links.h */
	uint64_t link_changes;		   /* of the model, when they were made */
	uint32_t link_asked;		   /* the first record that was asked for last, … */
	int64_t link_asked_ms;		   /* … and when */

	struct spool
		*spool; /* of a file whose text has no room in memory; constant once it is set */
	char *text;	/* of a file, or a link's target; NULL: not known yet; then constant */
	size_t size;
	int64_t mtime;
};

/* The root of a model's chains; NULL when out of memory. It lives as long as the mount. */
struct view_node *view_node_root(struct fs *fs, struct cache_model *model);

/* By the kernel's number; NULL: unknown. */
struct view_node *view_node_find(struct fs *fs, const struct inode *inode);

/*
 * The node of a name in a directory, made if need be; it is held. Until view_node_looked_up it may
 * be gone some time after it was let go. Returns 0, or as view_step.
 */
int view_node_step(struct fs *fs, struct view_node *parent, const char *name,
	struct view_node **ret_node, struct odoo_error *error);

/*
 * Give a held file its text, or its spool, which are taken over. Where it had another one, the name
 * has another node from now on, which is held in its place. Returns 0 or -ENOMEM.
 */
int view_node_publish(
	struct fs *fs, struct view_node **node, char *text, size_t size, int64_t mtime);
int view_node_set_spool(struct fs *fs, struct view_node **node, struct spool *spool);

/* The size of its spool is known. */
void view_node_set_size(struct fs *fs, struct view_node *node, size_t size);

/* The kernel is told of it, once more; and forgets it so often. */
void view_node_looked_up(struct fs *fs, struct view_node *node);
void view_node_forget(struct fs *fs, const struct inode *inode, uint64_t n);

/* A file of it is opened, and closed. */
void view_node_hold(struct fs *fs, struct view_node *node);
void view_node_release(struct fs *fs, struct view_node *node);

/* Give back what view_node_step held, for who may come back to it soon. */
void view_node_let_go(struct fs *fs, struct view_node *node);

/* Its rows; NULL: they aren't made yet, or are of another day than `now` (UNIX seconds). */
struct cache_rows *view_node_rows(struct fs *fs, struct view_node *node, int64_t now);

/* Once they are made, and good for how long; `made` is kept, or freed if somebody was faster. */
struct cache_rows *view_node_set_rows(
	struct fs *fs, struct view_node *node, struct cache_rows *made, int64_t now, int64_t until);

/* One of its questions, made when it is first asked. NULL when out of memory. */
struct cache_ask *view_node_ask(struct fs *fs, struct view_node *node, unsigned which, bool strict);

/* Whether its directory has the records' own files. */
static inline bool view_node_has_records(const struct view_node *node)
{
	return view_has_rows(node->view) && !view_columns(node->view);
}

/* Whether files of a model's records can be made here: in its directory, or in a view of it. */
bool view_node_takes_records(struct fs *fs, const struct inode *directory);

/* Free what was made for a lookup that didn't come to its end. Upkeep's thread. */
void view_nodes_scan(struct fs *fs);

/* Free all. No lock needed: no other thread is left. Before the cache's end. */
void view_nodes_finish(struct fs *fs);

#endif
