/* SPDX-License-Identifier: MIT */
#include "fs/call.h"

#include "fs/buffer.h"
#include "fs/call_request.h"
#include "fs/call_result.h"
#include "fs/document.h"
#include "fs/json_text.h"
#include "fs/notifier.h"
#include "fs/save.h"
#include "fs/view_number.h"

#include "cache/call.h"
#include "odoo/cleanup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* An open file. call_mutex protects what isn't marked constant. */
struct call {
	struct cache_model *model; /* constant */
	uint32_t model_number;	   /* constant */
	char *method;		   /* constant */
	struct buffer written;	   /* since the last call */
	bool busy;		   /* a call is on its way */
	struct op *op;		   /* the write that waits for it */
	char *text;		   /* what came of the last one; NULL: there was none */
	size_t size;
	off_t end;   /* behind what was written for it */
	off_t start; /* of the text, for who reads it; -1: nobody did yet */
};

/* Of that call, for as long as it takes. */
struct calling {
	struct fs *fs;
	struct open_file *file; /* held */
};

void call_destroy(struct call *call)
{
	if (call) {
		buffer_finish(&call->written);
		free(call->method);
		free(call->text);
		free(call);
	}
}

/* Log a failure, with its path. Returns `r`. */
static int note(struct fs *fs, const struct call *call, int r, const struct odoo_error *error)
{
	_cleanup_free_ char *name = NULL;

	if (r < 0 && error->message && asprintf(&name, ".call/%s", call->method) >= 0) {
		errors_add(fs->errors,
			&(struct errors_subject){ cache_model_name(call->model), 0, name }, "call",
			-r, error);
	}
	return r;
}

static int refuse(
	struct fs *fs, const struct call *call, int r, enum odoo_fault fault, const char *why)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };

	odoo_error_set(&error, fault, "%s", why);
	return note(fs, call, r, &error);
}

/* ── OPEN ── */

static struct call *call_create(const struct view_node *node)
{
	struct call *call = calloc(1, sizeof(*call));

	if (call) {
		call->model = node->model;
		call->model_number = node->model_number;
		call->method = strdup(node->view->text);
	}
	if (call && !call->method) {
		free(call);
		return NULL;
	}
	return call;
}

static int check_allowed(struct fs *fs, const struct call *call)
{
	if (!call_is_allowed(fs)) {
		return refuse(fs, call, -EPERM, ODOO_FAULT_USER,
			"calls=deny: methods can't be called here");
	}
	if (fs->options->delete_mode == DELETE_DENY && strcmp(call->method, "unlink") == 0) {
		return refuse(fs, call, -EPERM, ODOO_FAULT_USER,
			"delete=deny: records can't be removed here");
	}
	return 0;
}

int call_open(struct op *op, const struct view_node *node)
{
	struct fuse_file_info info = {
		.flags = op->flags, .direct_io = 1, /* what is read isn't what was written */
	};
	struct call *call = call_create(node);
	struct open_file *file;
	int r = call ? check_allowed(op->fs, call) : -ENOMEM;

	file = r == 0 ? open_file_create(op->fs, FILE_CALL) : NULL;
	if (!file) {
		call_destroy(call);
		return r ? r : -ENOMEM;
	}
	file->call = call;
	info.fh = open_file_pack(file);
	if (fuse_reply_open(op->req, &info) == -ENOENT) { /* interrupted: no release will come */
		open_file_destroy(op->fs, file);
	}
	return 0;
}

/* ── READ ── */

void call_read(struct fs *fs, fuse_req_t req, struct call *call, size_t size, off_t offset)
{
	_cleanup_unlock_ pthread_mutex_t *held = lock(&fs->call_mutex);

	if (call->start < 0 || offset < call->start) {
		call->start = offset == call->end ? offset : 0;
	}
	file_reply_part(req, call->text, call->size, size, offset - call->start);
}

int call_text(struct op *op, const struct view_node *node, char **ret_text, size_t *ret_size,
	int64_t *ret_mtime)
{
	const struct call_result *result;
	size_t size;

	_cleanup_unlock_ pthread_mutex_t *held = lock(&op->fs->call_mutex);
	result = call_result_find(op->fs, node->model_number, node->view->text);
	size = result ? result->size : 0;
	*ret_text = malloc(size + 1);
	if (!*ret_text) {
		return -ENOMEM;
	}
	if (size) {
		memcpy(*ret_text, result->text, size);
	}
	*ret_size = size;
	*ret_mtime = result ? result->time : op->fs->started;
	return 0;
}

/* ── WRITE ── */

/* With call_mutex held: what came of it, which is taken over; NULL is out of memory. */
static void set_text(struct fs *fs, struct call *call, char *text, size_t size)
{
	free(call->text);
	call->text = text;
	call->size = text ? size : 0;
	call->start = -1;
	call_result_set(fs, call->model_number, call->method, text ? text : "", call->size);
}

/* The text for a result, or for why there is none. */
static int make_text(int r, const cJSON *result, const struct odoo_error *error, char **ret_text,
	size_t *ret_size)
{
	if (r == 0 && result) {
		return json_text(result, 0, ret_text, ret_size);
	}
	r = asprintf(ret_text, "%s\n", r == 0 ? "null" : error->message ? error->message : "");
	*ret_size = r < 0 ? 0 : (size_t)r;
	return r < 0 ? -ENOMEM : 0;
}

static int refuse_result(struct fs *fs, const struct call *call, char **ret_text, size_t *ret_size)
{
	static const char why[] = "the method was called, and took effect; but what it returned "
				  "has a number that JSON can't hold";
	int n = asprintf(ret_text, "%s\n", why);

	*ret_text = n < 0 ? NULL : *ret_text;
	*ret_size = n < 0 ? 0 : (size_t)n;
	return refuse(fs, call, -EIO, ODOO_FAULT_MALFORMED, why);
}

static void on_called(int r, const cJSON *result, const struct odoo_error *error, void *data)
{
	struct calling *calling = data;
	struct fs *fs = calling->fs;
	struct open_file *file = calling->file;
	struct call *call = file->call;
	struct op *op = call->op;
	char *text = NULL;
	size_t size = 0;
	_cleanup_odoo_error_ struct odoo_error unsure = { 0 };
	int made;

	if (error->unsure) {
		odoo_error_set(&unsure, error->fault, "%s: it is unknown whether it took effect",
			error->message);
		error = &unsure;
		r = -EIO;
	}
	note(fs, call, r, error);
	made = make_text(r, result, error, &text, &size);
	if (made == -ERANGE) {
		r = refuse_result(fs, call, &text, &size);
	}
	pthread_mutex_lock(&fs->call_mutex);
	set_text(fs, call, text, size);
	call->busy = false;
	pthread_mutex_unlock(&fs->call_mutex);
	free(calling);
	notifier_reply(fs->notifier, op, r); /* once the kernel knows what it changed */
	open_file_destroy(fs, file);
}

/* With call_mutex held: add to what was written. */
static int append(struct fs *fs, struct call *call, const char *data, size_t size, off_t offset)
{
	if (size > fs->options->max_file || call->written.size > fs->options->max_file - size) {
		return -EFBIG;
	}
	buffer_append(&call->written, data, size);
	call->end = offset + (off_t)size;
	return call->written.failed ? -ENOMEM : 0;
}

/*
 * With call_mutex held: what was written as a request, after which the next one may follow; or as
 * call_request_parse. What can't be right any more is forgotten.
 */
static int take_request(
	struct call *call, struct odoo_request **ret_request, struct odoo_error *error)
{
	int r = call_request_parse(cache_model_name(call->model), call->method, call->written.text,
		call->written.size, ret_request, error);

	if (r <= 0) {
		buffer_finish(&call->written);
		call->written = (struct buffer){ 0 };
	}
	return r;
}

static int run_call(struct op *op)
{
	struct calling *calling = calloc(1, sizeof(*calling));
	struct call *call = op->handle->call;

	if (!calling) {
		odoo_request_destroy(op->request);
		return -ENOMEM;
	}
	open_file_hold(op->handle);
	calling->fs = op->fs;
	calling->file = op->handle;
	cache_call(op->fs->cache, call->model, op->request, on_called, calling);
	return OP_TAKEN;
}

static void start(fuse_req_t req, fuse_ino_t node, struct open_file *file, size_t size,
	struct odoo_request *request)
{
	struct fs *fs = fuse_req_userdata(req);
	struct op *op = op_create(req, node, NULL, run_call);

	pthread_mutex_lock(&fs->call_mutex);
	file->call->busy = op != NULL;
	file->call->op = op;
	pthread_mutex_unlock(&fs->call_mutex);
	if (!op) {
		odoo_request_destroy(request);
		return;
	}
	op->handle = file;
	op->request = request;
	op->written = size;
	op_go(op);
}

void call_write(fuse_req_t req, fuse_ino_t node, struct open_file *file, const char *data,
	size_t size, off_t offset)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };
	struct fs *fs = fuse_req_userdata(req);
	struct odoo_request *request = NULL;
	struct call *call = file->call;
	int r;

	pthread_mutex_lock(&fs->call_mutex);
	r = call->busy ? -EBUSY : append(fs, call, data, size, offset);
	r = r ? r : take_request(call, &request, &error);
	pthread_mutex_unlock(&fs->call_mutex);
	if (request) {
		start(req, node, file, size, request);
	} else if (r < 0) {
		fuse_reply_err(req, -note(fs, call, r, &error));
	} else {
		fuse_reply_write(req, size);
	}
}

/* ── FLUSH ── */

/* What was written and isn't whole is never called: whoever wrote it has to know. */
void call_flush(struct fs *fs, fuse_req_t req, struct call *call)
{
	_cleanup_odoo_error_ struct odoo_error error = { 0 };
	struct odoo_request *request = NULL;
	int r = 0;

	pthread_mutex_lock(&fs->call_mutex);
	if (!call->busy && call->written.size) {
		r = call_request_parse(cache_model_name(call->model), call->method,
			call->written.text, call->written.size, &request, &error);
	}
	pthread_mutex_unlock(&fs->call_mutex);
	odoo_request_destroy(request);
	r = r == DOCUMENT_INCOMPLETE ? -EINVAL : r < 0 ? r : 0;
	fuse_reply_err(req, -note(fs, call, r, &error));
}
