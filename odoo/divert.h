/* SPDX-License-Identifier: MIT */
/*
 * A member of an answer that is too large to be kept: its text is handed on as it comes, and what
 * is kept of the body has an empty one in its place, so that transports read it as ever.
 *
 *	{"result": [{"id": 5, "datas": "JVBERi0xLj…"}]}
 *	                                └────┬─────┘ handed on
 *
 * JSON and XML-RPC are told apart by the body's first character. No locks: one thread at a time.
 */
#ifndef ODOO_DIVERT_H
#define ODOO_DIVERT_H

#include <stdbool.h>
#include <stddef.h>

struct odoo_divert {
	const char *member; /* its name; lives as long as this */

	/* An answer begins, perhaps once more: what came before doesn't count. */
	void (*begin)(void *data);

	/* Some of the text. Must be quick: a server cuts off who stalls. */
	void (*take)(const char *text, size_t size, void *data);
	void *data;

	/* Its own */
	int state;
	bool xml, matches;
	size_t matched;
	char tag[12];
};

void odoo_divert_begin(struct odoo_divert *divert);

/* Take some of a body; copies what is to be kept to `kept`, which has room for all of it. */
size_t odoo_divert_feed(struct odoo_divert *divert, const char *bytes, size_t size, char *kept);

#endif
