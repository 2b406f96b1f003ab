/* SPDX-License-Identifier: MIT */
/*
 * How the value of an option is read and where it goes. One function a kind of value, each of which
 * returns 0, or -EINVAL or -ENOMEM after a sentence on stderr. Used while the command line is
 * parsed, before there are threads.
 */
#ifndef FS_OPTIONS_VALUE_H
#define FS_OPTIONS_VALUE_H

#include "fs/options.h"

#include <stdint.h>

struct option_row {
	const char *name;
	int id;
	/* `value` is what stands behind the '=', NULL where there is none. */
	int (*set)(struct options *options, const struct option_row *row, const char *value);
	size_t offset;		   /* of the member that is set; 0 where `set` knows it */
	uint64_t minimum, maximum; /* of numbers, both allowed */
	const char *unit;	   /* of numbers: " seconds" */
	const char *const *words;  /* of a choice or a word; NULL behind the last */
	const char *example; /* how the value is written, for the sentence that asks for one */
};

/* For an option whose being there is all: bool. */
int option_set_flag(struct options *options, const struct option_row *row, const char *value);

/* The same for one that changes nothing by itself. */
int option_set_nothing(struct options *options, const struct option_row *row, const char *value);

/* One of two words: bool. */
int option_set_choice(struct options *options, const struct option_row *row, const char *value);

/* A whole number within limits: unsigned. */
int option_set_number(struct options *options, const struct option_row *row, const char *value);

/* Bytes, with K, M or G behind them: size_t. */
int option_set_size(struct options *options, const struct option_row *row, const char *value);

/* Octal: mode_t. */
int option_set_umask(struct options *options, const struct option_row *row, const char *value);

/* Text that isn't empty: char *. */
int option_set_text(struct options *options, const struct option_row *row, const char *value);

/* The same, made an absolute path: going to the background changes to "/". */
int option_set_path(struct options *options, const struct option_row *row, const char *value);

/* The URL of a proxy: char *. */
int option_set_proxy(struct options *options, const struct option_row *row, const char *value);

/* One of some words, as its index: an enum. */
int option_set_word(struct options *options, const struct option_row *row, const char *value);

int option_set_log_level(struct options *options, const struct option_row *row, const char *value);

/* Lists, with ':' or ',' between their members; a list that is given again goes on. */
int option_set_models(struct options *options, const struct option_row *row, const char *value);
int option_set_prefetch(struct options *options, const struct option_row *row, const char *value);
int option_set_companies(struct options *options, const struct option_row *row, const char *value);

/* A JSON object. */
int option_set_context(struct options *options, const struct option_row *row, const char *value);

/* `path` behind the working directory, unless it is absolute; NULL when out of memory. */
char *option_absolute_path(const char *path);

#endif
