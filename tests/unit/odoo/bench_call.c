/* SPDX-License-Identifier: MIT */
/*
 * What a call costs through the client, and what curl takes for the same request: they take turns,
 * and each turn is a line of two numbers, microseconds of ours and of curl's.
 *
 *	ODOOFS_PASSWORD=… bench-odoo-call URL DATABASE LOGIN TRANSPORT MODEL FIELD,… RECORDS TURNS
 */
#include "odoo/cleanup.h"
#include "odoo/client_private.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MAX_FIELDS 1000
#define TIMEOUT_MS 120000

struct bench {
	struct odoo_client *client;
	const char *url, *model;
	const char *fields[MAX_FIELDS];
	size_t n_fields, n_ids;
	uint32_t *ids;
	CURL *easy;
};

static int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static struct odoo_request *make_request(const struct bench *b)
{
	return odoo_request_read_ids(b->model, b->ids, b->n_ids, b->fields, b->n_fields);
}

static int64_t measure_ours(const struct bench *b)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };
	_cleanup_json_ cJSON *records = NULL;
	struct odoo_request *request = make_request(b);
	int64_t start = now_us();

	if (odoo_client_call(b->client, request, &records, &error) < 0) {
		fprintf(stderr, "%s\n", error.message);
		return -1;
	}
	start = now_us() - start;
	if ((size_t)cJSON_GetArraySize(records) != b->n_ids) {
		fprintf(stderr, "%d records came instead of %zu\n", cJSON_GetArraySize(records),
			b->n_ids);
		return -1;
	}
	return start;
}

static size_t swallow(char *bytes, size_t size, size_t n, void *data)
{
	*(size_t *)data += size * n;
	return size * n;
}

static struct curl_slist *add_header(
	struct curl_slist *headers, const char *name, const char *value)
{
	_cleanup_free_ char *line = NULL;

	if (!value || asprintf(&line, "%s%s", name, value) < 0) {
		return headers;
	}
	return curl_slist_append(headers, line);
}

static struct curl_slist *make_headers(const struct odoo_http_request *request)
{
	struct curl_slist *headers = NULL;

	headers = add_header(headers, "Content-Type: ", request->content_type);
	headers = add_header(headers, "Authorization: bearer ", request->bearer);
	headers = add_header(headers, "X-Odoo-Database: ", request->database);
	headers = add_header(headers, "Cookie: session_id=", request->session);
	return add_header(headers, "Expect:", "");
}

/* The client's thread sleeps meanwhile: its transport is ours. */
static int64_t measure_curl(const struct bench *b)
{
	struct odoo_request *call = make_request(b);
	struct odoo_transport *t = b->client->transport;
	struct odoo_http_request request = { 0 };
	_cleanup_free_ char *url = NULL;
	struct curl_slist *headers;
	size_t size = 0;
	int64_t start;
	CURLcode code;

	if (!call || t->class->call_request(t, call, b->client->context, &request, NULL) < 0 ||
		asprintf(&url, "%s%s", b->url, request.path) < 0) {
		fprintf(stderr, "out of memory\n");
		exit(1);
	}
	headers = make_headers(&request);
	curl_easy_setopt(b->easy, CURLOPT_URL, url);
	curl_easy_setopt(b->easy, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(b->easy, CURLOPT_POSTFIELDS, request.body);
	curl_easy_setopt(b->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request.body_size);
	curl_easy_setopt(b->easy, CURLOPT_WRITEFUNCTION, swallow);
	curl_easy_setopt(b->easy, CURLOPT_WRITEDATA, &size);
	curl_easy_setopt(b->easy, CURLOPT_ACCEPT_ENCODING, "");
	start = now_us();
	code = curl_easy_perform(b->easy);
	start = now_us() - start;
	curl_slist_free_all(headers);
	odoo_http_request_finish(&request);
	odoo_request_destroy(call);
	if (code != CURLE_OK || size == 0) {
		fprintf(stderr, "curl: %s\n", curl_easy_strerror(code));
		return -1;
	}
	return start;
}

static int log_in(struct bench *b, char **argv)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };
	struct odoo_client_options options = { .url = argv[1],
		.database = argv[2],
		.login = argv[3],
		.secret = getenv("ODOOFS_PASSWORD"),
		.connections = 1,
		.timeout_ms = TIMEOUT_MS };
	enum odoo_transport_kind kind = ODOO_TRANSPORT_AUTO;

	while (odoo_transport_names[kind] && strcmp(odoo_transport_names[kind], argv[4]) != 0) {
		kind++;
	}
	options.transport = kind;
	if (!odoo_transport_names[kind] || !options.secret ||
		odoo_client_create(&options, &b->client, &error) < 0 ||
		odoo_client_login(b->client, &error) < 0) {
		fprintf(stderr, "%s\n", error.message ? error.message : "no such transport");
		return -1;
	}
	return 0;
}

static int find_records(struct bench *b, uint32_t n)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };
	_cleanup_json_ cJSON *found = NULL;
	const cJSON *each;

	if (odoo_client_call(b->client, odoo_request_search_after(b->model, NULL, 0, n), &found,
		    &error) < 0) {
		fprintf(stderr, "%s\n", error.message);
		return -1;
	}
	b->ids = calloc(n, sizeof(*b->ids));
	cJSON_ArrayForEach (each, found) {
		if (b->ids && b->n_ids < n) {
			b->ids[b->n_ids++] = (uint32_t)each->valuedouble;
		}
	}
	return b->n_ids == n ? 0 : -1;
}

static int take_turns(const struct bench *b, int n)
{
	for (int turn = -1; turn < n; turn++) { /* the first only warms up */
		bool swapped = turn & 1;
		int64_t theirs = swapped ? measure_curl(b) : 0, ours = measure_ours(b);

		theirs = swapped ? theirs : measure_curl(b);
		if (ours < 0 || theirs < 0) {
			return -1;
		}
		if (turn >= 0) {
			printf("%lld %lld\n", (long long)ours, (long long)theirs);
		}
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct bench b = { 0 };
	int r = 1;

	if (argc != 9) {
		fprintf(stderr,
			"usage: %s URL DATABASE LOGIN TRANSPORT MODEL FIELD,… RECORDS TURNS\n",
			argv[0]);
		return 2;
	}
	b.url = argv[1];
	b.model = argv[5];
	for (char *rest = argv[6], *name; b.n_fields < MAX_FIELDS && (name = strsep(&rest, ","));) {
		b.fields[b.n_fields++] = name;
	}
	if (log_in(&b, argv) == 0 && find_records(&b, (uint32_t)atoi(argv[7])) == 0) {
		b.easy = curl_easy_init();
		r = b.easy && take_turns(&b, atoi(argv[8])) == 0 ? 0 : 1;
		curl_easy_cleanup(b.easy);
	}
	free(b.ids);
	odoo_client_destroy(b.client);
	return r;
}
