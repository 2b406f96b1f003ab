/* SPDX-License-Identifier: MIT */
#include "odoo/error.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>

/* Everything that depends on the kind of a fault alone. */
static const struct {
	const char *name;
	int number;
	bool about_data;
} faults[] = {
	[ODOO_FAULT_NONE] = { "none", 0, false },
	[ODOO_FAULT_DENIED] = { "denied", EACCES, false },
	[ODOO_FAULT_EXPIRED] = { "expired", EACCES, false },
	[ODOO_FAULT_ACCESS] = { "access", EACCES, true },
	[ODOO_FAULT_MISSING] = { "missing", ENOENT, true },
	[ODOO_FAULT_UNKNOWN_MODEL] = { "unknown-model", ENOENT, false },
	[ODOO_FAULT_VALIDATION] = { "validation", EINVAL, true },
	[ODOO_FAULT_USER] = { "user", EINVAL, true },
	[ODOO_FAULT_UNIQUE] = { "unique", EEXIST, true },
	[ODOO_FAULT_REFERENCED] = { "referenced", EBUSY, true },
	/* Not ENOENT: a database that goes away must not look like records that were deleted. */
	[ODOO_FAULT_DATABASE] = { "database", EIO, false },
	[ODOO_FAULT_SERVER] = { "server", EIO, true },
	[ODOO_FAULT_CONFLICT] = { "conflict", ESTALE, false },
	[ODOO_FAULT_UNREACHABLE] = { "unreachable", EHOSTUNREACH, false },
	[ODOO_FAULT_TIMEOUT] = { "timeout", ETIMEDOUT, false },
	[ODOO_FAULT_BUSY] = { "busy", EHOSTUNREACH, false },
	[ODOO_FAULT_TLS] = { "tls", EHOSTUNREACH, false },
	[ODOO_FAULT_REDIRECT] = { "redirect", EHOSTUNREACH, false },
	[ODOO_FAULT_NOT_ODOO] = { "not-odoo", EHOSTUNREACH, false },
	[ODOO_FAULT_MALFORMED] = { "malformed", EIO, true },
	[ODOO_FAULT_TOO_LARGE] = { "too-large", EFBIG, true },
	[ODOO_FAULT_DESCRIPTORS] = { "descriptors", EMFILE, false },
	[ODOO_FAULT_INTERNAL] = { "internal", EIO, false },
	/* Not EINTR: programs would call again, and the filesystem is going away. */
	[ODOO_FAULT_CANCELLED] = { "cancelled", EIO, false },
};

/* Stands in for a message that there was no memory for; never freed. */
static char out_of_memory[] = "out of memory";

void odoo_error_init(struct odoo_error *error)
{
	*error = (struct odoo_error){ 0 };
}

void odoo_error_finish(struct odoo_error *error)
{
	if (!error) {
		return;
	}
	if (error->message != out_of_memory) {
		free(error->message);
	}
	free(error->name);
	odoo_error_init(error);
}

/* Arguments may be a server's or a user's bytes, or be cut within a character. */
static void mend(char *message)
{
	const uint8_t *at = (const uint8_t *)message, *wrong;

	while ((wrong = u8_check(at, strlen((const char *)at)))) {
		message[(const char *)wrong - message] = '?';
		at = wrong + 1;
	}
}

void odoo_error_vset(
	struct odoo_error *error, enum odoo_fault fault, const char *format, va_list arguments)
{
	char *message;

	if (!error) {
		return;
	}
	/* Printed first: the arguments may be what the error holds now. */
	if (vasprintf(&message, format, arguments) < 0) {
		message = out_of_memory;
	}
	mend(message);
	odoo_error_finish(error);
	error->fault = fault;
	error->message = message;
}

void odoo_error_set(struct odoo_error *error, enum odoo_fault fault, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	odoo_error_vset(error, fault, format, arguments);
	va_end(arguments);
}

void odoo_error_copy(struct odoo_error *to, const struct odoo_error *from)
{
	*to = *from;
	if (from->name) {
		to->name = strdup(from->name);
	}
	if (from->message) {
		to->message = strdup(from->message);
		if (!to->message) {
			to->message = out_of_memory;
		}
	}
}

int odoo_error_errno(const struct odoo_error *error)
{
	return -faults[error->fault].number;
}

bool odoo_error_is_about_data(const struct odoo_error *error)
{
	return faults[error->fault].about_data;
}

const char *odoo_fault_name(enum odoo_fault fault)
{
	return faults[fault].name;
}
