/* SPDX-License-Identifier: MIT */
#include "fs/profile.h"

#include "fs/home.h"
#include "fs/nearest.h"
#include "fs/profile_ini.h"
#include "fs/profile_odoorpc.h"
#include "odoo/cleanup.h"
#include "odoo/locked.h"
#include "odoo/log.h"

#include <errno.h>
#include <string.h>

static const struct profile_dialect own = { .password = "password" };
static const struct profile_dialect odoorpc = { .password = "passwd", .python = true };

bool profile_is_name(const char *source)
{
	return *source && !strpbrk(source, ":/@?#");
}

static int complain(const char *name, const char *config, const char *rc, const char *nearest)
{
	if (nearest) {
		log_error("SOURCE is \"%s\", but there is no such section in %s or in %s: the "
			  "nearest is \"%s\"",
			name, config, rc, nearest);
	} else {
		log_error("SOURCE is \"%s\", which is neither https://login@host[:port]/database "
			  "nor a section in %s or in %s",
			name, config, rc);
	}
	return -ENOENT;
}

static int find_in_files(
	const char *name, const char *config, const char *rc, struct profile *ret_profile)
{
	struct nearest nearest = { .wanted = name, .size = strlen(name) };
	int r = profile_ini_read(config, &own, name, &nearest, ret_profile);

	if (r == -ENOENT) {
		r = profile_ini_read(rc, &odoorpc, name, &nearest, ret_profile);
		if (r == 0) {
			r = profile_translate_odoorpc(ret_profile);
		}
	}
	if (r == -ENOENT) {
		complain(name, config, rc, nearest.found);
	}
	free((char *)nearest.found);
	return r;
}

int profile_find(const char *name, struct profile *ret_profile)
{
	_cleanup_free_ char *config = home_config_path("odoofs/config");
	_cleanup_free_ char *rc = home_path(".odoorpcrc");

	if (!config || !rc) {
		log_error("SOURCE is \"%s\", but where profiles are isn't known: HOME isn't set",
			name);
		return -ENOENT;
	}
	return find_in_files(name, config, rc, ret_profile);
}

void profile_finish(struct profile *profile)
{
	for (size_t i = 0; i < profile->n_settings; i++) {
		free(profile->settings[i].name);
		free(profile->settings[i].value);
	}
	free(profile->settings);
	free(profile->path);
	locked_destroy(profile->password);
	*profile = (struct profile){ 0 };
}
