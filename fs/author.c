/* SPDX-License-Identifier: MIT */
#include "fs/author.h"

#include "fs/buffer.h"

#include "odoo/cleanup.h"

#include <string.h>
#include <utlist.h>

/* Past so many saves remembered, or so many bytes of them, the oldest goes. */
#define AUTHORS_MAX 256
#define AUTHORS_BYTES (32u * 1024 * 1024)

static struct author *find(
	struct fs *fs, uint32_t model_number, uint32_t id, const struct process *process)
{
	struct author *author;

	DL_FOREACH (fs->authors, author) {
		if (author->id == id && author->model_number == model_number &&
			process_is(&author->process, process)) {
			return author;
		}
	}
	return NULL;
}

const struct author *author_find(struct fs *fs, uint32_t model_number, uint32_t id,
	const struct process *process, int64_t date)
{
	const struct author *author = find(fs, model_number, id, process);

	return author && author->date == date ? author : NULL;
}

static void drop(struct fs *fs, struct author *author)
{
	DL_DELETE(fs->authors, author);
	fs->n_authors--;
	fs->author_bytes -= author->size + author->seen_size;
	free(author->text);
	free(author->seen);
	free(author);
}

void author_note(struct fs *fs, const struct author *saved)
{
	struct author *author = find(fs, saved->model_number, saved->id, &saved->process);

	if (author) {
		drop(fs, author);
	}
	author = calloc(1, sizeof(*author));
	if (!author) {
		return;
	}
	*author = *saved;
	author->moment = ++fs->moment;
	author->text = buffer_copy_text(saved->text, saved->size);
	author->seen = buffer_copy_text(saved->seen, saved->seen_size);
	DL_APPEND(fs->authors, author);
	fs->n_authors++;
	fs->author_bytes += author->size + author->seen_size;
	if (!author->text || !author->seen) {
		drop(fs, author);
	}
	while (fs->n_authors > AUTHORS_MAX || fs->author_bytes > AUTHORS_BYTES) {
		drop(fs, fs->authors);
	}
}

void authors_finish(struct fs *fs)
{
	while (fs->authors) {
		drop(fs, fs->authors);
	}
}
