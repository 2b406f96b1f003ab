/* SPDX-License-Identifier: MIT */
/* Domains of any text. One that was taken is a domain, and the same, when it is written again. */
#include "fuzz.h"

#include "fs/domain.h"
#include "odoo/cleanup.h"

#include <errno.h>
#include <string.h>
#include <unistr.h>

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };
	_cleanup_json_ cJSON *domain = NULL, *again = NULL;
	_cleanup_json_text_ char *text = NULL;
	int r = domain_parse(size ? (const char *)data : "", size, &domain, &error);

	if (r < 0) {
		must(r == -EINVAL && error.message && !domain);
		must(!u8_check((const uint8_t *)error.message, strlen(error.message)));
		return 0;
	}
	must(cJSON_IsArray(domain));
	text = cJSON_PrintUnformatted(domain);
	must(text);
	if (strlen(text) <= DOMAIN_MAX_SIZE) {
		must(domain_parse(text, strlen(text), &again, NULL) == 0);
		must(cJSON_Compare(domain, again, true));
	}
	return 0;
}
