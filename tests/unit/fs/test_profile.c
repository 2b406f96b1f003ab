/* SPDX-License-Identifier: MIT */
/* Profiles as the command line takes them: SOURCE is the name of one. */
#include "homes.h"

#include "fs/options.h"
#include "odoo/cleanup.h"

#include <sys/stat.h>

#define CONFIG "config/odoofs/config"
#define RC ".odoorpcrc"

static struct capture capture;
static struct options options;

static int set_up(void **state)
{
	char path[200];

	if (home_set_up(state)) {
		return -1;
	}
	snprintf(path, sizeof(path), "%s/config", home);
	mkdir(path, 0700);
	setenv("XDG_CONFIG_HOME", path, 1);
	strcat(path, "/odoofs");
	return mkdir(path, 0700);
}

static int forget_files(void **state)
{
	home_write(CONFIG, "", 0600);
	home_write(RC, "", 0600);
	return 0;
}

static enum options_result parse(const char *name, const char *o)
{
	char *argv[] = { (char *)"odoofs", (char *)name, (char *)"/mnt", (char *)"-o", (char *)o,
		NULL };

	capture_begin(&capture, STDERR_FILENO);
	enum options_result result = options_parse(5, argv, &options);
	capture_end(&capture);
	assert_lacks(capture.text, "hunter2");
	return result;
}

static void good(const char *name, const char *o)
{
	if (parse(name, o) != OPTIONS_RUN) {
		fail_msg("%s: %s", name, capture.text);
	}
	assert_string_equal(capture.text, "");
}

/* With a config of this text; "prod" is what is asked for. */
static void wrong(const char *text, const char *part)
{
	home_write(CONFIG, text, 0600);
	if (parse("prod", "rw") != OPTIONS_WRONG) {
		fail_msg("\"%s\" was taken", text);
	}
	assert_contains(capture.text, part);
}

#define SERVER "[prod]\nurl = https://erp.example.com:8069\nlogin = ann@example.com\n"
#define DATABASE "database = my db/1\n"
#define PROD SERVER DATABASE

static void a_server(void **state)
{
	home_write(CONFIG, "; mine\n[test]\nurl=x\nnosuch=1\n" PROD "[last]\n", 0644);
	good("prod", "rw");
	assert_string_equal(options.source.url, "https://erp.example.com:8069");
	assert_string_equal(options.source.login, "ann@example.com");
	assert_string_equal(options.source.database, "my db/1");
	assert_string_equal(options.source_text, "prod");
	assert_contains(options.profile, CONFIG);
	assert_contains(options.fuse_args.argv[2], "fsname=prod,");
	assert_null(options.profile_secret.text);
	options_finish(&options);
}

static void settings(void **state)
{
	char path[200];

	home_write(CONFIG,
		PROD "ttl = 5 ; not long\nro = yes\nbackup = no\narchived=no\nmodels = "
		     "res.*:sale.order\n crm.lead\ncontext = {\"a\": \"b=c\"}\npassword_command = "
		     "pass show 'a b'\nnofail = yes\nnoatime = yes\n",
		0644);
	good("prod", "rw");
	assert_int_equal(options.ttl, 5);
	assert_true(options.read_only && !options.backup && !options.archived);
	assert_int_equal(options.n_models, 3);
	assert_string_equal(options.models[2], "crm.lead");
	assert_string_equal(options.profile_secret.command, "pass show 'a b'");
	assert_null(options.secret.command);
	assert_contains(options.fuse_args.argv[2], "noatime");
	options_finish(&options);

	home_write(CONFIG, PROD "password_file = secret\n", 0600);
	good("prod", "rw");
	snprintf(path, sizeof(path), "%s/config/odoofs/secret", home);
	assert_string_equal(options.profile_secret.file, path);
	options_finish(&options);
	home_write(CONFIG, PROD "password_file = ~/secret\n", 0600);
	good("prod", "rw");
	snprintf(path, sizeof(path), "%s/secret", home);
	assert_string_equal(options.profile_secret.file, path);
	options_finish(&options);
}

static void the_command_line_goes_before(void **state)
{
	home_write(CONFIG, PROD "ttl = 5\nmodels = a.b\nrw = yes\npassword_file = /p\n", 0600);
	good("prod", "ttl=7,models=c.d,ro,password_file=/q");
	assert_int_equal(options.ttl, 7);
	assert_int_equal(options.n_models, 1);
	assert_string_equal(options.models[0], "c.d");
	assert_true(options.read_only);
	assert_string_equal(options.secret.file, "/q");
	assert_string_equal(options.profile_secret.file, "/p");
	options_finish(&options);
}

static void passwords(void **state)
{
	char long_one[301], text[600];

	home_write(CONFIG, PROD "password =  hunter2 ; # = % too \n", 0600);
	good("prod", "rw");
	assert_string_equal(options.profile_secret.text, "hunter2 ; # = % too");
	options_finish(&options);

	memset(long_one, 'a', 300);
	long_one[300] = '\0';
	snprintf(text, sizeof(text), PROD "password:%s", long_one);
	home_write(CONFIG, text, 0400);
	good("prod", "rw");
	assert_string_equal(options.profile_secret.text, long_one);
	options_finish(&options);

	home_write(CONFIG, PROD "[other]\npassword = hunter2\n", 0640);
	assert_int_equal(parse("prod", "rw"), OPTIONS_WRONG);
	assert_contains(capture.text, "holds a password");
	assert_contains(capture.text, "type chmod 600 ");
	home_write(CONFIG, PROD, 0666);
	assert_int_equal(parse("prod", "rw"), OPTIONS_WRONG);
	assert_contains(capture.text, "can be changed by others");
	assert_contains(capture.text, "type chmod go-w ");
	wrong(PROD "password = hunter2\npassword = hunter2\n", "line 6: the password stands twice");
	wrong(PROD "password = hunter2\npassword_file = x\n", "one of password, password_file and");
}

static void wrong_files(void **state)
{
	char text[600];

	wrong(PROD "pasword = hunter2\n",
		"line 5: there is no \"pasword\" in a profile: the nearest is \"password\"");
	wrong(PROD "tll = 2\n", "the nearest is \"ttl\"");
	wrong("[prod]\nulr = x\n",
		"line 2: there is no \"ulr\" in a profile: the nearest is \"url\"");
	wrong(PROD "ttl = abc\n", "ttl=abc: ttl is a number");
	assert_contains(capture.text, CONFIG ", line 5");
	wrong(PROD "ro = maybe\n", "line 5: ro is yes or no");
	wrong(PROD "allow_root = yes\n", "allow_root isn't offered");
	wrong(PROD "ttl = 5\nttl = 6\n", "line 6: ttl stands twice");
	wrong(PROD PROD, "line 6: url stands twice");
	wrong(PROD "this is nothing\n", "line 5: NAME = VALUE or [SECTION]");
	wrong("[prod\n" PROD, "line 1: NAME = VALUE or [SECTION]");
	wrong("[prod]\nurl = https://h\n login = ann\n", "line 3: the line begins with a blank");
	wrong("[prod]\nlogin = ann\n" DATABASE, "no url: it is written url = https://host[:port]");
	wrong("[prod]\nurl = https://h\n" DATABASE, "no login");
	wrong(SERVER, "no database");
	wrong(SERVER "database =\n", "line 4: database is empty");
	wrong("[prod]\nurl = https://ann@h\nlogin = a\n" DATABASE, "url= has a login in it");
	wrong("[prod]\nurl = http://h\nlogin = a\n" DATABASE, "plain http to another machine");
	memset(text, 'a', sizeof(text));
	memcpy(text, PROD "context = ", strlen(PROD "context = "));
	text[sizeof(text) - 1] = '\0';
	wrong(text, "line 5: the line is too long");
}

static void names(void **state)
{
	home_write(CONFIG, "[prod]\nurl=x\n[test]\n", 0600);
	home_write(RC, "[staging]\nhost=x\n", 0600);
	assert_int_equal(parse("stagign", "rw"), OPTIONS_WRONG);
	assert_contains(capture.text, "SOURCE is \"stagign\"");
	assert_contains(capture.text, "the nearest is \"staging\"");
	assert_contains(capture.text, CONFIG);
	assert_contains(capture.text, RC);
	assert_int_equal(parse("tets", "rw"), OPTIONS_WRONG);
	assert_contains(capture.text, "the nearest is \"test\"");
	forget_files(state);
	assert_int_equal(parse("prod", "rw"), OPTIONS_WRONG);
	assert_contains(capture.text, "which is neither https://login@host[:port]/database nor");
}

#define SESSION \
	"[prod]\ntype = ODOO\nhost = erp.example.com\nprotocol = jsonrpc+ssl\nport = 443\n" \
	"timeout = 120.5\nuser = ann\npasswd = a ;%%b\ndatabase = prod\n\n"

static void odoorpc_sessions(void **state)
{
	home_write(RC, SESSION, 0600);
	good("prod", "rw");
	assert_string_equal(options.source.url, "https://erp.example.com");
	assert_string_equal(options.source.login, "ann");
	assert_string_equal(options.source.database, "prod");
	assert_string_equal(options.profile_secret.text, "a ;%b");
	assert_int_equal(options.timeout, 121);
	options_finish(&options);

	/* One of ours of the same name goes before. */
	home_write(CONFIG, PROD, 0600);
	good("prod", "timeout=5");
	assert_string_equal(options.source.url, "https://erp.example.com:8069");
	options_finish(&options);
}

static void wrong_session(const char *text, mode_t mode, const char *part)
{
	home_write(RC, text, mode);
	if (parse("prod", "rw") != OPTIONS_WRONG) {
		fail_msg("\"%s\" was taken", text);
	}
	assert_contains(capture.text, part);
	assert_contains(capture.text, RC);
}

static void wrong_odoorpc_sessions(void **state)
{
	wrong_session(SESSION, 0644, "type chmod 600 ");
	wrong_session("[prod]\ntype = ODOO2\n", 0600, "line 2: type = ODOO2");
	wrong_session("[prod]\nprotocol = xmlrpc\n", 0600, "is jsonrpc or jsonrpc+ssl");
	wrong_session("[prod]\nhost=h\ntimeout = soon\n", 0600, "line 3: timeout = soon");
	wrong_session("[prod]\nhost=h\npasswd = hunter2%(x)s\n", 0600, "line 3: a '%'");
	wrong_session("[prod]\nhost=h ;x\n", 0600, "line 2: a ';' behind a blank");
	wrong_session(
		"[prod]\nhost=h\nport=x\nuser=a\ndatabase=b\n", 0600, "url= has a wrong port");
	wrong_session("[prod]\nuser=a\n", 0600, "no url");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_server, forget_files),
		cmocka_unit_test_setup(settings, forget_files),
		cmocka_unit_test_setup(the_command_line_goes_before, forget_files),
		cmocka_unit_test_setup(passwords, forget_files),
		cmocka_unit_test_setup(wrong_files, forget_files),
		cmocka_unit_test_setup(names, forget_files),
		cmocka_unit_test_setup(odoorpc_sessions, forget_files),
		cmocka_unit_test_setup(wrong_odoorpc_sessions, forget_files),
	};

	return cmocka_run_group_tests(tests, set_up, home_tear_down);
}
