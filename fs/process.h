/* SPDX-License-Identifier: MIT */
/*
 * Who does it: a process, told from a later one of the same number by when it began. No locks; any
 * thread. Looking reads /proc.
 */
#ifndef FS_PROCESS_H
#define FS_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct process {
	pid_t id;	  /* 0: nobody known */
	uint64_t started; /* clock ticks after the machine's start */
};

/* The process that a thread belongs to; the thread itself where that can't be told. */
struct process process_of(pid_t thread);

/* Whether a thread is ending by a signal: what it wrote may be cut off anywhere. */
bool process_was_killed(pid_t thread);

/* False when it isn't known of either who it is. */
bool process_is(const struct process *a, const struct process *b);

#endif
