/* SPDX-License-Identifier: MIT */
/*
 * Numbers as text, so that reading the text back gives the same number.
 *
 * The program never calls setlocale(3), so a decimal point is a point. Pure: no locks, any thread.
 */
#ifndef FS_NUMBER_H
#define FS_NUMBER_H

#include "fs/buffer.h"

/*
 * A whole number without a fraction: 14. Returns 0, or -ERANGE for any other number and from 2^53
 * on: 2^53 is also what 2^53 + 1 becomes when it is read as a double, so it can't be trusted.
 */
int number_append_whole(struct buffer *buffer, double number);

/*
 * The shortest text of at most 17 digits that reads back as the same double, always with a fraction
 * or an exponent: 5.0, 0.1, 1e+22. Returns 0, or -ERANGE for infinities and NaN.
 */
int number_append_float(struct buffer *buffer, double number);

/*
 * A number of which only JSON knows whether it is whole or not: a whole one without a fraction, any
 * other as above. Returns 0, or -ERANGE where either function does.
 */
int number_append_any(struct buffer *buffer, double number);

#endif
