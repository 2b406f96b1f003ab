/* SPDX-License-Identifier: MIT */
/* A chain from a path, and two models for it to ask about; shared with the fuzzer. */
#ifndef TESTS_UNIT_FS_VIEW_UNIT_H
#define TESTS_UNIT_FS_VIEW_UNIT_H

#include "fs/view_query.h"

#include <stddef.h>

struct chain {
	struct view *views[512];
	size_t n;
};

/* A Friday: 2026-11-20 08:12:44 UTC. */
#define VIEW_UNIT_NOW 1795162364

/* sale.order, and res.partner and res.country, which it leads to. */
extern const struct view_schemas view_unit_schemas;

int view_unit_set_up(void **state);
int view_unit_tear_down(void **state);

/* Walk a path of segments divided by "/". Returns what the last step returned. */
int chain_walk(struct chain *chain, const char *path, struct odoo_error *error);
void chain_finish(struct chain *chain);

static inline const struct view *chain_last(const struct chain *chain)
{
	return chain->views[chain->n - 1];
}

#endif
