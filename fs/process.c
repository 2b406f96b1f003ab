/* SPDX-License-Identifier: MIT */
#include "fs/process.h"

#include "odoo/cleanup.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Large enough for the line of the start, whose name field has 16 characters at most. */
#define LINE_SIZE 512

static pid_t leader_of(pid_t thread)
{
	char path[64], line[LINE_SIZE];
	_cleanup_file_ FILE *file = NULL;
	int leader = 0;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)thread);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "Tgid: %d", &leader) == 1) {
			return leader;
		}
	}
	return 0;
}

/* The 22nd field; the second, a name in parentheses, may hold blanks and parentheses itself. */
static uint64_t start_of(pid_t process)
{
	char path[64], line[LINE_SIZE];
	_cleanup_file_ FILE *file = NULL;
	const char *rest;
	uint64_t start;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)process);
	file = fopen(path, "re");
	if (!file || !fgets(line, sizeof(line), file) || !(rest = strrchr(line, ')')) ||
		sscanf(rest,
			") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d "
			"%*d %" SCNu64,
			&start) != 1) {
		return 0;
	}
	return start;
}

struct process process_of(pid_t thread)
{
	pid_t leader = thread > 0 ? leader_of(thread) : 0;

	if (!leader) {
		return (struct process){ .id = thread };
	}
	return (struct process){ .id = leader, .started = start_of(leader) };
}

bool process_is(const struct process *a, const struct process *b)
{
	return a->id && a->id == b->id && a->started == b->started;
}
