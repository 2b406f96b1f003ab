/* SPDX-License-Identifier: MIT */
#include "odoo/http_private.h"

#include "odoo/cleanup.h"
#include "odoo/divert.h"
#include "odoo/host.h"
#include "odoo/limits.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

/* A body's first buffer is at most this large, whatever Content-Length promises. */
#define FIRST_ROOM (4u * 1024 * 1024)

/* Parsing so much takes longer than a request needs to get going: that comes first. */
#define LARGE_BODY (64u * 1024)

static void transfer_destroy(struct transfer *t)
{
	if (!t) {
		return;
	}
	curl_easy_cleanup(t->easy);
	free(t);
}

static struct transfer *transfer_create(struct http *http)
{
	struct transfer *t = calloc(1, sizeof(*t));

	if (!t) {
		return NULL;
	}
	t->http = http;
	t->easy = curl_easy_init();
	if (!t->easy) {
		transfer_destroy(t);
		return NULL;
	}
	return t;
}

/* Make it hold nothing but its easy handle, which keeps no option either. */
static void transfer_clear(struct transfer *t)
{
	curl_easy_reset(t->easy);
	curl_slist_free_all(t->headers);
	odoo_http_request_finish(&t->request);
	free(t->url);
	free(t->body);
	*t = (struct transfer){ .http = t->http, .easy = t->easy };
}

static struct transfer *transfer_get(struct http *http)
{
	struct transfer *t = LIST_FIRST(&http->idle);

	if (!t) {
		return transfer_create(http);
	}
	LIST_REMOVE(t, link);
	http->n_idle--;
	return t;
}

static void transfer_put(struct transfer *t)
{
	struct http *http = t->http;

	transfer_clear(t);
	if (http->n_idle >= http->connections) {
		transfer_destroy(t);
		return;
	}
	LIST_INSERT_HEAD(&http->idle, t, link);
	http->n_idle++;
}

/* Room for `more` bytes and a NUL; doubled as they come, because a server may promise anything. */
static int make_room(struct transfer *t, size_t more)
{
	size_t needed = t->size + more + 1;
	size_t room = t->room * 2;
	curl_off_t promised = 0;
	char *body;

	if (needed <= t->room) {
		return 0;
	}
	if (!t->body) {
		curl_easy_getinfo(t->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &promised);
		if (promised > 0) {
			room = promised < FIRST_ROOM ? (size_t)promised + 1 : FIRST_ROOM;
		}
	}
	if (room < needed) {
		room = needed;
	}
	body = realloc(t->body, room);
	if (!body) {
		return -ENOMEM;
	}
	t->body = body;
	t->room = room;
	return 0;
}

size_t http_max_body(const struct transfer *t)
{
	size_t own = t->request.max_body;

	return own && own < t->http->max_body ? own : t->http->max_body;
}

/* Copies and nothing else: a reader that stalls gets its answer cut by the server. */
static size_t on_body(char *bytes, size_t one, size_t size, void *data)
{
	struct transfer *t = data;

	if (size > http_max_body(t) - t->size) {
		t->stop = STOP_BODY;
		return CURL_WRITEFUNC_ERROR;
	}
	if (make_room(t, size)) {
		t->stop = STOP_MEMORY;
		return CURL_WRITEFUNC_ERROR;
	}
	if (t->request.divert) {
		t->size += odoo_divert_feed(t->request.divert, bytes, size, t->body + t->size);
		return size;
	}
	memcpy(t->body + t->size, bytes, size);
	t->size += size;
	return size;
}

static size_t on_header(char *bytes, size_t one, size_t size, void *data)
{
	struct transfer *t = data;

	t->header_bytes += size;
	if (t->header_bytes > ODOO_MAX_HEADERS) {
		t->stop = STOP_HEADERS;
		return CURL_WRITEFUNC_ERROR;
	}
	return size;
}

/* curl's own way, but that it doesn't keep the reason for which there is none. */
static curl_socket_t open_socket(void *data, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct transfer *t = data;
	int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);

	t->no_socket = fd < 0 ? errno : 0;
	return fd < 0 ? CURL_SOCKET_BAD : fd;
}

__attribute__((format(printf, 2, 3))) static int add_header(
	struct transfer *t, const char *format, ...)
{
	struct curl_slist *headers = NULL;
	va_list arguments;
	char line[ODOO_MAX_HEADER];
	int size;

	va_start(arguments, format);
	size = vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	if (size >= 0 && (size_t)size < sizeof(line)) {
		headers = curl_slist_append(t->headers, line);
	}
	explicit_bzero(line, sizeof(line)); /* it may have been a secret */
	if (!headers) {
		return -ENOMEM;
	}
	t->headers = headers;
	return 0;
}

static int set_headers(struct transfer *t)
{
	const struct odoo_http_request *request = &t->request;

	/* Without this curl waits a second for a "100 Continue" that Odoo never sends. */
	if (add_header(t, "Expect:") ||
		(request->content_type &&
			add_header(t, "Content-Type: %s", request->content_type)) ||
		(request->session && add_header(t, "Cookie: session_id=%s", request->session)) ||
		(request->database && add_header(t, "X-Odoo-Database: %s", request->database)) ||
		(request->bearer && add_header(t, "Authorization: bearer %s", request->bearer))) {
		return -ENOMEM;
	}
	return 0;
}

/* Where the bytes go and how long they may take. */
static unsigned set_exchange(struct transfer *t)
{
	CURL *easy = t->easy;
	unsigned failed = 0;

	failed |= curl_easy_setopt(easy, CURLOPT_URL, t->url);
	if (t->request.body) {
		failed |= curl_easy_setopt(easy, CURLOPT_POSTFIELDS, t->request.body);
		failed |= curl_easy_setopt(
			easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)t->request.body_size);
	}
	failed |= curl_easy_setopt(easy, CURLOPT_HTTPHEADER, t->headers);
	/* The deadline of the whole also ends a body that drips. */
	failed |= curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)t->limits.timeout_ms);
	failed |= curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)t->limits.connect_ms);
	failed |= curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, (long)t->limits.fresh);
	failed |= curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	failed |= curl_easy_setopt(easy, CURLOPT_WRITEDATA, t);
	failed |= curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	failed |= curl_easy_setopt(easy, CURLOPT_HEADERDATA, t);
	failed |= curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	failed |= curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, t);
	failed |= curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, t->text);
	failed |= curl_easy_setopt(easy, CURLOPT_PRIVATE, t);
	return failed;
}

int http_start(struct http *http, struct odoo_http_request *request,
	const struct http_limits *limits, http_done_fn done, void *data)
{
	struct transfer *t = transfer_get(http);

	if (!t) {
		odoo_http_request_finish(request);
		return -ENOMEM;
	}
	t->request = *request;
	*request = (struct odoo_http_request){ 0 };
	t->limits = *limits;
	t->done = done;
	t->data = data;
	if (asprintf(&t->url, "%s%s", http->url, t->request.path) < 0) {
		t->url = NULL;
		transfer_put(t);
		return -ENOMEM;
	}
	if (set_headers(t) || http_policy_apply(http, t->easy) || set_exchange(t) ||
		curl_multi_add_handle(http->multi, t->easy) != CURLM_OK) {
		transfer_put(t);
		return -ENOMEM;
	}
	if (t->request.divert) {
		odoo_divert_begin(t->request.divert);
	}
	LIST_INSERT_HEAD(&http->running, t, link);
	http->n_running++;
	return 0;
}

/* Trying again helps against what broke, not against a place where nothing answers at all. */
static bool may_pass(const struct transfer *t, CURLcode code, const struct odoo_error *error)
{
	return error->fault == ODOO_FAULT_UNREACHABLE && code != CURLE_OPERATION_TIMEDOUT &&
	       !http_proxy_refusal(t);
}

/* Its connection is free for another from here on. */
static void transfer_stop(struct transfer *t)
{
	curl_multi_remove_handle(t->http->multi, t->easy);
	LIST_REMOVE(t, link);
	t->http->n_running--;
}

static void transfer_end(struct transfer *t, struct http_result *result)
{
	t->done(result, t->data);
	odoo_error_finish(&result->error);
	transfer_put(t);
}

static void transfer_done(struct transfer *t)
{
	CURLcode code = t->code;
	struct http_result result = { .left = http_was_connected(t) };
	struct answer_texts texts;

	if (t->body) {
		t->body[t->size] = '\0';
	}
	result.server_time = http_get_server_time(t);
	http_get_traffic(t, &result);
	if (code == CURLE_OK) {
		http_get_answer(t, &texts, &result);
	} else {
		http_explain(t, code, &result.error);
		result.again = may_pass(t, code, &result.error);
	}
	transfer_end(t, &result);
	explicit_bzero(texts.session, sizeof(texts.session));
}

void http_run(struct http *http)
{
	struct transfer *t;
	CURLMsg *message;
	int running, left;

	curl_multi_perform(http->multi, &running);
	while ((message = curl_multi_info_read(http->multi, &left))) {
		if (message->msg != CURLMSG_DONE) {
			continue;
		}
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &t);
		t->code = message->data.result;
		transfer_stop(t);
		if (t->code == CURLE_OK && t->size >= LARGE_BODY) {
			STAILQ_INSERT_TAIL(&http->large, t, next_large);
		} else {
			transfer_done(t);
		}
	}
}

bool http_finish(struct http *http)
{
	struct transfer *t = STAILQ_FIRST(&http->large);

	if (!t) {
		return false;
	}
	STAILQ_REMOVE_HEAD(&http->large, next_large);
	transfer_done(t);
	return true;
}

unsigned http_n_running(const struct http *http)
{
	return http->n_running;
}

void http_wait(struct http *http, int timeout_ms)
{
	curl_multi_poll(http->multi, NULL, 0, timeout_ms, NULL);
}

void http_wake(struct http *http)
{
	curl_multi_wakeup(http->multi);
}

void http_cancel(struct http *http)
{
	struct transfer *t;

	while (http_finish(http)) {
	}
	while ((t = LIST_FIRST(&http->running))) {
		struct http_result result = { .left = http_was_connected(t) };

		odoo_error_set(&result.error, ODOO_FAULT_CANCELLED, "ended before %s answered",
			http->peer);
		transfer_stop(t);
		transfer_end(t, &result);
	}
}

const char *http_peer(const struct http *http)
{
	return http->peer;
}

/* Take the URL apart for the peer's name; curl's own parser, so that both see the same host. */
static int set_peer(struct http *http)
{
	CURLU *url = curl_url();
	char *host = NULL, *port = NULL;
	int r = -EINVAL;

	if (url && !curl_url_set(url, CURLUPART_URL, http->url, 0) &&
		!curl_url_get(url, CURLUPART_HOST, &host, 0) &&
		!curl_url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT)) {
		http->loopback = odoo_host_is_loopback(host);
		r = asprintf(&http->peer, "%s:%s", host, port) < 0 ? -ENOMEM : 0;
	}
	curl_free(host);
	curl_free(port);
	curl_url_cleanup(url);
	return r;
}

int http_create(
	const struct http_options *options, struct http **ret_http, struct odoo_error *error)
{
	struct http *http = calloc(1, sizeof(*http));

	if (!http || http_policy_start()) {
		free(http);
		odoo_error_set(error, ODOO_FAULT_INTERNAL, "libcurl can't be started");
		return -ENOMEM;
	}
	LIST_INIT(&http->running);
	LIST_INIT(&http->idle);
	STAILQ_INIT(&http->large);
	http->connections = options->connections;
	http->max_body = options->max_body;
	http->multi = curl_multi_init();
	http->url = strdup(options->url);
	if (!http->multi || !http->url || http_policy_copy(http, options)) {
		http_destroy(http);
		odoo_error_set(error, ODOO_FAULT_INTERNAL, "out of memory");
		return -ENOMEM;
	}
	if (set_peer(http)) {
		odoo_error_set(error, ODOO_FAULT_INTERNAL, "not a URL: %s", options->url);
		http_destroy(http);
		return -EINVAL;
	}
	curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, (long)options->connections);
	*ret_http = http;
	return 0;
}

void http_destroy(struct http *http)
{
	struct transfer *t;

	if (!http) {
		return;
	}
	while ((t = LIST_FIRST(&http->running))) {
		transfer_stop(t);
		transfer_put(t);
	}
	while ((t = STAILQ_FIRST(&http->large))) {
		STAILQ_REMOVE_HEAD(&http->large, next_large);
		transfer_put(t);
	}
	while ((t = LIST_FIRST(&http->idle))) {
		LIST_REMOVE(t, link);
		transfer_destroy(t);
	}
	curl_multi_cleanup(http->multi);
	free(http->url);
	http_policy_finish(http);
	free(http->peer);
	free(http);
	curl_global_cleanup();
}
