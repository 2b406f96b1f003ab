/* SPDX-License-Identifier: MIT */
#include "odoo/divert.h"

#include <string.h>

enum state {
	STATE_START, /* JSON or XML? */

	/* JSON */
	STATE_OUTSIDE,
	STATE_STRING, /* perhaps the member's name */
	STATE_ESCAPE,
	STATE_NAMED, /* behind the name: a colon makes it one */
	STATE_COLON, /* behind that: a string is the text */
	STATE_TEXT,
	STATE_TEXT_ESCAPE,

	/* XML */
	STATE_SEARCH,  /* <name>member</name> */
	STATE_BETWEEN, /* tags up to the value */
	STATE_TAG,
	STATE_CONTENT,
};

void odoo_divert_begin(struct odoo_divert *divert)
{
	divert->state = STATE_START;
	divert->matched = 0;
	divert->begin(divert->data);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* How many bytes of the text are left in these: up to one of two ends. */
static size_t text_size(const char *bytes, size_t size, char end, char other)
{
	size_t n = 0;

	while (n < size && bytes[n] != end && bytes[n] != other) {
		n++;
	}
	return n;
}

static void match_name(struct odoo_divert *divert, char c)
{
	divert->matches = divert->matches && c && divert->member[divert->matched] == c;
	divert->matched += divert->matches;
}

/* What a character of JSON outside of the text leads to. */
static enum state step_json(struct odoo_divert *divert, char c)
{
	switch (divert->state) {
	case STATE_STRING:
		if (c == '\\') {
			divert->matches = false;
			return STATE_ESCAPE;
		}
		if (c == '"') {
			return divert->matches && !divert->member[divert->matched] ? STATE_NAMED
										   : STATE_OUTSIDE;
		}
		match_name(divert, c);
		return STATE_STRING;
	case STATE_ESCAPE:
		return STATE_STRING;
	case STATE_NAMED:
		if (is_blank(c)) {
			return STATE_NAMED;
		}
		if (c == ':') {
			return STATE_COLON;
		}
		break;
	case STATE_COLON:
		if (is_blank(c)) {
			return STATE_COLON;
		}
		if (c == '"') {
			return STATE_TEXT;
		}
		break;
	default:
		break;
	}
	if (c == '"') {
		divert->matched = 0;
		divert->matches = true;
		return STATE_STRING;
	}
	return STATE_OUTSIDE;
}

/* An escape in the text: a line's end is nothing, a slash is one, another belongs to no base64. */
static void take_escape(struct odoo_divert *divert, char c)
{
	if (c == '/') {
		divert->take("/", 1, divert->data);
	} else if (c != 'n' && c != 'r' && c != 't') {
		divert->take("\\", 1, divert->data);
	}
}

/* The n-th character of <name>member</name>; NUL behind it. */
static char pattern_at(const struct odoo_divert *divert, size_t n)
{
	static const char head[] = "<name>", tail[] = "</name>";
	size_t length = strlen(divert->member);

	if (n < strlen(head)) {
		return head[n];
	}
	n -= strlen(head);
	return n < length ? divert->member[n] : tail[n - length];
}

static enum state search(struct odoo_divert *divert, char c)
{
	if (c == pattern_at(divert, divert->matched)) {
		divert->matched++;
	} else {
		divert->matched = c == '<';
	}
	return pattern_at(divert, divert->matched) ? STATE_SEARCH : STATE_BETWEEN;
}

/* A tag behind the name ended: the value's own, one around it, or there is no text. */
static enum state end_tag(struct odoo_divert *divert)
{
	divert->tag[divert->matched] = '\0';
	divert->matched = 0;
	if (strcmp(divert->tag, "string") == 0 || strcmp(divert->tag, "base64") == 0) {
		return STATE_CONTENT;
	}
	return strcmp(divert->tag, "value") == 0 ? STATE_BETWEEN : STATE_SEARCH;
}

static enum state step_xml(struct odoo_divert *divert, char c)
{
	switch (divert->state) {
	case STATE_BETWEEN:
		divert->matched = 0;
		return c == '<' ? STATE_TAG : STATE_BETWEEN;
	case STATE_TAG:
		if (c == '>') {
			return end_tag(divert);
		}
		if (divert->matched < sizeof(divert->tag) - 1) {
			divert->tag[divert->matched++] = c;
		}
		return STATE_TAG;
	default:
		return search(divert, c);
	}
}

/* Hand on what of these bytes is text; how many that are. */
static size_t take_text(struct odoo_divert *divert, const char *bytes, size_t size)
{
	size_t n;

	if (divert->state == STATE_TEXT_ESCAPE) {
		take_escape(divert, bytes[0]);
		divert->state = STATE_TEXT;
		return 1;
	}
	n = divert->xml ? text_size(bytes, size, '<', '<') : text_size(bytes, size, '"', '\\');
	if (n) {
		divert->take(bytes, n, divert->data);
	}
	if (n < size && bytes[n] == '\\' && !divert->xml) {
		divert->state = STATE_TEXT_ESCAPE;
		return n + 1;
	}
	if (n < size) { /* its end, which is kept */
		divert->state = divert->xml ? STATE_SEARCH : STATE_OUTSIDE;
	}
	return n;
}

static bool is_text(const struct odoo_divert *divert)
{
	return divert->state == STATE_TEXT || divert->state == STATE_TEXT_ESCAPE ||
	       divert->state == STATE_CONTENT;
}

size_t odoo_divert_feed(struct odoo_divert *divert, const char *bytes, size_t size, char *kept)
{
	size_t n_kept = 0;
	bool ended = false;

	for (size_t i = 0; i < size;) {
		if (is_text(divert)) {
			i += take_text(divert, bytes + i, size - i);
			ended = !is_text(divert) && !divert->xml;
			continue;
		}
		if (divert->state == STATE_START && !is_blank(bytes[i])) {
			divert->xml = bytes[i] == '<';
			divert->state = divert->xml ? STATE_SEARCH : STATE_OUTSIDE;
		}
		if (divert->state != STATE_START && !ended) {
			divert->state = (int)(divert->xml ? step_xml(divert, bytes[i])
							  : step_json(divert, bytes[i]));
		}
		ended = false;
		kept[n_kept++] = bytes[i++];
	}
	return n_kept;
}
