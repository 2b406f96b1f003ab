/* SPDX-License-Identifier: MIT */
/*
 * An HTTP server inside the test, that answers as well or as badly as the test says.
 *
 * Each connection has a thread, which reads one request after the other and hands it to the test's
 * function. That runs on the connection's thread: it must not use cmocka's assertions.
 */
#ifndef TEST_SERVER_H
#define TEST_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct server;

struct server_request {
	struct server *server;
	int fd;
	unsigned number;     /* 1 for the server's first */
	unsigned connection; /* likewise */
	char line[256];	     /* "POST /jsonrpc" */
	char headers[4096];
	const char *body;
	uint32_t id; /* the JSON-RPC id in the body; 0 where there is none */
};

/* Answer with the functions below; true keeps the connection open for another request. */
typedef bool (*server_fn)(const struct server_request *request, void *data);

/* Aborts the test program on failure: there is nothing to test without. */
struct server *server_start(server_fn fn, void *data);

/* Ends every connection and thread. */
void server_stop(struct server *server);

const char *server_url(const struct server *server);
unsigned server_count(struct server *server); /* requests so far */

/* A whole answer; `status` as in "200 OK", `headers` lines that each end in \r\n, or "". */
void server_answer(const struct server_request *request, const char *status, const char *type,
	const char *headers, const char *body);

/*
 * 200 and {"jsonrpc": "2.0", "id": the request's, MEMBER}; `member` as in "\"result\":true". Closes
 * the connection, as Odoo does.
 */
void server_json(const struct server_request *request, const char *member);

/* Bytes as they are. */
void server_write(const struct server_request *request, const char *text, size_t size);

/* Close with a reset instead of an end. */
void server_reset(const struct server_request *request);

/* Sleep, but not past server_stop. Returns false when the server stops. */
bool server_sleep(const struct server_request *request, unsigned ms);

#endif
