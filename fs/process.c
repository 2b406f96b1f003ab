/* SPDX-License-Identifier: MIT */
#include "fs/process.h"

#include "odoo/cleanup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Large enough for a line of numbers, whose name field has 16 characters at most. */
#define LINE_SIZE 1536

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

/* Fields of /proc/PID/stat, counted from 1 as proc(5) does. */
enum {
	STAT_FLAGS = 9,
	STAT_START = 22,
	STAT_EXIT_CODE = 52,
};

/* The kernel's flag of a thread that ends. */
#define FLAG_EXITING 0x4

/* Some of its exit code: the signal that ends it. */
#define SIGNAL_BITS 0x7f

/*
 * Read a thread's line; what stands behind its name, which may hold blanks and parentheses itself.
 * NULL: there is no such thread.
 */
static const char *read_stat(pid_t thread, char line[static LINE_SIZE])
{
	char path[64];
	_cleanup_file_ FILE *file = NULL;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)thread);
	file = fopen(path, "re");
	return file && fgets(line, LINE_SIZE, file) ? strrchr(line, ')') : NULL;
}

/* A field behind the name, which is the second; 0 where there is none. */
static uint64_t stat_field(const char *rest, unsigned number)
{
	for (unsigned at = 2; rest && at < number; at++) {
		rest = strchr(rest + 1, ' ');
	}
	return rest ? strtoull(rest, NULL, 10) : 0;
}

static uint64_t start_of(pid_t process)
{
	char line[LINE_SIZE];

	return stat_field(read_stat(process, line), STAT_START);
}

bool process_was_killed(pid_t thread)
{
	char line[LINE_SIZE];
	const char *rest = read_stat(thread, line);

	return (stat_field(rest, STAT_FLAGS) & FLAG_EXITING) &&
	       (stat_field(rest, STAT_EXIT_CODE) & SIGNAL_BITS);
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
