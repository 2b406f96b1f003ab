/* SPDX-License-Identifier: MIT */
#include "fs/number.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WHOLE_LIMIT 9007199254740992.0 /* 2^53 */

static bool is_zero(double number)
{
	return fpclassify(number) == FP_ZERO;
}

static bool is_same(double a, double b)
{
	return memcmp(&a, &b, sizeof(a)) == 0;
}

/* `fraction_digits` of the digits go behind the point; 0 is none. */
static void append_digits(struct buffer *buffer, int64_t number, int fraction_digits)
{
	char text[32], *p = text + sizeof(text);
	uint64_t left = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
	int n = 0;

	do {
		if (n == fraction_digits && n > 0) {
			*--p = '.';
		}
		*--p = (char)('0' + left % 10);
		left /= 10;
		n++;
	} while (left > 0 || n <= fraction_digits);
	if (number < 0) {
		*--p = '-';
	}
	buffer_append(buffer, p, (size_t)(text + sizeof(text) - p));
}

int number_append_whole(struct buffer *buffer, double number)
{
	if (!isless(fabs(number), WHOLE_LIMIT) || !is_zero(number - trunc(number))) {
		return -ERANGE;
	}
	append_digits(buffer, (int64_t)number, 0);
	return 0;
}

/*
 * Amounts have two decimals at most, and printf and strtod cost a microsecond. When n / 100 is this
 * very double, then "n/100" reads back as it, because a division is rounded the way strtod rounds;
 * with at most 15 digits it is also the shortest such text.
 */
static bool append_amount(struct buffer *buffer, double number)
{
	if (!isless(fabs(number), 1e13)) {
		return false;
	}
	int64_t hundredths = llround(number * 100);
	if (!is_same((double)hundredths / 100, number)) {
		return false;
	}
	if (hundredths % 10 == 0) {
		append_digits(buffer, hundredths / 10, 1);
	} else {
		append_digits(buffer, hundredths, 2);
	}
	return true;
}

int number_append_float(struct buffer *buffer, double number)
{
	char text[40];

	if (!isfinite(number)) {
		return -ERANGE;
	}
	if (append_amount(buffer, number)) {
		return 0;
	}
	for (int precision = 15; precision <= 17; precision++) {
		snprintf(text, sizeof(text), "%.*g", precision, number);
		if (is_same(strtod(text, NULL), number)) {
			break;
		}
	}
	buffer_append_text(buffer, text);
	if (!strpbrk(text, ".e")) {
		buffer_append(buffer, ".0", 2);
	}
	return 0;
}

int number_append_any(struct buffer *buffer, double number)
{
	if (is_zero(number) && signbit(number)) {
		return number_append_float(buffer, number);
	}
	if (isfinite(number) && is_zero(number - trunc(number))) {
		return number_append_whole(buffer, number);
	}
	return number_append_float(buffer, number);
}
