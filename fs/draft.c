/* SPDX-License-Identifier: MIT */
#include "fs/draft.h"

#include "fs/name.h"

#include "odoo/cleanup.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <utlist.h>

struct draft *draft_by_node(struct fs *fs, fuse_ino_t node)
{
	struct draft *draft;

	DL_SEARCH_SCALAR(fs->drafts, draft, node, node);
	return draft;
}

struct draft *draft_by_name(struct fs *fs, uint32_t model_number, const char *name)
{
	struct draft *draft;

	DL_FOREACH (fs->drafts, draft) {
		if (draft->model_number == model_number && draft->name &&
			strcmp(draft->name, name) == 0) {
			return draft;
		}
	}
	return NULL;
}

static fuse_ino_t serial_node(uint32_t model_number, uint32_t serial)
{
	return inode_pack(
		&(struct inode){ .kind = INODE_DRAFT, .model = model_number, .id = serial });
}

struct draft *draft_add(struct fs *fs, struct cache_model *model, const char *name,
	enum draft_kind kind, fuse_ino_t node)
{
	struct draft *draft = calloc(1, sizeof(*draft));

	if (!draft || !(draft->name = strdup(name))) {
		free(draft);
		return NULL;
	}
	draft->kind = kind;
	draft->model = model;
	draft->model_number = cache_model_number(model);
	if (!node) {
		draft->serial = ++fs->draft_serial;
		node = serial_node(draft->model_number, draft->serial);
	}
	draft->node = node;
	clock_gettime(CLOCK_REALTIME, &draft->mtime);
	DL_APPEND(fs->drafts, draft);
	atomic_fetch_add(&fs->n_drafts, 1);
	return draft;
}

void draft_drop(struct fs *fs, struct draft *draft)
{
	DL_DELETE(fs->drafts, draft);
	atomic_fetch_sub(&fs->n_drafts, 1);
	free(draft->name);
	free(draft->text);
	free(draft->base);
	free(draft->seen);
	free(draft->target);
	free(draft->failure);
	free(draft);
}

void draft_unname(struct fs *fs, struct draft *draft)
{
	free(steal(draft->name));
	draft->hides = false;
	if (!draft->handles && !draft->busy) {
		draft_drop(fs, draft);
	}
}

static int copy_text(char **into, size_t *into_size, const char *text, size_t size)
{
	char *copy = malloc(size + 1);

	if (!copy) {
		return -ENOMEM;
	}
	memcpy(copy, text, size);
	copy[size] = '\0';
	free(*into);
	*into = copy;
	*into_size = size;
	return 0;
}

int draft_set_text(struct draft *draft, const char *text, size_t size)
{
	int r = copy_text(&draft->text, &draft->size, text, size);

	if (r == 0) {
		draft->capacity = size + 1;
	}
	return r;
}

struct draft *draft_add_copy(
	struct fs *fs, struct cache_model *model, const char *name, const char *text, size_t size)
{
	struct draft *draft = draft_by_name(fs, cache_model_number(model), name);

	if (draft) {
		draft_unname(fs, draft);
	}
	draft = draft_add(fs, model, name, DRAFT_SCRATCH, 0);
	if (draft && draft_set_text(draft, text, size) < 0) {
		draft_drop(fs, draft);
		return NULL;
	}
	return draft;
}

int draft_set_base(struct draft *draft, const char *text, size_t size)
{
	return copy_text(&draft->base, &draft->base_size, text, size);
}

static int reserve(struct fs *fs, struct draft *draft, uint64_t size)
{
	size_t capacity = draft->capacity ? draft->capacity : 4096;
	char *grown;

	if (size > fs->options->max_file) {
		return -EFBIG;
	}
	if (size <= draft->capacity) {
		return 0;
	}
	while (capacity < size) {
		capacity *= 2;
	}
	grown = realloc(draft->text, capacity);
	if (!grown) {
		return -ENOMEM;
	}
	draft->text = grown;
	draft->capacity = capacity;
	return 0;
}

static void touched(struct draft *draft)
{
	draft->dirty = true;
	draft->writers = true;
	draft->rejected = false;
	clock_gettime(CLOCK_REALTIME, &draft->mtime);
}

int draft_truncate(struct fs *fs, struct draft *draft, off_t size)
{
	size_t wanted = (size_t)size;
	int r = size < 0 ? -EINVAL : reserve(fs, draft, (uint64_t)size);

	if (r < 0) {
		return r;
	}
	if (wanted > draft->size) {
		memset(draft->text + draft->size, 0, wanted - draft->size);
	}
	if (wanted != draft->size) {
		draft->size = wanted;
		touched(draft);
	}
	draft->cut = draft->cut && wanted > 0;
	draft->in_place = draft->in_place && wanted > 0;
	return 0;
}

int draft_write(struct fs *fs, struct draft *draft, const char *data, size_t size, off_t offset)
{
	size_t start = (size_t)offset;
	int r = offset < 0 ? -EINVAL : reserve(fs, draft, (uint64_t)offset + size);

	if (r < 0) {
		draft->cut = draft->cut || r == -EFBIG;
		return r;
	}
	if (start > draft->size) {
		memset(draft->text + draft->size, 0, start - draft->size);
	}
	memcpy(draft->text + start, data, size);
	if (start + size > draft->size) {
		draft->size = start + size;
	}
	touched(draft);
	return 0;
}

bool draft_is_hidden(struct fs *fs, uint32_t model_number, uint32_t id)
{
	struct draft *draft;

	DL_FOREACH (fs->drafts, draft) {
		if (draft->hides && draft->copy_of == id && draft->model_number == model_number) {
			return true;
		}
	}
	return false;
}

void draft_set_hidden(struct fs *fs, uint32_t model_number, uint32_t id, bool hidden)
{
	struct draft *draft;

	DL_FOREACH (fs->drafts, draft) {
		if (draft->copy_of == id && draft->model_number == model_number && draft->name) {
			draft->hides = hidden;
		}
	}
}

static struct alias *find_alias(struct fs *fs, uint32_t model_number, const char *name)
{
	struct alias *alias;

	DL_FOREACH (fs->aliases, alias) {
		if (alias->model_number == model_number && strcmp(alias->name, name) == 0) {
			return alias;
		}
	}
	return NULL;
}

uint32_t alias_find(struct fs *fs, uint32_t model_number, const char *name)
{
	struct alias *alias = find_alias(fs, model_number, name);

	return alias ? alias->id : 0;
}

void alias_set(struct fs *fs, uint32_t model_number, const char *name, uint32_t id)
{
	struct alias *alias = find_alias(fs, model_number, name);

	if (!alias) {
		alias = calloc(1, sizeof(*alias));
		if (!alias || !(alias->name = strdup(name))) {
			free(alias);
			return;
		}
		alias->model_number = model_number;
		DL_APPEND(fs->aliases, alias);
	}
	alias->id = id;
}

static bool ends_in_json(const char *name)
{
	size_t length = strlen(name);

	return length > 5 && name[0] != '.' && name[0] != '#' &&
	       strcmp(name + length - 5, ".json") == 0;
}

enum draft_kind draft_kind_of(const char *name, uint32_t *ret_id)
{
	*ret_id = 0;
	if (name_parse_record(name, ret_id) == 0) {
		return DRAFT_RECORD;
	}
	return ends_in_json(name) ? DRAFT_NEW : DRAFT_SCRATCH;
}

void draft_attr(struct fs *fs, const struct draft *draft, struct stat *ret_stat)
{
	struct inode inode;

	/* The number is the record's where there is one: editors take another for another file. */
	inode_unpack(draft->node, &inode);
	if (draft->id) {
		inode = (struct inode){
			.kind = draft->kind == DRAFT_BINARY ? INODE_BINARY : INODE_RECORD,
			.slot = draft->slot,
			.model = draft->model_number,
			.id = draft->id,
		};
	}
	*ret_stat = (struct stat){
		.st_ino = inode_number(&inode),
		.st_mode = draft->target ? S_IFLNK | 0777 : fs_mode(fs, S_IFREG, 0666),
		.st_nlink = draft->name ? 1 : 0,
		.st_uid = fs->options->uid,
		.st_gid = fs->options->gid,
		.st_size = (off_t)(draft->target ? strlen(draft->target) : draft->size),
		.st_blksize = 4096,
		.st_blocks = (blkcnt_t)((draft->size + 511) / 512),
		.st_mtim = draft->mtime,
		.st_ctim = draft->mtime,
		.st_atim = draft->mtime,
	};
}

void drafts_finish(struct fs *fs)
{
	struct alias *alias, *next;

	while (fs->drafts) {
		draft_drop(fs, fs->drafts);
	}
	DL_FOREACH_SAFE (fs->aliases, alias, next) {
		DL_DELETE(fs->aliases, alias);
		free(alias->name);
		free(alias);
	}
}
