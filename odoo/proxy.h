/* SPDX-License-Identifier: MIT */
/* The URL of a proxy. Pure: any thread. */
#ifndef ODOO_PROXY_H
#define ODOO_PROXY_H

#include "odoo/error.h"

/*
 * Check http://host[:port], or the same with https, socks4, socks4a, socks5 or socks5h. Returns 0,
 * or -EINVAL with a sentence that goes on behind "proxy= ": a login and a password are refused (and
 * not repeated), because every user of this machine could read them.
 */
int odoo_proxy_check(const char *url, struct odoo_error *error);

#endif
