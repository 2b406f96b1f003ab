/* SPDX-License-Identifier: MIT */
/*
 * The program's log: one sink, set by main, for all layers.
 *
 * Every function may be called from any thread and blocks at most as long as a write to stderr or
 * to syslog does. Secrets are never passed to it.
 */
#ifndef ODOO_LOG_H
#define ODOO_LOG_H

#include <stdbool.h>

enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG,
};

/* The names that `loglevel=` takes, in the order of the enum: error, warning, info, debug. */
extern const char *const log_level_names[4];

/*
 * Say where messages go: stderr (the default) or syslog(3) as "odoofs", and from which level on.
 * May be called again, from any thread: a process that goes to the background moves to syslog.
 */
void log_set_up(enum log_level level, bool to_syslog);

/* Whether messages of this level are written: for messages that are costly to build. */
bool log_enabled(enum log_level level);

/* Write one line. `format` carries no newline; control characters in arguments become '?'. */
__attribute__((format(printf, 2, 3))) void log_write(enum log_level level, const char *format, ...);

#define log_error(...) log_write(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_write(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...) log_write(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_write(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
