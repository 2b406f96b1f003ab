/* SPDX-License-Identifier: MIT */
#include "odoo/xml_reader.h"

#include "odoo/cleanup.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

static const struct {
	const char *name;
	enum element parent, element;
} grammar[] = {
	{ "methodResponse", TOP, RESPONSE },
	{ "params", RESPONSE, PARAMS },
	{ "param", PARAMS, PARAM },
	{ "value", PARAM, VALUE },
	{ "fault", RESPONSE, FAULT },
	{ "value", FAULT, VALUE },
	{ "array", VALUE, ARRAY },
	{ "data", ARRAY, DATA },
	{ "value", DATA, VALUE },
	{ "struct", VALUE, STRUCT },
	{ "member", STRUCT, MEMBER },
	{ "name", MEMBER, NAME },
	{ "value", MEMBER, VALUE },
};

#define N_RULES (sizeof(grammar) / sizeof(grammar[0]))

static struct xml_open *top(struct xml_reader *r)
{
	return &r->open[r->n_open - 1];
}

size_t xml_reader_get_offset(const struct xml_reader *r)
{
	return (size_t)XML_GetCurrentByteIndex(r->parser) - 4 * r->n_returns;
}

void xml_reader_fail(struct xml_reader *r, enum odoo_fault fault, const char *format, ...)
{
	_cleanup_free_ char *what = NULL;
	size_t at = xml_reader_get_offset(r);
	va_list arguments;

	if (r->failed) {
		return;
	}
	r->failed = true;
	va_start(arguments, format);
	if (vasprintf(&what, format, arguments) < 0) {
		what = NULL;
	}
	va_end(arguments);
	if (fault != ODOO_FAULT_MALFORMED) {
		odoo_error_set(r->error, fault, "%s", what ? what : "out of memory");
	} else if (r->near[0]) {
		odoo_error_set(r->error, fault, "%s, at byte %zu near \"%s\"",
			what ? what : "not XML-RPC", at, r->near);
	} else {
		odoo_error_set(r->error, fault, "%s, at byte %zu", what ? what : "not XML-RPC", at);
	}
	XML_StopParser(r->parser, XML_FALSE);
}

static void fail_memory(struct xml_reader *r)
{
	xml_reader_fail(r, ODOO_FAULT_INTERNAL, "out of memory");
}

/* ── Values ── */

/* Put a value that is whole where it belongs; it is the reader's from here on. */
static void place(struct xml_reader *r, cJSON *value)
{
	struct xml_open *parent = top(r);
	bool placed = false;

	/* Both stand in what they are a part of: an array's data, a struct's member. */
	if (parent->element == DATA) {
		placed = cJSON_AddItemToArray(r->open[r->n_open - 2].value, value);
	} else if (parent->element == MEMBER && !parent->name) {
		xml_reader_fail(r, ODOO_FAULT_MALFORMED, "no XML-RPC: a value without a name");
	} else if (parent->element == MEMBER) {
		placed = cJSON_AddItemToObject(r->open[r->n_open - 2].value, parent->name, value);
		free(parent->name);
		parent->name = NULL;
	} else if (r->result) {
		xml_reader_fail(r, ODOO_FAULT_MALFORMED, "more than one value");
	} else {
		r->result = value;
		r->is_fault = parent->element == FAULT;
		placed = true;
	}
	if (!placed) {
		cJSON_Delete(value);
		fail_memory(r);
	}
}

/* The text so far, NUL-terminated. */
static const char *get_text(struct xml_reader *r)
{
	if (!r->text) {
		return "";
	}
	r->text[r->text_size] = '\0';
	return r->text;
}

static void end_scalar(struct xml_reader *r, const struct xml_type *type, struct xml_open *value)
{
	const char *why = NULL;

	value->value = xml_value_make(type, get_text(r), r->text_size, &why);
	if (!value->value) {
		if (why) {
			xml_reader_fail(r, ODOO_FAULT_MALFORMED,
				"no XML-RPC: what should be %s is not", why);
		} else {
			fail_memory(r);
		}
	}
}

static void end_name(struct xml_reader *r, struct xml_open *member)
{
	if (member->name) {
		xml_reader_fail(r, ODOO_FAULT_MALFORMED, "no XML-RPC: a member with two names");
		return;
	}
	member->name = strdup(get_text(r));
	if (!member->name) {
		fail_memory(r);
		return;
	}
	snprintf(
		r->near, sizeof(r->near), "%s", r->text_size < sizeof(r->near) ? member->name : "");
}

/* ── Elements ── */

static bool is_blank(const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (!strchr(" \t\r\n", text[i])) {
			return false;
		}
	}
	return true;
}

static bool find_rule(enum element parent, const char *name, struct xml_open *ret_open)
{
	for (size_t i = 0; i < N_RULES; i++) {
		if (grammar[i].parent == parent && strcmp(grammar[i].name, name) == 0) {
			*ret_open = (struct xml_open){ .element = grammar[i].element };
			return true;
		}
	}
	if (parent == VALUE) {
		const struct xml_type *type = xml_type_find(name);

		*ret_open = (struct xml_open){ .element = SCALAR, .type = type };
		return type != NULL;
	}
	return false;
}

/* Make what the elements in this one will be put into. */
static bool admit(struct xml_reader *r, struct xml_open *open)
{
	if (open->element != ARRAY && open->element != STRUCT) {
		return true;
	}
	if (++r->depth > ODOO_MAX_DEPTH) {
		xml_reader_fail(r, ODOO_FAULT_MALFORMED, "nested over %d deep", ODOO_MAX_DEPTH);
		return false;
	}
	open->value = open->element == ARRAY ? cJSON_CreateArray() : cJSON_CreateObject();
	if (!open->value) {
		fail_memory(r);
	}
	return open->value != NULL;
}

static void on_start(void *data, const XML_Char *name, const XML_Char **attributes)
{
	struct xml_reader *r = data;
	enum element parent = r->n_open ? top(r)->element : TOP;
	struct xml_open open;

	if (r->failed) {
		return;
	}
	if (!find_rule(parent, name, &open)) {
		xml_reader_fail(r, ODOO_FAULT_MALFORMED,
			"no XML-RPC: %s%s%s where it doesn't belong", strlen(name) < 40 ? "<" : "",
			strlen(name) < 40 ? name : "an element", strlen(name) < 40 ? ">" : "");
		return;
	}
	if (parent == VALUE && (top(r)->value || !is_blank(r->text, r->text_size))) {
		xml_reader_fail(r, ODOO_FAULT_MALFORMED, "no XML-RPC: two values in one");
		return;
	}
	if (admit(r, &open)) {
		assert(r->n_open < MAX_OPEN);
		r->open[r->n_open++] = open;
	}
	r->text_size = 0;
}

static void on_end(void *data, const XML_Char *name)
{
	struct xml_reader *r = data;
	struct xml_open closed;

	if (r->failed) {
		return;
	}
	closed = *top(r);
	r->n_open--;
	switch (closed.element) {
	case SCALAR:
		end_scalar(r, closed.type, top(r));
		break;
	case ARRAY:
	case STRUCT:
		r->depth--;
		top(r)->value = closed.value;
		break;
	case NAME:
		end_name(r, top(r));
		break;
	case VALUE:
		if (!closed.value) {
			/* A text without a type is a string. */
			end_scalar(r, NULL, &closed);
		}
		if (closed.value) {
			place(r, closed.value);
		}
		break;
	default:
		break;
	}
	free(closed.name);
	r->text_size = 0;
}

static bool takes_text(const struct xml_open *open)
{
	return open->element == SCALAR || open->element == NAME ||
	       (open->element == VALUE && !open->value);
}

static bool make_room(struct xml_reader *r, size_t more)
{
	size_t room = r->text_room ? r->text_room : 256;
	char *text;

	if (r->text_size + more < r->text_room) {
		return true;
	}
	while (room <= r->text_size + more) {
		room *= 2;
	}
	text = realloc(r->text, room);
	if (!text) {
		fail_memory(r);
		return false;
	}
	r->text = text;
	r->text_room = room;
	return true;
}

static void on_text(void *data, const XML_Char *text, int size)
{
	struct xml_reader *r = data;

	if (r->failed) {
		return;
	}
	if (r->n_open && takes_text(top(r))) {
		if (make_room(r, (size_t)size)) {
			memcpy(r->text + r->text_size, text, (size_t)size);
			r->text_size += (size_t)size;
		}
	} else if (!is_blank(text, (size_t)size)) {
		xml_reader_fail(
			r, ODOO_FAULT_MALFORMED, "no XML-RPC: text where it doesn't belong");
	}
}

static void on_doctype(void *data, const XML_Char *name, const XML_Char *system_id,
	const XML_Char *public_id, int has_internal)
{
	xml_reader_fail(data, ODOO_FAULT_MALFORMED, "a document type, which XML-RPC has none of");
}

/* As in it a carriage return can't be written otherwise. */
static void on_cdata(void *data)
{
	xml_reader_fail(data, ODOO_FAULT_MALFORMED, "a CDATA section, which XML-RPC has none of");
}

void xml_reader_destroy(struct xml_reader *r)
{
	for (size_t i = 0; i < r->n_open; i++) {
		cJSON_Delete(r->open[i].value);
		free(r->open[i].name);
	}
	cJSON_Delete(r->result);
	free(r->text);
	XML_ParserFree(r->parser);
	free(r);
}

struct xml_reader *xml_reader_create(struct odoo_error *error)
{
	struct xml_reader *r = calloc(1, sizeof(*r));

	if (r) {
		r->error = error;
		r->parser = XML_ParserCreate("UTF-8");
	}
	if (!r || !r->parser) {
		free(r);
		return NULL;
	}
	XML_SetUserData(r->parser, r);
	XML_SetElementHandler(r->parser, on_start, on_end);
	XML_SetCharacterDataHandler(r->parser, on_text);
	XML_SetStartDoctypeDeclHandler(r->parser, on_doctype);
	XML_SetStartCdataSectionHandler(r->parser, on_cdata);
	return r;
}
