/* SPDX-License-Identifier: MIT */
#include "fs/inode.h"

#include <errno.h>

#define ID_BITS 31
#define MODEL_BITS 20
#define VERSION_BITS 10
#define KIND_SHIFT (ID_BITS + MODEL_BITS + VERSION_BITS)

static uint64_t mask(unsigned bits)
{
	return (UINT64_C(1) << bits) - 1;
}

static uint64_t pack(uint64_t kind, uint64_t version, uint64_t model, uint64_t id)
{
	return kind << KIND_SHIFT | (version & mask(VERSION_BITS)) << (ID_BITS + MODEL_BITS) |
	       (model & mask(MODEL_BITS)) << ID_BITS | (id & mask(ID_BITS));
}

uint64_t inode_pack(const struct inode *inode)
{
	if (inode->kind == INODE_CONTROL) {
		return pack(INODE_CONTROL, inode->version >> MODEL_BITS, inode->version, inode->id);
	}
	return pack(inode->kind, inode->version, inode->model, inode->id);
}

uint64_t inode_number(const struct inode *inode)
{
	return pack(inode->kind, 0, inode->model, inode->id);
}

int inode_unpack(uint64_t node, struct inode *ret_inode)
{
	uint32_t version = (uint32_t)(node >> (ID_BITS + MODEL_BITS) & mask(VERSION_BITS));
	uint32_t model = (uint32_t)(node >> ID_BITS & mask(MODEL_BITS));
	struct inode inode = {
		.kind = (enum inode_kind)(node >> KIND_SHIFT),
		.version = version,
		.model = model,
		.id = (uint32_t)(node & mask(ID_BITS)),
	};

	switch (inode.kind) {
	case INODE_MOUNT:
		if (version || model || (inode.id != INODE_ROOT && inode.id != INODE_CONTROL_DIR)) {
			return -ESTALE;
		}
		break;
	case INODE_MODEL:
		if (version || !model || inode.id) {
			return -ESTALE;
		}
		break;
	case INODE_RECORD:
	case INODE_DRAFT:
	case INODE_VIEW:
		if (!model || !inode.id) {
			return -ESTALE;
		}
		break;
	case INODE_CONTROL:
		inode.version = version << MODEL_BITS | model;
		inode.model = 0;
		break;
	default:
		return -ESTALE;
	}
	*ret_inode = inode;
	return 0;
}
