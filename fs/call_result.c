/* SPDX-License-Identifier: MIT */
#include "fs/call_result.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <utlist.h>

/* The last one is kept whatever its size. */
#define MOST 100
#define MOST_BYTES (64u * 1024 * 1024)

static void drop(struct fs *fs, struct call_result *result)
{
	DL_DELETE(fs->results, result);
	free(result->method);
	free(result->text);
	free(result);
}

static struct call_result *find(const struct fs *fs, uint32_t model_number, const char *method)
{
	struct call_result *result;

	DL_FOREACH (fs->results, result) {
		if (result->model_number == model_number && strcmp(result->method, method) == 0) {
			break;
		}
	}
	return result;
}

const struct call_result *call_result_find(
	const struct fs *fs, uint32_t model_number, const char *method)
{
	return find(fs, model_number, method);
}

static void make_room(struct fs *fs)
{
	struct call_result *result, *next;
	size_t bytes = 0;
	unsigned n = 0;

	DL_FOREACH_SAFE (fs->results, result, next) {
		bytes += result->size;
		if (n++ && (n > MOST || bytes > MOST_BYTES)) {
			drop(fs, result);
		}
	}
}

void call_result_set(
	struct fs *fs, uint32_t model_number, const char *method, const char *text, size_t size)
{
	struct call_result *result = find(fs, model_number, method);

	if (result) {
		drop(fs, result);
	}
	result = calloc(1, sizeof(*result));
	if (!result) {
		return;
	}
	result->model_number = model_number;
	result->method = strdup(method);
	result->text = malloc(size + 1);
	result->size = size;
	result->time = time(NULL);
	if (!result->method || !result->text) {
		free(result->method);
		free(result->text);
		free(result);
		return;
	}
	memcpy(result->text, text, size);
	DL_PREPEND(fs->results, result);
	make_room(fs);
}

void call_results_free(struct fs *fs)
{
	while (fs->results) {
		drop(fs, fs->results);
	}
}
