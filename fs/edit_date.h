/* SPDX-License-Identifier: MIT */
/* Dates and times as Odoo writes them, and takes no others. Pure: no locks, any thread. */
#ifndef FS_EDIT_DATE_H
#define FS_EDIT_DATE_H

#include <stdbool.h>

/* A day of the calendar: 2026-11-20 */
bool edit_is_date(const char *text);

/* A time, which is UTC: 2026-11-20 08:12:44 */
bool edit_is_datetime(const char *text);

#endif
