/* SPDX-License-Identifier: MIT */
/* The list of models: what load.c (the calls) finds, and models.c (the table) keeps. */
#ifndef CACHE_LOAD_H
#define CACHE_LOAD_H

#include "cache/internal.h"

enum model_rights {
	RIGHT_READ = 1,
	RIGHT_WRITE = 2,
	RIGHT_CREATE = 4,
	RIGHT_UNLINK = 8,
	RIGHTS_ALL = 15,
	RIGHTS_GUESSED = 16, /* all but the right to read is a guess: see rights.c */
};

struct found_model {
	char *name;
	uint32_t id; /* of its ir.model row; 0 where that can't be read */
	unsigned rights;
};

/* Called with the lock held: send the first call. Returns 0 or -errno. */
int models_load_start(struct cache *cache);

/*
 * Called with the lock held, when a load ended: make what it found the list. `complete` false says
 * that there may be readable models beside these (only names given in `models=` are known).
 */
void models_loaded(struct cache *cache, const struct found_model *found, size_t n, bool complete);

/* Called with the lock held: the load failed. */
void models_failed(struct cache *cache, const struct odoo_error *error);

#endif
