/* SPDX-License-Identifier: MIT */
#include "disk_unit.h"

#include "odoo/cleanup.h"
#include "unit.h"

#include <errno.h>
#include <ftw.h>
#include <sys/stat.h>
#include <xxhash.h>

void disk_unit_open(struct disk_unit *f, const char *identity)
{
	disk_unit_open_of(f, identity, NULL);
}

void disk_unit_open_of(struct disk_unit *f, const char *identity, const char *origin)
{
	_cleanup_free_ char *why = NULL;

	assert_int_equal(disk_open(f->directory, identity, origin, LIMIT, &f->disk, &why), 0);
	assert_null(why);
}

void disk_unit_close(struct disk_unit *f)
{
	disk_close(f->disk);
	f->disk = NULL;
}

static char *found_file;

static int find_file(const char *path, const struct stat *found, int type, struct FTW *where)
{
	if (strcmp(path + where->base, "data.mdb") == 0 && !strstr(path, ".aside")) {
		free(found_file);
		found_file = strdup(path);
	}
	return 0;
}

char *disk_unit_find_file(const struct disk_unit *f)
{
	nftw(f->directory, find_file, 8, FTW_PHYS);
	return steal(found_file);
}

int disk_unit_set_up(void **state)
{
	struct disk_unit *f = calloc(1, sizeof(*f));

	directory_make(f->directory);
	disk_unit_open(f, IDENTITY);
	f->file = disk_unit_find_file(f);
	*state = f;
	return 0;
}

int disk_unit_tear_down(void **state)
{
	struct disk_unit *f = *state;

	disk_unit_close(f);
	directory_remove(f->directory);
	free(f->file);
	free(f);
	return 0;
}

/* A text that names its record, of some 2,000 bytes, alike but not the same as the others. */
static char *make_text(uint32_t id, unsigned turn)
{
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);

	fprintf(file, "{\n  \"id\": %u,\n", id);
	for (unsigned i = 0; i < 60; i++) {
		fprintf(file, "  \"field_%u\": \"value %u of %u\",\n", i, i * id, turn);
	}
	fprintf(file, "  \"write_date\": \"2026-11-20 08:12:44\"\n}\n");
	fclose(file);
	return text;
}

struct disk_record disk_unit_describe(uint32_t id, const char *text)
{
	return (struct disk_record){ .id = id,
		.size = (uint32_t)strlen(text),
		.digest = XXH3_64bits(text, strlen(text)),
		.write_date = 1700000000 + id,
		.mtime = 1700000001 + id,
		.ctime = 1700000002 + id };
}

int disk_unit_put(struct disk *disk, const char *model, uint32_t id, unsigned turn)
{
	_cleanup_free_ char *text = make_text(id, turn);
	struct disk_record record = disk_unit_describe(id, text);

	return disk_put_record(disk, model, &record, text);
}

void disk_unit_put_many(struct disk *disk, const char *model, uint32_t n)
{
	assert_int_equal(disk_begin(disk), 0);
	for (uint32_t id = 1; id <= n; id++) {
		assert_int_equal(disk_unit_put(disk, model, id, 0), 0);
	}
	assert_int_equal(disk_commit(disk), 0);
}

int disk_unit_read(struct disk *disk, const char *model, uint32_t id, unsigned turn)
{
	_cleanup_free_ char *text = make_text(id, turn);
	_cleanup_free_ char *stored = NULL;
	struct disk_record record = disk_unit_describe(id, text);
	int r = disk_read_text(disk, model, &record, &stored);

	if (r == 0) {
		assert_string_equal(stored, text);
	}
	return r;
}

int disk_unit_stop(const struct disk_record *record, void *data)
{
	return record->id == 3 ? -ECANCELED : 0;
}
