/* SPDX-License-Identifier: MIT */
/* What --help and --version print, on stdout. */
#ifndef FS_USAGE_H
#define FS_USAGE_H

void usage_print_help(void);

/* Ours, libfuse's and libcurl's. */
void usage_print_version(void);

#endif
