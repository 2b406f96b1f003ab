/* SPDX-License-Identifier: MIT */
/* Why an exchange failed, in sentences that name the server. */
#include "odoo/http_private.h"

#include "odoo/cleanup.h"
#include "odoo/limits.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

/* curl's own words, or its words for the code where it has none for the case. */
static const char *curl_words(const struct transfer *t, CURLcode code)
{
	return t->text[0] ? t->text : curl_easy_strerror(code);
}

bool http_was_connected(const struct transfer *t)
{
	curl_off_t begun = 0;

	curl_easy_getinfo(t->easy, CURLINFO_PRETRANSFER_TIME_T, &begun);
	return begun > 0;
}

/* Our own limits, which curl reports as a write that failed. */
static void explain_stop(const struct transfer *t, struct odoo_error *error)
{
	switch (t->stop) {
	case STOP_HEADERS:
		odoo_error_set(error, ODOO_FAULT_TOO_LARGE,
			"the headers of the answer from %s are over %u bytes", t->http->peer,
			ODOO_MAX_HEADERS);
		break;
	case STOP_MEMORY:
		odoo_error_set(error, ODOO_FAULT_INTERNAL, "out of memory for an answer");
		break;
	default:
		odoo_error_set(error, ODOO_FAULT_TOO_LARGE, "the answer from %s is over %zu bytes",
			t->http->peer, http_max_body(t));
	}
}

/* The time is up: while connecting it may be the connection's own. */
static void explain_timeout(const struct transfer *t, struct odoo_error *error)
{
	if (!http_was_connected(t) && t->limits.connect_ms < t->limits.timeout_ms) {
		odoo_error_set(error, ODOO_FAULT_UNREACHABLE, "no connection to %s within %g s",
			t->http->peer, t->limits.connect_ms / 1000.0);
	} else {
		odoo_error_set(error, ODOO_FAULT_TIMEOUT, "%s did not answer within %g s",
			t->http->peer, t->limits.timeout_ms / 1000.0);
	}
}

/* Whether curl's words are about another host than the server's: a proxy. */
static bool is_about_proxy(const struct transfer *t)
{
	const char *host = t->http->peer, *end = strrchr(host, ':');

	return t->text[0] && !memmem(t->text, strlen(t->text), host, (size_t)(end - host));
}

static void explain_connect(const struct transfer *t, CURLcode code, struct odoo_error *error)
{
	const char *reason = curl_words(t, code);
	long number = 0;

	curl_easy_getinfo(t->easy, CURLINFO_OS_ERRNO, &number);
	if (number) {
		reason = strerror((int)number);
	}
	if (t->http->proxy) {
		odoo_error_set(error, ODOO_FAULT_UNREACHABLE,
			"no connection to %s through the proxy %s: %s", t->http->peer,
			t->http->proxy, reason);
	} else if (number && is_about_proxy(t)) {
		odoo_error_set(error, ODOO_FAULT_UNREACHABLE, "no connection to %s: %s (%s)",
			t->http->peer, reason, t->text);
	} else {
		odoo_error_set(error, ODOO_FAULT_UNREACHABLE, "no connection to %s: %s",
			t->http->peer, reason);
	}
}

/* Whether an errno says that nothing more can be opened, by us or by anybody. */
static bool is_used_up(int number)
{
	return number == EMFILE || number == ENFILE || number == ENOBUFS || number == ENOMEM;
}

/* The same for looking up a name, of which curl doesn't say why it couldn't. */
static int try_to_open(void)
{
	_cleanup_fd_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return fd < 0 ? errno : 0;
}

/* Nothing was wrong with the server: there is no socket for us. Returns whether it is that. */
static bool explain_no_socket(const struct transfer *t, CURLcode code, struct odoo_error *error)
{
	int number = code == CURLE_COULDNT_CONNECT ? t->no_socket : 0;

	if (code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_RESOLVE_PROXY) {
		number = try_to_open();
	}
	if (!is_used_up(number)) {
		return false;
	}
	odoo_error_set(error, ODOO_FAULT_DESCRIPTORS,
		"no connection to %s can be opened by this process: %s", t->http->peer,
		strerror(number));
	return true;
}

int http_proxy_refusal(const struct transfer *t)
{
	long status = 0;

	curl_easy_getinfo(t->easy, CURLINFO_HTTP_CONNECTCODE, &status);
	return status >= 400 && status < 500 ? (int)status : 0;
}

void http_explain_proxy(const struct transfer *t, int status, struct odoo_error *error)
{
	odoo_error_set(error, ODOO_FAULT_UNREACHABLE,
		"the proxy lets nothing through to %s: HTTP %d%s", t->http->peer, status,
		status == 407 ? ", it wants a login (set https_proxy=http://LOGIN:PASSWORD@HOST:"
				"PORT in the environment, and leave proxy= out)"
			      : "");
}

/*
 * Whether the server said during or after the handshake that it wants a certificate, or another
 * one. With TLS 1.3 the handshake is over for us by then.
 */
static bool is_about_our_certificate(const struct transfer *t)
{
	static const char *const alerts[] = { "alert certificate required", "alert bad certificate",
		"alert unsupported certificate", "alert certificate revoked",
		"alert certificate expired", "alert certificate unknown", "alert unknown ca" };

	for (size_t i = 0; i < sizeof(alerts) / sizeof(alerts[0]); i++) {
		if (strstr(t->text, alerts[i])) {
			return true;
		}
	}
	return false;
}

void http_explain_certificate(const struct transfer *t, struct odoo_error *error)
{
	if (t->http->cert) {
		odoo_error_set(error, ODOO_FAULT_TLS, "%s refuses the certificate %s%s%s",
			t->http->peer, t->http->cert, t->text[0] ? ": " : "", t->text);
	} else {
		odoo_error_set(error, ODOO_FAULT_TLS,
			"%s wants a certificate of its visitors: give yours by cert= and key=",
			t->http->peer);
	}
}

/* A reset during the handshake is a server that restarts, not a server that can't be trusted. */
static void explain_tls(const struct transfer *t, CURLcode code, struct odoo_error *error)
{
	long number = 0;

	curl_easy_getinfo(t->easy, CURLINFO_OS_ERRNO, &number);
	if (code == CURLE_SSL_CONNECT_ERROR && (number == ECONNRESET || number == EPIPE)) {
		explain_connect(t, code, error);
	} else if (code == CURLE_PEER_FAILED_VERIFICATION) {
		odoo_error_set(error, ODOO_FAULT_TLS, "the certificate of %s is not trusted: %s",
			t->http->peer, curl_words(t, code));
	} else if (code == CURLE_SSL_CERTPROBLEM && t->http->cert) {
		odoo_error_set(error, ODOO_FAULT_TLS,
			"the certificate %s can't be used with the key %s: %s", t->http->cert,
			t->http->key ? t->http->key : "in it", curl_words(t, code));
	} else if (code == CURLE_SSL_CACERT_BADFILE) {
		odoo_error_set(error, ODOO_FAULT_TLS, "no trusted certificates could be read: %s",
			curl_words(t, code));
	} else {
		odoo_error_set(error, ODOO_FAULT_TLS, "no TLS connection to %s: %s", t->http->peer,
			curl_words(t, code));
	}
}

void http_explain(const struct transfer *t, CURLcode code, struct odoo_error *error)
{
	int refusal = http_proxy_refusal(t);

	if (refusal) {
		http_explain_proxy(t, refusal, error);
		return;
	}
	if (is_about_our_certificate(t)) {
		http_explain_certificate(t, error);
		return;
	}
	if (explain_no_socket(t, code, error)) {
		return;
	}
	switch (code) {
	case CURLE_WRITE_ERROR:
	case CURLE_FILESIZE_EXCEEDED:
		explain_stop(t, error);
		break;
	case CURLE_OPERATION_TIMEDOUT:
		explain_timeout(t, error);
		break;
	case CURLE_COULDNT_RESOLVE_HOST:
		odoo_error_set(error, ODOO_FAULT_UNREACHABLE,
			"no connection to %s: no such host is known", t->http->peer);
		break;
	case CURLE_COULDNT_RESOLVE_PROXY:
		odoo_error_set(error, ODOO_FAULT_UNREACHABLE,
			"no connection to %s: the proxy is not known: %s", t->http->peer,
			curl_words(t, code));
		break;
	case CURLE_COULDNT_CONNECT:
		explain_connect(t, code, error);
		break;
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
		explain_tls(t, code, error);
		break;
	case CURLE_PARTIAL_FILE:
		odoo_error_set(error, ODOO_FAULT_UNREACHABLE,
			"the answer from %s was cut off after %zu bytes", t->http->peer, t->size);
		break;
	case CURLE_BAD_CONTENT_ENCODING:
		odoo_error_set(error, ODOO_FAULT_MALFORMED,
			"the answer from %s can't be decompressed: %s", t->http->peer,
			curl_words(t, code));
		break;
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_WEIRD_SERVER_REPLY:
		odoo_error_set(error, ODOO_FAULT_NOT_ODOO, "%s does not speak HTTP: %s",
			t->http->peer, curl_words(t, code));
		break;
	case CURLE_OUT_OF_MEMORY:
	case CURLE_FAILED_INIT:
		odoo_error_set(error, ODOO_FAULT_INTERNAL, "%s", curl_words(t, code));
		break;
	default:
		odoo_error_set(error, ODOO_FAULT_UNREACHABLE, "the connection to %s broke: %s",
			t->http->peer, curl_words(t, code));
	}
}
