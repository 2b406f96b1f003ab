/* SPDX-License-Identifier: MIT */
/* What the files of the views' grammar share. */
#ifndef FS_VIEW_PRIVATE_H
#define FS_VIEW_PRIVATE_H

#include "fs/view.h"

/* Set the sentence; returns `r`. */
__attribute__((format(printf, 3, 4))) int view_refuse(
	struct odoo_error *error, int r, const char *format, ...);

/*
 * Judge the value that follows a word: 0 and, for a page, how many; -ENOMEM; -ENOENT; or -EINVAL
 * and a sentence.
 */
int view_check_value(
	enum view_kind kind, const char *segment, uint32_t *ret_number, struct odoo_error *error);

#endif
