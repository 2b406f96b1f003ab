/* SPDX-License-Identifier: MIT */
#include "server.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_CONNECTIONS 256
#define MAX_REQUEST (1024 * 1024)

struct connection {
	struct server *server;
	pthread_t thread;
	unsigned number;
	int fd;
};

struct server {
	server_fn fn;
	void *data;
	int listener;
	int stop[2]; /* a pipe whose end is closed at the stop */
	char url[64];
	pthread_t thread;
	pthread_mutex_t lock;
	unsigned n_requests;				/* under the lock */
	struct connection connections[MAX_CONNECTIONS]; /* the accepting thread's */
	unsigned n_connections;
};

static void fail(const char *what)
{
	perror(what);
	abort();
}

/* Wait for `fd` to be readable; false when the server stops first. */
static bool wait_readable(struct server *server, int fd)
{
	struct pollfd fds[] = { { .fd = fd, .events = POLLIN }, { .fd = server->stop[0] } };

	return poll(fds, 2, -1) > 0 && fds[1].revents == 0;
}

/* Read up to the end of the body into `buffer`; false at the end of the connection. */
static bool read_request(struct server *server, int fd, char *buffer, char **ret_body)
{
	size_t size = 0, wanted = 0;
	const char *length;
	char *end = NULL;

	while (!end || size < wanted) {
		ssize_t n;

		if (size >= MAX_REQUEST || !wait_readable(server, fd)) {
			return false;
		}
		n = read(fd, buffer + size, MAX_REQUEST - size);
		if (n <= 0) {
			return false;
		}
		size += (size_t)n;
		buffer[size] = '\0';
		if (!end && (end = strstr(buffer, "\r\n\r\n"))) {
			length = strcasestr(buffer, "\r\nContent-Length:");
			wanted = (size_t)(end + 4 - buffer);
			wanted += length ? strtoul(length + 17, NULL, 10) : 0;
		}
	}
	*end = '\0';
	*ret_body = end + 4;
	return true;
}

static unsigned count_request(struct server *server)
{
	unsigned n;

	pthread_mutex_lock(&server->lock);
	n = ++server->n_requests;
	pthread_mutex_unlock(&server->lock);
	return n;
}

static void *serve(void *data)
{
	const struct connection *connection = data;
	struct server *server = connection->server;
	char *buffer = malloc(MAX_REQUEST + 1);
	bool open = buffer != NULL;
	char *body;

	while (open && read_request(server, connection->fd, buffer, &body)) {
		struct server_request request = { .server = server, .fd = connection->fd };
		const char *id = strstr(body, "\"id\":");
		const char *headers = strstr(buffer, "\r\n");

		request.number = count_request(server);
		request.connection = connection->number;
		request.body = body;
		request.id = id ? (uint32_t)strtoul(id + 5, NULL, 10) : 0;
		snprintf(request.line, sizeof(request.line), "%.*s",
			(int)strcspn(strchr(buffer, ' ') + 1, " ") +
				(int)(strchr(buffer, ' ') + 1 - buffer),
			buffer);
		snprintf(
			request.headers, sizeof(request.headers), "%s\r\n", headers ? headers : "");
		open = server->fn(&request, server->data);
	}
	free(buffer);
	shutdown(connection->fd, SHUT_RDWR);
	return NULL;
}

static void *accept_all(void *data)
{
	struct server *server = data;

	while (wait_readable(server, server->listener)) {
		struct connection *c = &server->connections[server->n_connections];

		if (server->n_connections == MAX_CONNECTIONS) {
			fail("too many connections");
		}
		c->fd = accept(server->listener, NULL, NULL);
		if (c->fd < 0) {
			continue;
		}
		c->server = server;
		c->number = ++server->n_connections;
		if (pthread_create(&c->thread, NULL, serve, c)) {
			fail("pthread_create");
		}
	}
	return NULL;
}

struct server *server_start(server_fn fn, void *data)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(address);
	struct server *server = calloc(1, sizeof(*server));

	if (!server || pipe(server->stop)) {
		fail("server");
	}
	server->fn = fn;
	server->data = data;
	pthread_mutex_init(&server->lock, NULL);
	server->listener = socket(AF_INET, SOCK_STREAM, 0);
	if (server->listener < 0 ||
		bind(server->listener, (struct sockaddr *)&address, sizeof(address)) ||
		listen(server->listener, 64) ||
		getsockname(server->listener, (struct sockaddr *)&address, &size)) {
		fail("listen");
	}
	snprintf(server->url, sizeof(server->url), "http://127.0.0.1:%d", ntohs(address.sin_port));
	if (pthread_create(&server->thread, NULL, accept_all, server)) {
		fail("pthread_create");
	}
	return server;
}

void server_stop(struct server *server)
{
	close(server->stop[1]);
	pthread_join(server->thread, NULL);
	for (unsigned i = 0; i < server->n_connections; i++) {
		pthread_join(server->connections[i].thread, NULL);
		close(server->connections[i].fd);
	}
	close(server->listener);
	close(server->stop[0]);
	pthread_mutex_destroy(&server->lock);
	free(server);
}

const char *server_url(const struct server *server)
{
	return server->url;
}

unsigned server_count(struct server *server)
{
	unsigned n;

	pthread_mutex_lock(&server->lock);
	n = server->n_requests;
	pthread_mutex_unlock(&server->lock);
	return n;
}

void server_write(const struct server_request *request, const char *text, size_t size)
{
	while (size > 0) {
		ssize_t n = send(request->fd, text, size, MSG_NOSIGNAL);

		if (n <= 0) {
			return;
		}
		text += n;
		size -= (size_t)n;
	}
}

__attribute__((format(printf, 2, 3))) static void print(
	const struct server_request *request, const char *format, ...)
{
	va_list arguments;
	char *text;
	int n;

	va_start(arguments, format);
	n = vasprintf(&text, format, arguments);
	va_end(arguments);
	if (n < 0) {
		fail("vasprintf");
	}
	server_write(request, text, (size_t)n);
	free(text);
}

void server_answer(const struct server_request *request, const char *status, const char *type,
	const char *headers, const char *body)
{
	print(request,
		"HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
		"Date: Sun, 22 Nov 2026 07:46:40 GMT\r\n%s\r\n%s",
		status, type, strlen(body), headers, body);
}

void server_json(const struct server_request *request, const char *member)
{
	char *body;

	if (asprintf(&body, "{\"jsonrpc\":\"2.0\",\"id\":%u,%s}", request->id, member) < 0) {
		fail("asprintf");
	}
	server_answer(request, "200 OK", "application/json", "Connection: close\r\n", body);
	free(body);
}

void server_reset(const struct server_request *request)
{
	struct linger linger = { .l_onoff = 1 };
	struct sockaddr none = { .sa_family = AF_UNSPEC };

	setsockopt(request->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	(void)connect(request->fd, &none, sizeof(none));
}

bool server_sleep(const struct server_request *request, unsigned ms)
{
	struct pollfd stop = { .fd = request->server->stop[0] };

	return poll(&stop, 1, (int)ms) == 0;
}
