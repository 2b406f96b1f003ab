/* SPDX-License-Identifier: MIT */
/* What holds for every exchange with a server: whom to trust, which way to take, what to keep. */
#include "odoo/http_private.h"

#include "odoo/cleanup.h"

#include <errno.h>
#include <malloc.h>
#include <string.h>

/*
 * libcurl copies what it sends, the secret in it included, and gives the copies back as they are.
 * These overwrite them first.
 */
static void wipe_and_free(void *memory)
{
	if (memory) {
		explicit_bzero(memory, malloc_usable_size(memory));
		free(memory);
	}
}

static void *wipe_and_move(void *memory, size_t size)
{
	size_t old = memory ? malloc_usable_size(memory) : 0;
	void *moved;

	if (memory && size <= old && size > old / 2) {
		return memory;
	}
	moved = malloc(size ? size : 1);
	if (moved && memory) {
		memcpy(moved, memory, old < size ? old : size);
		wipe_and_free(memory);
	}
	return moved;
}

int http_policy_start(void)
{
	return curl_global_init_mem(
		       CURL_GLOBAL_DEFAULT, malloc, wipe_and_free, wipe_and_move, strdup, calloc)
		       ? -ENOMEM
		       : 0;
}

static int copy(char **ret_copy, const char *text)
{
	*ret_copy = text ? strdup(text) : NULL;
	return text && !*ret_copy ? -ENOMEM : 0;
}

int http_policy_copy(struct http *http, const struct http_options *options)
{
	return copy(&http->cacert, options->cacert) || copy(&http->cert, options->cert) ||
			       copy(&http->key, options->key) || copy(&http->proxy, options->proxy)
		       ? -ENOMEM
		       : 0;
}

void http_policy_finish(struct http *http)
{
	free(http->cacert);
	free(http->cert);
	free(http->key);
	free(http->proxy);
}

static unsigned apply_tls(const struct http *http, CURL *easy)
{
	unsigned failed = 0;

	failed |= curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
	failed |= curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
	failed |= curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (http->cacert) {
		failed |= curl_easy_setopt(easy, CURLOPT_CAINFO, http->cacert);
		failed |= curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	}
	if (http->cert) {
		failed |= curl_easy_setopt(easy, CURLOPT_SSLCERT, http->cert);
		failed |=
			curl_easy_setopt(easy, CURLOPT_SSLKEY, http->key ? http->key : http->cert);
		/* Without it an encrypted key is asked for on a terminal that may be gone. */
		failed |= curl_easy_setopt(easy, CURLOPT_KEYPASSWD, "");
	}
	return failed;
}

/* What goes to this machine over plain HTTP must not leave it through a proxy. */
static unsigned apply_way(const struct http *http, CURL *easy)
{
	if (http->loopback) {
		return curl_easy_setopt(easy, CURLOPT_PROXY, "");
	}
	if (http->proxy) {
		/* Whoever names one means it: no_proxy is for the environment's. */
		return curl_easy_setopt(easy, CURLOPT_PROXY, http->proxy) |
		       curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
	}
	return 0;
}

unsigned http_policy_apply(const struct http *http, CURL *easy)
{
	unsigned failed = apply_tls(http, easy) | apply_way(http, easy);

	failed |= curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	failed |= curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	failed |= curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)http->max_body);
	failed |= curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
	failed |= curl_easy_setopt(easy, CURLOPT_USERAGENT, "odoofs/" ODOOFS_VERSION);
	failed |= curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	failed |= curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
#if LIBCURL_VERSION_NUM >= 0x075700
	/* A name server that doesn't answer would otherwise hold up the thread past the deadline.
	 */
	failed |= curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#endif
	return failed;
}
