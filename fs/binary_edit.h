/* SPDX-License-Identifier: MIT */
/*
 * Writing the files of binary fields. As with records there is a draft in memory, one a node or
 * name; it reaches the server as a whole.
 *
 *	FLUSH, FSYNC	the draft is unchanged or empty: 0. Else written, and the errno is Odoo's.
 *			Not when its writer is being killed: then the old content stays
 *	RELEASE		what was never written is kept as `14.image_1920.png.rej`
 *	RENAME		a scratch file over or to such a name: written; when that fails it stays
 *	UNLINK		the field is emptied
 *
 * A content that the server has already isn't sent.
 */
#ifndef FS_BINARY_EDIT_H
#define FS_BINARY_EDIT_H

#include "fs/binary.h"
#include "fs/draft.h"

/* OPEN for writing of a binary field's node; run of an op. */
int binary_edit_open(struct op *op);

/*
 * CREATE of a name that binary_parse knows: 0 and the draft, with draft_mutex held; CACHE_WAIT; or
 * -errno, without.
 */
int binary_edit_create(struct op *op, struct cache_model *model, const struct binary_target *target,
	struct draft **ret_draft);

/* UNLINK of such a name: OP_TAKEN, CACHE_WAIT, or -errno. */
int binary_edit_unlink(
	struct op *op, struct cache_model *model, const struct binary_target *target);

/* RENAME of such a name to a scratch file's: that becomes a copy. OP_TAKEN, CACHE_WAIT, -errno. */
int binary_edit_copy(struct op *op, struct cache_model *model, const struct binary_target *target);

/* FLUSH and FSYNC of a draft, with draft_mutex held, which is given up. OP_TAKEN or -errno. */
int binary_save_run(struct op *op, struct draft *draft);

/* RENAME of a scratch file to such a name. Likewise. */
int binary_save_rename(struct op *op, struct draft *draft, const struct binary_target *target);

#endif
