/* SPDX-License-Identifier: MIT */
/* Names of hosts. Pure: any thread. */
#ifndef ODOO_HOST_H
#define ODOO_HOST_H

#include <stdbool.h>

/* Whether a host, as it stands in a URL, is this machine: localhost, 127.0.0.0/8 or [::1]. */
bool odoo_host_is_loopback(const char *host);

/*
 * The form that name servers and certificates know: in small letters and ASCII,
 * "xn--bcher-kva.example" for "Bücher.example". Returns 0 and a name that the caller frees,
 * -ENOMEM, or -EINVAL and a constant text that says why no host is called so.
 */
int odoo_host_normalize(const char *host, char **ret_host, const char **ret_reason);

#endif
