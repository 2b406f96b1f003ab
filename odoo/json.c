/* SPDX-License-Identifier: MIT */
#include "odoo/json.h"

#include "odoo/cleanup.h"
#include "odoo/limits.h"

#include <errno.h>
#include <string.h>
#include <unistr.h>

/*
 * A look over the text before cJSON sees it, for what cJSON takes and shouldn't or refuses without
 * a reason. It knows strings from the rest and leaves the grammar to cJSON.
 */
struct scan {
	const char *text;
	size_t size;
	size_t at;
	unsigned depth;
	size_t n_values;
	size_t string, string_size; /* the last string that was read */
	size_t key, key_size;	    /* the last string that a colon followed */
};

static int malformed(const struct scan *s, const char *what, struct odoo_error *error)
{
	if (s->key_size > 0 && s->key_size <= ODOO_MAX_NAME) {
		odoo_error_set(error, ODOO_FAULT_MALFORMED, "%s, at byte %zu near \"%.*s\"", what,
			s->at, (int)s->key_size, s->text + s->key);
	} else {
		odoo_error_set(error, ODOO_FAULT_MALFORMED, "%s, at byte %zu", what, s->at);
	}
	return -1;
}

/* From the opening quote to behind the closing one. */
static int scan_string(struct scan *s, struct odoo_error *error)
{
	s->string = ++s->at;
	while (s->at < s->size && s->text[s->at] != '"') {
		if ((unsigned char)s->text[s->at] < ' ') {
			return malformed(s, "a control character in a string", error);
		}
		if (s->text[s->at] != '\\') {
			s->at++;
			continue;
		}
		if (s->size - s->at >= 6 && memcmp(s->text + s->at, "\\u0000", 6) == 0) {
			return malformed(s, "a NUL character in a string", error);
		}
		s->at += 2;
	}
	if (s->at >= s->size) {
		s->at = s->size;
		return malformed(s, "the answer ends inside a string", error);
	}
	s->string_size = s->at - s->string;
	s->at++;
	return 0;
}

/* What a bracket or a comma begins. */
static int count_value(struct scan *s, struct odoo_error *error)
{
	if (++s->n_values > ODOO_MAX_VALUES) {
		odoo_error_set(error, ODOO_FAULT_TOO_LARGE, "the answer has over %d values",
			ODOO_MAX_VALUES);
		return -1;
	}
	return 0;
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* true, false, null; Python's NaN and Infinity are named, because they do happen. */
static int scan_word(struct scan *s, struct odoo_error *error)
{
	char what[48];
	size_t n = 0;

	while (s->at + n < s->size && is_letter(s->text[s->at + n])) {
		n++;
	}
	if ((n == 4 && memcmp(s->text + s->at, "true", 4) == 0) ||
		(n == 5 && memcmp(s->text + s->at, "false", 5) == 0) ||
		(n == 4 && memcmp(s->text + s->at, "null", 4) == 0)) {
		s->at += n;
		return 0;
	}
	snprintf(what, sizeof(what), "%.*s is not JSON", n < 20 ? (int)n : 20, s->text + s->at);
	return malformed(s, what, error);
}

static void skip_number(struct scan *s)
{
	while (s->at < s->size && s->text[s->at] != '\0' &&
		strchr("0123456789+-.eE", s->text[s->at])) {
		s->at++;
	}
}

static int scan_token(struct scan *s, struct odoo_error *error)
{
	char c = s->text[s->at];

	if (c == '"') {
		return scan_string(s, error);
	}
	if (is_letter(c)) {
		return scan_word(s, error);
	}
	if (c == '-' || (c >= '0' && c <= '9')) {
		skip_number(s);
		return 0;
	}
	/* cJSON takes each of them, NUL included, for a blank. */
	if ((unsigned char)c < ' ' && c != '\n' && c != '\r' && c != '\t') {
		return malformed(s, "a control character", error);
	}
	if (c == ':') {
		s->key = s->string;
		s->key_size = s->string_size;
	} else if (c == '[' || c == '{') {
		if (++s->depth > ODOO_MAX_DEPTH) {
			return malformed(s, "nested too deeply", error);
		}
		if (count_value(s, error)) {
			return -1;
		}
	} else if (c == ',') {
		if (count_value(s, error)) {
			return -1;
		}
	} else if ((c == ']' || c == '}') && s->depth > 0) {
		s->depth--;
	}
	s->at++;
	return 0;
}

static int scan(struct scan *s, struct odoo_error *error)
{
	while (s->at < s->size) {
		if (scan_token(s, error)) {
			return -1;
		}
	}
	return 0;
}

/* Malformed at `at`, which only a second look can put near a key. */
static int malformed_at(const char *text, size_t at, const char *what, struct odoo_error *error)
{
	struct scan s = { .text = text, .size = at };

	scan(&s, NULL);
	s.at = at;
	return malformed(&s, what, error);
}

int odoo_json_parse(const char *text, size_t size, cJSON **ret_json, struct odoo_error *error)
{
	struct scan s = { .text = text, .size = size };
	const uint8_t *wrong = u8_check((const uint8_t *)text, size);
	_cleanup_json_ cJSON *json = NULL;
	const char *end = text;

	if (size == 0) {
		return malformed(&s, "an empty answer", error);
	}
	if (wrong) {
		return malformed_at(text, (size_t)((const char *)wrong - text), "not UTF-8", error);
	}
	if (scan(&s, error)) {
		return -1;
	}
	json = cJSON_ParseWithLengthOpts(text, size, &end, 0);
	if (!json) {
		return malformed_at(text, (size_t)(end - text), "not JSON", error);
	}
	end += strspn(end, " \t\r\n");
	if (end != text + size) {
		return malformed_at(text, (size_t)(end - text), "more behind the end", error);
	}
	*ret_json = steal(json);
	return 0;
}

const cJSON *odoo_json_get(const cJSON *object, const char *name)
{
	return cJSON_IsObject(object) ? cJSON_GetObjectItemCaseSensitive(object, name) : NULL;
}

const char *odoo_json_get_string(const cJSON *object, const char *name)
{
	const cJSON *value = odoo_json_get(object, name);

	return cJSON_IsString(value) ? value->valuestring : NULL;
}

bool odoo_json_get_bool(const cJSON *object, const char *name)
{
	return cJSON_IsTrue(odoo_json_get(object, name));
}

int odoo_json_get_id(const cJSON *number, uint32_t *ret_id)
{
	double value;

	if (!cJSON_IsNumber(number)) {
		return -EINVAL;
	}
	value = number->valuedouble;
	if (!(value >= 1 && value <= ODOO_MAX_ID) || (double)(uint32_t)value < value) {
		return -ERANGE;
	}
	*ret_id = (uint32_t)value;
	return 0;
}
