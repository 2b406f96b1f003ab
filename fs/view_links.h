/* SPDX-License-Identifier: MIT */
/*
 * `.names/`: symbolic links for people, `Azure Interior (14).json` → `../14.json`, and those of the
 * files of binary fields.
 *
 * Names are asked for by the thousand as a listing gets on, and a few pages of them are kept in
 * the directory's node, under view_mutex, until something of the model changes or the ttl is over.
 */
#ifndef FS_VIEW_LINKS_H
#define FS_VIEW_LINKS_H

#include "fs/dir.h"
#include "fs/view_op.h"

#include <limits.h>

struct view_link_page;

/* So many names are asked for at once. */
#define LINKS_PAGE 1000

/*
 * The names of up to `n` records, of which the first is waited for: 0, CACHE_WAIT, -ENOENT when
 * that record isn't there any more, or -errno.
 */
int view_links_ensure(struct op *op, struct view_node *node, const uint32_t *ids, size_t n);

/*
 * Print the name of a record's link, which ends as the file does: ".json", ".image_1920.png".
 * Whether what it is called is known, and isn't too old: 0, -ENOENT, or -ENOMEM.
 */
int view_link_name(struct op *op, const struct view_node *node, uint32_t id, const char *end,
	char name[static NAME_MAX + 1]);

/* Whether there are links to the files of binary fields in it: the view has those files. */
bool view_links_have_binaries(const struct view_node *node);

/* The target of a link: 0, CACHE_WAIT, -ENOENT where the name isn't the record's, or -errno. */
int view_link_text(struct op *op, struct view_node *node, char **ret_text, size_t *ret_size);

/* NULL is allowed. */
void view_link_pages_free(struct view_link_page *pages);

#endif
