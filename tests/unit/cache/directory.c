/* SPDX-License-Identifier: MIT */
#include "directory.h"

#include "unit.h"

#include <ftw.h>
#include <sys/stat.h>

void directory_make(char ret_path[static DIRECTORY_SIZE])
{
	strcpy(ret_path, "/dev/shm/odoofs-test-XXXXXX");
	assert_non_null(mkdtemp(ret_path));
}

static int remove_one(const char *path, const struct stat *found, int type, struct FTW *where)
{
	return remove(path);
}

void directory_remove(const char *path)
{
	assert_int_equal(nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

char directory[DIRECTORY_SIZE];

int directory_setup(void **state)
{
	directory_make(directory);
	return 0;
}

int directory_teardown(void **state)
{
	directory_remove(directory);
	return 0;
}
