/* SPDX-License-Identifier: MIT */
#define FUSE_USE_VERSION 312

#include "fs/usage.h"

#include "odoo/version.h"

#include <cjson/cJSON.h>
#include <fuse_lowlevel.h>
#include <jansson.h>
#include <stdio.h>

static const char help[] =
	"Usage: odoofs [options] SOURCE MOUNTPOINT\n"
	"\n"
	"Mount an Odoo database: models are directories, records are JSON files.\n"
	"\n"
	"SOURCE is https://login@host[:port]/database, or the name of a section in\n"
	"~/.config/odoofs/config or in ~/.odoorpcrc, or demo: for a database of Odoo's public\n"
	"demo service. MOUNTPOINT is an empty directory.\n"
	"Unmount with: fusermount3 -u MOUNTPOINT\n"
	"\n"
	"The password or API key comes from the first of: password_file= or password_command=,\n"
	"ODOOFS_PASSWORD in the environment, the section, ~/.netrc, a prompt on the terminal;\n"
	"never from the command line.\n"
	"\n"
	"    -o NAME[=VALUE],…      options, see below\n"
	"    -f                     stay in the foreground\n"
	"    -d                     the same, and log every request (debug)\n"
	"    -h, --help             this text\n"
	"    -V, --version          the versions of odoofs and of its libraries\n"
	"\n"
	"What is shown:\n"
	"    ro                     read-only\n"
	"    backup                 for unattended backups: ro, many2one=id, no one2many fields\n"
	"    fields=stored|all      which fields; computed ones (all) cost ten times as much\n"
	"    many2one=name|id       [14, \"Azure Interior\"] or 14\n"
	"    binary=files|inline|none\n"
	"                           images and attachments: files, base64 in the JSON, or not\n"
	"    archived=yes|no        show archived records\n"
	"    models=GLOB:GLOB       these models only: models=res.*:sale.order\n"
	"    company=ID:ID          these companies only; all of the user's without it\n"
	"    lang=CODE              the language of texts: lang=fr_BE\n"
	"    tz=ZONE                the time zone that the server computes with\n"
	"    context=JSON           more of Odoo's context: 'context={\"key\": 1}'\n"
	"\n"
	"The server:\n"
	"    transport=auto|json2|jsonrpc|session|xmlrpc|jsoncall\n"
	"                           how to speak to it; auto (the default) picks what suits\n"
	"    password_file=FILE     the secret, in a file that only its owner can read\n"
	"    password_command=CMD   a command that writes the secret, run by /bin/sh\n"
	"    cacert=FILE            trust these certificates only, for a private authority\n"
	"    cert=FILE              a certificate to show to the server, in PEM\n"
	"    key=FILE               its key, where that isn't in the same file\n"
	"    proxy=URL              http://HOST:PORT, or https, socks4(a), socks5(h); else what\n"
	"                           https_proxy and no_proxy in the environment say\n"
	"    insecure               allow plain http to a host that isn't this one\n"
	"    connections=N          requests under way at once, 1 to 16 (2)\n"
	"    timeout=SECONDS        how long a request may take, 1 to 3600 (60)\n"
	"    ttl=SECONDS            how long what is cached isn't checked, 0 to 86400 (10)\n"
	"    poll=SECONDS           how soon what others change is looked for, 0 to 86400 (30);\n"
	"                           0 never looks by itself\n"
	"    max_age=SECONDS        when a record is read again in any case, 0 to 2592000 (3600);\n"
	"                           0 never, which is the default of backup\n"
	"    prefetch=GLOB:GLOB     read these models as soon as they can be: prefetch=res.*\n"
	"    delete=unlink|archive|deny\n"
	"                           what rm does (unlink)\n"
	"    calls=allow|deny       whether .call/METHOD calls (allow)\n"
	"    max_file=BYTES         how large a file may be written (16M)\n"
	"    cache_size=BYTES       memory for contents; K, M, G are understood (256M)\n"
	"    cache_dir=DIRECTORY    keep what was read there, for the next mount\n"
	"    cache_dir_size=BYTES   at most so much of it (4G)\n"
	"\n"
	"The mount:\n"
	"    uid=N gid=N            whose the files are (the mounting user's)\n"
	"    umask=OCTAL            which permissions they lack (077)\n"
	"    allow_other            let other users in; they act as this one Odoo account\n"
	"    loglevel=LEVEL         error, warning, info (the default) or debug\n"
	"    noatime, noexec        and what else mount(8) and fstab pass\n"
	"\n"
	"Lists take ':' or ',' between their members, and go on when they are given again. A\n"
	"model without '.', '*' or '?' needs the ':'. Any other comma in a value is written \\,\n"
	"In fstab write odoo_context= for context=, which mount(8) takes for SELinux.\n";

void usage_print_help(void)
{
	fputs(help, stdout);
	fflush(stdout);
}

void usage_print_version(void)
{
	printf("odoofs %s\nlibfuse %s\n%s\ncJSON %s\nJansson %s\n", ODOOFS_VERSION,
		fuse_pkgversion(), odoo_curl_version(), cJSON_Version(), JANSSON_VERSION);
	fflush(stdout);
}
