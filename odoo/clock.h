/* SPDX-License-Identifier: MIT */
/* The clock for deadlines and ages: it neither jumps nor goes back. */
#ifndef ODOO_CLOCK_H
#define ODOO_CLOCK_H

#include <stdint.h>
#include <time.h>

/* CLOCK_MONOTONIC in milliseconds. Any thread. */
static inline int64_t clock_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

#endif
