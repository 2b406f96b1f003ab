/* SPDX-License-Identifier: MIT */
#include "fs/profile_odoorpc.h"

#include "odoo/cleanup.h"
#include "odoo/log.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* What the option takes. */
#define MAX_TIMEOUT 3600

static const struct profile_setting *find(const struct profile *profile, const char *name)
{
	for (size_t i = 0; i < profile->n_settings; i++) {
		if (strcmp(profile->settings[i].name, name) == 0) {
			return &profile->settings[i];
		}
	}
	return NULL;
}

static int refuse(
	const struct profile *profile, const struct profile_setting *setting, const char *right)
{
	log_error("%s, line %u: %s = %s: %s", profile->path, setting->line, setting->name,
		setting->value, right);
	return -EINVAL;
}

/* Add to `to`, which keeps the line of what it was made of. Takes `value`. */
static int add(struct profile *to, const char *name, char *value, unsigned line)
{
	struct profile_setting *setting = &to->settings[to->n_settings];

	*setting = (struct profile_setting){ .name = strdup(name), .value = value, .line = line };
	to->n_settings++;
	return setting->name && value ? 0 : -ENOMEM;
}

static int add_copy(struct profile *to, const char *name, const struct profile_setting *from)
{
	return from ? add(to, name, strdup(from->value), from->line) : 0;
}

static int add_url(struct profile *to, const struct profile *from)
{
	const struct profile_setting *host = find(from, "host"), *port = find(from, "port");
	const struct profile_setting *protocol = find(from, "protocol");
	const char *scheme = "http";
	char *url;

	if (protocol && strcmp(protocol->value, "jsonrpc+ssl") == 0) {
		scheme = "https";
	} else if (protocol && strcmp(protocol->value, "jsonrpc") != 0) {
		return refuse(from, protocol, "the protocol is jsonrpc or jsonrpc+ssl");
	}
	if (!host) {
		return 0; /* the url is missed by whoever needs it */
	}
	if (asprintf(&url, "%s://%s%s%s", scheme, host->value, port ? ":" : "",
		    port ? port->value : "") < 0) {
		return -ENOMEM;
	}
	return add(to, "url", url, host->line);
}

/* Whole seconds, rounded up. */
static int add_timeout(struct profile *to, const struct profile *from)
{
	const struct profile_setting *timeout = find(from, "timeout");
	char *end, *text;

	if (!timeout || strcmp(timeout->value, "None") == 0) {
		return 0;
	}
	double seconds = strtod(timeout->value, &end);
	if (end == timeout->value || *end || !(seconds > 0)) {
		return refuse(from, timeout, "the timeout is a number of seconds, or None");
	}
	seconds = fmin(ceil(seconds), MAX_TIMEOUT);
	if (asprintf(&text, "%.0f", seconds) < 0) {
		return -ENOMEM;
	}
	return add(to, "timeout", text, timeout->line);
}

static int translate(const struct profile *from, struct profile *to)
{
	const struct profile_setting *type = find(from, "type");
	int r;

	if (type && strcmp(type->value, "ODOO") != 0) {
		return refuse(from, type, "a session of OdooRPC has the type ODOO");
	}
	r = add_url(to, from);
	if (r == 0) {
		r = add_copy(to, "login", find(from, "user"));
	}
	if (r == 0) {
		r = add_copy(to, "database", find(from, "database"));
	}
	return r < 0 ? r : add_timeout(to, from);
}

int profile_translate_odoorpc(struct profile *profile)
{
	struct profile to = { .settings = calloc(4, sizeof(*to.settings)) };
	int r = to.settings ? translate(profile, &to) : -ENOMEM;

	if (r == 0) {
		to.path = steal(profile->path);
		to.password = steal(profile->password);
		profile_finish(profile);
		*profile = to;
		return 0;
	}
	if (r == -ENOMEM) {
		log_error("out of memory");
	}
	profile_finish(profile);
	profile_finish(&to);
	return r;
}
