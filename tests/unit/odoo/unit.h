/* SPDX-License-Identifier: MIT */
/* What cmocka wants included before itself. */
#ifndef TEST_UNIT_H
#define TEST_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define assert_contains(text, part) \
	do { \
		const char *text_ = (text); \
		if (!text_ || !strstr(text_, (part))) { \
			fail_msg("\"%s\" lacks \"%s\"", text_ ? text_ : "(null)", (part)); \
		} \
	} while (0)

#define assert_fault(error, wanted) \
	do { \
		const struct odoo_error *error_ = (error); \
		if (error_->fault != (wanted)) { \
			fail_msg("fault %s (%s), not %s", odoo_fault_name(error_->fault), \
				error_->message ? error_->message : "", odoo_fault_name(wanted)); \
		} \
	} while (0)

#endif
