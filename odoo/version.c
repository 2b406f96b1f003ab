/* SPDX-License-Identifier: MIT */
#include "odoo/version.h"

#include <curl/curl.h>

const char *odoo_curl_version(void)
{
	return curl_version();
}
