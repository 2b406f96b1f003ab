/* SPDX-License-Identifier: MIT */
/*
 * Binary fields: which records have content in which, and the content, which goes through a file
 * without a name and never through memory as a whole.
 *
 * Only fields that are stored and not made from another are known here, and of ir.attachment
 * `datas`. Each has a slot, made from its name: the same on every mount, as long as no two of a
 * model have the same. Locking and waiting as in cache.h.
 */
#ifndef CACHE_BINARY_H
#define CACHE_BINARY_H

#include "cache/cache.h"

/* Slots of a model: a field past them isn't shown. The inode scheme has five bits for it. */
#define CACHE_BINARY_SLOTS 32

/* Versions of a content are counted modulo this: the inode scheme has six bits for it. */
#define CACHE_BINARY_VERSIONS 64

#define CACHE_SHA1_SIZE 20

/* Room for a file's name: up to ODOO_MAX_NAME bytes of a field's, and what is around it. */
#define CACHE_BINARY_NAME_MAX 256

struct cache_binary {
	uint32_t id;
	uint8_t slot;
	uint8_t version;      /* moves with the content */
	bool resolved;	      /* the cache's own: size, type and sum are known */
	bool hidden;	      /* likewise: it can't be read */
	bool alone;	      /* likewise: nor with others, the server fails on it */
	uint64_t size;	      /* in bytes, never 0 */
	int64_t mtime, ctime; /* UNIX seconds */
	int64_t stamp;	      /* the cache's own: the server's date of it */
	unsigned char sha1[CACHE_SHA1_SIZE];
	const char *type; /* media type; constant, lives as long as the cache */
};

/* The first at or behind (id, slot) of `n` that are by id and slot: its position, or `n`. */
size_t cache_binary_position(
	const struct cache_binary *binaries, size_t n, uint32_t id, unsigned slot);

/* Print a file's name: `14.image_1920.png`, or `14.image_1920` where `suffix` is NULL. */
void cache_binary_print_name(uint32_t id, const char *field, const char *suffix,
	char name[static CACHE_BINARY_NAME_MAX]);

/* Print its sum: 40 hexadecimal digits. */
void cache_binary_print_sum(
	const struct cache_binary *binary, char text[static 2 * CACHE_SHA1_SIZE + 1]);

/*
 * The slot of a field by the `size` first bytes of `name`: 0; -ENOENT when the model has no such
 * field; -EPERM when it is one that is made from another; CACHE_WAIT; or -errno.
 */
int cache_binary_slot(struct cache *cache, struct cache_model *model, const char *name, size_t size,
	unsigned *ret_slot, struct cache_waiter *waiter);

/*
 * A slot's field, and whether it can't be written (`ret_readonly` may be NULL); NULL when the slot
 * is free. Constant.
 */
const char *cache_binary_field(
	struct cache *cache, struct cache_model *model, unsigned slot, bool *ret_readonly);

/* What a record has in a slot: 0, CACHE_WAIT, -ENOENT, or -errno. */
int cache_binary_stat(struct cache *cache, struct cache_model *model, uint32_t id, unsigned slot,
	struct cache_binary *ret_binary, struct cache_waiter *waiter);

/* The same as far as it is known now. */
bool cache_binary_peek(struct cache *cache, struct cache_model *model, uint32_t id, unsigned slot,
	struct cache_binary *ret_binary);

/* The kernel's copy of a content was written to, and is to be forgotten: another version. */
void cache_binary_renew(struct cache *cache, struct cache_model *model, uint32_t id, unsigned slot);

/* Of which records: ids ascend. */
struct cache_binary_scope {
	const uint32_t *ids;
	size_t n_ids;
	const uint32_t *ahead; /* who lists on will want these; they are asked for along with */
	size_t n_ahead;	       /* those, which are among them; 0: nothing is known of that */
	bool walks;	       /* through all records: he gets to know of others with them */
};

/*
 * What a scope's records have, by id and slot, up to `max`. 0, CACHE_WAIT, or -errno.
 */
int cache_binary_list(struct cache *cache, struct cache_model *model,
	const struct cache_binary_scope *scope, struct cache_binary *binaries, size_t max,
	size_t *ret_n, struct cache_waiter *waiter);

/* ── Contents ── */

struct cache_blob;

/*
 * Begin to read one: 0 and a blob to be given back, once some of it is there; CACHE_WAIT; -ESTALE
 * when that version is gone, or turns out not to be what the server has; -ENOENT; or -errno.
 */
int cache_blob_open(struct cache *cache, struct cache_model *model, uint32_t id, unsigned slot,
	unsigned version, struct cache_blob **ret_blob, struct cache_waiter *waiter);

/*
 * Read up to `size` bytes: 0 and how many, CACHE_WAIT until they have come, or -errno. -ESTALE: it
 * was another content than that version's.
 */
int cache_blob_read(struct cache *cache, struct cache_blob *blob, unsigned version, uint64_t offset,
	size_t size, char *bytes, size_t *ret_n, struct cache_waiter *waiter);

/* NULL is allowed. */
void cache_blob_release(struct cache *cache, struct cache_blob *blob);

#endif
