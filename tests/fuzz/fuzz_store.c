/* SPDX-License-Identifier: MIT */
/*
 * Entries of the store on disk, as a disk may give them back. The file's own functions are fuzzed,
 * so it is part of this one; sums are made right for half of the inputs, which would otherwise end
 * there.
 *
 *	'r' 'm'   a record or a model; with a sum that is made right for it: 'R' 'M'
 *	…         the key up to a newline, and the value
 */
#include "fuzz.h"

#include "cache/disk_data.c" /* NOLINT(bugprone-suspicious-include) */

/* More is no matter of parsing. */
#define MAX_TEXT (1u << 20)

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	return 0;
}

static void read_record(const MDB_val *key, MDB_val *value, bool mend)
{
	_cleanup_free_ char *text = NULL;
	struct record_value header;

	if (mend && value->mv_size > sizeof(header)) {
		memcpy(&header, value->mv_data, sizeof(header));
		header.size %= MAX_TEXT;
		header.sum = sum_of(key, &header, offsetof(struct record_value, sum));
		memcpy(value->mv_data, &header, sizeof(header));
	}
	disk_record_is_sound(key, value);
	if (read_record_value(key, value, &header)) {
		const struct disk_record record = { .size = header.size, .digest = header.digest };
		int r = unpack(&record, value, &text);

		must(r == 0 || r == -EBADMSG);
		must(r < 0 || XXH3_64bits(text, header.size) == header.digest);
	}
	id_of(key, "res.partner");
}

static void read_model(const MDB_val *key, MDB_val *value, bool mend)
{
	struct model_value header;
	size_t size;

	if (mend && value->mv_size >= sizeof(header)) {
		const char *ids = (const char *)value->mv_data + sizeof(header);

		memcpy(&header, value->mv_data, sizeof(header));
		size = value->mv_size - sizeof(header);
		if (header.n_ids * sizeof(uint32_t) == size) {
			header.sum = sum_of_model(key, &header, ids);
			memcpy(value->mv_data, &header, sizeof(header));
		}
	}
	disk_model_is_sound(key, value);
	if (read_model_value(key, value, &header)) {
		must(sizeof(header) + header.n_ids * sizeof(uint32_t) == value->mv_size);
	}
}

/* What is put is what is read: the value of a record of this text. */
static void put(const char *text, size_t size)
{
	struct record_value header = { .size = (uint32_t)size, .digest = XXH3_64bits(text, size) };
	size_t bound = ZSTD_compressBound(size);
	_cleanup_free_ char *packed = malloc(sizeof(header) + bound);
	MDB_val key = { .mv_size = 12, .mv_data = (void *)"res.partner" }, value;

	must(packed);
	memcpy(packed, &header, sizeof(header));
	value.mv_size =
		sizeof(header) + ZSTD_compress(packed + sizeof(header), bound, text, size, LEVEL);
	value.mv_data = packed;
	read_record(&key, &value, size % 2);
	packed[value.mv_size / 2] ^= 1;
	read_record(&key, &value, size % 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = malloc(size + 1);
	char *end;

	must(text);
	if (size < 2) {
		return 0;
	}
	memcpy(text, data, size);
	put(text, size);
	end = memchr(text + 1, '\n', size - 1);
	if (!end) {
		return 0;
	}
	MDB_val key = { .mv_size = (size_t)(end - text - 1), .mv_data = text + 1 };
	/* Of its own size, so that reading past its end is seen. */
	MDB_val value = { .mv_size = (size_t)(text + size - end - 1) };
	_cleanup_free_ char *copy = malloc(value.mv_size + 1);
	must(copy);
	memcpy(copy, end + 1, value.mv_size);
	value.mv_data = copy;
	switch (text[0]) {
	case 'r':
	case 'R':
		read_record(&key, &value, text[0] == 'R');
		break;
	default:
		read_model(&key, &value, text[0] == 'M');
	}
	return 0;
}
