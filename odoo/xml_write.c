/* SPDX-License-Identifier: MIT */
#include "odoo/xml_write.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 1024

/* Whole numbers past this aren't exact in a double, and Python has no limit of its own. */
#define MAX_EXACT 9007199254740992.0

static bool make_room(struct xml_text *x, size_t more)
{
	size_t room = x->room ? x->room : FIRST_ROOM;
	char *text;

	if (x->failed) {
		return false;
	}
	if (x->size + more < x->room) {
		return true;
	}
	while (room <= x->size + more) {
		room *= 2;
	}
	text = malloc(room);
	if (!text) {
		x->failed = -ENOMEM;
		return false;
	}
	if (x->text) {
		memcpy(text, x->text, x->size);
		explicit_bzero(x->text, x->size);
		free(x->text);
	}
	x->text = text;
	x->room = room;
	return true;
}

static void put(struct xml_text *x, const char *bytes, size_t size)
{
	if (make_room(x, size)) {
		memcpy(x->text + x->size, bytes, size);
		x->size += size;
		x->text[x->size] = '\0';
	}
}

void xml_put(struct xml_text *x, const char *markup)
{
	put(x, markup, strlen(markup));
}

/* A parser would make a bare '\r' a '\n'. NULL for a character that is written as it is. */
static const char *find_escape(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '\r':
		return "&#13;";
	default:
		return NULL;
	}
}

/* XML 1.0 has no way at all to write these; U+FFFE and U+FFFF are three bytes each. */
static bool is_forbidden(const char *at)
{
	unsigned char c = (unsigned char)*at;

	return (c < ' ' && c != '\t' && c != '\n' && c != '\r') ||
	       strncmp(at, "\xef\xbf\xbe", 3) == 0 || strncmp(at, "\xef\xbf\xbf", 3) == 0;
}

void xml_put_text(struct xml_text *x, const char *text)
{
	const char *from = text;

	for (; *text; text++) {
		const char *escape = find_escape(*text);

		if (is_forbidden(text)) {
			x->failed = x->failed ? x->failed : -EILSEQ;
			return;
		}
		if (escape) {
			put(x, from, (size_t)(text - from));
			xml_put(x, escape);
			from = text + 1;
		}
	}
	put(x, from, (size_t)(text - from));
}

/* As JSON would say it: what is whole is an int to Python, and anything else a float. */
static void put_number(struct xml_text *x, double number)
{
	char text[64];

	if (fabs(number) <= INT32_MAX && (double)(int32_t)number >= number &&
		(double)(int32_t)number <= number) {
		snprintf(text, sizeof(text), "<int>%d</int>", (int)number);
	} else if (fabs(number) <= MAX_EXACT && floor(number) >= number) {
		snprintf(text, sizeof(text), "<i8>%.0f</i8>", number);
	} else {
		snprintf(text, sizeof(text), "<double>%.17g</double>", number);
	}
	xml_put(x, text);
}

/* A number that cJSON would print otherwise, given as JSON's text: what isn't whole has a point. */
static void put_number_text(struct xml_text *x, const char *text)
{
	assert(text[0] && !text[strspn(text, "0123456789+-.eE")]);
	if (strpbrk(text, ".eE")) {
		xml_put(x, "<double>");
		xml_put(x, text);
		xml_put(x, "</double>");
	} else {
		put_number(x, strtod(text, NULL));
	}
}

static void put_value(struct xml_text *x, const cJSON *value);

static void put_array(struct xml_text *x, const cJSON *array)
{
	const cJSON *item;

	xml_put(x, "<array><data>");
	cJSON_ArrayForEach (item, array) {
		put_value(x, item);
	}
	xml_put(x, "</data></array>");
}

static void put_struct(struct xml_text *x, const cJSON *object)
{
	const cJSON *item;

	xml_put(x, "<struct>");
	cJSON_ArrayForEach (item, object) {
		xml_put(x, "<member><name>");
		xml_put_text(x, item->string);
		xml_put(x, "</name>");
		put_value(x, item);
		xml_put(x, "</member>");
	}
	xml_put(x, "</struct>");
}

static void put_value(struct xml_text *x, const cJSON *value)
{
	xml_put(x, "<value>");
	if (cJSON_IsString(value)) {
		xml_put(x, "<string>");
		xml_put_text(x, value->valuestring);
		xml_put(x, "</string>");
	} else if (cJSON_IsNumber(value)) {
		put_number(x, value->valuedouble);
	} else if (cJSON_IsRaw(value)) {
		put_number_text(x, value->valuestring);
	} else if (cJSON_IsBool(value)) {
		xml_put(x, cJSON_IsTrue(value) ? "<boolean>1</boolean>" : "<boolean>0</boolean>");
	} else if (cJSON_IsArray(value)) {
		put_array(x, value);
	} else if (cJSON_IsObject(value)) {
		put_struct(x, value);
	} else {
		xml_put(x, "<nil/>");
	}
	xml_put(x, "</value>");
}

void xml_put_param(struct xml_text *x, const cJSON *value)
{
	xml_put(x, "<param>");
	put_value(x, value);
	xml_put(x, "</param>");
}

void xml_put_text_param(struct xml_text *x, const char *text)
{
	xml_put(x, "<param><value><string>");
	xml_put_text(x, text);
	xml_put(x, "</string></value></param>");
}

void xml_begin_call(struct xml_text *x, const char *method)
{
	xml_put(x, "<?xml version=\"1.0\"?><methodCall><methodName>");
	xml_put_text(x, method);
	xml_put(x, "</methodName><params>");
}

void xml_end_call(struct xml_text *x)
{
	xml_put(x, "</params></methodCall>");
}

void xml_finish(struct xml_text *x)
{
	if (x->text) {
		explicit_bzero(x->text, x->size);
		free(x->text);
	}
	*x = (struct xml_text){ 0 };
}
