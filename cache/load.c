/* SPDX-License-Identifier: MIT */
/*
 * The calls that tell which models there are, and what the user may do with their records.
 *
 *	ir.model ──▶ ir.model.access ──▶ done                             (administrators)
 *	   │                └─ denied ──▶ ask per model                    (14's ordinary users)
 *	   └─ denied ──▶ get_available_models ──▶ done                     (19's ordinary users)
 *	                    └─ nothing ──▶ the names in `models=`          (portal users)
 *
 * One load at a time. A load belongs to the client's thread, which runs its steps.
 */
#include "cache/load.h"

#include "odoo/cleanup.h"
#include "odoo/json.h"

#include <errno.h>
#include <string.h>

struct load;

struct probe {
	struct load *load;
	struct found_model *model;
};

struct load {
	struct cache *cache;
	struct found_model *found;
	size_t n_found;
	size_t n_probes; /* questions about rights that aren't answered yet */
	struct probe *probes;
};

static void load_destroy(struct load *load)
{
	for (size_t i = 0; i < load->n_found; i++) {
		free(load->found[i].name);
	}
	free(load->found);
	free(load->probes);
	free(load);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct found_model *)a)->name, ((const struct found_model *)b)->name);
}

/* By name, so that two whose numbers collide get the same ones every time. */
static void finish(struct load *load, bool complete)
{
	struct cache *cache = load->cache;

	if (load->n_found) {
		qsort(load->found, load->n_found, sizeof(*load->found), by_name);
	}
	enter(cache);
	models_loaded(cache, load->found, load->n_found, complete);
	leave(cache);
	load_destroy(load);
}

static void fail(struct load *load, const struct odoo_error *error)
{
	struct cache *cache = load->cache;

	enter(cache);
	models_failed(cache, error);
	leave(cache);
	load_destroy(load);
}

static void fail_with_shape(struct load *load, const char *what)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };

	odoo_error_set(
		&error, ODOO_FAULT_MALFORMED, "the server's answer for %s has a wrong shape", what);
	fail(load, &error);
}

/* There is no list: the error says why, or else the shape is wrong. */
static void fail_without(struct load *load, struct odoo_reply *reply, const char *what)
{
	if (reply->error.fault) {
		fail(load, &reply->error);
	} else {
		fail_with_shape(load, what);
	}
}

/* The server understood, and said no: the account has no right to ask, or the model isn't there. */
static bool is_refusal(const struct odoo_error *error)
{
	switch (error->fault) {
	case ODOO_FAULT_ACCESS:
	case ODOO_FAULT_UNKNOWN_MODEL:
	case ODOO_FAULT_SERVER:
	case ODOO_FAULT_USER:
		return true;
	default:
		return false;
	}
}

static int add_found(struct load *load, const char *name, uint32_t id, unsigned rights)
{
	struct found_model *grown = load->found;

	/* A power of two is full: double. */
	if ((load->n_found & (load->n_found - 1)) == 0) {
		size_t capacity = load->n_found ? load->n_found * 2 : 1;

		grown = reallocarray(load->found, capacity, sizeof(*grown));
		if (!grown) {
			return -ENOMEM;
		}
		load->found = grown;
	}
	load->found[load->n_found].name = strdup(name);
	if (!load->found[load->n_found].name) {
		return -ENOMEM;
	}
	load->found[load->n_found].id = id;
	load->found[load->n_found].rights = rights;
	load->n_found++;
	return 0;
}

/* Nothing can be listed: what the user named is all that is known. */
static void use_named(struct load *load)
{
	const struct cache_options *options = &load->cache->options;
	_cleanup_odoo_error_ struct odoo_error error = { 0 };

	for (size_t i = 0; i < options->n_models; i++) {
		if (!strpbrk(options->models[i], "*?[")) {
			add_found(load, options->models[i], 0, RIGHTS_ALL | RIGHTS_GUESSED);
		}
	}
	if (load->n_found) {
		finish(load, false);
		return;
	}
	odoo_error_set(&error, ODOO_FAULT_ACCESS,
		"this user may not list the server's models: name those to show with -o models=");
	fail(load, &error);
}

static void send(struct load *load, struct odoo_request *request, odoo_reply_fn fn, void *data)
{
	odoo_client_send(load->cache->client, request, fn, data);
}

static void on_available(struct odoo_reply *reply, void *data)
{
	struct load *load = data;
	const cJSON *each;

	if (reply->error.fault && !is_refusal(&reply->error)) {
		fail(load, &reply->error);
		return;
	}
	cJSON_ArrayForEach (each, reply->result) {
		const char *name = odoo_json_get_string(each, "model");

		if (name) {
			add_found(load, name, 0, RIGHTS_ALL | RIGHTS_GUESSED);
		}
	}
	if (load->n_found) {
		finish(load, true);
	} else {
		use_named(load);
	}
}

static void ask_available(struct load *load)
{
	if (odoo_client_server_major(load->cache->client) < 16) {
		use_named(load);
		return;
	}
	struct odoo_request *request = odoo_request_create("ir.model", "get_available_models");

	if (request) {
		request->repeatable = true;
	}
	send(load, request, on_available, load);
}

static void on_probe(struct odoo_reply *reply, void *data)
{
	struct probe *probe = data;
	struct load *load = probe->load;

	/* Not answered is not refused: the model is shown, and says itself what is wrong. */
	probe->model->rights =
		!reply->result || cJSON_IsTrue(reply->result) ? RIGHTS_ALL | RIGHTS_GUESSED : 0;
	if (--load->n_probes == 0) {
		finish(load, true);
	}
}

/* Ask for each model: some 7 ms apiece, and the only way that 14 leaves to an ordinary user. */
static void ask_each(struct load *load)
{
	size_t n = load->n_found;

	load->probes = calloc(n ? n : 1, sizeof(*load->probes));
	if (!load->probes || !n) {
		finish(load, true);
		return;
	}
	load->n_probes = n;
	for (size_t i = 0; i < n; i++) {
		struct odoo_request *request =
			odoo_request_create(load->found[i].name, "check_access_rights");

		load->probes[i] = (struct probe){ load, &load->found[i] };
		if (request) {
			request->repeatable = true;
			odoo_request_set(request, "operation", cJSON_CreateString("read"));
			odoo_request_set(request, "raise_exception", cJSON_CreateFalse());
		}
		send(load, request, on_probe, &load->probes[i]);
	}
}

static struct found_model *find_by_id(struct load *load, uint32_t id)
{
	size_t low = 0, high = load->n_found; /* ir.model was asked for in the order of ids */

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (load->found[middle].id < id) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low < load->n_found && load->found[low].id == id ? &load->found[low] : NULL;
}

static void on_access(struct odoo_reply *reply, void *data)
{
	struct load *load = data;
	const cJSON *row;

	if (is_refusal(&reply->error)) {
		ask_each(load);
		return;
	}
	if (!cJSON_IsArray(reply->result)) {
		fail_without(load, reply, "the user's rights");
		return;
	}
	cJSON_ArrayForEach (row, reply->result) {
		const cJSON *reference = odoo_json_get(row, "model_id");
		struct found_model *model;
		uint32_t id;

		if (odoo_json_get_id(cJSON_GetArrayItem(reference, 0), &id) < 0 ||
			!(model = find_by_id(load, id))) {
			continue;
		}
		model->rights |= odoo_json_get_bool(row, "perm_read") ? RIGHT_READ : 0u;
		model->rights |= odoo_json_get_bool(row, "perm_write") ? RIGHT_WRITE : 0u;
		model->rights |= odoo_json_get_bool(row, "perm_create") ? RIGHT_CREATE : 0u;
		model->rights |= odoo_json_get_bool(row, "perm_unlink") ? RIGHT_UNLINK : 0u;
	}
	finish(load, true);
}

/*
 * ['|', ('group_id', '=', False), ('group_id.users', 'in', [uid])]
 *
 * A group's users are those whom another group implies, too: up to 18 they are stored with it.
 */
static cJSON *access_domain(const struct load *load)
{
	bool implied_apart = odoo_client_server_major(load->cache->client) >= 19;
	const char *users = implied_apart ? "group_id.all_user_ids" : "group_id.users";
	int uid = (int)odoo_client_uid(load->cache->client);
	cJSON *domain = cJSON_CreateArray(), *none = cJSON_CreateArray(),
	      *mine = cJSON_CreateArray();

	cJSON_AddItemToArray(none, cJSON_CreateString("group_id"));
	cJSON_AddItemToArray(none, cJSON_CreateString("="));
	cJSON_AddItemToArray(none, cJSON_CreateFalse());
	cJSON_AddItemToArray(mine, cJSON_CreateString(users));
	cJSON_AddItemToArray(mine, cJSON_CreateString("in"));
	cJSON_AddItemToArray(mine, cJSON_CreateIntArray(&uid, 1));
	cJSON_AddItemToArray(domain, cJSON_CreateString("|"));
	cJSON_AddItemToArray(domain, none);
	cJSON_AddItemToArray(domain, mine);
	return domain;
}

static struct odoo_request *search_read(
	const char *model, cJSON *domain, const char *const *fields, int n_fields)
{
	struct odoo_request *request = odoo_request_create(model, "search_read");

	if (!request) {
		cJSON_Delete(domain);
		return NULL;
	}
	request->repeatable = true;
	odoo_request_set(request, "domain", domain);
	odoo_request_set(request, "fields", cJSON_CreateStringArray(fields, n_fields));
	odoo_request_set(request, "order", cJSON_CreateString("id"));
	return request;
}

static void ask_access(struct load *load)
{
	static const char *const fields[] = { "model_id", "perm_read", "perm_write", "perm_create",
		"perm_unlink" };

	send(load, search_read("ir.model.access", access_domain(load), fields, 5), on_access, load);
}

static void on_models(struct odoo_reply *reply, void *data)
{
	struct load *load = data;
	const cJSON *row;

	enter(load->cache);
	note_clock(load->cache, reply->server_time); /* the first answer that there is */
	leave(load->cache);
	if (is_refusal(&reply->error)) {
		ask_available(load);
		return;
	}
	if (!cJSON_IsArray(reply->result)) {
		fail_without(load, reply, "the list of models");
		return;
	}
	cJSON_ArrayForEach (row, reply->result) {
		const char *name = odoo_json_get_string(row, "model");
		uint32_t id = 0;

		odoo_json_get_id(odoo_json_get(row, "id"), &id);
		if (name) {
			add_found(load, name, id, 0);
		}
	}
	if (load->n_found) {
		ask_access(load);
	} else {
		fail_with_shape(load, "ir.model");
	}
}

static cJSON *flag_is_false(const char *flag)
{
	cJSON *condition = cJSON_CreateArray();

	cJSON_AddItemToArray(condition, cJSON_CreateString(flag));
	cJSON_AddItemToArray(condition, cJSON_CreateString("="));
	cJSON_AddItemToArray(condition, cJSON_CreateFalse());
	return condition;
}

int models_load_start(struct cache *cache)
{
	static const char *const fields[] = { "model" };
	struct load *load = calloc(1, sizeof(*load));
	cJSON *domain = cJSON_CreateArray();

	if (!load || !domain) {
		free(load);
		cJSON_Delete(domain);
		return -ENOMEM;
	}
	load->cache = cache;
	cJSON_AddItemToArray(domain, flag_is_false("transient"));
	if (odoo_client_server_major(cache->client) >= 19) {
		cJSON_AddItemToArray(domain, flag_is_false("abstract"));
	}
	send(load, search_read("ir.model", domain, fields, 1), on_models, load);
	return 0;
}
