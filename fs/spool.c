/* SPDX-License-Identifier: MIT */
#include "fs/spool.h"

#include "fs/export.h"
#include "odoo/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

/* Not /tmp, which may be memory. */
#define DIRECTORY "/var/tmp"

struct spool {
	/* Constant, but for the first. */
	atomic_uint refs;
	int fd;
	struct exporter *exporter; /* does nothing more once it is done */
	uint32_t edition;	   /* of the rows */
};

void spool_release(struct spool *spool)
{
	if (spool && --spool->refs == 0) {
		export_close(spool->exporter);
		if (spool->fd >= 0) {
			close(spool->fd);
		}
		free(spool);
	}
}

static int open_file(void)
{
	const char *directory = getenv("TMPDIR");
	int fd = open(directory ? directory : DIRECTORY, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd < 0) { /* a filesystem without such files */
		_cleanup_file_ FILE *file = tmpfile();

		fd = file ? fcntl(fileno(file), F_DUPFD_CLOEXEC, 0) : -1;
	}
	return fd < 0 ? -errno : fd;
}

/* To be released. */
static int make(struct op *op, struct view_node *node, uint32_t edition, struct spool **ret_spool)
{
	struct spool *spool = calloc(1, sizeof(*spool));
	int r;

	if (!spool) {
		return -ENOMEM;
	}
	spool->refs = 1;
	spool->edition = edition;
	spool->fd = open_file();
	r = spool->fd < 0 ? spool->fd : export_open(op, node, false, &spool->exporter);
	if (r != 0) {
		spool_release(spool);
		return r;
	}
	*ret_spool = spool;
	return 0;
}

/* The node's, while its rows are these; to be released. NULL: there is none. */
static struct spool *find(struct fs *fs, const struct view_node *node, uint32_t edition)
{
	_cleanup_unlock_ pthread_mutex_t *held = lock(&fs->view_mutex);

	if (!node->spool || node->spool->edition != edition) {
		return NULL;
	}
	node->spool->refs++;
	return node->spool;
}

int spool_prepare(struct op *op, struct view_node **node)
{
	struct spool *spool = NULL;
	struct cache_rows *rows;
	uint32_t edition;
	size_t size;
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
		r = export_spool(op, spool->exporter, spool->fd, &size);
	}
	if (r == 0) {
		view_node_set_size(op->fs, *node, size);
	}
	spool_release(spool);
	return r;
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
