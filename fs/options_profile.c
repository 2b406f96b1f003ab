/* SPDX-License-Identifier: MIT */
#include "fs/options_profile.h"

#include "fs/home.h"
#include "fs/options_value.h"
#include "odoo/cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct applying {
	struct option_set *set;
	struct profile *profile;
	bool given[OPTION_COUNT];	    /* on the command line */
	const char *url, *login, *database; /* borrowed from the profile */
};

/* Names that are no options: where their values go. */
static const struct {
	const char *name;
	size_t offset;
} parts[] = {
	{ "url", offsetof(struct applying, url) },
	{ "login", offsetof(struct applying, login) },
	{ "database", offsetof(struct applying, database) },
};

#define N_PARTS (sizeof(parts) / sizeof(parts[0]))

static int out_of_memory(void)
{
	log_error("out of memory");
	return -ENOMEM;
}

static int refuse(
	const struct applying *applying, const struct profile_setting *setting, const char *right)
{
	log_error(
		"%s, line %u: %s %s", applying->profile->path, setting->line, setting->name, right);
	return -EINVAL;
}

/* For what may stand once only. */
static int refuse_twice(const struct applying *applying, const struct profile_setting *setting)
{
	return refuse(applying, setting,
		"stands twice in this section (a line that begins with a blank goes on with the "
		"value above it)");
}

static int refuse_unknown(const struct applying *applying, const struct profile_setting *setting)
{
	struct nearest nearest = { .wanted = setting->name, .size = strlen(setting->name) };

	for (size_t i = 0; i < N_PARTS; i++) {
		nearest_offer(&nearest, parts[i].name);
	}
	options_table_offer(&nearest);
	log_error("%s, line %u: there is no \"%s\" in a profile: the nearest is \"%s\"",
		applying->profile->path, setting->line, setting->name, nearest.found);
	return -EINVAL;
}

/* A path in a file means the same wherever odoofs is started. */
static char *expand_path(const struct applying *applying, const char *path)
{
	const char *file = applying->profile->path;
	char *expanded;

	if (strncmp(path, "~/", 2) == 0) {
		return home_path(path + 2);
	}
	if (path[0] == '/') {
		return strdup(path);
	}
	int directory = (int)(strrchr(file, '/') - file);
	return asprintf(&expanded, "%.*s/%s", directory, file, path) < 0 ? NULL : expanded;
}

static int take_part(
	struct applying *applying, const char **part, const struct profile_setting *setting)
{
	if (*part) {
		return refuse_twice(applying, setting);
	}
	if (!*setting->value) {
		return refuse(applying, setting, "is empty");
	}
	*part = setting->value;
	return 0;
}

/* password_file= and password_command= come behind the environment here. Takes `value`. */
static int take_place(struct applying *applying, char **member,
	const struct profile_setting *setting, char *value)
{
	if (!value) {
		return out_of_memory();
	}
	if (*member) {
		free(value);
		return refuse_twice(applying, setting);
	}
	*member = value;
	return *value ? 0 : refuse(applying, setting, "is empty");
}

/* The option has said what is wrong, but not where. */
static int say_where(const struct applying *applying, const struct profile_setting *setting, int r)
{
	if (r < 0) {
		log_error("that stands in %s, line %u", applying->profile->path, setting->line);
	}
	return r;
}

static int apply_flag(struct applying *applying, const struct option_row *row,
	const struct profile_setting *setting)
{
	struct option_set *set = applying->set;

	if (strcmp(setting->value, "no") == 0) {
		return 0;
	}
	if (strcmp(setting->value, "yes") != 0) {
		return refuse(applying, setting, "is yes or no");
	}
	if (row->id == OPTION_RO && applying->given[OPTION_RW]) {
		set->options->read_only = true;
		return 0;
	}
	if (row->id == OPTION_RW && applying->given[OPTION_RO]) {
		return 0;
	}
	return options_table_apply_value(set, setting->name, NULL);
}

static bool is_list(const struct option_row *row)
{
	return row->set == option_set_models || row->set == option_set_companies ||
	       row->set == option_set_prefetch;
}

static int apply_option(struct applying *applying, const struct option_row *row,
	const struct profile_setting *setting)
{
	struct option_set *set = applying->set;
	_cleanup_free_ char *path = NULL;
	const char *value = setting->value;

	if (applying->given[row->id]) {
		return 0;
	}
	if (set->given[row->id] && !is_list(row)) {
		return refuse_twice(applying, setting);
	}
	if (row->set == option_set_flag || row->set == option_set_nothing) {
		return apply_flag(applying, row, setting);
	}
	if (row->set == option_set_path && *value) {
		value = path = expand_path(applying, value);
		if (!path) {
			return out_of_memory();
		}
	}
	return say_where(applying, setting, options_table_apply_value(set, setting->name, value));
}

static int apply_setting(struct applying *applying, const struct profile_setting *setting)
{
	struct secret_place *place = &applying->set->options->profile_secret;
	const struct option_row *row;

	for (size_t i = 0; i < N_PARTS; i++) {
		if (strcmp(setting->name, parts[i].name) == 0) {
			return take_part(applying,
				(const char **)(void *)((char *)applying + parts[i].offset),
				setting);
		}
	}
	row = options_table_find(setting->name);
	if (row && row->id == OPTION_PASSWORD_FILE) {
		return take_place(
			applying, &place->file, setting, expand_path(applying, setting->value));
	}
	if (row && row->id == OPTION_PASSWORD_COMMAND) {
		return take_place(applying, &place->command, setting, strdup(setting->value));
	}
	if (row) {
		return apply_option(applying, row, setting);
	}
	if (!options_table_knows(setting->name)) {
		return refuse_unknown(applying, setting);
	}
	return say_where(
		applying, setting, options_table_apply_value(applying->set, setting->name, NULL));
}

static int check_secret(const struct applying *applying)
{
	const struct secret_place *place = &applying->set->options->profile_secret;

	if (!!place->file + !!place->command + !!place->text > 1) {
		log_error("%s: a profile has one of password, password_file and password_command",
			applying->profile->path);
		return -EINVAL;
	}
	return 0;
}

static int make_source(const struct applying *applying)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };
	const char *path = applying->profile->path;
	const char *missing = !applying->url	 ? "url = https://host[:port]"
			      : !applying->login ? "login = LOGIN"
						 : "database = NAME";

	if (!applying->url || !applying->login || !applying->database) {
		log_error("%s: this profile has no %.*s: it is written %s", path,
			(int)strcspn(missing, " "), missing, missing);
		return -EINVAL;
	}
	int r = odoo_source_make(applying->url, applying->login, applying->database,
		&applying->set->options->source, &error);
	if (r < 0) {
		log_error("%s: %s", path, error.message);
	}
	return r;
}

int options_profile_apply(struct option_set *set, struct profile *profile)
{
	struct options *options = set->options;
	struct applying applying = { .set = set, .profile = profile };
	int r = 0;

	memcpy(applying.given, set->given, sizeof(applying.given));
	options->profile_secret.text = steal(profile->password);
	options->profile = strdup(profile->path);
	if (!options->profile) {
		return out_of_memory();
	}
	for (size_t i = 0; i < profile->n_settings && r == 0; i++) {
		r = apply_setting(&applying, &profile->settings[i]);
	}
	if (r == 0) {
		r = check_secret(&applying);
	}
	return r < 0 ? r : make_source(&applying);
}
