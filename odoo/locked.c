/* SPDX-License-Identifier: MIT */
#include "odoo/locked.h"

#include <stdalign.h>
#include <string.h>
#include <sys/mman.h>

/* What precedes the memory that is handed out, in the same mapping. */
struct header {
	alignas(max_align_t) size_t size; /* of the mapping */
};

static struct header *get_header(void *memory)
{
	return (struct header *)memory - 1;
}

void *locked_create(size_t size)
{
	size_t all = sizeof(struct header) + size;
	struct header *header =
		mmap(NULL, all, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (header == MAP_FAILED) {
		return NULL;
	}
	header->size = all;
	madvise(header, all, MADV_DONTDUMP);
	mlock(header, all);
	return header + 1;
}

char *locked_copy(const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = locked_create(size);

	return copy ? memcpy(copy, text, size) : NULL;
}

void locked_after_fork(void *memory)
{
	if (memory) {
		struct header *header = get_header(memory);

		mlock(header, header->size);
	}
}

void locked_destroy(void *memory)
{
	if (memory) {
		struct header *header = get_header(memory);
		size_t size = header->size;

		explicit_bzero(header, size);
		munmap(header, size);
	}
}
