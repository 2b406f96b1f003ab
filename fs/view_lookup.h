/* SPDX-License-Identifier: MIT */
/* LOOKUP and GETATTR below a model; runs of an op, which reply and return 0, or return an errno. */
#ifndef FS_VIEW_LOOKUP_H
#define FS_VIEW_LOOKUP_H

#include "fs/op.h"

/* A name that begins with a dot in a model's directory, or any name in a view. */
int view_lookup(struct op *op);

int view_getattr(struct op *op);

#endif
