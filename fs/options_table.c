/* SPDX-License-Identifier: MIT */
#include "fs/options_table.h"

#include "fs/options_value.h"
#include "odoo/cleanup.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#define PASSWORD_REASON \
	"a password doesn't belong on the command line, where every user of this machine can " \
	"read " \
	"it: write it to a file that only you can read and give password_file=FILE, put it in " \
	"ODOOFS_PASSWORD in the environment, or type it at the prompt"

static const char *const stored_or_all[] = { "stored", "all", NULL };
static const char *const id_or_name[] = { "id", "name", NULL };
static const char *const allow_or_deny[] = { "allow", "deny", NULL };
static const char *const no_or_yes[] = { "no", "yes", NULL };

const char *const binary_mode_names[] = { "files", "inline", "none", NULL };
const char *const delete_mode_names[] = { "unlink", "archive", "deny", NULL };

/* NOLINTNEXTLINE(bugprone-macro-parentheses): a part of a name has none */
#define ROW(text, ID, kind) .name = text, .id = OPTION_##ID, .set = option_set_##kind
#define TO(member) .offset = offsetof(struct options, member)
#define DAY 86400
#define KIB 1024ull

static const struct option_row rows[] = {
	{ ROW("allow_other", ALLOW_OTHER, flag), TO(allow_other) },
	{ ROW("archived", ARCHIVED, choice), TO(archived), .words = no_or_yes },
	{ ROW("backup", BACKUP, flag), TO(backup) },
	{ ROW("binary", BINARY, word), TO(binary), .words = binary_mode_names },
	{ ROW("cacert", CACERT, path), TO(cacert), .example = "FILE" },
	{ ROW("cache_dir", CACHE_DIR, path), TO(cache_dir), .example = "DIRECTORY" },
	{ ROW("cache_dir_size", CACHE_DIR_SIZE, size), TO(cache_dir_size), .minimum = KIB * KIB,
		.maximum = KIB * KIB * KIB * KIB },
	{ ROW("cache_size", CACHE_SIZE, size), TO(cache_size), .minimum = KIB * KIB,
		.maximum = KIB * KIB * KIB * KIB },
	{ ROW("calls", CALLS, choice), TO(calls_denied), .words = allow_or_deny },
	{ ROW("cert", CERT, path), TO(cert), .example = "FILE" },
	{ ROW("company", COMPANY, companies), .example = "ID:ID" },
	{ ROW("connections", CONNECTIONS, number), TO(connections), .minimum = 1, .maximum = 16 },
	{ ROW("context", CONTEXT, context), .example = "{\"KEY\": VALUE}" },
	{ ROW("delete", DELETE, word), TO(delete_mode), .words = delete_mode_names },
	{ ROW("fields", FIELDS, choice), TO(fields_all), .words = stored_or_all },
	{ ROW("gid", GID, number), TO(gid), .maximum = UINT32_MAX - 1 },
	{ ROW("insecure", INSECURE, flag), TO(insecure) },
	{ ROW("key", KEY, path), TO(key), .example = "FILE" },
	{ ROW("lang", LANG, text), TO(lang), .example = "fr_BE" },
	{ ROW("loglevel", LOGLEVEL, log_level), .example = "error|warning|info|debug" },
	{ ROW("many2one", MANY2ONE, choice), TO(many2one_names), .words = id_or_name },
	{ ROW("max_age", MAX_AGE, number), TO(max_age), .maximum = 30 * DAY, .unit = " seconds" },
	{ ROW("max_file", MAX_FILE, size), TO(max_file), .minimum = KIB,
		.maximum = KIB * KIB * KIB },
	{ ROW("models", MODELS, models), .example = "GLOB:GLOB" },
	{ ROW("odoo_context", CONTEXT, context), .example = "{\"KEY\": VALUE}" },
	{ ROW("password_command", PASSWORD_COMMAND, text), TO(secret.command),
		.example = "COMMAND" },
	{ ROW("password_file", PASSWORD_FILE, path), TO(secret.file), .example = "FILE" },
	{ ROW("poll", POLL, number), TO(poll), .maximum = DAY, .unit = " seconds" },
	{ ROW("prefetch", PREFETCH, prefetch), .example = "GLOB:GLOB" },
	{ ROW("proxy", PROXY, proxy), TO(proxy), .example = "http://HOST:PORT" },
	{ ROW("ro", RO, flag), TO(read_only) },
	{ ROW("rw", RW, nothing) },
	{ ROW("timeout", TIMEOUT, number), TO(timeout), .minimum = 1, .maximum = 3600,
		.unit = " seconds" },
	{ ROW("transport", TRANSPORT, word), TO(transport), .words = odoo_transport_names },
	{ ROW("ttl", TTL, number), TO(ttl), .maximum = DAY, .unit = " seconds" },
	{ ROW("tz", TZ, text), TO(tz), .example = "Europe/Brussels" },
	{ ROW("uid", UID, number), TO(uid), .maximum = UINT32_MAX - 1 },
	{ ROW("umask", UMASK, umask), TO(umask) },
};

#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

/* Known, and wrong in every case: better said than found out. */
static const struct {
	const char *name, *reason;
} refused[] = {
	{ "password", PASSWORD_REASON },
	{ "passwd", PASSWORD_REASON },
	{ "allow_root", "allow_root isn't offered: allow_other with uid= and umask= does more" },
	{ "auto_unmount",
		"auto_unmount isn't offered: a backup that runs on after a crash would see an "
		"empty directory, and delete what it has. Without it, it sees an error, and the "
		"next start cleans up" },
	{ "nonempty", "nonempty isn't offered: mount on an empty directory" },
	{ "remount", "a mounted odoofs can't change its options: unmount it, and mount it again" },
};

/* What mount(8), fstab and systemd pass, and what means nothing to us or is always so. */
static const char *const ignored[] = { "_netdev", "async", "atime", "auto", "comment", "defaults",
	"dev", "diratime", "dirsync", "exec", "group", "iversion", "lazytime", "loud", "mand",
	"noauto", "nodev", "nofail", "noiversion", "nolazytime", "nomand", "norelatime",
	"nostrictatime", "nosuid", "nouser", "owner", "relatime", "silent", "strictatime", "suid",
	"sync", "user", "users", NULL };

/* What is the kernel's business. */
static const char *const passed[] = { "noatime", "nodiratime", "noexec", NULL };

static bool is_in(const char *const *names, const char *name)
{
	while (*names && strcmp(*names, name) != 0) {
		names++;
	}
	return *names != NULL;
}

const struct option_row *options_table_find(const char *name)
{
	for (size_t i = 0; i < N_ROWS; i++) {
		if (strcmp(rows[i].name, name) == 0) {
			return &rows[i];
		}
	}
	return NULL;
}

static const char *find_reason(const char *name)
{
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		if (strcmp(refused[i].name, name) == 0) {
			return refused[i].reason;
		}
	}
	return NULL;
}

/* systemd's x-systemd.automount and desktops' x-gvfs-show, which aren't for filesystems. */
static bool is_ignored(const char *name)
{
	return strncmp(name, "x-", 2) == 0 || strncmp(name, "X-", 2) == 0 || is_in(ignored, name);
}

bool options_table_knows(const char *setting)
{
	_cleanup_free_ char *name = strndup(setting, strcspn(setting, "="));

	return name && (options_table_find(name) || find_reason(name) || is_ignored(name) ||
			       is_in(passed, name));
}

void options_table_offer(struct nearest *nearest)
{
	for (size_t i = 0; i < N_ROWS; i++) {
		nearest_offer(nearest, rows[i].name);
	}
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		nearest_offer(nearest, refused[i].name);
	}
	for (size_t i = 0; ignored[i]; i++) {
		nearest_offer(nearest, ignored[i]);
	}
	for (size_t i = 0; passed[i]; i++) {
		nearest_offer(nearest, passed[i]);
	}
}

const char *options_table_nearest(const char *setting)
{
	struct nearest nearest = { .wanted = setting, .size = strcspn(setting, "=") };

	options_table_offer(&nearest);
	return nearest.found;
}

bool options_table_is_password(const char *setting)
{
	size_t length = strcspn(setting, "=");

	return (length == 8 && strncmp(setting, "password", 8) == 0) ||
	       (length == 6 && strncmp(setting, "passwd", 6) == 0);
}

void options_table_refuse_password(void)
{
	log_error("%s", PASSWORD_REASON);
}

/* Only the name is repeated: what follows it may be a secret. */
static int refuse_unknown(const char *name)
{
	const char *nearest = options_table_nearest(name);

	if (strpbrk(name, "{}\"")) {
		log_error("there is no option \"%s\": if it is the rest of context={…}, then "
			  "mount(8) "
			  "took the beginning for SELinux, so write odoo_context={…} there",
			name);
		return -EINVAL;
	}
	log_error("there is no option \"%s\": the nearest is \"%s\" (odoofs --help lists them)",
		name, nearest);
	if (options_table_is_password(nearest)) {
		options_table_refuse_password();
	}
	return -EINVAL;
}

static int pass_on(struct option_set *set, const char *name)
{
	if (fuse_opt_add_opt(&set->passed, name) < 0) {
		log_error("out of memory");
		return -ENOMEM;
	}
	return 0;
}

static int apply_row(struct option_set *set, const struct option_row *row, const char *value)
{
	int r = row->set(set->options, row, value);

	if (r == 0) {
		set->given[row->id] = true;
	}
	return r;
}

int options_table_apply_value(struct option_set *set, const char *name, const char *value)
{
	const struct option_row *row = options_table_find(name);

	if (row) {
		return apply_row(set, row, value);
	}
	const char *reason = find_reason(name);
	if (reason) {
		log_error("%s", reason);
		return -EINVAL;
	}
	if (is_ignored(name)) {
		return 0;
	}
	return is_in(passed, name) ? pass_on(set, name) : refuse_unknown(name);
}

int options_table_apply(struct option_set *set, const char *setting)
{
	const char *equals = strchr(setting, '=');
	_cleanup_free_ char *name = strndup(setting, strcspn(setting, "="));

	if (!name) {
		log_error("out of memory");
		return -ENOMEM;
	}
	return options_table_apply_value(set, name, equals ? equals + 1 : NULL);
}
