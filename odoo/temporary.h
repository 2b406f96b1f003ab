/* SPDX-License-Identifier: MIT */
/* A file without a name, for what is too large for memory. Any thread. */
#ifndef ODOO_TEMPORARY_H
#define ODOO_TEMPORARY_H

/* Open one for reading and writing, below TMPDIR or /var/tmp: a descriptor, or -errno. */
int temporary_file_open(void);

#endif
