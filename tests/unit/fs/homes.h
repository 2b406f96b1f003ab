/* SPDX-License-Identifier: MIT */
/* A home directory of the test's own, with one file in it that the test writes. */
#ifndef TESTS_UNIT_FS_HOMES_H
#define TESTS_UNIT_FS_HOMES_H

#include "unit.h"

#include <fcntl.h>
#include <sys/stat.h>

static char home[] = "/tmp/odoofs-home-XXXXXX";

static inline int home_set_up(void **state)
{
	if (!mkdtemp(home)) {
		return -1;
	}
	unsetenv("XDG_CONFIG_HOME");
	return setenv("HOME", home, 1);
}

static inline int home_tear_down(void **state)
{
	char command[100];

	snprintf(command, sizeof(command), "rm -r %s", home);
	return system(command);
}

static inline void home_write(const char *name, const char *text, mode_t mode)
{
	char path[200];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", home, name);
	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

#endif
