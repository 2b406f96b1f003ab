/* SPDX-License-Identifier: MIT */
#include "fs/errors.h"

#include "fs/buffer.h"
#include "fs/percent.h"
#include "odoo/cleanup.h"
#include "odoo/limits.h"
#include "odoo/log.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <time.h>

struct entry {
	int64_t time;
	char *path, *message, *name;
	const char *operation; /* a literal */
	int number;
};

struct errors {
	pthread_mutex_t mutex;
	struct entry entries[ERRORS_KEPT]; /* a ring; the newest is at (count - 1) % ERRORS_KEPT */
	uint64_t count;
};

struct errors *errors_create(void)
{
	struct errors *errors = calloc(1, sizeof(*errors));

	if (errors) {
		pthread_mutex_init(&errors->mutex, NULL);
	}
	return errors;
}

static void entry_finish(struct entry *entry)
{
	free(entry->path);
	free(entry->message);
	free(entry->name);
	*entry = (struct entry){ 0 };
}

void errors_destroy(struct errors *errors)
{
	if (!errors) {
		return;
	}
	for (size_t i = 0; i < ERRORS_KEPT; i++) {
		entry_finish(&errors->entries[i]);
	}
	pthread_mutex_destroy(&errors->mutex);
	free(errors);
}

#define PATH_SIZE (ODOO_MAX_NAME + NAME_MAX + 2)

/* To be freed; NULL when out of memory. A name that a user chose need not be UTF-8. */
static char *path_of(const struct errors_subject *subject)
{
	_cleanup_buffer_ struct buffer clean = { 0 };
	char path[PATH_SIZE], *text;
	size_t size;

	if (!subject->model) {
		snprintf(path, PATH_SIZE, "/");
	} else if (subject->id) {
		snprintf(path, PATH_SIZE, "%s/%u.json", subject->model, subject->id);
	} else if (subject->name) {
		snprintf(path, PATH_SIZE, "%s/%s", subject->model, subject->name);
	} else {
		snprintf(path, PATH_SIZE, "%s", subject->model);
	}
	percent_encode_wrong(&clean, path);
	return buffer_steal(&clean, &text, &size) < 0 ? NULL : text;
}

void errors_add(struct errors *errors, const struct errors_subject *subject, const char *operation,
	int number, const struct odoo_error *error)
{
	char *path = path_of(subject);
	struct entry *entry;

	/* A secret that is refused is said once, by the client, and not for each file. */
	log_write(error->fault == ODOO_FAULT_DENIED ? LOG_LEVEL_DEBUG : LOG_LEVEL_WARNING,
		"%s: %s: %s", path ? path : "", operation, error->message);
	_cleanup_unlock_ pthread_mutex_t *held = lock(&errors->mutex);
	entry = &errors->entries[errors->count++ % ERRORS_KEPT];
	entry_finish(entry);
	*entry = (struct entry){
		.time = time(NULL),
		.path = path,
		.message = strdup(error->message ? error->message : ""),
		.name = error->name ? strdup(error->name) : NULL,
		.operation = operation,
		.number = number,
	};
}

const struct odoo_error *errors_word(const struct odoo_error *error, struct odoo_error *ret_unsure)
{
	odoo_error_init(ret_unsure);
	if (!error->unsure) {
		return error;
	}
	odoo_error_set(ret_unsure, error->fault, "%s: it is unknown whether it took effect",
		error->message);
	return ret_unsure;
}

/* `{"time": …, "path": …, "operation": …, "errno": …, "exception": …, "message": …}` */
static void write_entry(FILE *file, const struct entry *entry)
{
	_cleanup_json_ cJSON *json = cJSON_CreateObject();
	_cleanup_json_text_ char *text = NULL;
	char date[32];
	time_t when = entry->time;
	struct tm tm;

	if (!json || !entry->path || !entry->message || !gmtime_r(&when, &tm)) {
		return;
	}
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%SZ", &tm);
	cJSON_AddStringToObject(json, "time", date);
	cJSON_AddStringToObject(json, "path", entry->path);
	cJSON_AddStringToObject(json, "operation", entry->operation);
	cJSON_AddStringToObject(
		json, "errno", entry->number ? strerrorname_np(entry->number) : "0");
	if (entry->name) {
		cJSON_AddStringToObject(json, "exception", entry->name);
	}
	cJSON_AddStringToObject(json, "message", entry->message);
	text = cJSON_PrintUnformatted(json);
	if (text) {
		fprintf(file, "%s\n", text);
	}
}

static uint64_t oldest(const struct errors *errors)
{
	return errors->count > ERRORS_KEPT ? errors->count - ERRORS_KEPT : 0;
}

char *errors_text(struct errors *errors, size_t *ret_size)
{
	char *text = NULL;
	FILE *file = open_memstream(&text, ret_size);

	if (!file) {
		return NULL;
	}
	pthread_mutex_lock(&errors->mutex);
	for (uint64_t i = oldest(errors); i < errors->count; i++) {
		write_entry(file, &errors->entries[i % ERRORS_KEPT]);
	}
	pthread_mutex_unlock(&errors->mutex);
	if (fclose(file) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

char *errors_last(struct errors *errors, const struct errors_subject *subject)
{
	_cleanup_free_ char *path = path_of(subject);

	if (!path) {
		return NULL;
	}
	_cleanup_unlock_ pthread_mutex_t *held = lock(&errors->mutex);
	for (uint64_t i = errors->count; i > oldest(errors); i--) {
		const struct entry *entry = &errors->entries[(i - 1) % ERRORS_KEPT];

		if (entry->path && strcmp(entry->path, path) == 0) {
			return entry->message ? strdup(entry->message) : NULL;
		}
	}
	return NULL;
}

uint64_t errors_count(struct errors *errors)
{
	_cleanup_unlock_ pthread_mutex_t *held = lock(&errors->mutex);

	return errors->count;
}
