/* SPDX-License-Identifier: MIT */
/* Dates of conditions: all of the time that they stand for. */
#include "fs/condition_private.h"
#include "fs/view_private.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum unit {
	UNIT_YEAR,
	UNIT_MONTH,
	UNIT_DAY,
	UNIT_MINUTE,
	UNIT_SECOND,
};

/* Years that Python's dates, and so Odoo's, have. */
#define YEAR_MIN 1
#define YEAR_MAX 9999

/* Whether text has a digit for each 0 of the pattern, and the pattern's own characters else. */
static bool has_shape(const char *text, size_t size, const char *pattern)
{
	if (size != strlen(pattern)) {
		return false;
	}
	for (size_t i = 0; i < size; i++) {
		if (pattern[i] == '0' ? !isdigit((unsigned char)text[i]) : text[i] != pattern[i]) {
			return false;
		}
	}
	return true;
}

/* By the calendar. Moves `tm` to what timegm makes of it: another date is none. */
static bool is_date(struct tm *tm)
{
	const struct tm given = *tm;

	return given.tm_year + 1900 >= YEAR_MIN && given.tm_year + 1900 <= YEAR_MAX &&
	       timegm(tm) != (time_t)-1 && tm->tm_mon == given.tm_mon &&
	       tm->tm_mday == given.tm_mday && tm->tm_hour == given.tm_hour &&
	       tm->tm_min == given.tm_min && tm->tm_sec == given.tm_sec;
}

static bool read_absolute(const char *text, size_t size, struct tm *tm, enum unit *unit)
{
	static const struct {
		const char *pattern;
		enum unit unit;
	} shapes[] = {
		{ "0000", UNIT_YEAR },
		{ "0000-00", UNIT_MONTH },
		{ "0000-00-00", UNIT_DAY },
		{ "0000-00-00 00:00", UNIT_MINUTE },
		{ "0000-00-00T00:00", UNIT_MINUTE },
		{ "0000-00-00 00:00:00", UNIT_SECOND },
		{ "0000-00-00T00:00:00", UNIT_SECOND },
	};
	char copy[20] = "";
	char between;

	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		if (!has_shape(text, size, shapes[i].pattern)) {
			continue;
		}
		memcpy(copy, text, size);
		*tm = (struct tm){ .tm_mon = 1, .tm_mday = 1 };
		sscanf(copy, "%4d-%2d-%2d%c%2d:%2d:%2d", &tm->tm_year, &tm->tm_mon, &tm->tm_mday,
			&between, &tm->tm_hour, &tm->tm_min, &tm->tm_sec);
		tm->tm_year -= 1900;
		tm->tm_mon -= 1;
		*unit = shapes[i].unit;
		return is_date(tm);
	}
	return false;
}

static int days_of_month(int year, int month)
{
	struct tm tm = { .tm_year = year, .tm_mon = month + 1, .tm_mday = 0, .tm_hour = 12 };

	timegm(&tm);
	return tm.tm_mday;
}

/* A day of a shorter month is its last: a month before March 31 is February 28. */
static void add_months(struct tm *tm, int n)
{
	int months = tm->tm_year * 12 + tm->tm_mon + n;
	int days;

	tm->tm_year = months >= 0 ? months / 12 : (months - 11) / 12;
	tm->tm_mon = months - tm->tm_year * 12;
	days = days_of_month(tm->tm_year, tm->tm_mon);
	tm->tm_mday = tm->tm_mday < days ? tm->tm_mday : days;
}

/* -7d, +2w, -3m, -1y: a day. */
static bool read_relative(const char *text, size_t size, struct tm *tm)
{
	int n = 0;
	size_t i = 1;

	if (size < 3 || size > 7 || (text[0] != '-' && text[0] != '+')) {
		return false;
	}
	for (; i < size - 1; i++) {
		if (!isdigit((unsigned char)text[i])) {
			return false;
		}
		n = n * 10 + (text[i] - '0');
	}
	n = text[0] == '-' ? -n : n;
	switch (text[i]) {
	case 'd':
		tm->tm_mday += n;
		break;
	case 'w':
		tm->tm_mday += 7 * n;
		break;
	case 'm':
		add_months(tm, n);
		break;
	case 'y':
		add_months(tm, 12 * n);
		break;
	default:
		return false;
	}
	return timegm(tm) != (time_t)-1 && tm->tm_year + 1900 >= YEAR_MIN &&
	       tm->tm_year + 1900 <= YEAR_MAX;
}

static bool read_date(
	const struct condition *c, const char *text, size_t size, struct tm *tm, enum unit *unit)
{
	time_t now = c->now;

	if (read_absolute(text, size, tm, unit)) {
		return true;
	}
	gmtime_r(&now, tm);
	tm->tm_hour = tm->tm_min = tm->tm_sec = 0;
	*unit = UNIT_DAY;
	return (size == 5 && strncasecmp(text, "today", size) == 0) ||
	       read_relative(text, size, tm);
}

static void add_one(struct tm *tm, enum unit unit)
{
	tm->tm_year += unit == UNIT_YEAR;
	tm->tm_mon += unit == UNIT_MONTH;
	tm->tm_mday += unit == UNIT_DAY;
	tm->tm_min += unit == UNIT_MINUTE;
	tm->tm_sec += unit == UNIT_SECOND;
	timegm(tm);
}

/* Past the last year there is no date: the greatest one stands for it. */
static void format(const struct tm *tm, bool time, char text[static 20])
{
	if (tm->tm_year + 1900 > YEAR_MAX) {
		strcpy(text, time ? "9999-12-31 23:59:59" : "9999-12-31");
		return;
	}
	snprintf(text, 20, "%04u-%02u-%02u", (unsigned)(tm->tm_year + 1900) % 10000u,
		(unsigned)(tm->tm_mon + 1) % 100u, (unsigned)tm->tm_mday % 100u);
	if (time) {
		snprintf(text + 10, 10, " %02u:%02u:%02u", (unsigned)tm->tm_hour % 100u,
			(unsigned)tm->tm_min % 100u, (unsigned)tm->tm_sec % 100u);
	}
}

int value_parse_span(const struct condition *c, const char *text, size_t size,
	struct value_span *ret_span, struct odoo_error *error)
{
	bool time = c->field->type == FIELD_DATETIME;
	enum unit unit;
	struct tm tm;

	if (!read_date(c, text, size, &tm, &unit) || (unit > UNIT_DAY && !time)) {
		return view_refuse(error, -EINVAL,
			"%s: \"%.*s\" isn't a %s: 2026, 2026-11, 2026-11-20%s, today, -7d, +2w, "
			"-3m, "
			"-1y and false are right",
			c->path, (int)(size < 80 ? size : 80), text, time ? "time" : "date",
			time ? ", 2026-11-20 08:12" : "");
	}
	format(&tm, time, ret_span->start);
	add_one(&tm, unit);
	format(&tm, time, ret_span->end);
	return 0;
}
