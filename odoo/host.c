/* SPDX-License-Identifier: MIT */
#include "odoo/host.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <idn2.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

bool odoo_host_is_loopback(const char *host)
{
	struct in_addr v4;
	struct in6_addr v6;
	char bare[INET6_ADDRSTRLEN] = "";

	if (strcasecmp(host, "localhost") == 0) {
		return true;
	}
	if (inet_pton(AF_INET, host, &v4) == 1) {
		return ntohl(v4.s_addr) >> 24 == 127;
	}
	if (host[0] == '[' && strlen(host) < sizeof(bare)) {
		memcpy(bare, host + 1, strcspn(host + 1, "]"));
	}
	return inet_pton(AF_INET6, bare, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

/* Names in ASCII may hold what the rules for others forbid: an underscore, say. */
static int copy_ascii(const char *host, char **ret_host)
{
	char *copy = strdup(host);

	if (!copy) {
		return -ENOMEM;
	}
	for (char *p = copy; *p; p++) {
		*p = (char)tolower((unsigned char)*p);
	}
	*ret_host = copy;
	return 0;
}

/*
 * libcurl would do the same with the letters of the locale, which is another one under mount(8)
 * than in a terminal.
 */
int odoo_host_normalize(const char *host, char **ret_host, const char **ret_reason)
{
	uint8_t *ascii = NULL;
	const char *p = host;

	while (*p && (unsigned char)*p < 0x80) {
		p++;
	}
	if (!*p) {
		return copy_ascii(host, ret_host);
	}
	int code = idn2_lookup_u8(
		(const uint8_t *)host, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
	if (code == IDN2_MALLOC) {
		return -ENOMEM;
	}
	if (code != IDN2_OK) {
		*ret_reason = idn2_strerror(code);
		return -EINVAL;
	}
	int r = copy_ascii((const char *)ascii, ret_host);
	idn2_free(ascii);
	return r;
}
