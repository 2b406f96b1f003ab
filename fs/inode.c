/* SPDX-License-Identifier: MIT */
#include "fs/inode.h"

#include <errno.h>

#define ID_BITS 31
#define MODEL_BITS 20
#define VERSION_BITS 10
#define SLOT_BITS 5
#define BINARY_BITS 6 /* of its version, which has the lowest bit of the kind, too */
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

static uint64_t pack_binary(const struct inode *inode, uint32_t version)
{
	unsigned low = BINARY_BITS - 1;
	uint64_t kind = INODE_BINARY + (version >> low & 1);

	return pack(kind, (inode->slot & mask(SLOT_BITS)) << low | (version & mask(low)),
		inode->model, inode->id);
}

uint64_t inode_pack(const struct inode *inode)
{
	if (inode->kind == INODE_CONTROL) {
		return pack(INODE_CONTROL, inode->version >> MODEL_BITS, inode->version, inode->id);
	}
	if (inode->kind == INODE_BINARY) {
		return pack_binary(inode, inode->version);
	}
	return pack(inode->kind, inode->version, inode->model, inode->id);
}

uint64_t inode_number(const struct inode *inode)
{
	if (inode->kind == INODE_BINARY) {
		return pack_binary(inode, 0);
	}
	return pack(inode->kind, 0, inode->model, inode->id);
}

static void unpack_binary(struct inode *inode, uint32_t version)
{
	unsigned low = BINARY_BITS - 1;

	inode->slot = version >> low;
	inode->version = (version & (uint32_t)mask(low)) | ((uint32_t)inode->kind - INODE_BINARY)
								   << low;
	inode->kind = INODE_BINARY;
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

	switch ((int)inode.kind) {
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
	case INODE_BINARY:
	case INODE_BINARY + 1:
		if (!model || !inode.id) {
			return -ESTALE;
		}
		unpack_binary(&inode, version);
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
