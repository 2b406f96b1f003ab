/* SPDX-License-Identifier: MIT */
#include "fs/options_value.h"

#include "odoo/cleanup.h"
#include "odoo/json.h"
#include "odoo/limits.h"
#include "odoo/proxy.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The place in `options` that the row names. */
#define MEMBER(type, options, row) ((type *)(void *)((char *)(options) + (row)->offset))

static int out_of_memory(void)
{
	log_error("out of memory");
	return -ENOMEM;
}

/* For options that take a value. */
static int need_value(const struct option_row *row, const char *value)
{
	if (value && *value) {
		return 0;
	}
	log_error("%s needs a value: %s=%s", row->name, row->name,
		row->example ? row->example : "NUMBER");
	return -EINVAL;
}

int option_set_nothing(struct options *options, const struct option_row *row, const char *value)
{
	if (value) {
		log_error("%s=%s: %s takes no value", row->name, value, row->name);
		return -EINVAL;
	}
	return 0;
}

int option_set_flag(struct options *options, const struct option_row *row, const char *value)
{
	int r = option_set_nothing(options, row, value);

	if (r == 0) {
		*MEMBER(bool, options, row) = true;
	}
	return r;
}

int option_set_choice(struct options *options, const struct option_row *row, const char *value)
{
	for (int i = 0; value && i < 2; i++) {
		if (strcmp(value, row->words[i]) == 0) {
			*MEMBER(bool, options, row) = i == 1;
			return 0;
		}
	}
	log_error("%s=%s: %s is one of %s and %s", row->name, value ? value : "", row->name,
		row->words[0], row->words[1]);
	return -EINVAL;
}

/* "a, b and c". NULL when out of memory; the caller frees. */
static char *join_words(const char *const *words)
{
	char *all = NULL;
	size_t size;
	FILE *stream = open_memstream(&all, &size);

	if (!stream) {
		return NULL;
	}
	for (size_t i = 0; words[i]; i++) {
		fprintf(stream, "%s%s", i == 0 ? "" : words[i + 1] ? ", " : " and ", words[i]);
	}
	return fclose(stream) == 0 ? all : NULL;
}

int option_set_word(struct options *options, const struct option_row *row, const char *value)
{
	_cleanup_free_ char *all = NULL;

	for (unsigned i = 0; value && row->words[i]; i++) {
		if (strcmp(value, row->words[i]) == 0) {
			*MEMBER(unsigned, options, row) = i;
			return 0;
		}
	}
	all = join_words(row->words);
	log_error("%s=%s: %s is one of %s", row->name, value ? value : "", row->name,
		all ? all : "a few words");
	return -EINVAL;
}

int option_set_log_level(struct options *options, const struct option_row *row, const char *value)
{
	for (int i = 0; value && i <= LOG_LEVEL_DEBUG; i++) {
		if (strcmp(value, log_level_names[i]) == 0) {
			options->log_level = (enum log_level)i;
			options->log_level_set = true;
			return 0;
		}
	}
	log_error("loglevel=%s: loglevel is one of error, warning, info and debug",
		value ? value : "");
	return -EINVAL;
}

/*
 * Digits only, so that no sign and no space passes. Returns 0, -EINVAL for what isn't a number, or
 * -ERANGE for one past 64 bits.
 */
static int parse_digits(const char *text, size_t length, int base, uint64_t *ret_number)
{
	uint64_t number = 0;

	for (size_t i = 0; i < length; i++) {
		int digit = text[i] - '0';
		if (digit < 0 || digit >= base) {
			return -EINVAL;
		}
		if (__builtin_mul_overflow(number, (uint64_t)base, &number) ||
			__builtin_add_overflow(number, (uint64_t)digit, &number)) {
			return -ERANGE;
		}
	}
	if (length == 0) {
		return -EINVAL;
	}
	*ret_number = number;
	return 0;
}

int option_set_number(struct options *options, const struct option_row *row, const char *value)
{
	uint64_t number;
	int r = need_value(row, value);

	if (r < 0) {
		return r;
	}
	r = parse_digits(value, strlen(value), 10, &number);
	if (r < 0 || number < row->minimum || number > row->maximum) {
		log_error("%s=%s: %s is a number from %" PRIu64 " to %" PRIu64 "%s", row->name,
			value, row->name, row->minimum, row->maximum, row->unit ? row->unit : "");
		return -EINVAL;
	}
	*MEMBER(unsigned, options, row) = (unsigned)number;
	return 0;
}

static int parse_size(const char *value, uint64_t *ret_size)
{
	static const char units[] = "KMG";
	size_t digits = strspn(value, "0123456789");
	uint64_t size, unit = 1;
	int r = parse_digits(value, digits, 10, &size);

	if (r < 0) {
		return r;
	}
	if (value[digits]) {
		const char *found = strchr(units, value[digits] & ~0x20);
		if (!found || value[digits + 1]) {
			return -EINVAL;
		}
		unit = UINT64_C(1) << (10 * (found - units + 1));
	}
	return __builtin_mul_overflow(size, unit, ret_size) ? -ERANGE : 0;
}

int option_set_size(struct options *options, const struct option_row *row, const char *value)
{
	uint64_t size;
	int r = need_value(row, value);

	if (r < 0) {
		return r;
	}
	r = parse_size(value, &size);
	if (r < 0 || size < row->minimum || size > row->maximum) {
		log_error("%s=%s: %s is a number of bytes from %" PRIu64 "M to %" PRIu64
			  "G, with K, M or G behind it or none",
			row->name, value, row->name, row->minimum >> 20, row->maximum >> 30);
		return -EINVAL;
	}
	*MEMBER(size_t, options, row) = (size_t)size;
	return 0;
}

int option_set_umask(struct options *options, const struct option_row *row, const char *value)
{
	uint64_t mask;
	int r = need_value(row, value);

	if (r < 0) {
		return r;
	}
	r = parse_digits(value, strlen(value), 8, &mask);
	if (r < 0 || mask > 0777) {
		log_error("umask=%s: umask is an octal number from 0 to 777", value);
		return -EINVAL;
	}
	options->umask = (mode_t)mask;
	return 0;
}

/* Put `text`, which may be NULL when out of memory, where the row says. */
static int replace_text(struct options *options, const struct option_row *row, char *text)
{
	char **member = MEMBER(char *, options, row);

	if (!text) {
		return out_of_memory();
	}
	free(*member);
	*member = text;
	return 0;
}

int option_set_text(struct options *options, const struct option_row *row, const char *value)
{
	int r = need_value(row, value);

	return r < 0 ? r : replace_text(options, row, strdup(value));
}

char *option_absolute_path(const char *path)
{
	_cleanup_free_ char *directory = NULL;
	char *absolute;

	if (path[0] == '/') {
		return strdup(path);
	}
	directory = getcwd(NULL, 0);
	if (!directory || asprintf(&absolute, "%s/%s", directory, path) < 0) {
		return NULL;
	}
	return absolute;
}

int option_set_path(struct options *options, const struct option_row *row, const char *value)
{
	int r = need_value(row, value);

	return r < 0 ? r : replace_text(options, row, option_absolute_path(value));
}

/* What is wrong isn't repeated: there may be a password in it. */
int option_set_proxy(struct options *options, const struct option_row *row, const char *value)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };
	int r = need_value(row, value);

	if (r < 0) {
		return r;
	}
	r = odoo_proxy_check(value, &error);
	if (r < 0) {
		log_error("%s= %s", row->name, error.message);
		return r;
	}
	return replace_text(options, row, strdup(value));
}

/* Call `add` for each member of a list. */
static int for_each_member(struct options *options, const struct option_row *row, const char *value,
	int (*add)(struct options *options, const char *member))
{
	_cleanup_free_ char *list = NULL;
	char *rest, *member;
	int r = need_value(row, value);

	if (r < 0) {
		return r;
	}
	rest = list = strdup(value);
	if (!list) {
		return out_of_memory();
	}
	while ((member = strsep(&rest, ":,"))) {
		r = *member ? add(options, member) : 0;
		if (r < 0) {
			return r;
		}
	}
	return 0;
}

static int add_glob(char ***globs, size_t *n_globs, const char *glob)
{
	char **grown = reallocarray(*globs, *n_globs + 1, sizeof(*grown));

	if (!grown) {
		return out_of_memory();
	}
	*globs = grown;
	grown[*n_globs] = strdup(glob);
	if (!grown[*n_globs]) {
		return out_of_memory();
	}
	++*n_globs;
	return 0;
}

static int add_model(struct options *options, const char *member)
{
	return add_glob(&options->models, &options->n_models, member);
}

int option_set_models(struct options *options, const struct option_row *row, const char *value)
{
	int r = for_each_member(options, row, value, add_model);

	if (r == 0 && options->n_models == 0) {
		return need_value(row, NULL);
	}
	return r;
}

static int add_prefetch(struct options *options, const char *member)
{
	return add_glob(&options->prefetch, &options->n_prefetch, member);
}

int option_set_prefetch(struct options *options, const struct option_row *row, const char *value)
{
	int r = for_each_member(options, row, value, add_prefetch);

	if (r == 0 && options->n_prefetch == 0) {
		return need_value(row, NULL);
	}
	return r;
}

static int add_company(struct options *options, const char *member)
{
	uint64_t id;
	int r = parse_digits(member, strlen(member), 10, &id);

	if (r < 0 || id < 1 || id > ODOO_MAX_ID) {
		log_error("company=%s: a company is given by its id, a number from 1 to %d", member,
			ODOO_MAX_ID);
		return -EINVAL;
	}
	uint32_t *companies = reallocarray(
		options->companies, options->n_companies + 1, sizeof(*options->companies));
	if (!companies) {
		return out_of_memory();
	}
	options->companies = companies;
	companies[options->n_companies++] = (uint32_t)id;
	return 0;
}

int option_set_companies(struct options *options, const struct option_row *row, const char *value)
{
	int r = for_each_member(options, row, value, add_company);

	if (r == 0 && options->n_companies == 0) {
		return need_value(row, NULL);
	}
	return r;
}

int option_set_context(struct options *options, const struct option_row *row, const char *value)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };
	_cleanup_json_ cJSON *context = NULL;
	int r = need_value(row, value);

	if (r < 0) {
		return r;
	}
	if (odoo_json_parse(value, strlen(value), &context, &error) < 0) {
		log_error("%s=%s: %s", row->name, value, error.message);
		return -EINVAL;
	}
	if (!cJSON_IsObject(context)) {
		log_error("%s=%s: %s is a JSON object, %s=%s", row->name, value, row->name,
			row->name, row->example);
		return -EINVAL;
	}
	cJSON_Delete(options->context);
	options->context = steal(context);
	return 0;
}
