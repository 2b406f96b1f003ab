/* SPDX-License-Identifier: MIT */
/*
 * Answers of a server, by each transport. The first line says which answer it is, as in
 *
 *	json2 call 200 application/json
 *
 * and the rest is the body, which is also cut into pieces as a network does, with a member of it
 * diverted. What comes of it is read as all that odoofs asks for.
 */
#include "fuzz.h"

#include "cache/schema.h"
#include "odoo/cleanup.h"
#include "odoo/divert.h"
#include "odoo/fault.h"
#include "odoo/transport.h"

#include <string.h>
#include <unistr.h>

#define SECRET "hunter2hunter"

static const struct odoo_credentials credentials = {
	.database = "d\"b", .login = "me@x", .secret = SECRET
};

struct occasion {
	enum odoo_transport_kind kind;
	bool login, version;
	struct odoo_http_answer answer;
};

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	return 0;
}

/* http.c takes none into a type or a session. */
static bool is_ascii(const char *word)
{
	while (*word > ' ' && *word < 0x7f) {
		word++;
	}
	return !*word;
}

/* Any line says something: what isn't named is the first there is. */
static struct occasion read_line(char *line)
{
	struct occasion occasion = { .kind = ODOO_TRANSPORT_JSONRPC,
		.answer = { .status = 200, .content_type = "application/json", .session = "" } };
	char *rest = NULL;

	for (char *word = strtok_r(line, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		for (unsigned i = ODOO_TRANSPORT_AUTO + 1; odoo_transport_names[i]; i++) {
			if (strcmp(word, odoo_transport_names[i]) == 0) {
				occasion.kind = i;
			}
		}
		occasion.login |= strcmp(word, "login") == 0;
		occasion.version |= strcmp(word, "version") == 0;
		if (word[0] >= '1' && word[0] <= '9') {
			occasion.answer.status = (int)strtol(word, NULL, 10);
		} else if (strchr(word, '/') && is_ascii(word)) {
			occasion.answer.content_type = word;
		} else if (strncmp(word, "session=", 8) == 0 && is_ascii(word)) {
			occasion.answer.session = word + 8;
		}
	}
	occasion.answer.sent = "";
	occasion.answer.id = occasion.kind == ODOO_TRANSPORT_JSONCALL ? 0 : 1;
	return occasion;
}

/* Who hears of an error gets a sentence, and nobody the secret. */
static void check_error(int r, const struct odoo_error *error)
{
	must(r == 0 || r == -1);
	must((r < 0) == (error->fault != ODOO_FAULT_NONE));
	if (r < 0) {
		must(error->message && error->message[0]);
		must(!u8_check((const uint8_t *)error->message, strlen(error->message)));
		must(!strstr(error->message, SECRET));
	}
}

/* What a model's fields are, and its records by them. */
static void read_model(const cJSON *result)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };
	struct odoo_summary summary;
	struct cache_schema *schema;

	must(odoo_summary_parse(result, &summary) <= 0);
	if (cache_schema_parse(result, &schema, &error) < 0) {
		must(error.message);
		return;
	}
	for (size_t i = 0; i < schema->n_fields; i++) {
		must(schema->fields[i].name[0]);
		must(!i || strcmp(schema->fields[i - 1].name, schema->fields[i].name) < 0);
	}
	cache_schema_destroy(schema);
}

static void read_answer(const struct occasion *occasion)
{
	struct odoo_transport *t = odoo_transport_create(occasion->kind, &credentials);
	struct odoo_request *request = odoo_request_create("res.partner", "read");
	_cleanup_odoo_error_ struct odoo_error error = { 0 };
	_cleanup_json_ cJSON *result = NULL;
	int r;

	must(t && request);
	t->major = t->class->min_major ? t->class->min_major : 14;
	if (occasion->login) {
		r = t->class->login_answer(t, &occasion->answer, &error);
		must(r == 0 || !t->uid);
	} else if (occasion->version && t->class->version_answer) {
		r = t->class->version_answer(t, &occasion->answer, &result, &error);
	} else {
		t->uid = 7;
		r = t->class->call_answer(t, request, &occasion->answer, &result, &error);
	}
	if (r < 0) {
		odoo_error_hide(&error, SECRET); /* as worker.c does */
	}
	check_error(r, &error);
	must(r == 0 || !result);
	if (result) {
		read_model(result);
	}
	odoo_request_destroy(request);
	odoo_transport_destroy(t);
}

static void begin_text(void *data)
{
	*(size_t *)data = 0;
}

static void take_text(const char *text, size_t size, void *data)
{
	*(size_t *)data += size;
}

/* The same is kept and taken in whatever pieces a body comes. Returns how much was kept. */
static size_t divert(const char *body, size_t size, size_t piece, char *kept, size_t *taken)
{
	struct odoo_divert divert = {
		.member = "datas", .begin = begin_text, .take = take_text, .data = taken
	};
	size_t n = 0;

	odoo_divert_begin(&divert);
	for (size_t at = 0; at < size; at += piece) {
		n += odoo_divert_feed(
			&divert, body + at, size - at < piece ? size - at : piece, kept + n);
	}
	must(n + *taken <= size);
	return n;
}

static void read_diverted(struct occasion *occasion)
{
	size_t size = occasion->answer.size, taken = 0, taken_again = 0, n;
	_cleanup_free_ char *kept = malloc(size + 1), *again = malloc(size + 1);

	must(kept && again);
	n = divert(occasion->answer.body, size, size ? size : 1, kept, &taken);
	must(divert(occasion->answer.body, size, 3, again, &taken_again) == n);
	must(taken == taken_again && memcmp(kept, again, n) == 0);
	kept[n] = '\0';
	occasion->answer.body = kept;
	occasion->answer.size = n;
	read_answer(occasion);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = size ? memchr(data, '\n', size) : NULL;
	size_t line_size = end ? (size_t)(end - data) : size;
	_cleanup_free_ char *line = strndup(size ? (const char *)data : "", line_size);
	_cleanup_free_ char *body = NULL;
	struct occasion occasion;

	must(line);
	occasion = read_line(line);
	occasion.answer.size = end ? size - line_size - 1 : 0;
	body = malloc(occasion.answer.size + 1);
	must(body);
	if (occasion.answer.size) {
		memcpy(body, end + 1, occasion.answer.size);
	}
	body[occasion.answer.size] = '\0';
	occasion.answer.body = body;
	read_answer(&occasion);
	read_diverted(&occasion);
	return 0;
}
