/* SPDX-License-Identifier: MIT */
#include "odoo/xml_value.h"

#include "odoo/cleanup.h"

#include <math.h>
#include <string.h>

struct xml_type {
	const char *name;
	const char *what;			       /* for people; NULL where any text will do */
	cJSON *(*make)(const char *text, size_t size); /* NULL: it isn't one */
};

#define BLANKS " \t\r\n"

static cJSON *make_string(const char *text, size_t size)
{
	return cJSON_CreateString(text);
}

/* A number of these characters, as JSON's is: neither nan nor inf, and nothing behind it. */
static cJSON *make_number(const char *text, const char *characters)
{
	const char *digits = text + strspn(text, BLANKS);
	size_t length = strspn(digits, characters);
	char *end;
	double number = strtod(digits, &end);

	if (length == 0 || end != digits + length || end[strspn(end, BLANKS)] ||
		!isfinite(number)) {
		return NULL;
	}
	return cJSON_CreateNumber(number);
}

static cJSON *make_int(const char *text, size_t size)
{
	return make_number(text, "0123456789+-");
}

static cJSON *make_double(const char *text, size_t size)
{
	return make_number(text, "0123456789+-.eE");
}

static cJSON *make_boolean(const char *text, size_t size)
{
	const char *digit = text + strspn(text, BLANKS);

	if ((*digit != '0' && *digit != '1') || digit[1 + strspn(digit + 1, BLANKS)]) {
		return NULL;
	}
	return cJSON_CreateBool(*digit == '1');
}

static cJSON *make_nil(const char *text, size_t size)
{
	return text[strspn(text, BLANKS)] ? NULL : cJSON_CreateNull();
}

/* "20261120T08:12:44", as Odoo writes dates elsewhere: "2026-11-20 08:12:44". */
static cJSON *make_date(const char *text, size_t size)
{
	static const char pattern[] = "ddddddddTdd:dd:dd";
	const char *t = text + strspn(text, BLANKS);
	char date[20];

	for (size_t i = 0; i < sizeof(pattern) - 1; i++) {
		if (pattern[i] == 'd' ? t[i] < '0' || t[i] > '9' : t[i] != pattern[i]) {
			return NULL;
		}
	}
	snprintf(date, sizeof(date), "%.4s-%.2s-%.2s %.8s", t, t + 4, t + 6, t + 9);
	return cJSON_CreateString(date);
}

/* Base64 stays what it is in JSON: one line. */
static cJSON *make_base64(const char *text, size_t size)
{
	_cleanup_free_ char *line = malloc(size + 1);
	size_t n = 0;

	if (!line) {
		return NULL;
	}
	for (size_t i = 0; i < size; i++) {
		if (!strchr(BLANKS, text[i])) {
			line[n++] = text[i];
		}
	}
	line[n] = '\0';
	return cJSON_CreateString(line);
}

static const struct xml_type types[] = {
	{ "string", NULL, make_string },
	{ "int", "a whole number", make_int },
	{ "boolean", "0 or 1", make_boolean },
	{ "double", "a number that JSON can hold", make_double },
	{ "nil", "nothing", make_nil },
	{ "i4", "a whole number", make_int },
	{ "i8", "a whole number", make_int },
	{ "dateTime.iso8601", "a date with a time", make_date },
	{ "base64", NULL, make_base64 },
};

const struct xml_type *xml_type_find(const char *name)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (strcmp(types[i].name, name) == 0) {
			return &types[i];
		}
	}
	return NULL;
}

cJSON *xml_value_make(
	const struct xml_type *type, const char *text, size_t size, const char **ret_why)
{
	cJSON *value = type ? type->make(text, size) : make_string(text, size);

	if (!value && type) {
		*ret_why = type->what;
	}
	return value;
}
