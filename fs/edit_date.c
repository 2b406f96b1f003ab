/* SPDX-License-Identifier: MIT */
#include "fs/edit_date.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Whether text has a digit for each 0 of the pattern, and the pattern's own characters else. */
static bool has_shape(const char *text, const char *pattern)
{
	size_t i;

	for (i = 0; pattern[i] && text[i]; i++) {
		bool digit = text[i] >= '0' && text[i] <= '9';
		if (pattern[i] == '0' ? !digit : text[i] != pattern[i]) {
			return false;
		}
	}
	return pattern[i] == text[i];
}

static int number_at(const char *text, size_t at)
{
	return (int)strtol(text + at, NULL, 10);
}

/* By the calendar; the first ten bytes are of the right shape. */
static bool is_day(const char *text)
{
	struct tm given = { .tm_year = number_at(text, 0) - 1900,
		.tm_mon = number_at(text, 5) - 1,
		.tm_mday = number_at(text, 8),
		.tm_hour = 12 };
	struct tm day = given;

	/* Odoo's years are Python's: from 1 on. */
	return number_at(text, 0) > 0 && timegm(&day) != (time_t)-1 &&
	       day.tm_year == given.tm_year && day.tm_mon == given.tm_mon &&
	       day.tm_mday == given.tm_mday;
}

bool edit_is_date(const char *text)
{
	return has_shape(text, "0000-00-00") && is_day(text);
}

bool edit_is_datetime(const char *text)
{
	return has_shape(text, "0000-00-00 00:00:00") && is_day(text) && number_at(text, 11) < 24 &&
	       number_at(text, 14) < 60 && number_at(text, 17) < 60;
}
