/* SPDX-License-Identifier: MIT */
/* Which libcurl we run with, for --version: only this folder knows curl. */
#ifndef ODOO_VERSION_H
#define ODOO_VERSION_H

/* "libcurl/7.88.1 OpenSSL/3.0.11 zlib/1.2.13 …"; constant. Any thread. */
const char *odoo_curl_version(void);

#endif
