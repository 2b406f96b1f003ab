/* SPDX-License-Identifier: MIT */
#include "odoo/xml_read.h"

#include "odoo/cleanup.h"
#include "odoo/xml_reader.h"

#include <string.h>

static void name_wrong(struct xml_reader *r, const char *text, size_t size)
{
	size_t at = xml_reader_get_offset(r);
	unsigned char byte = at < size ? (unsigned char)text[at] : ' ';

	if (byte < ' ' && byte != '\t' && byte != '\n' && byte != '\r') {
		xml_reader_fail(r, ODOO_FAULT_MALFORMED,
			"the control character 0x%02x, which XML can't hold (other transports can)",
			byte);
	} else {
		xml_reader_fail(r, ODOO_FAULT_MALFORMED, "no XML: %s",
			XML_ErrorString(XML_GetErrorCode(r->parser)));
	}
}

static int feed(struct xml_reader *r, const char *text, size_t size, bool last)
{
	return XML_Parse(r->parser, text, (int)size, last) == XML_STATUS_OK ? 0 : -1;
}

/* A carriage return within the root element is written as it would have had to be. */
static int feed_all(struct xml_reader *r, const char *text, size_t size)
{
	const char *root = memmem(text, size, "<methodResponse", 15);
	const char *from = text, *at = root ? root : text;
	const char *end = text + size, *root_end = memrchr(at, '<', (size_t)(end - at));

	while (root_end && at < root_end && (at = memchr(at, '\r', (size_t)(root_end - at)))) {
		if (feed(r, from, (size_t)(at - from), false) || feed(r, "&#13;", 5, false)) {
			return -1;
		}
		r->n_returns++;
		from = ++at;
	}
	return feed(r, from, (size_t)(end - from), true);
}

/* Before anything is made of them: each takes some 80 bytes of memory. */
static int count_values(const char *text, size_t size, struct odoo_error *error)
{
	static const char value[] = "<value";
	const char *at = text, *end = text + size;
	size_t n = 0;

	while ((at = memchr(at, '<', (size_t)(end - at)))) {
		bool found = (size_t)(end - at) >= sizeof(value) - 1 &&
			     memcmp(at, value, sizeof(value) - 1) == 0;

		at++;
		if (found && ++n > ODOO_MAX_VALUES) {
			odoo_error_set(error, ODOO_FAULT_TOO_LARGE, "the answer has over %d values",
				ODOO_MAX_VALUES);
			return -1;
		}
	}
	return 0;
}

int odoo_xml_parse(const char *text, size_t size, cJSON **ret_value, bool *ret_is_fault,
	struct odoo_error *error)
{
	struct xml_reader *r;
	int result = -1;

	if (count_values(text, size, error)) {
		return -1;
	}
	r = xml_reader_create(error);
	if (!r) {
		odoo_error_set(error, ODOO_FAULT_INTERNAL, "out of memory");
		return -1;
	}
	if (feed_all(r, text, size)) {
		name_wrong(r, text, size);
	} else if (!r->failed && !r->result) {
		xml_reader_fail(r, ODOO_FAULT_MALFORMED, "no XML-RPC: an answer without a value");
	}
	if (!r->failed) {
		*ret_value = steal(r->result);
		*ret_is_fault = r->is_fault;
		result = 0;
	}
	xml_reader_destroy(r);
	return result;
}
