/* SPDX-License-Identifier: MIT */
/*
 * The store's tables: how models and records are kept.
 *
 *	models   "res.partner"                      ─▶ struct model_value, then ids of 4 bytes
 *	records  "res.partner" \0 id (big-endian)   ─▶ struct record_value, then a zstd frame
 *
 * Numbers of the values are as the machine has them, which the format's name says; they are copied
 * out, since LMDB doesn't align them.
 */
#include "cache/disk_private.h"

#include "odoo/cleanup.h"
#include "odoo/limits.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/statvfs.h>
#include <xxhash.h>

/* Texts are small and alike: more would take longer than the disk. */
#define LEVEL 1

#define KEY_MAX (ODOO_MAX_NAME + 1 + sizeof(uint32_t))

struct record_value {
	uint64_t digest; /* of the text */
	int64_t write_date, mtime, ctime;
	uint32_t size; /* of the text */
	uint32_t read_at;
	uint32_t unsettled;
	uint32_t sum; /* of what comes before, and of the key */
};

struct model_value {
	struct disk_model model;
	uint32_t n_ids;
	uint32_t sum; /* of the ids, of what comes before, and of the key */
};

/* ── Keys and sums ── */

static int make_key(char buffer[KEY_MAX], const char *name, uint32_t id, MDB_val *ret_key)
{
	size_t size = strlen(name);
	uint32_t big = htonl(id);

	if (!size || size > ODOO_MAX_NAME) {
		return -EINVAL;
	}
	memcpy(buffer, name, size + 1);
	memcpy(buffer + size + 1, &big, sizeof(big));
	*ret_key = (MDB_val){ .mv_size = size + 1 + sizeof(big), .mv_data = buffer };
	return 0;
}

/* The id in a key of this model; 0 when it is another's. */
static uint32_t id_of(const MDB_val *key, const char *name)
{
	size_t size = strlen(name) + 1;
	uint32_t big;

	if (key->mv_size != size + sizeof(big) || memcmp(key->mv_data, name, size) != 0) {
		return 0;
	}
	memcpy(&big, (const char *)key->mv_data + size, sizeof(big));
	return ntohl(big);
}

static uint32_t sum_of(const MDB_val *key, const void *value, size_t size)
{
	return (uint32_t)XXH3_64bits_withSeed(value, size, XXH3_64bits(key->mv_data, key->mv_size));
}

static bool read_record_value(
	const MDB_val *key, const MDB_val *value, struct record_value *ret_record)
{
	if (value->mv_size <= sizeof(*ret_record)) {
		return false;
	}
	memcpy(ret_record, value->mv_data, sizeof(*ret_record));
	return ret_record->sum == sum_of(key, ret_record, offsetof(struct record_value, sum));
}

bool disk_record_is_sound(const MDB_val *key, const MDB_val *value)
{
	struct record_value record;

	return key->mv_size > sizeof(uint32_t) + 1 && key->mv_size <= KEY_MAX &&
	       read_record_value(key, value, &record);
}

static uint32_t sum_of_model(const MDB_val *key, const struct model_value *model, const void *ids)
{
	uint32_t of_ids = sum_of(key, ids, (size_t)model->n_ids * sizeof(uint32_t));

	return of_ids ^ sum_of(key, model, offsetof(struct model_value, sum));
}

static bool read_model_value(
	const MDB_val *key, const MDB_val *value, struct model_value *ret_model)
{
	if (value->mv_size < sizeof(*ret_model)) {
		return false;
	}
	memcpy(ret_model, value->mv_data, sizeof(*ret_model));
	return value->mv_size == sizeof(*ret_model) + (size_t)ret_model->n_ids * sizeof(uint32_t) &&
	       ret_model->sum == sum_of_model(key, ret_model,
					 (const char *)value->mv_data + sizeof(*ret_model));
}

bool disk_model_is_sound(const MDB_val *key, const MDB_val *value)
{
	struct model_value model;

	return key->mv_size > 0 && key->mv_size <= ODOO_MAX_NAME &&
	       read_model_value(key, value, &model);
}

/* ── Reading ── */

static void cleanup_reading(MDB_txn **txn)
{
	if (*txn) {
		mdb_txn_abort(*txn);
	}
}

#define _cleanup_reading_ _cleanup_(cleanup_reading)

static int begin_reading(struct disk *disk, MDB_txn **ret_txn)
{
	return disk_errno(mdb_txn_begin(disk->tables.env, NULL, MDB_RDONLY, ret_txn));
}

int disk_read_model(struct disk *disk, const char *name, struct disk_model *ret_model,
	uint32_t **ret_ids, size_t *ret_n_ids)
{
	MDB_val key = { .mv_size = strlen(name), .mv_data = (void *)name }, value;
	_cleanup_reading_ MDB_txn *txn = NULL;
	struct model_value model;
	int r = begin_reading(disk, &txn);

	r = r ? r : disk_errno(mdb_get(txn, disk->tables.models, &key, &value));
	if (r != 0) {
		return r;
	}
	if (!read_model_value(&key, &value, &model)) {
		return -EBADMSG;
	}
	if (ret_ids) {
		size_t size = (size_t)model.n_ids * sizeof(**ret_ids);
		uint32_t *ids = malloc(size + 1);

		if (!ids) {
			return -ENOMEM;
		}
		memcpy(ids, (const char *)value.mv_data + sizeof(model), size);
		*ret_ids = ids;
		*ret_n_ids = model.n_ids;
	}
	*ret_model = model.model;
	return 0;
}

static int give_each(MDB_cursor *cursor, const char *name,
	int (*fn)(const struct disk_record *record, void *data), void *data)
{
	char buffer[KEY_MAX];
	struct record_value value;
	MDB_val key, stored;
	uint32_t id;
	int r = make_key(buffer, name, 0, &key);

	for (r = r ? r : mdb_cursor_get(cursor, &key, &stored, MDB_SET_RANGE);
		r == 0 && (id = id_of(&key, name));
		r = r ? r : mdb_cursor_get(cursor, &key, &stored, MDB_NEXT)) {
		if (!read_record_value(&key, &stored, &value)) {
			return -EBADMSG;
		}
		r = fn(&(struct disk_record){ .id = id,
			       .size = value.size,
			       .digest = value.digest,
			       .write_date = value.write_date,
			       .mtime = value.mtime,
			       .ctime = value.ctime,
			       .read_at = value.read_at,
			       .unsettled = value.unsettled },
			data);
		if (r) {
			return r;
		}
	}
	return r == MDB_NOTFOUND ? 0 : disk_errno(r);
}

int disk_each_record(struct disk *disk, const char *name,
	int (*fn)(const struct disk_record *record, void *data), void *data)
{
	_cleanup_reading_ MDB_txn *txn = NULL;
	MDB_cursor *cursor;
	int r = begin_reading(disk, &txn);

	r = r ? r : disk_errno(mdb_cursor_open(txn, disk->tables.records, &cursor));
	if (r != 0) {
		return r;
	}
	r = give_each(cursor, name, fn, data);
	mdb_cursor_close(cursor);
	return r;
}

static int unpack(const struct disk_record *record, const MDB_val *value, char **ret_text)
{
	const char *packed = (const char *)value->mv_data + sizeof(struct record_value);
	size_t packed_size = value->mv_size - sizeof(struct record_value), size;
	_cleanup_free_ char *text = malloc((size_t)record->size + 1);

	if (!text) {
		return -ENOMEM;
	}
	size = ZSTD_decompress(text, record->size, packed, packed_size);
	if (ZSTD_isError(size) || size != record->size ||
		XXH3_64bits(text, size) != record->digest) {
		return -EBADMSG;
	}
	text[size] = '\0';
	*ret_text = steal(text);
	return 0;
}

int disk_read_text(
	struct disk *disk, const char *name, const struct disk_record *record, char **ret_text)
{
	_cleanup_reading_ MDB_txn *txn = NULL;
	struct record_value stored;
	char buffer[KEY_MAX];
	MDB_val key, value;
	int r = make_key(buffer, name, record->id, &key);

	r = r ? r : begin_reading(disk, &txn);
	r = r ? r : disk_errno(mdb_get(txn, disk->tables.records, &key, &value));
	if (r < 0) {
		return r;
	}
	if (!read_record_value(&key, &value, &stored)) {
		return -EBADMSG;
	}
	if (stored.digest != record->digest || stored.size != record->size) {
		return -ENOENT;
	}
	return unpack(record, &value, ret_text);
}

/* ── Writing ── */

int disk_begin(struct disk *disk)
{
	return disk_errno(mdb_txn_begin(disk->tables.env, NULL, 0, &disk->writing));
}

/* LMDB says EIO when only a part could be written. */
static bool is_out_of_room(const struct disk *disk)
{
	struct statvfs room;

	return statvfs(disk->path, &room) == 0 && room.f_bavail == 0;
}

int disk_commit(struct disk *disk)
{
	int r = disk_errno(mdb_txn_commit(steal(disk->writing)));

	return r == -EIO && is_out_of_room(disk) ? -ENOSPC : r;
}

void disk_abort(struct disk *disk)
{
	if (disk->writing) {
		mdb_txn_abort(steal(disk->writing));
	}
}

int disk_put_record(
	struct disk *disk, const char *name, const struct disk_record *record, const char *text)
{
	struct record_value header = { .digest = record->digest,
		.write_date = record->write_date,
		.mtime = record->mtime,
		.ctime = record->ctime,
		.read_at = record->read_at,
		.unsettled = record->unsettled,
		.size = record->size };
	size_t bound = ZSTD_compressBound(record->size), size;
	_cleanup_free_ char *packed = malloc(sizeof(header) + bound);
	char buffer[KEY_MAX];
	MDB_val key, value;
	int r = make_key(buffer, name, record->id, &key);

	if (!packed || r < 0) {
		return packed ? r : -ENOMEM;
	}
	size = ZSTD_compressCCtx(
		disk->compressor, packed + sizeof(header), bound, text, record->size, LEVEL);
	if (ZSTD_isError(size)) {
		return -ENOMEM;
	}
	header.sum = sum_of(&key, &header, offsetof(struct record_value, sum));
	memcpy(packed, &header, sizeof(header));
	value = (MDB_val){ .mv_size = sizeof(header) + size, .mv_data = packed };
	return disk_errno(mdb_put(disk->writing, disk->tables.records, &key, &value, 0));
}

static int remove_key(MDB_txn *txn, MDB_dbi table, MDB_val *key)
{
	int r = disk_errno(mdb_del(txn, table, key, NULL));

	return r == -ENOENT ? 0 : r;
}

int disk_remove_record(struct disk *disk, const char *name, uint32_t id)
{
	char buffer[KEY_MAX];
	MDB_val key;
	int r = make_key(buffer, name, id, &key);

	return r ? r : remove_key(disk->writing, disk->tables.records, &key);
}

int disk_put_model(struct disk *disk, const char *name, const struct disk_model *model,
	const uint32_t *ids, size_t n_ids)
{
	MDB_val key = { .mv_size = strlen(name), .mv_data = (void *)name }, value;
	struct model_value header;
	int r;

	memset(&header, 0, sizeof(header)); /* its holes are stored, too */
	header.model.summary = model->summary;
	header.model.has_summary = model->has_summary;
	header.model.settled = model->settled;
	header.model.complete = model->complete;
	header.model.since = model->since;
	header.model.mtime = model->mtime;
	header.model.skew = model->skew;
	header.model.schema = model->schema;
	header.n_ids = (uint32_t)n_ids;
	header.sum = sum_of_model(&key, &header, ids);
	value = (MDB_val){ .mv_size = sizeof(header) + n_ids * sizeof(*ids) };
	r = disk_errno(mdb_put(disk->writing, disk->tables.models, &key, &value, MDB_RESERVE));
	if (r < 0) {
		return r;
	}
	memcpy(value.mv_data, &header, sizeof(header));
	if (n_ids) {
		memcpy((char *)value.mv_data + sizeof(header), ids, n_ids * sizeof(*ids));
	}
	return 0;
}

static int remove_records(struct disk *disk, const char *name)
{
	char buffer[KEY_MAX];
	MDB_cursor *cursor;
	MDB_val key, value;
	int r = make_key(buffer, name, 0, &key);

	r = r ? r : disk_errno(mdb_cursor_open(disk->writing, disk->tables.records, &cursor));
	if (r != 0) {
		return r;
	}
	r = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
	while (r == 0 && id_of(&key, name)) {
		r = mdb_cursor_del(cursor, 0);
		r = r ? r : mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
	}
	mdb_cursor_close(cursor);
	return r == MDB_NOTFOUND ? 0 : disk_errno(r);
}

int disk_remove_model(struct disk *disk, const char *name)
{
	MDB_val key = { .mv_size = strlen(name), .mv_data = (void *)name };
	int r = remove_key(disk->writing, disk->tables.models, &key);

	return r ? r : remove_records(disk, name);
}

/* ── How much ── */

size_t disk_used(const struct disk *disk)
{
	MDB_envinfo info;
	MDB_stat pages;

	if (mdb_env_info(disk->tables.env, &info) || mdb_env_stat(disk->tables.env, &pages)) {
		return 0;
	}
	return (info.me_last_pgno + 1) * pages.ms_psize;
}

bool disk_is_full(const struct disk *disk)
{
	return disk_used(disk) >= disk->limit;
}
