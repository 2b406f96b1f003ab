/* SPDX-License-Identifier: MIT */
#include "fs/view_number.h"

#include <stdio.h>
#include <string.h>

/* FNV-1a. */
uint64_t view_number_hash(uint64_t hash, const char *segment)
{
	for (const char *c = segment;; c++) {
		hash = (hash ^ (unsigned char)(*c ? *c : '/')) * UINT64_C(0x100000001b3);
		if (!*c) {
			return hash;
		}
	}
}

static struct inode inode_of(const struct view_node *node, uint64_t number)
{
	return (struct inode){ .kind = INODE_VIEW,
		.model = node->model_number,
		.version = (uint32_t)(number >> VIEW_ID_BITS),
		.id = (uint32_t)(number & VIEW_ID_MASK) };
}

struct inode view_node_inode(const struct view_node *node)
{
	if (!node->serial) {
		return (struct inode){ .kind = INODE_MODEL, .model = node->model_number };
	}
	return inode_of(node, node->path_hash);
}

uint64_t view_node_child_number(const struct view_node *node, const char *name)
{
	const struct inode inode = inode_of(node, view_number_hash(node->path_hash, name));

	return inode_number(&inode);
}

struct inode view_node_key(const struct view_node *node)
{
	return node->serial ? inode_of(node, node->serial) : view_node_inode(node);
}

fuse_ino_t view_node_number(const struct view_node *node)
{
	const struct inode inode = view_node_key(node);

	return inode_pack(&inode);
}

void view_node_path(const struct view_node *node, char *path, size_t size)
{
	size_t used;

	*path = '\0';
	if (!node->parent) {
		return;
	}
	view_node_path(node->parent, path, size);
	used = strlen(path);
	snprintf(path + used, size - used, "%s%s", used ? "/" : "", node->view->text);
}
