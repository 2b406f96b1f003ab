/* SPDX-License-Identifier: MIT */
#include "fs/created.h"

#include "odoo/cleanup.h"
#include "odoo/log.h"

#include <string.h>

/* Past this the oldest lines go. */
#define CREATED_MAX (256u * 1024)

void created_add(struct fs *fs, const char *model, const char *name, uint32_t id)
{
	const char *kept = fs->created ? fs->created : "";
	char *longer;

	while (strlen(kept) > CREATED_MAX) {
		kept = strchr(kept, '\n') + 1;
	}
	log_info("%s/%s became %s/%u.json", model, name, model, id);
	if (asprintf(&longer, "%s%s/%s %s/%u.json\n", kept, model, name, model, id) < 0) {
		return;
	}
	free(fs->created);
	fs->created = longer;
}
