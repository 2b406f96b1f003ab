/* SPDX-License-Identifier: MIT */
#include "cache/content.h"

#include <stdlib.h>
#include <utlist.h>

/* Fetched at once at most, in bytes: an answer is in memory more than once while it is read. */
#define FETCH_BYTES ((size_t)8 * 1024 * 1024)

/* Taken for a content's size until one was seen. */
#define USUAL_AT_FIRST 4096

static size_t footprint(const struct cache_content *content)
{
	return sizeof(*content) + content->size;
}

struct cache_content *cache_content_create(struct cache_contents *contents,
	struct cache_model *model, uint32_t id, char *data, size_t size)
{
	struct cache_content *content = malloc(sizeof(*content));

	if (!content) {
		return NULL;
	}
	*content = (struct cache_content){
		.model = model,
		.id = id,
		.references = 1,
		.size = size,
		.data = data,
	};
	DL_PREPEND(contents->list, content);
	contents->bytes += footprint(content);
	contents->usual = contents->usual ? (contents->usual * 7 + footprint(content)) / 8
					  : footprint(content);
	return content;
}

void cache_content_touch(struct cache_contents *contents, struct cache_content *content)
{
	uint32_t again = content->used;

	content->used = 1;
	if (again && contents->list != content) {
		DL_DELETE(contents->list, content);
		DL_PREPEND(contents->list, content);
	}
}

void cache_content_detach(struct cache_contents *contents, struct cache_content *content)
{
	DL_DELETE(contents->list, content);
	contents->bytes -= footprint(content);
	content->model = NULL;
	cache_content_unref(content);
}

struct cache_content *cache_content_ref(struct cache_content *content)
{
	content->references++;
	return content;
}

void cache_content_unref(struct cache_content *content)
{
	if (content && --content->references == 0) {
		free(content->data);
		free(content);
	}
}

size_t cache_contents_capacity(const struct cache_contents *contents)
{
	return contents->limit / (contents->usual ? contents->usual : USUAL_AT_FIRST);
}

size_t cache_contents_share(const struct cache_contents *contents)
{
	size_t capacity = cache_contents_capacity(contents);

	return capacity - capacity / 5;
}

size_t cache_contents_room(const struct cache_contents *contents)
{
	size_t bytes = contents->limit / 4 < FETCH_BYTES ? contents->limit / 4 : FETCH_BYTES;

	return bytes / (contents->usual ? contents->usual : USUAL_AT_FIRST);
}

struct cache_content *cache_contents_victim(const struct cache_contents *contents)
{
	if (contents->bytes <= contents->limit || contents->list->prev == contents->list) {
		return NULL;
	}
	return contents->list->prev;
}
