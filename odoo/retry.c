/* SPDX-License-Identifier: MIT */
#include "odoo/retry.h"

/* 200, 400 and 800 ms: a server that vanished is reported within two seconds. */
#define FIRST_DELAY_MS 200
#define MAX_DELAY_MS 10000
#define MAX_BROKEN_RETRIES 3

/* Doubled each time; a quarter more or less, so that clients don't come back all at once. */
static int64_t backoff(unsigned attempts, unsigned chance)
{
	int64_t delay = FIRST_DELAY_MS;

	for (unsigned i = 1; i < attempts && delay < MAX_DELAY_MS; i++) {
		delay *= 2;
	}
	if (delay > MAX_DELAY_MS) {
		delay = MAX_DELAY_MS;
	}
	return delay * (75 + chance % 51) / 100;
}

/* A gateway's words, not an exception of Odoo's that says the same. */
static bool is_busy(const struct odoo_error *error)
{
	return error->fault == ODOO_FAULT_BUSY && error->http_status >= 400;
}

int64_t retry_delay(const struct retry_case *c)
{
	int64_t delay = backoff(c->attempts, c->chance);

	if (c->hasty || (c->left && !c->repeatable)) {
		return -1;
	}
	if (is_busy(c->error)) {
		int64_t asked = (int64_t)c->retry_after * 1000;

		delay = asked > delay ? asked : delay;
	} else if (c->error->fault != ODOO_FAULT_UNREACHABLE || !c->again ||
		   c->attempts > MAX_BROKEN_RETRIES) {
		return -1;
	}
	return delay < c->left_ms ? delay : -1;
}

bool retry_is_unsure(const struct odoo_error *error, bool left)
{
	if (!left) {
		return false;
	}
	switch (error->fault) {
	case ODOO_FAULT_UNREACHABLE:
	case ODOO_FAULT_TIMEOUT:
	case ODOO_FAULT_MALFORMED:
	case ODOO_FAULT_CANCELLED:
	case ODOO_FAULT_INTERNAL:
		return true;
	case ODOO_FAULT_TOO_LARGE:
		/* The answer, and not the request. */
		return error->http_status != 413;
	case ODOO_FAULT_BUSY:
		/* 429 is an answer of the door; behind the others a server may still be at work. */
		return error->http_status > 500;
	case ODOO_FAULT_SERVER:
		/* Odoo's own exceptions undo what was done; a bare status says nothing. */
		return !error->name && error->http_status >= 500;
	case ODOO_FAULT_NOT_ODOO:
		return error->http_status == 200;
	default:
		return false;
	}
}
