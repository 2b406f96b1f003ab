/* SPDX-License-Identifier: MIT */
/*
 * The command line, and the files that it takes from. The first line says what the rest is:
 * "arguments", one a line; "config" or "odoorpcrc", with a section `prod` that is asked for; or
 * "netrc". What is wrong is told on stderr: -close_fd_mask=3 keeps it out of the fuzzer's words.
 */
#include "fuzz.h"

#include "fs/netrc.h"
#include "fs/options.h"
#include "odoo/cleanup.h"
#include "odoo/locked.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_ARGUMENTS 16

static char home[] = "/dev/shm/odoofs-fuzz-XXXXXX";

static const struct {
	const char *word, *file;
} files[] = {
	{ "config", "odoofs/config" },
	{ "odoorpcrc", ".odoorpcrc" },
	{ "netrc", ".netrc" },
};

static int remove_one(const char *path, const struct stat *found, int type, struct FTW *where)
{
	return remove(path);
}

static void remove_home(void)
{
	nftw(home, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	_cleanup_free_ char *directory = NULL;

	must(mkdtemp(home) && atexit(remove_home) == 0);
	must(asprintf(&directory, "%s/odoofs", home) > 0);
	return mkdir(directory, 0700) || setenv("HOME", home, 1) ||
	       setenv("XDG_CONFIG_HOME", home, 1) || chdir(home);
}

static void write_file(const char *name, const char *text, size_t size)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	must(fd >= 0 && write(fd, text, size) == (ssize_t)size);
	close(fd);
}

static void parse(int argc, char **argv)
{
	struct options options;

	if (options_parse(argc, argv, &options) == OPTIONS_RUN) {
		_cleanup_json_ cJSON *json = options_to_json(&options);

		must(json);
		must(options.mountpoint && options.connections > 0 && options.timeout > 0);
		must(options.demo || (options.source.url && options.source.login));
		options_finish(&options);
	}
}

static void parse_arguments(char *text)
{
	char *argv[MAX_ARGUMENTS + 2] = { (char *)"odoofs" }, *rest = NULL;
	int argc = 1;

	for (char *line = strtok_r(text, "\n", &rest); line && argc <= MAX_ARGUMENTS;
		line = strtok_r(NULL, "\n", &rest)) {
		argv[argc++] = line;
	}
	parse(argc, argv);
}

/* With what is in no file of this one. */
static void parse_file(const char *name, const char *text, size_t size)
{
	char *argv[] = { (char *)"odoofs", (char *)"prod", (char *)"/mnt", NULL };
	char *secret = NULL;
	int r;

	write_file(name, text, size);
	parse(3, argv);
	r = netrc_find("erp.example.com", "ann", &secret);
	must(r == 0 || r == -ENOENT || r == -EINVAL || r == -EACCES);
	must((r == 0) == (secret != NULL));
	locked_destroy(secret);
	must(unlink(name) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = malloc(size + 1);
	char *body;

	must(text);
	if (size) {
		memcpy(text, data, size);
	}
	text[size] = '\0';
	body = memchr(text, '\n', size);
	body = body ? body + 1 : text + size;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		if (strncmp(text, files[i].word, strlen(files[i].word)) == 0) {
			parse_file(files[i].file, body, (size_t)(text + size - body));
			return 0;
		}
	}
	parse_arguments(body);
	return 0;
}
