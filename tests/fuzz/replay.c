/* SPDX-License-Identifier: MIT */
/* A fuzzer's target without the fuzzer: it is given all files of the directories that are named. */
#include "fuzz.h"

#include "odoo/cleanup.h"

#include <dirent.h>
#include <stdbool.h>

/* Memory of exactly its size, so that reading past the end is seen. Returns false on failure. */
static bool replay_file(const char *path)
{
	_cleanup_file_ FILE *file = fopen(path, "re");
	_cleanup_free_ uint8_t *data = NULL;
	long size;

	if (!file || fseek(file, 0, SEEK_END) < 0 || (size = ftell(file)) < 0) {
		return false;
	}
	rewind(file);
	data = malloc((size_t)size);
	if (size && (!data || fread(data, (size_t)size, 1, file) != 1)) {
		return false;
	}
	LLVMFuzzerTestOneInput(data, (size_t)size);
	return true;
}

/* Returns how many files there were, or -1. */
static int replay_directory(const char *path)
{
	DIR *directory = opendir(path);
	struct dirent *entry;
	int n = 0;

	while (n >= 0 && directory && (entry = readdir(directory))) {
		_cleanup_free_ char *file = NULL;

		if (entry->d_name[0] == '.') {
			continue;
		}
		printf("%s/%s\n", path, entry->d_name);
		if (asprintf(&file, "%s/%s", path, entry->d_name) < 0 || !replay_file(file)) {
			perror(file ? file : path);
			n = -2;
		}
		n++;
	}
	if (!directory || closedir(directory) < 0) {
		return -1;
	}
	return n;
}

int main(int argc, char **argv)
{
	if (LLVMFuzzerInitialize(&argc, &argv) != 0) {
		return EXIT_FAILURE;
	}
	for (int i = 1; i < argc; i++) {
		if (replay_directory(argv[i]) <= 0) {
			fprintf(stderr, "%s: nothing to replay\n", argv[i]);
			return EXIT_FAILURE;
		}
	}
	return EXIT_SUCCESS;
}
