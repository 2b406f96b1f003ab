/* SPDX-License-Identifier: MIT */
/*
 * The options that -o takes: their names, what values they take, and where the value goes.
 *
 * Whatever is wrong is said on stderr, naming the option, the value and what would be right. Used
 * while the command line is parsed, before there are threads.
 */
#ifndef FS_OPTIONS_TABLE_H
#define FS_OPTIONS_TABLE_H

#include "fs/nearest.h"
#include "fs/options.h"

struct option_row;

enum option_id {
	OPTION_ALLOW_OTHER,
	OPTION_ARCHIVED,
	OPTION_BACKUP,
	OPTION_BINARY,
	OPTION_CACERT,
	OPTION_CALLS,
	OPTION_CACHE_DIR,
	OPTION_CACHE_DIR_SIZE,
	OPTION_CACHE_SIZE,
	OPTION_CERT,
	OPTION_DELETE,
	OPTION_MAX_AGE,
	OPTION_MAX_FILE,
	OPTION_COMPANY,
	OPTION_CONNECTIONS,
	OPTION_CONTEXT,
	OPTION_FIELDS,
	OPTION_GID,
	OPTION_INSECURE,
	OPTION_KEY,
	OPTION_LANG,
	OPTION_LOGLEVEL,
	OPTION_MANY2ONE,
	OPTION_MODELS,
	OPTION_PASSWORD_COMMAND,
	OPTION_PASSWORD_FILE,
	OPTION_POLL,
	OPTION_PREFETCH,
	OPTION_PROXY,
	OPTION_RO,
	OPTION_RW,
	OPTION_TIMEOUT,
	OPTION_TRANSPORT,
	OPTION_TTL,
	OPTION_TZ,
	OPTION_UID,
	OPTION_UMASK,
	OPTION_COUNT,
};

/* What has been given so far. */
struct option_set {
	struct options *options;
	bool given[OPTION_COUNT];
	char *passed; /* for the kernel, as the text behind a -o; NULL for nothing */
};

/* Whether there is an option of this name; "name=value" is looked up by what precedes the '='. */
bool options_table_knows(const char *setting);

/*
 * The name nearest to that of `setting`, by the letters to change, insert, remove or swap. Never
 * NULL.
 */
const char *options_table_nearest(const char *setting);

/* Offer the names of all options. */
void options_table_offer(struct nearest *nearest);

/* The option of this name; NULL where it is none that has an effect here. */
const struct option_row *options_table_find(const char *name);

/* Apply "name" or "name=value". Returns 0, or -EINVAL or -ENOMEM after a sentence on stderr. */
int options_table_apply(struct option_set *set, const char *setting);

/* The same in two parts; `value` is NULL where there is no '='. */
int options_table_apply_value(struct option_set *set, const char *name, const char *value);

/* Whether `setting` is an attempt to give the password itself. */
bool options_table_is_password(const char *setting);

/* Say that a password was written where everybody sees it, and where it should be instead. */
void options_table_refuse_password(void);

#endif
