/* SPDX-License-Identifier: MIT */
/*
 * The command line: odoofs [options] SOURCE MOUNTPOINT. Parsed once by main, constant afterwards.
 */
#ifndef FS_OPTIONS_H
#define FS_OPTIONS_H

#define FUSE_USE_VERSION 312

#include "fs/secret.h"

#include "cache/cache.h"
#include "odoo/log.h"
#include "odoo/source.h"
#include "odoo/transport.h"

#include <cjson/cJSON.h>
#include <fuse_lowlevel.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct options {
	/* Where and who */
	struct odoo_source source;
	bool demo;	   /* SOURCE is "demo:": `source` is filled when the service answered */
	char *source_text; /* as written, for fsname and status.json */
	char *profile;	   /* the file whose section SOURCE names, or NULL */
	char *mountpoint;  /* absolute */
	struct secret_place secret, profile_secret; /* where the command line and the profile say */
	char *cacert, *cert, *key, *proxy;
	bool insecure;

	/* The view */
	bool backup;		       /* read_only, many2one as ids, no one2many */
	bool read_only;		       /* "ro" */
	bool fields_all;	       /* fields=all; fields=stored is the default */
	bool many2one_names;	       /* many2one=name (default), many2one=id */
	enum cache_binary_mode binary; /* binary=files (default), inline or none */
	bool archived;		       /* archived=yes (default), archived=no */
	char **models; /* globs of models=a,b (given with -o as models=a:b too), or NULL */
	size_t n_models;
	char **prefetch; /* globs of prefetch=a,b: models to be read in advance */
	size_t n_prefetch;
	uint32_t *companies; /* company=1:3 or company=1,3 */
	size_t n_companies;
	char *lang, *tz;
	cJSON *context; /* context=JSON, an object, or NULL */

	enum delete_mode {
		DELETE_UNLINK,	/* delete=unlink (default): rm is unlink */
		DELETE_ARCHIVE, /* delete=archive: rm writes active: false */
		DELETE_DENY,	/* delete=deny: rm is refused */
	} delete_mode;
	bool calls_denied; /* calls=deny; calls=allow is the default, unless read_only */
	size_t max_file;   /* bytes of a file being written; 16M */

	/* The client and the cache */
	enum odoo_transport_kind transport; /* auto */
	unsigned connections;		    /* 2 */
	unsigned timeout;		    /* seconds, 60 */
	unsigned ttl;			    /* seconds, 10 */
	unsigned poll;			    /* seconds, 30; 0: never */
	unsigned max_age;		    /* seconds, 3600; 0: never, as with backup */
	size_t cache_size;		    /* bytes, 256M; K, M and G are understood */
	char *cache_dir;		    /* of the store on disk, or NULL for none */
	size_t cache_dir_size;		    /* bytes, 4G */

	/* The mount */
	uid_t uid; /* the mounting user's */
	gid_t gid;
	mode_t umask; /* 077 */
	bool foreground, debug, allow_other;
	enum log_level log_level;
	bool log_level_set;
	struct fuse_args fuse_args; /* what is left, for fuse_session_new */
};

extern const char *const binary_mode_names[]; /* likewise */
extern const char *const delete_mode_names[]; /* in the order of the enum; NULL at the end */

enum options_result {
	OPTIONS_RUN,   /* go on and mount */
	OPTIONS_DONE,  /* --help or --version was printed: exit status 0 */
	OPTIONS_WRONG, /* a sentence was printed on stderr: exit status 2 */
};

/*
 * What the command line leaves open is taken from the profile that SOURCE names, if it does. Reads
 * its file, and looks at those that options name.
 */
enum options_result options_parse(int argc, char **argv, struct options *ret_options);

void options_finish(struct options *options);

/*
 * The options in force as an object for status.json, without any secret. The caller owns it; NULL
 * when out of memory.
 */
cJSON *options_to_json(const struct options *options);

#endif
