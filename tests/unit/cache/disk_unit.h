/* SPDX-License-Identifier: MIT */
/* A store on disk, and records to put into it. */
#ifndef TESTS_UNIT_CACHE_DISK_UNIT_H
#define TESTS_UNIT_CACHE_DISK_UNIT_H

#include "cache/disk.h"
#include "directory.h"

#define LIMIT ((size_t)16 * 1024 * 1024)
#define IDENTITY "https://erp.example.com production 2 stored"

struct disk_unit {
	char directory[DIRECTORY_SIZE];
	char *file; /* data.mdb */
	struct disk *disk;
};

int disk_unit_set_up(void **state);
int disk_unit_tear_down(void **state);

void disk_unit_open(struct disk_unit *f, const char *identity);
void disk_unit_open_of(struct disk_unit *f, const char *identity, const char *origin);
void disk_unit_close(struct disk_unit *f);

/* Where its data are; the caller frees it. */
char *disk_unit_find_file(const struct disk_unit *f);

struct disk_record disk_unit_describe(uint32_t id, const char *text);

/* A text that is of this record and this turn alone; in a transaction, and in one of its own. */
int disk_unit_put(struct disk *disk, const char *model, uint32_t id, unsigned turn);
void disk_unit_put_many(struct disk *disk, const char *model, uint32_t n);

/* Read it back: 0 when it is as it was put, or -errno. */
int disk_unit_read(struct disk *disk, const char *model, uint32_t id, unsigned turn);

/* For disk_each_record: -ECANCELED at the third. */
int disk_unit_stop(const struct disk_record *record, void *data);

#define TEST(name) cmocka_unit_test_setup_teardown(name, disk_unit_set_up, disk_unit_tear_down)

#endif
