/* SPDX-License-Identifier: MIT */
/*
 * Inode numbers are arithmetic: what a node is can be read off its number, so there is no table of
 * inodes, nothing to free when the kernel forgets one, and a number is the same on the next mount.
 *
 *	 63  61 60        51 50               31 30                              0
 *	┌──────┬────────────┬───────────────────┬─────────────────────────────────┐
 *	│ kind │  version   │       model       │            record id            │
 *	└──────┴────────────┴───────────────────┴─────────────────────────────────┘
 *
 *	MOUNT     the root (1, as FUSE wants it) and `.odoofs`
 *	MODEL     a model's directory
 *	RECORD    a record's file; its version moves with its content, so that the kernel never has
 *	          new bytes under an old size: a reader keeps the version that it opened
 *	DRAFT     a file that lives in this mount's memory: the id is its serial number
 *	VIEW      a directory or file below a model that asks something: version and id together are
 *	          its serial number in a table (see view_node.h), its st_ino is made from its path
 *	BINARY    a binary field's file: its slot among the model's such fields, and a version,
 *share the place of the version, of which one more bit is in the kind CONTROL   a file of
 *`.odoofs`: version and model together count the snapshots of its text
 *
 * st_ino, which people and backup programs see, is the number without the version.
 */
#ifndef FS_INODE_H
#define FS_INODE_H

#include <stdint.h>

enum inode_kind {
	INODE_MOUNT,
	INODE_MODEL,
	INODE_RECORD,
	INODE_CONTROL,
	INODE_DRAFT,
	INODE_VIEW,
	INODE_BINARY,
};

#define INODE_ROOT 1u
#define INODE_CONTROL_DIR 2u

struct inode {
	enum inode_kind kind;
	uint32_t slot;	  /* of a binary field */
	uint32_t version; /* of a record or a binary field; the serial number of a control file's
			     snapshot */
	uint32_t model;
	uint32_t id; /* record id, or which of the mount's own */
};

/* The node id that the kernel knows it by. */
uint64_t inode_pack(const struct inode *inode);

/* Returns 0, or -ESTALE for a number that none of ours can have. */
int inode_unpack(uint64_t node, struct inode *ret_inode);

/* st_ino. */
uint64_t inode_number(const struct inode *inode);

#endif
