/* SPDX-License-Identifier: MIT */
#include "odoo/log.h"

#include "odoo/limits.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

/* The longest line: a message, and room for the words around it. */
#define LINE_MAX_SIZE (ODOO_MAX_MESSAGE + 1024)

const char *const log_level_names[4] = { "error", "warning", "info", "debug" };

/* Atomic, because going to the background moves the log to syslog while threads may write. */
static atomic_int threshold = LOG_LEVEL_INFO;
static atomic_bool use_syslog;

void log_set_up(enum log_level level, bool to_syslog)
{
	if (to_syslog) {
		openlog("odoofs", LOG_PID, LOG_DAEMON);
	}
	atomic_store(&threshold, (int)level);
	atomic_store(&use_syslog, to_syslog);
}

bool log_enabled(enum log_level level)
{
	return (int)level <= atomic_load_explicit(&threshold, memory_order_relaxed);
}

/*
 * A server's text must not move the cursor, ring the bell or start a line of its own: C0, DEL, and
 * C1 (U+0080 to U+009F, which is C2 80 to C2 9F in UTF-8) become '?'.
 */
static void replace_controls(char *line)
{
	for (unsigned char *p = (unsigned char *)line; *p; p++) {
		if (*p < 0x20 || *p == 0x7f) {
			*p = '?';
		} else if (p[0] == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0) {
			p[0] = '?';
			p[1] = '?';
		}
	}
}

/* Drop the bytes of a character that was cut in the middle. */
static void trim_cut_character(char *line, size_t size)
{
	size_t start = size;

	while (start > 0 && ((unsigned char)line[start - 1] & 0xc0) == 0x80) {
		start--;
	}
	if (start == 0 || (unsigned char)line[start - 1] < 0xc0) {
		return;
	}

	unsigned char lead = (unsigned char)line[start - 1];
	size_t want = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
	if (size - (start - 1) < want) {
		line[start - 1] = '\0';
	}
}

/* In one write(2), so that lines of different threads and of the parent don't mix. */
static void write_to_stderr(enum log_level level, const char *message)
{
	char line[LINE_MAX_SIZE + 32];
	int size = level == LOG_LEVEL_ERROR ? snprintf(line, sizeof(line), "odoofs: %s\n", message)
					    : snprintf(line, sizeof(line), "odoofs: %s: %s\n",
						      log_level_names[level], message);

	for (int done = 0; done < size;) {
		ssize_t n = write(STDERR_FILENO, line + done, (size_t)(size - done));
		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n <= 0) {
			return;
		}
		done += (int)n;
	}
}

void log_write(enum log_level level, const char *format, ...)
{
	static const int priorities[] = { LOG_ERR, LOG_WARNING, LOG_INFO, LOG_DEBUG };
	int saved_errno = errno;
	char message[LINE_MAX_SIZE];
	va_list arguments;

	if (!log_enabled(level)) {
		return;
	}
	errno = saved_errno;
	va_start(arguments, format);
	int size = vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);

	if (size >= (int)sizeof(message)) {
		trim_cut_character(message, sizeof(message) - 1);
	}
	if (size >= 0) {
		replace_controls(message);
		if (atomic_load(&use_syslog)) {
			syslog(priorities[level], "%s", message);
		} else {
			write_to_stderr(level, message);
		}
	}
	errno = saved_errno;
}
