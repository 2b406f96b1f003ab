/* SPDX-License-Identifier: MIT */
#include "fs/spool.h"

#include "fs/export.h"
#include "odoo/cleanup.h"
#include "odoo/temporary.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct spool {
	atomic_uint refs;
	int fd;		    /* constant */
	uint32_t edition;   /* of the rows; constant */
	atomic_bool failed; /* it will never be whole */

	pthread_mutex_t mutex;	   /* protects the rest */
	struct exporter *exporter; /* NULL: it is done */
	size_t size;		   /* then */
};

void spool_release(struct spool *spool)
{
	if (spool && --spool->refs == 0) {
		export_close(spool->exporter);
		if (spool->fd >= 0) {
			close(spool->fd);
		}
		pthread_mutex_destroy(&spool->mutex);
		free(spool);
	}
}

/* A descriptor, or -errno, which was told. */
static int open_file(struct op *op, const struct view_node *node)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };
	int fd = temporary_file_open();

	if (fd < 0) {
		odoo_error_set(&error,
			fd == -EMFILE || fd == -ENFILE ? ODOO_FAULT_DESCRIPTORS
						       : ODOO_FAULT_INTERNAL,
			"there is no temporary file for this export: %s", strerror(-fd));
	}
	return view_op_failed(op, node, NULL, fd, &error);
}

/* To be released. */
static int make(struct op *op, struct view_node *node, uint32_t edition, struct spool **ret_spool)
{
	struct spool *spool = calloc(1, sizeof(*spool));
	int r;

	if (!spool) {
		return -ENOMEM;
	}
	pthread_mutex_init(&spool->mutex, NULL);
	spool->refs = 1;
	spool->edition = edition;
	spool->fd = open_file(op, node);
	r = spool->fd < 0 ? spool->fd : export_open(op, node, false, &spool->exporter);
	if (r != 0) {
		spool_release(spool);
		return r;
	}
	*ret_spool = spool;
	return 0;
}

/* The node's, while its rows are these (0: any); to be released. NULL: there is none. */
static struct spool *find(struct fs *fs, const struct view_node *node, uint32_t edition)
{
	_cleanup_unlock_ pthread_mutex_t *held = lock(&fs->view_mutex);

	if (!node->spool || node->spool->failed || (edition && node->spool->edition != edition)) {
		return NULL;
	}
	node->spool->refs++;
	return node->spool;
}

/* Go on until it is whole: 0, CACHE_WAIT, or -errno. */
static int fill(struct op *op, struct view_node *node, struct spool *spool)
{
	int r = 0;

	_cleanup_unlock_ pthread_mutex_t *held = lock(&spool->mutex);
	if (spool->exporter) {
		r = export_spool(op, spool->exporter, spool->fd, &spool->size);
	}
	spool->failed = spool->failed || r < 0;
	if (r == 0) {
		export_close(steal(spool->exporter));
		view_node_set_size(op->fs, node, spool->size);
	}
	return r;
}

int spool_prepare(struct op *op, struct view_node **node)
{
	struct spool *spool = NULL;
	struct cache_rows *rows;
	uint32_t edition;
	int r = view_op_rows(op, *node, &rows);

	if (r == 0) {
		r = view_op_rows_failed(
			op, *node, rows, cache_rows_begin(rows, &edition, &op->waiter));
	}
	if (r != 0) {
		return r;
	}
	spool = find(op->fs, *node, edition);
	if (!spool) {
		r = make(op, *node, edition, &spool);
		if (r == 0) {
			spool->refs++; /* the node's own */
			r = view_node_set_spool(op->fs, node, spool);
		}
	}
	if (r == 0) {
		r = fill(op, *node, spool);
	}
	spool_release(spool);
	return r;
}

int spool_complete(struct op *op, struct view_node *node)
{
	struct view_node *target = node;
	struct spool *spool;
	int r;

	if (spool_is_whole(node)) {
		return 0;
	}
	spool = find(op->fs, node, 0);
	if (spool) {
		r = fill(op, node, spool);
		spool_release(spool);
		return r;
	}
	if (node->spool) {
		return -ESTALE; /* its name gets another try */
	}
	view_node_hold(op->fs, node);
	r = spool_prepare(op, &target);
	view_node_let_go(op->fs, target);
	return r == 0 && target != node ? spool_complete(op, node) : r;
}

int spool_read(struct op *op, const struct view_node *node)
{
	_cleanup_free_ char *buffer = malloc(op->size);
	ssize_t n;

	if (!buffer) {
		return -ENOMEM;
	}
	n = pread(node->spool->fd, buffer, op->size, op->offset);
	if (n < 0) {
		return -errno;
	}
	fuse_reply_buf(op->req, buffer, (size_t)n);
	return 0;
}
