/* SPDX-License-Identifier: MIT */
/* What an answer says besides its body. */
#include "odoo/http_private.h"

#include <string.h>
#include <time.h>

/* A redirect is a fault of its own, because its place belongs into the sentence. */
static void refuse_redirect(const struct transfer *t, int status, struct odoo_error *error)
{
	char *place = NULL;

	curl_easy_getinfo(t->easy, CURLINFO_REDIRECT_URL, &place);
	odoo_error_set(error, ODOO_FAULT_REDIRECT,
		"%s answers HTTP %d and sends to %.200s: not followed, it would carry the password "
		"there",
		t->http->peer, status, place ? place : "another place");
}

/* The type without its parameters ("; charset=utf-8"), in small letters; cut if absurd. */
static void get_content_type(const struct transfer *t, char *type, size_t size)
{
	char *value = NULL;
	size_t n = 0;

	curl_easy_getinfo(t->easy, CURLINFO_CONTENT_TYPE, &value);
	while (value && n + 1 < size && value[n] > ' ' && value[n] < 0x7f && value[n] != ';') {
		type[n] = value[n] >= 'A' && value[n] <= 'Z' ? (char)(value[n] + 32) : value[n];
		n++;
	}
	type[n] = '\0';
}

/* A character that a session_id may have: nothing that could end the header it is sent back in. */
static bool is_token(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       c == '-' || c == '_' || c == '.' || c == '~';
}

static void get_session(const struct transfer *t, char *session, size_t size)
{
	static const char name[] = "session_id=";
	struct curl_header *header;
	size_t i = 0, n = 0;

	session[0] = '\0';
	while (curl_easy_header(t->easy, "Set-Cookie", i++, CURLH_HEADER, -1, &header) ==
		CURLHE_OK) {
		const char *value = header->value;

		if (strncmp(value, name, strlen(name)) != 0) {
			continue;
		}
		value += strlen(name);
		for (n = 0; n + 1 < size && is_token(value[n]); n++) {
			session[n] = value[n];
		}
		session[n] = '\0';
	}
}

int64_t http_get_server_time(const struct transfer *t)
{
	struct curl_header *header;
	time_t date = -1;

	if (curl_easy_header(t->easy, "Date", 0, CURLH_HEADER, -1, &header) == CURLHE_OK) {
		date = curl_getdate(header->value, NULL);
	}
	return date >= 0 ? date : time(NULL);
}

void http_get_traffic(const struct transfer *t, struct http_result *result)
{
	curl_off_t value = 0;

	curl_easy_getinfo(t->easy, CURLINFO_SIZE_UPLOAD_T, &value);
	result->bytes_out = (uint64_t)value;
	curl_easy_getinfo(t->easy, CURLINFO_SIZE_DOWNLOAD_T, &value);
	result->bytes_in = (uint64_t)value;
	curl_easy_getinfo(t->easy, CURLINFO_TOTAL_TIME_T, &value);
	result->duration_us = (uint64_t)value;
	curl_easy_getinfo(t->easy, CURLINFO_RETRY_AFTER, &value);
	result->retry_after = value > 0 && value < UINT32_MAX ? (unsigned)value : 0;
}

/* nginx's page for visitors without a certificate, or with one that it doesn't trust. */
static bool wants_certificate(const struct transfer *t, const char *type)
{
	return strncmp(t->http->url, "https:", 6) == 0 && strcmp(type, "text/html") == 0 &&
	       t->body && strstr(t->body, "SSL certificate");
}

void http_get_answer(
	const struct transfer *t, struct answer_texts *texts, struct http_result *result)
{
	long status = 0;

	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	if (status == 407) {
		/* Of plain http; through a tunnel it is no answer. A server never says so. */
		http_explain_proxy(t, (int)status, &result->error);
		return;
	}
	get_content_type(t, texts->type, sizeof(texts->type));
	if (status == 400 && wants_certificate(t, texts->type)) {
		http_explain_certificate(t, &result->error);
		return;
	}
	if (status >= 300 && status < 400 && !t->request.any_place) {
		refuse_redirect(t, (int)status, &result->error);
		result->error.http_status = (int)status;
		return;
	}
	get_session(t, texts->session, sizeof(texts->session));
	result->answer = (struct odoo_http_answer){
		.status = (int)status,
		.content_type = texts->type,
		.body = t->body ? t->body : "",
		.size = t->size,
		.session = texts->session,
		.sent = t->request.session ? t->request.session : "",
		.id = t->request.id,
	};
}
