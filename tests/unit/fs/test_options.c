/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "fs/options.h"
#include "odoo/cleanup.h"
#include "odoo/json.h"

#define SOURCE "https://ann@erp.example.com/prod"

static struct capture capture;

/* Parse "odoofs" and the arguments up to NULL; what it says is in `capture.text`. */
static enum options_result parse(struct options *options, ...)
{
	char *argv[20] = { (char *)"odoofs" };
	int argc = 1;
	va_list arguments;

	va_start(arguments, options);
	while ((argv[argc] = va_arg(arguments, char *))) {
		argc++;
	}
	va_end(arguments);
	capture_begin(&capture, STDERR_FILENO);
	enum options_result result = options_parse(argc, argv, options);
	capture_end(&capture);
	if (result == OPTIONS_WRONG) {
		assert_contains(capture.text, "odoofs: ");
	}
	return result;
}

static enum options_result parse_o(struct options *options, const char *o)
{
	return parse(options, SOURCE, "/mnt", "-o", o, NULL);
}

static void good(struct options *options, const char *o)
{
	if (parse_o(options, o) != OPTIONS_RUN) {
		fail_msg("-o %s: %s", o, capture.text);
	}
	assert_string_equal(capture.text, "");
}

static void wrong(const char *o, const char *part)
{
	struct options options;

	if (parse_o(&options, o) != OPTIONS_WRONG) {
		fail_msg("-o %s was taken", o);
	}
	assert_contains(capture.text, part);
}

static void defaults(void **state)
{
	struct options options;

	assert_int_equal(parse(&options, SOURCE, "/mnt", NULL), OPTIONS_RUN);
	assert_string_equal(options.source.url, "https://erp.example.com");
	assert_string_equal(options.source_text, SOURCE);
	assert_string_equal(options.mountpoint, "/mnt");
	assert_null(options.secret.file);
	assert_false(options.backup || options.read_only || options.fields_all);
	assert_true(options.many2one_names && options.archived);
	assert_int_equal(options.n_models, 0);
	assert_int_equal(options.n_companies, 0);
	assert_null(options.context);
	assert_int_equal(options.connections, 2);
	assert_int_equal(options.timeout, 60);
	assert_int_equal(options.ttl, 10);
	assert_int_equal(options.poll, 30);
	assert_int_equal(options.max_age, 3600);
	assert_int_equal(options.cache_size, 256 << 20);
	assert_int_equal(options.uid, getuid());
	assert_int_equal(options.umask, 077);
	assert_false(options.foreground || options.debug || options.allow_other);
	assert_int_equal(options.log_level, LOG_LEVEL_INFO);
	assert_false(options.log_level_set);
	options_finish(&options);
}

static void values(void **state)
{
	struct options options;

	good(&options, "ro,fields=all,many2one=id,archived=no,connections=16,timeout=3600,ttl=0,"
		       "poll=0,max_age=0,cache_size=2G,uid=5,gid=6,umask=022,loglevel=debug,lang="
		       "fr_BE,tz=Asia/Tokyo,"
		       "insecure,password_file=/p,company=1,3,models=res.*,sale.order");
	assert_true(options.read_only && options.fields_all && options.insecure);
	assert_false(options.many2one_names || options.archived);
	assert_int_equal(options.connections, 16);
	assert_int_equal(options.timeout, 3600);
	assert_int_equal(options.ttl, 0);
	assert_int_equal(options.poll, 0);
	assert_int_equal(options.max_age, 0);
	assert_int_equal(options.cache_size, 2LL << 30);
	assert_int_equal(options.uid, 5);
	assert_int_equal(options.gid, 6);
	assert_int_equal(options.umask, 022);
	assert_int_equal(options.log_level, LOG_LEVEL_DEBUG);
	assert_true(options.log_level_set);
	assert_string_equal(options.lang, "fr_BE");
	assert_string_equal(options.tz, "Asia/Tokyo");
	assert_string_equal(options.secret.file, "/p");
	assert_int_equal(options.n_companies, 2);
	assert_int_equal(options.companies[1], 3);
	assert_int_equal(options.n_models, 2);
	assert_string_equal(options.models[0], "res.*");
	assert_string_equal(options.models[1], "sale.order");
	options_finish(&options);

	good(&options, "ttl=5,ttl=7,models=a.b:c,models=d\\,e,lang=a,lang=b,cache_size=64m");
	assert_int_equal(options.ttl, 7);
	assert_int_equal(options.n_models, 4);
	assert_string_equal(options.models[1], "c");
	assert_string_equal(options.models[3], "e");
	assert_string_equal(options.lang, "b");
	assert_int_equal(options.cache_size, 64 << 20);
	options_finish(&options);
}

static void places(void **state)
{
	struct options options;

	assert_int_equal(
		parse(&options, "-o", "ro", SOURCE, "-fottl=3", "m n", "-d", NULL), OPTIONS_RUN);
	assert_true(options.read_only && options.foreground && options.debug);
	assert_int_equal(options.ttl, 3);
	assert_int_equal(options.log_level, LOG_LEVEL_DEBUG);
	assert_int_equal(options.mountpoint[0], '/');
	assert_contains(options.mountpoint, "/m n");
	options_finish(&options);
	setenv("POSIXLY_CORRECT", "1", 1);
	assert_int_equal(parse(&options, SOURCE, "/m", "-o", "ro", NULL), OPTIONS_RUN);
	unsetenv("POSIXLY_CORRECT");
	assert_true(options.read_only);
	options_finish(&options);
	assert_int_equal(parse(&options, "-f", "--", SOURCE, "-d", NULL), OPTIONS_RUN);
	assert_contains(options.mountpoint, "/-d");
	assert_false(options.debug);
	options_finish(&options);
	assert_int_equal(
		parse(&options, SOURCE, "/m", "-d", "-ologlevel=error", NULL), OPTIONS_RUN);
	assert_int_equal(options.log_level, LOG_LEVEL_ERROR);
	options_finish(&options);
}

static void contexts(void **state)
{
	struct options options;

	good(&options, "context={\"a\":1,\"b\":[1,2]},ro");
	assert_true(options.read_only);
	assert_int_equal(cJSON_GetArraySize(options.context), 2);
	options_finish(&options);
	good(&options, "odoo_context={\"a\":1,\"b\":\"x\\,y\"}");
	assert_string_equal(odoo_json_get_string(options.context, "b"), "x,y");
	options_finish(&options);

	wrong("context={\"a\":1,ro", "context={");
	wrong("context=[1]", "context=[1]: context is a JSON object");
	wrong("context={}x", "context={}x");
	wrong("context", "context needs a value");
	wrong("lang=fr_BE,context={\"lang\":\"nl_BE\"}", "lang= and \"lang\" in context=");
	wrong("context={\"allowed_company_ids\":[1]},company=3", "company=");
	wrong("context={\"active_test\":true},archived=no", "archived=");
	/* What mount(8) leaves of context={"a":1,"b":2}. */
	wrong("rw,\"b\":2},ttl=5", "odoo_context=");
}

static void unknown_options(void **state)
{
	struct options options;

	wrong("chache_size=5", "there is no option \"chache_size\": the nearest is \"cache_size\"");
	wrong("tlt=5", "\"ttl\"");
	wrong("Backup", "\"backup\"");
	wrong("models=res.*,backp", "\"backp\": the nearest is \"backup\"");
	wrong("_netdv", "\"_netdev\"");
	wrong("noexc", "\"noexec\"");
	wrong("sale.order", "there is no option \"sale.order\"");
	assert_int_equal(parse(&options, SOURCE, "/m", "--backpu", NULL), OPTIONS_WRONG);
	assert_contains(capture.text, "there is no option \"--backpu\": the nearest is -o backup");
	assert_int_equal(parse(&options, SOURCE, "/m", "--ttl=5", NULL), OPTIONS_WRONG);
	assert_contains(capture.text, "write it as -o ttl=…");
	assert_int_equal(parse(&options, SOURCE, "/m", "-fz", NULL), OPTIONS_WRONG);
	assert_contains(capture.text, "there is no option \"-z\"");
	assert_int_equal(parse(&options, SOURCE, "/m", "-o", NULL), OPTIONS_WRONG);
	assert_contains(capture.text, "-o needs a value");
	assert_int_equal(parse(&options, "--help=x", NULL), OPTIONS_WRONG);
}

static void wrong_values(void **state)
{
	wrong("connections=0", "connections=0: connections is a number from 1 to 16");
	wrong("connections=17", "from 1 to 16");
	wrong("transport=soap",
		"transport is one of auto, json2, jsonrpc, session, xmlrpc and jsoncall");
	wrong("timeout=0", "timeout is a number from 1 to 3600 seconds");
	wrong("timeout=99999999999999999999999", "from 1 to 3600");
	wrong("ttl=-1", "ttl=-1: ttl is a number from 0 to 86400 seconds");
	wrong("poll=86401", "poll=86401: poll is a number from 0 to 86400 seconds");
	wrong("poll", "poll needs a value");
	wrong("max_age=1h", "max_age=1h: max_age is a number from 0 to 2592000 seconds");
	wrong("ttl=5s", "ttl=5s");
	wrong("ttl= 5", "ttl= 5");
	wrong("ttl=", "ttl needs a value");
	wrong("ttl", "ttl needs a value");
	wrong("cache_size=1", "cache_size=1: cache_size is a number of bytes from 1M to 1024G");
	wrong("cache_size=9999999999999999G", "from 1M");
	wrong("cache_size=5T", "K, M or G");
	wrong("cache_size=5MB", "K, M or G");
	wrong("cache_size=M", "K, M or G");
	wrong("uid=4294967295", "uid");
	wrong("uid=ann", "uid=ann");
	wrong("umask=8", "octal");
	wrong("umask=1000", "octal");
	wrong("fields=some", "fields=some: fields is one of stored and all");
	wrong("many2one", "many2one is one of id and name");
	wrong("archived=maybe", "no and yes");
	wrong("loglevel=loud", "error, warning, info and debug");
	wrong("ro=1", "ro takes no value");
	wrong("rw=1", "rw takes no value");
	wrong("company=0", "company=0");
	wrong("company=2147483648", "company=2147483648");
	wrong("company=:", "company needs a value");
	wrong("company=a", "company=a");
	wrong("models=", "models needs a value");
	wrong("models=:", "models needs a value");
	wrong("lang=", "lang needs a value");
	wrong("password_file", "password_file needs a value");
	wrong("cacert=/no/such/file", "cacert=/no/such/file: No such file");
	wrong("cert=/no/such/file", "cert=/no/such/file: No such file");
	wrong("cert=/dev/null,key=/no/such/file", "key=/no/such/file: No such file");
	wrong("key=/dev/null", "key= is the key of cert=");
	wrong("cert=/dev/null", "isn't a regular file");
	wrong("password_file=/p,password_command=true", "give one of them");
	wrong("password_command=", "password_command needs a value: password_command=COMMAND");
	wrong("proxy=proxy.example:3128", "proxy= has no scheme: it is written http://HOST:PORT");
	wrong("proxy=ftp://proxy.example", "begins with another scheme");
	wrong("proxy=http://", "isn't a URL");
	wrong("proxy=http://ann:hunter2@proxy.example", "https_proxy in the environment");
	assert_lacks(capture.text, "hunter2");
}

static void passwords(void **state)
{
	static const char *const places[] = { "password=hunter2", "ro,passwd=hunter2",
		"pasword=hunter2", "password" };
	struct options options;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		wrong(places[i], "password_file=FILE");
		assert_lacks(capture.text, "hunter2");
	}
	assert_int_equal(parse(&options, SOURCE, "/m", "--password=hunter2", NULL), OPTIONS_WRONG);
	assert_contains(capture.text, "password_file=FILE");
	assert_lacks(capture.text, "hunter2");
	assert_int_equal(parse(&options, "https://ann:hunter2@h/p", "/m", NULL), OPTIONS_WRONG);
	assert_contains(capture.text, "password_file=FILE");
	assert_lacks(capture.text, "hunter2");
	assert_int_equal(parse(&options, SOURCE, "/m", "hunter2", NULL), OPTIONS_WRONG);
	assert_lacks(capture.text, "hunter2");
	assert_int_equal(
		parse(&options, SOURCE, "/m", "--passwd_file=hunter2", NULL), OPTIONS_WRONG);
	assert_contains(capture.text, "password_file");
	assert_lacks(capture.text, "hunter2");
}

static void combinations(void **state)
{
	struct options options;

	good(&options, "backup,rw,many2one=id,fields=stored");
	assert_true(options.backup && options.read_only);
	assert_int_equal(options.max_age, 0);
	assert_false(options.many2one_names);
	options_finish(&options);

	wrong("ro,rw", "ro and rw contradict");
	good(&options, "backup,max_age=604800");
	assert_int_equal(options.max_age, 604800);
	options_finish(&options);
	wrong("backup,many2one=name", "backup and many2one=name contradict");
	wrong("backup,fields=all", "backup and fields=all contradict");
	wrong("auto_unmount", "auto_unmount isn't offered");
	wrong("nonempty", "nonempty isn't offered");
	wrong("rw,remount", "unmount it, and mount it again");
}

static void plain_http(void **state)
{
	struct options options;

	assert_int_equal(parse(&options, "http://a@erp.example.com/p", "/m", NULL), OPTIONS_WRONG);
	assert_contains(capture.text, "insecure");
	assert_int_equal(parse(&options, "http://a@erp.example.com/p", "/m", "-oinsecure", NULL),
		OPTIONS_RUN);
	options_finish(&options);
	assert_int_equal(parse(&options, "http://a@localhost:8069/p", "/m", NULL), OPTIONS_RUN);
	options_finish(&options);
	assert_int_equal(parse(&options, "http://a@localhost/p", "/m", "-ocacert=/dev/null", NULL),
		OPTIONS_WRONG);
	assert_contains(capture.text, "cacert= and plain http");
	assert_int_equal(parse(&options, "http://a@localhost/p", "/m", "-ocert=/dev/null", NULL),
		OPTIONS_WRONG);
	assert_contains(capture.text, "cert= and plain http");
	assert_int_equal(
		parse(&options, "https://a@[::1]/p", "/m", "-oproxy=socks5h://proxy:1080", NULL),
		OPTIONS_WRONG);
	assert_contains(capture.text, "proxy= and a server on this machine");
}

static void missing_arguments(void **state)
{
	struct options options;

	assert_int_equal(parse(&options, NULL), OPTIONS_WRONG);
	assert_contains(capture.text, "SOURCE and MOUNTPOINT are missing");
	assert_int_equal(parse(&options, SOURCE, NULL), OPTIONS_WRONG);
	assert_contains(capture.text, "MOUNTPOINT is missing");
	assert_int_equal(parse(&options, SOURCE, "/a", "/b", NULL), OPTIONS_WRONG);
	assert_contains(capture.text, "more than SOURCE and MOUNTPOINT");
	assert_int_equal(parse(&options, SOURCE, "", NULL), OPTIONS_WRONG);
	assert_int_equal(parse(&options, "/mnt", SOURCE, NULL), OPTIONS_WRONG);
	assert_contains(capture.text, "SOURCE stands before MOUNTPOINT");
}

static void what_mount_passes(void **state)
{
	struct options options;

	good(&options, "rw,_netdev,nofail,noauto,auto,user,users,defaults,x-systemd.automount,"
		       "x-systemd.idle-timeout=60,X-mount.mkdir,dev,nodev,suid,nosuid,exec,atime,"
		       "relatime,nouser,user=ann,comment=x,noatime,noexec");
	const char *args = options.fuse_args.argv[2];
	assert_int_equal(options.fuse_args.argc, 3);
	assert_contains(args, "fsname=https://ann@erp.example.com/prod,");
	assert_contains(args, ",subtype=odoofs");
	assert_contains(args, ",noatime,noexec");
	assert_lacks(args, "allow_other");
	assert_lacks(args, "ro,");
	assert_lacks(args, "suid");
	options_finish(&options);

	assert_int_equal(
		parse(&options, "https://a%2Cb,c@h/p", "/m", "-obackup", NULL), OPTIONS_RUN);
	assert_contains(options.fuse_args.argv[2], "fsname=https://a%2Cb\\,c@h/p,");
	assert_contains(options.fuse_args.argv[2], ",ro");
	options_finish(&options);
}

static void allow_other_warns(void **state)
{
	struct options options;

	assert_int_equal(parse_o(&options, "allow_other"), OPTIONS_RUN);
	assert_contains(capture.text, "warning: allow_other: every user");
	assert_contains(capture.text, "as ann on");
	assert_contains(options.fuse_args.argv[2], ",allow_other");
	options_finish(&options);
}

static const char *printed(const char *argument)
{
	static struct capture output;
	struct options options;

	fflush(stdout);
	capture_begin(&output, STDOUT_FILENO);
	enum options_result result = parse(&options, argument, NULL);
	capture_end(&output);
	assert_int_equal(result, OPTIONS_DONE);
	return output.text;
}

static void help_and_version(void **state)
{
	static const char *const names[] = { "ro", "backup", "fields=", "many2one=", "archived=",
		"models=", "company=", "lang=", "tz=", "context=", "password_file=",
		"password_command=", "cacert=", "cert=", "key=", "proxy=", "insecure",
		"connections=", "timeout=", "ttl=", "poll=", "max_age=", "cache_size=", "uid=",
		"gid=", "umask=", "allow_other", "loglevel=", "ODOOFS_PASSWORD", "-f", "-d",
		"--version" };

	assert_string_equal(printed("-h"), printed("--help"));
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_contains(printed("--help"), names[i]);
	}
	assert_contains(printed("-V"), "odoofs ");
	assert_contains(printed("--version"), "\nlibfuse 3.");
	assert_contains(printed("--version"), "\nlibcurl/");
}

static void as_json(void **state)
{
	struct options options;

	good(&options, "backup,models=a.b,company=3,context={\"k\":1},password_file=/secret/place,"
		       "lang=fr_BE,umask=7");
	_cleanup_json_ cJSON *json = options_to_json(&options);
	_cleanup_json_text_ char *text = cJSON_PrintUnformatted(json);
	options_finish(&options);
	assert_string_equal(odoo_json_get_string(json, "source"), SOURCE);
	assert_string_equal(odoo_json_get_string(json, "fields"), "stored");
	assert_string_equal(odoo_json_get_string(json, "many2one"), "id");
	assert_string_equal(odoo_json_get_string(json, "umask"), "007");
	assert_true(odoo_json_get_bool(json, "ro"));
	assert_contains(text, "\"models\":[\"a.b\"]");
	assert_contains(text, "\"company\":[3]");
	assert_contains(text, "\"context\":{\"k\":1}");
	assert_contains(text, "\"cache_size\":268435456");
	assert_contains(text, "\"tz\":null");
	assert_lacks(text, "secret");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(values),
		cmocka_unit_test(places),
		cmocka_unit_test(contexts),
		cmocka_unit_test(unknown_options),
		cmocka_unit_test(wrong_values),
		cmocka_unit_test(passwords),
		cmocka_unit_test(combinations),
		cmocka_unit_test(plain_http),
		cmocka_unit_test(missing_arguments),
		cmocka_unit_test(what_mount_passes),
		cmocka_unit_test(allow_other_warns),
		cmocka_unit_test(help_and_version),
		cmocka_unit_test(as_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
