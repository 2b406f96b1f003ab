/* SPDX-License-Identifier: MIT */
#include "fs/author.h"

#include "odoo/cleanup.h"

#include <string.h>
#include <utlist.h>

/* Past so many saves remembered, the oldest goes. */
#define AUTHORS_MAX 256

#define DATE_KEY "\"write_date\""

pid_t author_process(pid_t thread)
{
	char path[64], line[128];
	_cleanup_file_ FILE *file = NULL;
	int process = 0;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)thread);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "Tgid: %d", &process) == 1) {
			return process;
		}
	}
	return thread;
}

/* The line of the write_date: the same state of a record has the same. */
static const char *date_line(const char *text, size_t size, size_t *ret_size)
{
	const char *key = memmem(text, size, DATE_KEY, strlen(DATE_KEY));
	const char *end = key ? memchr(key, '\n', size - (size_t)(key - text)) : NULL;

	if (!key) {
		return NULL;
	}
	*ret_size = end ? (size_t)(end - key) : size - (size_t)(key - text);
	return key;
}

static bool is_same_state(const struct author *author, const char *text, size_t size)
{
	size_t old_size = 0, new_size = 0;
	const char *old = date_line(author->text, author->size, &old_size);
	const char *new = date_line(text, size, &new_size);

	return old && new &&old_size == new_size &&memcmp(old, new, new_size) == 0;
}

static struct author *find(struct fs *fs, uint32_t model_number, uint32_t id, pid_t process)
{
	struct author *author;

	DL_FOREACH (fs->authors, author) {
		if (author->id == id && author->model_number == model_number &&
			author->process == process) {
			return author;
		}
	}
	return NULL;
}

const struct author *author_find(struct fs *fs, uint32_t model_number, uint32_t id, pid_t process,
	const char *text, size_t size)
{
	const struct author *author = find(fs, model_number, id, process);

	return author && is_same_state(author, text, size) ? author : NULL;
}

static void drop(struct fs *fs, struct author *author)
{
	DL_DELETE(fs->authors, author);
	fs->n_authors--;
	free(author->text);
	free(author->seen);
	free(author);
}

static char *copy(const char *text, size_t size)
{
	char *copied = malloc(size + 1);

	if (copied) {
		memcpy(copied, text, size);
		copied[size] = '\0';
	}
	return copied;
}

void author_note(struct fs *fs, const struct author *saved)
{
	struct author *author = find(fs, saved->model_number, saved->id, saved->process);

	if (author) {
		drop(fs, author);
	}
	author = calloc(1, sizeof(*author));
	if (!author) {
		return;
	}
	*author = *saved;
	author->text = copy(saved->text, saved->size);
	author->seen = copy(saved->seen, saved->seen_size);
	DL_APPEND(fs->authors, author);
	fs->n_authors++;
	if (!author->text || !author->seen) {
		drop(fs, author);
	} else if (fs->n_authors > AUTHORS_MAX) {
		drop(fs, fs->authors);
	}
}

void authors_finish(struct fs *fs)
{
	while (fs->authors) {
		drop(fs, fs->authors);
	}
}
