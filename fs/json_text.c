/* SPDX-License-Identifier: MIT */
#include "fs/json_text.h"

#include "fs/render.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int by_name(const void *a, const void *b)
{
	const cJSON *const *left = a, *const *right = b;

	return strcmp((*left)->string, (*right)->string);
}

static void indent(struct buffer *buffer, unsigned level)
{
	buffer_append_char(buffer, '\n');
	while (level--) {
		buffer_append(buffer, "  ", 2);
	}
}

/* The members in the order of their names: an array to be freed. */
static const cJSON **sort_members(const cJSON *object, size_t *ret_n)
{
	const cJSON **members = calloc((size_t)cJSON_GetArraySize(object) + 1, sizeof(*members));
	const cJSON *member;
	size_t n = 0;

	cJSON_ArrayForEach (member, object) {
		if (members) {
			members[n++] = member;
		}
	}
	if (members) {
		qsort(members, n, sizeof(*members), by_name);
	}
	*ret_n = n;
	return members;
}

static int append(struct buffer *buffer, const cJSON *value, unsigned level, unsigned depth)
{
	const cJSON **members;
	size_t n;
	int r = 0;

	if (!cJSON_IsObject(value) || !value->child || level > depth) {
		return render_append_json(buffer, value);
	}
	members = sort_members(value, &n);
	if (!members) {
		return -ENOMEM;
	}
	buffer_append_char(buffer, '{');
	for (size_t i = 0; r == 0 && i < n; i++) {
		buffer_append(buffer, ",", i > 0);
		indent(buffer, level + 1);
		render_append_text(buffer, members[i]->string);
		buffer_append(buffer, ": ", 2);
		r = append(buffer, members[i], level + 1, depth);
	}
	free(members);
	indent(buffer, level);
	buffer_append_char(buffer, '}');
	return r;
}

int json_text(const cJSON *object, unsigned depth, char **ret_text, size_t *ret_size)
{
	_cleanup_buffer_ struct buffer buffer = { 0 };
	int r = append(&buffer, object, 0, depth);

	buffer_append_char(&buffer, '\n');
	return r < 0 ? r : buffer_steal(&buffer, ret_text, ret_size);
}
