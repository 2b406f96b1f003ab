/* SPDX-License-Identifier: MIT */
/* cmocka, and what it wants before it. */
#ifndef TESTS_UNIT_CACHE_UNIT_H
#define TESTS_UNIT_CACHE_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define assert_contains(text, part) \
	do { \
		const char *text_ = (text); \
		if (!text_ || !strstr(text_, (part))) { \
			fail_msg("\"%s\" isn't in \"%s\"", (part), text_ ? text_ : "(null)"); \
		} \
	} while (0)

#define assert_lacks(text, part) \
	do { \
		const char *text_ = (text); \
		if (!text_ || strstr(text_, (part))) { \
			fail_msg("\"%s\" is in \"%s\"", (part), text_ ? text_ : "(null)"); \
		} \
	} while (0)

/* Says by how much it is off, which assert_true doesn't. */
#define assert_at_most(value, most) \
	do { \
		unsigned long long value_ = (value), most_ = (most); \
		if (value_ > most_) { \
			fail_msg("%s is %llu, over %llu", #value, value_, most_); \
		} \
	} while (0)

#endif
