/* SPDX-License-Identifier: MIT */
/* odoofs [options] SOURCE MOUNTPOINT: wires the parts together. */
#include "fs/background.h"
#include "fs/context.h"
#include "fs/fs.h"
#include "fs/mountpoint.h"
#include "fs/secret.h"

#include "odoo/client.h"
#include "odoo/demo.h"
#include "odoo/locked.h"
#include "odoo/log.h"

#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

/*
 * Parsing a thousand records takes ten megabytes in small pieces. By itself malloc grows by a page
 * at a time, and gives all of it back after each batch, for the kernel to make the same pages
 * again: that takes longer than the parsing. So it grows in steps and keeps that much, until
 * upkeep makes it give back what a walk left behind.
 */
#define HEAP_STEP (1 << 20)
#define HEAP_KEPT (64 << 20)

/* Another place than the public service, for tests. */
#define DEMO_VARIABLE "ODOOFS_DEMO_URL"

struct life {
	struct options options;
	struct background background;
	char *secret;
};

/* On a receive thread, once the kernel has mounted us. */
static void on_ready(void *data)
{
	struct life *life = data;

	if (!life->options.foreground) {
		log_set_up(life->options.log_level, true);
	}
	if (background_ready(&life->background) < 0) {
		log_error("the process that waited for the mount is gone: unmounting");
		kill(getpid(), SIGTERM);
	}
}

static int log_in(struct life *life, struct odoo_client **ret_client)
{
	const struct options *options = &life->options;
	const struct odoo_client_options client_options = {
		.url = options->source.url,
		.database = options->source.database,
		.login = options->source.login,
		.transport = options->transport,
		.secret = life->secret,
		.cacert = options->cacert,
		.cert = options->cert,
		.key = options->key,
		.proxy = options->proxy,
		.connections = options->connections,
		.timeout_ms = options->timeout * 1000,
	};
	struct odoo_client *client = NULL;
	struct odoo_error error;
	int r;

	odoo_error_init(&error);
	r = odoo_client_create(&client_options, &client, &error);
	locked_destroy(life->secret); /* the client has its own */
	life->secret = NULL;
	if (r == 0) {
		r = odoo_client_login(client, &error);
	}
	if (r == 0) {
		r = context_set(client, options, &error);
	}
	if (r < 0) {
		fprintf(stderr, "odoofs: %s\n", error.message ? error.message : "out of memory");
		odoo_client_destroy(client);
	} else {
		*ret_client = client;
	}
	odoo_error_finish(&error);
	return r;
}

/* One heap for all threads: only the main one grows in steps. */
static void set_up_heap(void)
{
	mallopt(M_ARENA_MAX, 1);
	mallopt(M_TOP_PAD, HEAP_STEP);
	mallopt(M_TRIM_THRESHOLD, HEAP_KEPT);
}

/* An export whose size was asked for has a file of its own, and the usual 1,024 are soon used up.
 */
static void raise_file_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

/* Where and who is what the demo service makes up. */
static int open_demo(struct life *life)
{
	struct options *options = &life->options;
	const char *url = getenv(DEMO_VARIABLE);
	const struct odoo_client_options way = {
		.url = url ? url : ODOO_DEMO_URL,
		.cacert = options->cacert,
		.cert = options->cert,
		.key = options->key,
		.proxy = options->proxy,
		.timeout_ms = options->timeout * 1000,
	};
	_cleanup_odoo_error_ struct odoo_error error = { 0 };
	int r = odoo_demo_start(&way, &options->source, &life->secret, &error);

	if (r < 0) {
		fprintf(stderr, "odoofs: %s\n", error.message);
	} else {
		log_info("the demo's database is %s at %s, the user is %s",
			options->source.database, options->source.url, options->source.login);
	}
	return r;
}

/* In the process that serves. */
static int serve(struct life *life)
{
	struct odoo_client *client;
	struct fs *fs = NULL;
	int r;

	set_up_heap();
	raise_file_limit();
	if (life->options.demo && open_demo(life) < 0) {
		return EXIT_FAILURE;
	}
	/* Until there is something to unmount a signal ends it, however slow the server is. */
	if (log_in(life, &client) < 0) {
		return EXIT_FAILURE;
	}
	fs_block_signals();
	r = fs_create(&life->options, client, on_ready, life, &fs);
	if (r == 0) {
		r = fs_mount(fs);
	}
	if (r == 0) {
		r = fs_run(fs);
	}
	odoo_client_destroy(client);
	fs_destroy(fs);
	return r == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int find_secret(struct life *life)
{
	struct options *options = &life->options;
	const struct secret_wanted wanted = {
		.login = options->source.login,
		.url = options->source.url,
		.host = options->source.host,
		.given = &options->secret,
		.profile = &options->profile_secret,
	};
	int r = secret_read(&wanted, &life->secret);

	secret_place_finish(&options->profile_secret);
	return r;
}

static int run(struct life *life)
{
	struct options *options = &life->options;
	char *mountpoint;
	int status;

	log_set_up(options->log_level, false);
	if (mountpoint_prepare(options->mountpoint, &mountpoint) < 0) {
		return EXIT_FAILURE;
	}
	free(options->mountpoint);
	options->mountpoint = mountpoint;
	if (options->demo) {
		secret_wipe_environment();
	} else if (find_secret(life) < 0) {
		return EXIT_FAILURE;
	}
	if (!options->foreground) {
		int r = background_start(&life->background, &status);

		if (r != 0) {
			return r < 0 ? EXIT_FAILURE : status;
		}
		locked_after_fork(life->secret);
	}
	return serve(life);
}

int main(int argc, char **argv)
{
	struct life life = { 0 };
	int status = EXIT_SUCCESS;

	background_init(&life.background);
	secret_protect_process();
	switch (options_parse(argc, argv, &life.options)) {
	case OPTIONS_WRONG:
		return 2;
	case OPTIONS_DONE:
		return EXIT_SUCCESS;
	case OPTIONS_RUN:
		status = run(&life);
		break;
	}
	locked_destroy(life.secret);
	options_finish(&life.options);
	return status;
}
