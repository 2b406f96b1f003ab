/* SPDX-License-Identifier: MIT */
#include "odoo/proxy.h"

#include <curl/curl.h>
#include <errno.h>
#include <string.h>

#define FORM "http://HOST:PORT"

static int refuse(struct odoo_error *error, const char *sentence)
{
	odoo_error_set(error, ODOO_FAULT_VALIDATION, "%s", sentence);
	return -EINVAL;
}

static bool is_known(const char *scheme)
{
	static const char *const known[] = { "http", "https", "socks4", "socks4a", "socks5",
		"socks5h" };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(scheme, known[i]) == 0) {
			return true;
		}
	}
	return false;
}

static bool has_part(CURLU *url, CURLUPart part)
{
	char *text = NULL;
	bool has = curl_url_get(url, part, &text, 0) == CURLUE_OK && text && *text;

	curl_free(text);
	return has;
}

static int check(CURLU *url, const char *text, struct odoo_error *error)
{
	char *scheme = NULL;

	if (!strstr(text, "://")) {
		return refuse(error, "has no scheme: it is written " FORM);
	}
	if (curl_url_set(url, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK ||
		!has_part(url, CURLUPART_HOST)) {
		return refuse(error, "isn't a URL: it is written " FORM);
	}
	if (has_part(url, CURLUPART_USER) || has_part(url, CURLUPART_PASSWORD)) {
		return refuse(error,
			"has a login in it, where every user of this machine can read it: leave "
			"proxy= out, and set https_proxy in the environment");
	}
	bool known =
		curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK && is_known(scheme);
	curl_free(scheme);
	if (!known) {
		return refuse(error, "begins with another scheme than http, https, socks4, "
				     "socks4a, socks5 or socks5h");
	}
	return 0;
}

int odoo_proxy_check(const char *text, struct odoo_error *error)
{
	CURLU *url = curl_url();
	int r;

	if (!url) {
		odoo_error_set(error, ODOO_FAULT_INTERNAL, "can't be read: out of memory");
		return -ENOMEM;
	}
	r = check(url, text, error);
	curl_url_cleanup(url);
	return r;
}
