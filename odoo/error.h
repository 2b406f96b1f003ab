/* SPDX-License-Identifier: MIT */
/*
 * What went wrong, in Odoo's own words, and the one table that makes an errno of it.
 *
 * No locks: an odoo_error belongs to whoever holds it.
 */
#ifndef ODOO_ERROR_H
#define ODOO_ERROR_H

#include <stdarg.h>
#include <stdbool.h>

enum odoo_fault {
	ODOO_FAULT_NONE,

	/* The server understood the call and refused it. */
	ODOO_FAULT_DENIED,	  /* password, key, token or session refused */
	ODOO_FAULT_EXPIRED,	  /* the session or token isn't known any more: log in again */
	ODOO_FAULT_ACCESS,	  /* no right to the model, field or record */
	ODOO_FAULT_MISSING,	  /* the record is gone */
	ODOO_FAULT_UNKNOWN_MODEL, /* no such model on this server */
	ODOO_FAULT_VALIDATION,	  /* a constraint or a wrong value */
	ODOO_FAULT_USER,	  /* business logic said no */
	ODOO_FAULT_UNIQUE,	  /* a unique constraint */
	ODOO_FAULT_REFERENCED,	  /* unlink of what others refer to */
	ODOO_FAULT_DATABASE,	  /* no such database */
	ODOO_FAULT_SERVER,	  /* any other failure inside the server */

	/* We refused it ourselves, before it was sent. */
	ODOO_FAULT_CONFLICT, /* somebody else changed the same meanwhile */

	/* No usable answer came. */
	ODOO_FAULT_UNREACHABLE, /* name unknown, connection refused, reset before an answer */
	ODOO_FAULT_TIMEOUT,	/* the deadline passed */
	ODOO_FAULT_BUSY,	/* 429, 502, 503, 504: try later */
	ODOO_FAULT_TLS,		/* certificate or handshake */
	ODOO_FAULT_REDIRECT,	/* the server sends elsewhere: refused, it would carry the secret */
	ODOO_FAULT_NOT_ODOO,	/* something answers, but not Odoo */
	ODOO_FAULT_MALFORMED,	/* not JSON, not UTF-8, cut off, or of the wrong shape */
	ODOO_FAULT_TOO_LARGE,	/* the answer is over ODOO_MAX_BODY */
	ODOO_FAULT_DESCRIPTORS, /* we may open no more files, and so no connection */
	ODOO_FAULT_INTERNAL,	/* out of memory, or curl refused to start */
	ODOO_FAULT_CANCELLED,	/* the client is being destroyed */
};

struct odoo_error {
	enum odoo_fault fault;
	int http_status; /* 0 where no HTTP answer came */
	bool unsure;	 /* the request may have been received: a create may have taken effect */
	char *name;	 /* Odoo's exception, "odoo.exceptions.AccessError"; NULL for others */
	char *message; /* a sentence for people; never NULL once fault is set, no newline at end */
};

/* Make it hold nothing; the first thing done with one on the stack. */
void odoo_error_init(struct odoo_error *error);

/* Free what it holds and make it hold nothing. NULL is allowed. */
void odoo_error_finish(struct odoo_error *error);

/*
 * Replace what it holds. `format` as in printf(3); a byte that isn't UTF-8, or of a character that
 * a precision cuts, becomes '?'. NULL `error` is allowed: nothing is kept.
 */
__attribute__((format(printf, 3, 4))) void odoo_error_set(
	struct odoo_error *error, enum odoo_fault fault, const char *format, ...);
__attribute__((format(printf, 3, 0))) void odoo_error_vset(
	struct odoo_error *error, enum odoo_fault fault, const char *format, va_list arguments);

/* Copy `from` into `to`, which holds nothing yet. */
void odoo_error_copy(struct odoo_error *to, const struct odoo_error *from);

/*
 * The errno for a fault as a negative number; 0 for ODOO_FAULT_NONE. Never -EAGAIN.
 */
int odoo_error_errno(const struct odoo_error *error);

/*
 * Whether the same call with fewer records or fields could succeed: the server understood it and
 * failed over the data, or the answer couldn't be parsed or was too large. False for refusals of
 * the model as a whole only when that can be told from the fault; false for transport trouble.
 */
bool odoo_error_is_about_data(const struct odoo_error *error);

/* The fault's name for logs and status files: "access", "unreachable", … Never NULL. */
const char *odoo_fault_name(enum odoo_fault fault);

#define _cleanup_odoo_error_ __attribute__((cleanup(odoo_error_finish)))

#endif
