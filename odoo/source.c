/* SPDX-License-Identifier: MIT */
/*
 * No sentence here repeats what was written, except its scheme: a password may be anywhere in it.
 */
#include "odoo/source.h"

#include "odoo/cleanup.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <curl/curl.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistr.h>

#define FORM "https://login@host[:port]/database"

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

__attribute__((format(printf, 2, 3))) static int refuse(
	struct odoo_error *error, const char *format, ...)
{
	char sentence[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(sentence, sizeof(sentence), format, arguments);
	va_end(arguments);
	odoo_error_set(error, ODOO_FAULT_VALIDATION, "%s", sentence);
	return -EINVAL;
}

static int out_of_memory(struct odoo_error *error)
{
	odoo_error_set(error, ODOO_FAULT_INTERNAL, "out of memory");
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

static int check_scheme(const char *text, struct odoo_error *error)
{
	size_t n = scheme_length(text);

	if (n == 0) {
		return refuse(error, "SOURCE has no scheme: it is written " FORM);
	}
	if (!(n == 4 && strncasecmp(text, "http", 4) == 0) &&
		!(n == 5 && strncasecmp(text, "https", 5) == 0)) {
		return refuse(error, "SOURCE begins with \"%.*s://\": it has to be https (or http)",
			(int)(n < 20 ? n : 20), text);
	}
	if (strchr(text, '?')) {
		return refuse(
			error, "SOURCE has a query (\"?…\"): it ends with the database, " FORM);
	}
	if (strchr(text, '#')) {
		return refuse(
			error, "SOURCE has a fragment (\"#…\"): it ends with the database, " FORM);
	}
	return 0;
}

static int parse_url(const char *text, CURLU **ret_url, struct odoo_error *error)
{
	_cleanup_curlu_ CURLU *url = curl_url();
	_cleanup_free_ char *encoded = encode_login_ats(text);

	if (!url || !encoded) {
		return out_of_memory(error);
	}
	CURLUcode code = curl_url_set(url, CURLUPART_URL, encoded, CURLU_PATH_AS_IS);
	switch (code) {
	case CURLUE_OK:
		*ret_url = steal(url);
		return 0;
	case CURLUE_OUT_OF_MEMORY:
		return out_of_memory(error);
	case CURLUE_BAD_PORT_NUMBER:
		return refuse(error,
			"SOURCE has a wrong port: a number from 1 to 65535 stands there, " FORM);
	case CURLUE_NO_HOST:
		return refuse(error, "SOURCE has no host: it is written " FORM);
	default:
		return refuse(error, "SOURCE isn't a URL (%s): it is written " FORM,
			curl_url_strerror(code));
	}
}

/* A part, decoded. -ENODATA when there is none or it is empty. */
static int get_decoded(
	CURLU *url, CURLUPart part, const char *what, char **ret_text, struct odoo_error *error)
{
	_cleanup_curl_text_ char *text = NULL;
	CURLUcode code = curl_url_get(url, part, &text, CURLU_URLDECODE);

	if (code == CURLUE_OUT_OF_MEMORY) {
		return out_of_memory(error);
	}
	if (code == CURLUE_URLDECODE) {
		return refuse(error, "the %s in SOURCE has a control character in it", what);
	}
	const char *value = !text ? "" : part == CURLUPART_PATH ? text + 1 : text;
	if (code != CURLUE_OK || !*value) {
		return refuse(error, "SOURCE has no %s: it is written " FORM, what);
	}
	if (u8_check((const uint8_t *)value, strlen(value))) {
		return refuse(error, "the %s in SOURCE isn't UTF-8", what);
	}
	char *copy = strdup(value);
	if (!copy) {
		return out_of_memory(error);
	}
	*ret_text = copy;
	return 0;
}

static int refuse_password(CURLU *url, struct odoo_error *error)
{
	_cleanup_curl_text_ char *password = NULL;

	if (curl_url_get(url, CURLUPART_PASSWORD, &password, 0) == CURLUE_NO_PASSWORD) {
		return 0;
	}
	if (password) {
		explicit_bzero(password, strlen(password));
	}
	return refuse(error, "SOURCE has a password in it, where every user of this machine can "
			     "read it: leave it out, and give it by -o password_file=FILE, by "
			     "ODOOFS_PASSWORD in the environment, or at the prompt");
}

/* One segment, which may end in a slash; what is percent-encoded in it is no separator. */
static int take_database(CURLU *url, struct odoo_source *source, struct odoo_error *error)
{
	_cleanup_curl_text_ char *path = NULL;

	if (curl_url_get(url, CURLUPART_PATH, &path, 0) != CURLUE_OK) {
		return out_of_memory(error);
	}
	char *slash = strchr(path + 1, '/');
	if (slash && slash[1]) {
		return refuse(error, "SOURCE has more than the database behind the host: it is "
				     "written " FORM ", a '/' in a name as %%2F");
	}
	if (slash) {
		*slash = '\0';
	}
	if (curl_url_set(url, CURLUPART_PATH, path, 0) != CURLUE_OK) {
		return out_of_memory(error);
	}
	return get_decoded(url, CURLUPART_PATH, "database", &source->database, error);
}

bool odoo_host_is_loopback(const char *host)
{
	struct in_addr v4;
	struct in6_addr v6;
	char bare[INET6_ADDRSTRLEN] = "";

	if (strcasecmp(host, "localhost") == 0) {
		return true;
	}
	if (inet_pton(AF_INET, host, &v4) == 1) {
		return ntohl(v4.s_addr) >> 24 == 127;
	}
	if (host[0] == '[' && strlen(host) < sizeof(bare)) {
		memcpy(bare, host + 1, strcspn(host + 1, "]"));
	}
	return inet_pton(AF_INET6, bare, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

static int take_host(CURLU *url, struct odoo_source *source, struct odoo_error *error)
{
	_cleanup_curl_text_ char *host = NULL, *scheme = NULL;
	CURLUcode code = curl_url_get(url, CURLUPART_HOST, &host, 0);

	if (code == CURLUE_NO_HOST || (host && !*host)) {
		return refuse(error, "SOURCE has no host: it is written " FORM);
	}
	if (code != CURLUE_OK || curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK) {
		return out_of_memory(error);
	}
	source->loopback = odoo_host_is_loopback(host);
	source->plain = strcasecmp(scheme, "http") == 0;
	for (char *p = host; *p; p++) {
		*p = (char)tolower((unsigned char)*p);
	}
	return curl_url_set(url, CURLUPART_HOST, host, 0) == CURLUE_OK ? 0 : out_of_memory(error);
}

/* What is left without login and path, so that libcurl writes IPv6 addresses and zones for us. */
static int take_url(CURLU *url, struct odoo_source *source, struct odoo_error *error)
{
	_cleanup_curl_text_ char *text = NULL;

	if (curl_url_set(url, CURLUPART_USER, NULL, 0) != CURLUE_OK ||
		curl_url_set(url, CURLUPART_PASSWORD, NULL, 0) != CURLUE_OK ||
		curl_url_set(url, CURLUPART_PATH, "/", 0) != CURLUE_OK ||
		curl_url_get(url, CURLUPART_URL, &text, CURLU_NO_DEFAULT_PORT) != CURLUE_OK) {
		return out_of_memory(error);
	}
	source->url = strndup(text, strlen(text) - 1);
	return source->url ? 0 : out_of_memory(error);
}

int odoo_source_parse(const char *text, struct odoo_source *ret_source, struct odoo_error *error)
{
	__attribute__((cleanup(odoo_source_finish))) struct odoo_source source = { 0 };
	_cleanup_curlu_ CURLU *url = NULL;
	int r;

	r = check_scheme(text, error);
	if (r < 0) {
		return r;
	}
	r = parse_url(text, &url, error);
	if (r < 0) {
		return r;
	}
	r = refuse_password(url, error);
	if (r < 0) {
		return r;
	}
	r = take_host(url, &source, error);
	if (r < 0) {
		return r;
	}
	r = get_decoded(url, CURLUPART_USER, "login", &source.login, error);
	if (r < 0) {
		return r;
	}
	r = take_database(url, &source, error);
	if (r < 0) {
		return r;
	}
	r = take_url(url, &source, error);
	if (r < 0) {
		return r;
	}
	*ret_source = source;
	source = (struct odoo_source){ 0 };
	return 0;
}

void odoo_source_finish(struct odoo_source *source)
{
	free(source->url);
	free(source->login);
	free(source->database);
	*source = (struct odoo_source){ 0 };
}
