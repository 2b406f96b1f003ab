/* SPDX-License-Identifier: MIT */
/* What stat says: attributes, modes, and for how long the kernel may believe them. */
#include "fs/fs.h"
#include "fs/inode.h"

#include <sys/stat.h>

#define BLOCK 4096

mode_t fs_mode(const struct fs *fs, mode_t type, mode_t permissions)
{
	return type | (permissions & ~fs->options->umask);
}

static void fill(const struct fs *fs, const struct inode *inode, mode_t mode, uint64_t size,
	int64_t mtime, int64_t ctime, struct stat *ret_stat)
{
	*ret_stat = (struct stat){
		.st_ino = inode_number(inode),
		.st_mode = mode,
		.st_nlink = 1, /* of a directory, too: it claims nothing about how many are in it */
		.st_uid = fs->options->uid,
		.st_gid = fs->options->gid,
		.st_size = (off_t)size,
		.st_blksize = BLOCK,
		.st_blocks = (blkcnt_t)((size + 511) / 512),
		.st_mtime = mtime,
		.st_ctime = ctime,
		.st_atime = mtime,
	};
}

void fs_root_attr(const struct fs *fs, struct stat *ret_stat)
{
	const struct inode inode = { .kind = INODE_MOUNT, .id = INODE_ROOT };

	fill(fs, &inode, fs_mode(fs, S_IFDIR, 0555), 0, fs->started, fs->started, ret_stat);
}

uint64_t fs_model_node(uint32_t number)
{
	return inode_pack(&(struct inode){ .kind = INODE_MODEL, .model = number });
}

void fs_model_attr(const struct fs *fs, uint32_t number, const struct cache_model_attr *attr,
	struct stat *ret_stat)
{
	const struct inode inode = { .kind = INODE_MODEL, .model = number };
	mode_t mode = fs_mode(fs, S_IFDIR, attr->may_populate ? 0777 : 0555);

	fill(fs, &inode, mode, 0, attr->mtime, attr->mtime, ret_stat);
}

/* Where nobody tells it of changes, the kernel must ask again as soon as the ttl is over. */
static double timeout_of(const struct fs *fs, const struct cache_model_attr *attr)
{
	if (attr->guessed) {
		return 0; /* the mode may be another soon */
	}
	return attr->has_write_date && fs->options->ttl && fs->options->poll ? FS_KERNEL_TTL
									     : fs->options->ttl;
}

double fs_timeout(struct fs *fs, struct cache_model *model)
{
	struct cache_model_attr attr;

	cache_model_stat(fs->cache, model, &attr, NULL);
	return timeout_of(fs, &attr);
}

void fs_model_view(struct fs *fs, struct cache_model *model, struct fs_model_view *ret_view)
{
	struct cache_model_attr attr;

	cache_model_stat(fs->cache, model, &attr, NULL);
	*ret_view = (struct fs_model_view){
		.number = cache_model_number(model),
		.record_mode = fs_mode(fs, S_IFREG, attr.may_write ? 0666 : 0444),
		.timeout = timeout_of(fs, &attr),
	};
}

static struct inode record_inode(const struct fs_model_view *view, const struct cache_attr *attr)
{
	return (struct inode){
		.kind = INODE_RECORD,
		.version = attr->version,
		.model = view->number,
		.id = attr->id,
	};
}

void fs_record_attr(const struct fs *fs, const struct fs_model_view *view,
	const struct cache_attr *attr, struct stat *ret_stat)
{
	const struct inode inode = record_inode(view, attr);

	fill(fs, &inode, view->record_mode, attr->size, attr->mtime, attr->ctime, ret_stat);
}

void fs_record_entry(const struct fs *fs, const struct fs_model_view *view,
	const struct cache_attr *attr, struct fuse_entry_param *ret_entry)
{
	const struct inode inode = record_inode(view, attr);

	*ret_entry = (struct fuse_entry_param){
		.ino = inode_pack(&inode),
		.attr_timeout = view->timeout,
		.entry_timeout = view->timeout,
	};
	fs_record_attr(fs, view, attr, &ret_entry->attr);
}
