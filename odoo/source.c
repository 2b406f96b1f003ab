/* SPDX-License-Identifier: MIT */
/*
 * No sentence here repeats what was written, except its scheme: a password may be anywhere in it.
 */
#include "odoo/source.h"

#include "odoo/cleanup.h"
#include "odoo/host.h"

#include <ctype.h>
#include <curl/curl.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistr.h>

static void cleanup_curlu(CURLU **url)
{
	curl_url_cleanup(*url);
}

static void cleanup_curl_text(char **text)
{
	curl_free(*text);
}

#define _cleanup_curlu_ _cleanup_(cleanup_curlu)
#define _cleanup_curl_text_ _cleanup_(cleanup_curl_text)

/* How what is read is called, and how it is written. */
struct wording {
	const char *name, *form;
};

static const struct wording whole = { "SOURCE", "https://login@host[:port]/database" };
static const struct wording only_url = { "url=", "https://host[:port]" };

/* What is being read. */
struct reading {
	const struct wording *wording;
	CURLU *url;
	struct odoo_error *error;
};

__attribute__((format(printf, 2, 3))) static int refuse(
	const struct reading *reading, const char *format, ...)
{
	char sentence[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(sentence, sizeof(sentence), format, arguments);
	va_end(arguments);
	odoo_error_set(
		reading->error, ODOO_FAULT_VALIDATION, "%s %s", reading->wording->name, sentence);
	return -EINVAL;
}

static int out_of_memory(const struct reading *reading)
{
	odoo_error_set(reading->error, ODOO_FAULT_INTERNAL, "out of memory");
	return -ENOMEM;
}

/* The length of the scheme when `text` begins with one and "://", else 0. */
static size_t scheme_length(const char *text)
{
	size_t n = 0;

	while (isalnum((unsigned char)text[n]) || (n > 0 && text[n] && strchr("+-.", text[n]))) {
		n++;
	}
	return strncmp(text + n, "://", 3) == 0 ? n : 0;
}

/*
 * libcurl ends the login at the first '@'. A login that is a mail address has one of its own, so
 * every '@' of the authority but the last is encoded. A '/' ends the authority.
 */
static char *encode_login_ats(const char *text)
{
	const char *authority = strstr(text, "://") + 3;
	const char *end = authority + strcspn(authority, "/?#");
	const char *last = memrchr(authority, '@', (size_t)(end - authority));
	char *encoded = malloc(3 * strlen(text) + 1);
	char *to = encoded;

	if (!encoded) {
		return NULL;
	}
	for (const char *p = text; *p; p++) {
		if (*p == '@' && last && p >= authority && p < last) {
			memcpy(to, "%40", 3);
			to += 3;
		} else {
			*to++ = *p;
		}
	}
	*to = '\0';
	return encoded;
}

static int check_scheme(const struct reading *reading, const char *text)
{
	const char *form = reading->wording->form;
	size_t n = scheme_length(text);

	if (n == 0) {
		return refuse(reading, "has no scheme: it is written %s", form);
	}
	if (!(n == 4 && strncasecmp(text, "http", 4) == 0) &&
		!(n == 5 && strncasecmp(text, "https", 5) == 0)) {
		return refuse(reading, "begins with \"%.*s://\": it has to be https (or http)",
			(int)(n < 20 ? n : 20), text);
	}
	if (strchr(text, '?')) {
		return refuse(reading, "has a query (\"?…\"): it is written %s", form);
	}
	if (strchr(text, '#')) {
		return refuse(reading, "has a fragment (\"#…\"): it is written %s", form);
	}
	return 0;
}

static int parse_url(const struct reading *reading, const char *text)
{
	_cleanup_free_ char *encoded = encode_login_ats(text);
	const char *form = reading->wording->form;

	if (!reading->url || !encoded) {
		return out_of_memory(reading);
	}
	CURLUcode code = curl_url_set(reading->url, CURLUPART_URL, encoded, CURLU_PATH_AS_IS);
	switch (code) {
	case CURLUE_OK:
		return 0;
	case CURLUE_OUT_OF_MEMORY:
		return out_of_memory(reading);
	case CURLUE_BAD_PORT_NUMBER:
		return refuse(reading,
			"has a wrong port: a number from 1 to 65535 stands there, %s", form);
	case CURLUE_NO_HOST:
		return refuse(reading, "has no host: it is written %s", form);
	default:
		return refuse(reading, "isn't a URL (%s): it is written %s",
			curl_url_strerror(code), form);
	}
}

/* A part, decoded. -EINVAL when there is none or it is empty. */
static int get_decoded(
	const struct reading *reading, CURLUPart part, const char *what, char **ret_text)
{
	_cleanup_curl_text_ char *text = NULL;
	CURLUcode code = curl_url_get(reading->url, part, &text, CURLU_URLDECODE);

	if (code == CURLUE_OUT_OF_MEMORY) {
		return out_of_memory(reading);
	}
	if (code == CURLUE_URLDECODE) {
		return refuse(reading, "has a control character in its %s", what);
	}
	const char *value = !text ? "" : part == CURLUPART_PATH ? text + 1 : text;
	if (code != CURLUE_OK || !*value) {
		return refuse(reading, "has no %s: it is written %s", what, reading->wording->form);
	}
	if (u8_check((const uint8_t *)value, strlen(value))) {
		return refuse(reading, "has a %s that isn't UTF-8", what);
	}
	char *copy = strdup(value);
	if (!copy) {
		return out_of_memory(reading);
	}
	*ret_text = copy;
	return 0;
}

static int refuse_password(const struct reading *reading)
{
	_cleanup_curl_text_ char *password = NULL;

	if (curl_url_get(reading->url, CURLUPART_PASSWORD, &password, 0) == CURLUE_NO_PASSWORD) {
		return 0;
	}
	if (password) {
		explicit_bzero(password, strlen(password));
	}
	return refuse(reading, "has a password in it, where every user of this machine can "
			       "read it: leave it out, and give it by -o password_file=FILE, by "
			       "ODOOFS_PASSWORD in the environment, or at the prompt");
}

/* One segment, which may end in a slash; what is percent-encoded in it is no separator. */
static int take_database(const struct reading *reading, struct odoo_source *source)
{
	_cleanup_curl_text_ char *path = NULL;

	if (curl_url_get(reading->url, CURLUPART_PATH, &path, 0) != CURLUE_OK) {
		return out_of_memory(reading);
	}
	char *slash = strchr(path + 1, '/');
	if (slash && slash[1]) {
		return refuse(reading,
			"has more than the database behind the host: it is written %s, a '/' in a "
			"name as %%2F",
			reading->wording->form);
	}
	if (slash) {
		*slash = '\0';
	}
	if (curl_url_set(reading->url, CURLUPART_PATH, path, 0) != CURLUE_OK) {
		return out_of_memory(reading);
	}
	return get_decoded(reading, CURLUPART_PATH, "database", &source->database);
}

/* "::1" of "[::1]", and any other host as it is. */
static char *copy_bare(const char *host)
{
	size_t size = strlen(host);

	return host[0] == '[' && size > 2 ? strndup(host + 1, size - 2) : strdup(host);
}

/* In the form that everybody knows it in, here and there. */
static int normalize_host(const struct reading *reading, char *written)
{
	_cleanup_curl_text_ char *zone = NULL;
	_cleanup_free_ char *host = NULL;
	const char *reason;
	int r = odoo_host_normalize(written, &host, &reason);
	if (r == -EINVAL) {
		return refuse(reading, "has a host that isn't a name of the Internet: %s", reason);
	}
	/* Setting a host drops the zone of the one before. */
	curl_url_get(reading->url, CURLUPART_ZONEID, &zone, 0);
	if (r < 0 || curl_url_set(reading->url, CURLUPART_HOST, host, 0) != CURLUE_OK ||
		(zone && curl_url_set(reading->url, CURLUPART_ZONEID, zone, 0) != CURLUE_OK)) {
		return out_of_memory(reading);
	}
	return 0;
}

static int take_host(const struct reading *reading, struct odoo_source *source)
{
	_cleanup_curl_text_ char *written = NULL, *host = NULL, *scheme = NULL;
	CURLUcode code = curl_url_get(reading->url, CURLUPART_HOST, &written, 0);

	if (code == CURLUE_NO_HOST || (written && !*written)) {
		return refuse(reading, "has no host: it is written %s", reading->wording->form);
	}
	if (code != CURLUE_OK) {
		return out_of_memory(reading);
	}
	int r = normalize_host(reading, written);
	if (r < 0) {
		return r;
	}
	if (curl_url_get(reading->url, CURLUPART_HOST, &host, 0) != CURLUE_OK ||
		curl_url_get(reading->url, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
		!(source->host = copy_bare(host))) {
		return out_of_memory(reading);
	}
	source->loopback = odoo_host_is_loopback(host);
	source->plain = strcasecmp(scheme, "http") == 0;
	return 0;
}

/* What is left without login and path, so that libcurl writes IPv6 addresses and zones for us. */
static int take_url(const struct reading *reading, struct odoo_source *source)
{
	_cleanup_curl_text_ char *text = NULL;
	CURLU *url = reading->url;

	if (curl_url_set(url, CURLUPART_USER, NULL, 0) != CURLUE_OK ||
		curl_url_set(url, CURLUPART_PASSWORD, NULL, 0) != CURLUE_OK ||
		curl_url_set(url, CURLUPART_PATH, "/", 0) != CURLUE_OK ||
		curl_url_get(url, CURLUPART_URL, &text, CURLU_NO_DEFAULT_PORT) != CURLUE_OK) {
		return out_of_memory(reading);
	}
	source->url = strndup(text, strlen(text) - 1);
	return source->url ? 0 : out_of_memory(reading);
}

static int open_url(const struct reading *reading, const char *text)
{
	int r = check_scheme(reading, text);

	if (r == 0) {
		r = parse_url(reading, text);
	}
	return r < 0 ? r : refuse_password(reading);
}

static int read_whole(const struct reading *reading, const char *text, struct odoo_source *source)
{
	int r = open_url(reading, text);

	if (r == 0) {
		r = take_host(reading, source);
	}
	if (r == 0) {
		r = get_decoded(reading, CURLUPART_USER, "login", &source->login);
	}
	if (r == 0) {
		r = take_database(reading, source);
	}
	return r < 0 ? r : take_url(reading, source);
}

/* A url= has no login and no database in it: it would be unclear which of two holds. */
static int refuse_more(const struct reading *reading)
{
	_cleanup_curl_text_ char *user = NULL, *path = NULL;

	if (curl_url_get(reading->url, CURLUPART_USER, &user, 0) == CURLUE_OK) {
		return refuse(reading, "has a login in it: that is login=, and this is written %s",
			reading->wording->form);
	}
	if (curl_url_get(reading->url, CURLUPART_PATH, &path, 0) != CURLUE_OK) {
		return out_of_memory(reading);
	}
	if (strcmp(path, "/") != 0) {
		return refuse(reading,
			"has a path in it: the database is database=, and this is written %s",
			reading->wording->form);
	}
	return 0;
}

static int read_parts(const struct reading *reading, const char *url, const char *login,
	const char *database, struct odoo_source *source)
{
	int r = open_url(reading, url);

	if (r == 0) {
		r = refuse_more(reading);
	}
	if (r == 0) {
		r = take_host(reading, source);
	}
	if (r == 0) {
		source->login = strdup(login);
		source->database = strdup(database);
		r = source->login && source->database ? 0 : out_of_memory(reading);
	}
	return r < 0 ? r : take_url(reading, source);
}

int odoo_source_parse(const char *text, struct odoo_source *ret_source, struct odoo_error *error)
{
	_cleanup_curlu_ CURLU *url = curl_url();
	const struct reading reading = { &whole, url, error };
	struct odoo_source source = { 0 };
	int r = read_whole(&reading, text, &source);

	if (r < 0) {
		odoo_source_finish(&source);
	} else {
		*ret_source = source;
	}
	return r;
}

int odoo_source_make(const char *url_text, const char *login, const char *database,
	struct odoo_source *ret_source, struct odoo_error *error)
{
	_cleanup_curlu_ CURLU *url = curl_url();
	const struct reading reading = { &only_url, url, error };
	struct odoo_source source = { 0 };
	int r = read_parts(&reading, url_text, login, database, &source);

	if (r < 0) {
		odoo_source_finish(&source);
	} else {
		*ret_source = source;
	}
	return r;
}

void odoo_source_finish(struct odoo_source *source)
{
	free(source->url);
	free(source->host);
	free(source->login);
	free(source->database);
	*source = (struct odoo_source){ 0 };
}
