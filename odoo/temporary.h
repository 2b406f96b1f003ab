/* SPDX-License-Identifier: MIT */
/* A file without a name, for what is too large for memory. Any thread. */
#ifndef ODOO_TEMPORARY_H
#define ODOO_TEMPORARY_H

#include <stddef.h>
#include <stdint.h>

/* Open one for reading and writing, below TMPDIR or /var/tmp: a descriptor, or -errno;
 * -EMFILE when the last descriptors would be needed for it. */
int temporary_file_open(void);

/* Write all of it there: 0 or -errno. Blocks for the disk. */
int temporary_file_write(int fd, const void *bytes, size_t size, uint64_t offset);

#endif
