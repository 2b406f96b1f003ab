/* SPDX-License-Identifier: MIT */
#include "fs/options.h"

#include "fs/options_file.h"
#include "fs/options_profile.h"
#include "fs/options_split.h"
#include "fs/options_table.h"
#include "fs/options_value.h"
#include "fs/usage.h"
#include "odoo/cleanup.h"
#include "odoo/json.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

static void set_defaults(struct options *options)
{
	*options = (struct options){
		.many2one_names = true,
		.archived = true,
		.connections = 2,
		.timeout = 60,
		.ttl = 10,
		.poll = 30,
		.max_age = 3600,
		.cache_size = 256u << 20,
		.cache_dir_size = (size_t)4 << 30,
		.max_file = 16u << 20,
		.uid = getuid(),
		.gid = getgid(),
		.umask = 077,
		.log_level = LOG_LEVEL_INFO,
	};
}

static int apply_group(struct option_set *set, const char *text)
{
	for (;;) {
		_cleanup_free_ char *setting = NULL;
		int r = options_split_next(&text, &setting);

		if (r < 0) {
			log_error("out of memory");
			return r;
		}
		if (r == 0) {
			return 0;
		}
		r = options_table_apply(set, setting);
		if (r < 0) {
			return r;
		}
	}
}

/* An argument that is no option. What follows its name isn't repeated: it may be a secret. */
static int refuse_argument(const char *argument)
{
	const char *name = argument + strspn(argument, "-");
	int dashes = (int)(name - argument), length = (int)strcspn(name, "=");

	if (options_table_is_password(name)) {
		options_table_refuse_password();
	} else if (options_table_knows(name)) {
		log_error("there is no option \"%.*s\": write it as -o %.*s%s", dashes + length,
			argument, length, name, name[length] ? "=…" : "");
	} else {
		log_error("there is no option \"%.*s\": the nearest is -o %s (odoofs --help lists "
			  "them)",
			dashes + length, argument, options_table_nearest(name));
	}
	return -EINVAL;
}

/* What getopt_long(3) answered '?' for. */
static int refuse_last(char **argv)
{
	if (optopt == 'o') {
		log_error("-o needs a value: -o NAME[=VALUE],…");
	} else if (optopt == 'h' || optopt == 'V') {
		log_error("--help and --version take no value");
	} else if (optopt) {
		log_error("there is no option \"-%c\": there are -f, -d, -h, -V and -o "
			  "NAME[=VALUE],… "
			  "(odoofs --help lists them)",
			optopt);
	} else {
		return refuse_argument(argv[optind - 1]);
	}
	return -EINVAL;
}

/* What is no option: SOURCE and MOUNTPOINT, and a third where there are too many. */
struct words {
	const char *texts[3];
	int n;
};

static void add_word(struct words *words, const char *text)
{
	if (words->n < 3) {
		words->texts[words->n++] = text;
	}
}

/*
 * mount(8) writes the options behind the words, so POSIXLY_CORRECT must not end them there: the '-'
 * hands out both as they come. Returns 1 when it has printed what was asked for.
 */
static int parse_arguments(int argc, char **argv, struct option_set *set, struct words *words)
{
	static const struct option longs[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	int letter, r;

	optind = 0; /* begin anew, whoever called getopt before */
	opterr = 0;
	while ((letter = getopt_long(argc, argv, "-o:fdhV", longs, NULL)) != -1) {
		switch (letter) {
		case 1:
			add_word(words, optarg);
			break;
		case 'o':
			r = apply_group(set, optarg);
			if (r < 0) {
				return r;
			}
			break;
		case 'd':
			set->options->debug = true;
			__attribute__((fallthrough));
		case 'f':
			set->options->foreground = true;
			break;
		case 'h':
			usage_print_help();
			return 1;
		case 'V':
			usage_print_version();
			return 1;
		default:
			return refuse_last(argv);
		}
	}
	while (optind < argc) {
		add_word(words, argv[optind++]);
	}
	return 0;
}

static int find_source(struct option_set *set, const char *name)
{
	__attribute__((cleanup(profile_finish))) struct profile profile = { 0 };
	int r = profile_find(name, &profile);

	return r < 0 ? r : options_profile_apply(set, &profile);
}

static int parse_source(struct option_set *set, const char *text, const char *mountpoint)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };
	bool swapped = strstr(mountpoint, "://") && !strstr(text, "://");

	if (strcmp(text, "demo:") == 0) {
		set->options->demo = true;
		return 0;
	}
	if (profile_is_name(text) && !swapped) {
		return find_source(set, text);
	}
	int r = odoo_source_parse(text, &set->options->source, &error);

	if (r < 0) {
		log_error(
			"%s%s", error.message, swapped ? "; SOURCE stands before MOUNTPOINT" : "");
	}
	return r;
}

static int parse_words(struct option_set *set, const struct words *words)
{
	struct options *options = set->options;
	const char *source = words->texts[0], *mountpoint = words->texts[1];
	int n = words->n;

	if (n != 2) {
		log_error("%s: odoofs [options] SOURCE MOUNTPOINT (odoofs --help says more)",
			n == 0	 ? "SOURCE and MOUNTPOINT are missing"
			: n == 1 ? "MOUNTPOINT is missing"
				 : "there is more than SOURCE and MOUNTPOINT");
		return -EINVAL;
	}
	int r = parse_source(set, source, mountpoint);
	if (r < 0) {
		return r;
	}
	if (!*mountpoint) {
		log_error("MOUNTPOINT is empty: it is the directory to mount on");
		return -EINVAL;
	}
	options->source_text = strdup(source);
	options->mountpoint = option_absolute_path(mountpoint);
	if (!options->source_text || !options->mountpoint) {
		log_error("out of memory");
		return -ENOMEM;
	}
	return 0;
}

/*
 * mount(8) always passes rw or ro, so rw beside backup says nothing; ro and rw together were
 * written by somebody.
 */
static int check_conflicts(const struct option_set *set)
{
	const bool *given = set->given;
	const struct options *options = set->options;
	const char *conflict = NULL;

	if (given[OPTION_RO] && given[OPTION_RW]) {
		conflict = "ro and rw contradict each other: give one of them";
	} else if (options->backup && given[OPTION_MANY2ONE] && options->many2one_names) {
		conflict = "backup and many2one=name contradict each other: a name changes without "
			   "its record, so backup shows ids";
	} else if (options->backup && options->fields_all) {
		conflict = "backup and fields=all contradict each other: a computed field changes "
			   "without its record, so backup shows the stored ones";
	}
	if (conflict) {
		log_error("%s", conflict);
		return -EINVAL;
	}
	return 0;
}

/* How the server is reached. */
static int check_way(const struct options *options)
{
	const struct odoo_source *source = &options->source;
	const char *conflict = NULL;

	if (options->cacert && source->plain) {
		conflict = "cacert= and plain http contradict each other: certificates are for "
			   "https";
	} else if (options->cert && source->plain) {
		conflict = "cert= and plain http contradict each other: certificates are for "
			   "https";
	} else if (options->key && !options->cert) {
		conflict = "key= is the key of cert=, and that is missing";
	} else if (options->proxy && source->loopback) {
		conflict = "proxy= and a server on this machine contradict each other: what goes "
			   "there doesn't leave the machine";
	} else if (options->demo && (options->secret.file || options->secret.command)) {
		conflict = "demo: and a password contradict each other: the demo service makes one "
			   "up";
	} else if (options->secret.file && options->secret.command) {
		conflict = "password_file= and password_command= contradict each other: give one "
			   "of them";
	} else if (source->plain && !source->loopback && !options->insecure) {
		conflict = "SOURCE is plain http to another machine, so everybody on the way could "
			   "read the password: write https://, or add -o insecure to do it all the "
			   "same";
	}
	if (conflict) {
		log_error("%s", conflict);
		return -EINVAL;
	}
	return 0;
}

/* What has an option of its own isn't given in the context as well. */
static int check_context(const struct option_set *set)
{
	static const struct {
		const char *key;
		enum option_id id;
		const char *option;
	} keys[] = {
		{ "lang", OPTION_LANG, "lang=" },
		{ "tz", OPTION_TZ, "tz=" },
		{ "allowed_company_ids", OPTION_COMPANY, "company=" },
		{ "active_test", OPTION_ARCHIVED, "archived=" },
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (set->given[keys[i].id] && odoo_json_get(set->options->context, keys[i].key)) {
			log_error("%s and \"%s\" in context= contradict each other: give one of "
				  "them",
				keys[i].option, keys[i].key);
			return -EINVAL;
		}
	}
	return 0;
}

static int check(const struct option_set *set)
{
	int r = check_conflicts(set);

	if (r == 0) {
		r = check_context(set);
	}
	if (r == 0) {
		r = check_way(set->options);
	}
	return r < 0 ? r : options_check_files(set->options);
}

/* What options imply about others. */
static void conclude(const struct option_set *set)
{
	struct options *options = set->options;

	if (options->backup) {
		options->read_only = true;
		options->many2one_names = false;
	}
	/* What changes without its write_date isn't in a backup, but for what this is asked for. */
	if (options->backup && !set->given[OPTION_MAX_AGE]) {
		options->max_age = 0;
	}
	if (options->debug && !options->log_level_set) {
		options->log_level = LOG_LEVEL_DEBUG;
	}
	if (options->allow_other) {
		log_warning("allow_other: every user that this mount lets in acts as %s on the "
			    "server",
			options->demo ? "the user of the demo" : options->source.login);
	}
}

/*
 * What the kernel and libfuse are told. The kernel checks permissions (default_permissions), as
 * libfuse doesn't and allow_other would let everybody do everything.
 */
static int build_fuse_args(struct options *options, const char *passed)
{
	_cleanup_free_ char *text = NULL, *fsname = NULL;
	struct fuse_args *args = &options->fuse_args;

	if (asprintf(&fsname, "fsname=%s", options->source_text) < 0) {
		fsname = NULL;
		return -ENOMEM;
	}
	if (fuse_opt_add_opt_escaped(&text, fsname) < 0 ||
		fuse_opt_add_opt(&text, "subtype=odoofs,default_permissions") < 0 ||
		(options->read_only && fuse_opt_add_opt(&text, "ro") < 0) ||
		(options->allow_other && fuse_opt_add_opt(&text, "allow_other") < 0) ||
		(options->debug && fuse_opt_add_opt(&text, "debug") < 0) ||
		(passed && fuse_opt_add_opt(&text, passed) < 0) ||
		fuse_opt_add_arg(args, "odoofs") < 0 || fuse_opt_add_arg(args, "-o") < 0 ||
		fuse_opt_add_arg(args, text) < 0) {
		return -ENOMEM;
	}
	return 0;
}

static enum options_result parse_into(int argc, char **argv, struct option_set *set)
{
	struct options *options = set->options;
	struct words words = { .n = 0 };
	int r = parse_arguments(argc, argv, set, &words);

	if (r > 0) {
		return OPTIONS_DONE;
	}
	if (r == 0) {
		r = parse_words(set, &words);
	}
	if (r == 0) {
		r = check(set);
	}
	if (r < 0) {
		return OPTIONS_WRONG;
	}
	conclude(set);
	if (build_fuse_args(options, set->passed) < 0) {
		log_error("out of memory");
		return OPTIONS_WRONG;
	}
	return OPTIONS_RUN;
}

enum options_result options_parse(int argc, char **argv, struct options *ret_options)
{
	__attribute__((cleanup(options_finish))) struct options options;
	struct option_set set = { .options = &options };

	set_defaults(&options);
	enum options_result result = parse_into(argc, argv, &set);
	free(set.passed);
	if (result == OPTIONS_RUN) {
		*ret_options = options;
		set_defaults(&options);
	}
	return result;
}

void options_finish(struct options *options)
{
	odoo_source_finish(&options->source);
	free(options->source_text);
	free(options->mountpoint);
	free(options->profile);
	secret_place_finish(&options->secret);
	secret_place_finish(&options->profile_secret);
	free(options->cacert);
	free(options->cache_dir);
	free(options->cert);
	free(options->key);
	free(options->proxy);
	for (size_t i = 0; i < options->n_models; i++) {
		free(options->models[i]);
	}
	free(options->models);
	for (size_t i = 0; i < options->n_prefetch; i++) {
		free(options->prefetch[i]);
	}
	free(options->prefetch);
	free(options->companies);
	free(options->lang);
	free(options->tz);
	cJSON_Delete(options->context);
	fuse_opt_free_args(&options->fuse_args);
	*options = (struct options){ 0 };
}
