/* SPDX-License-Identifier: MIT */
#include "fs/created.h"

#include "fs/buffer.h"
#include "fs/percent.h"

#include "odoo/log.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Past this the oldest lines go. */
#define CREATED_MAX (256u * 1024)

void created_add(struct fs *fs, const char *model, const char *name, uint32_t id)
{
	_cleanup_buffer_ struct buffer text = { 0 };
	const char *kept = fs->created ? fs->created : "";
	char number[sizeof("/4294967295.json\n")], *longer;
	size_t size;

	while (strlen(kept) > CREATED_MAX) {
		kept = strchr(kept, '\n') + 1;
	}
	log_info("%s/%s became %s/%u.json", model, name, model, id);
	buffer_append_text(&text, kept);
	buffer_append_text(&text, model);
	buffer_append_char(&text, '/');
	percent_encode_cut(&text, name, 3 * (size_t)NAME_MAX);
	buffer_append_char(&text, ' ');
	buffer_append_text(&text, model);
	snprintf(number, sizeof(number), "/%u.json\n", id);
	buffer_append_text(&text, number);
	if (buffer_steal(&text, &longer, &size) == 0) {
		free(fs->created);
		fs->created = longer;
	}
}
