/* SPDX-License-Identifier: MIT */
/*
 * Open files. A handle holds the content that was opened, so reading it takes no lock, and gives
 * the same bytes to the end whatever happens on the server. On a read-only mount there are no
 * handles: the kernel opens by itself, and reads by node.
 */
#ifndef FS_FILE_H
#define FS_FILE_H

#include "fs/fs.h"
#include "fs/process.h"

#include "cache/cache.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

struct call;
struct draft;
struct exporter;

enum file_kind {
	FILE_RECORD,
	FILE_DRAFT,
	FILE_EXPORT,
	FILE_BINARY,
	FILE_CALL,
	FILE_CONTROL, /* one of `.odoofs/`, open for writing */
};

struct open_file {
	struct open_file *prev, *next; /* in fs->files */
	enum file_kind kind;
	atomic_uint refs; /* the kernel's, and those of readers who are just replying */
	struct cache_content *content; /* FILE_RECORD */
	struct cache_blob *blob;       /* FILE_BINARY */
	struct draft *draft;	       /* FILE_DRAFT; lives as long as it has a handle */
	bool writes;		       /* FILE_DRAFT: it was opened for writing */
	struct exporter *exporter;     /* FILE_EXPORT */
	struct process process;	       /* FILE_EXPORT: who opened it */
	struct call *call;	       /* FILE_CALL */
	uint64_t node;	  /* FILE_RECORD, FILE_BINARY, FILE_EXPORT: what was opened … */
	struct stat stat; /* … and its attributes; st_ino is 0 where there are none */
	uint32_t control; /* FILE_CONTROL: which */
	char *written;	  /* FILE_CONTROL: NUL-terminated; one opener at a time */
	size_t n_written;
};

/* Make a handle, listed in fs->files. NULL when out of memory. */
struct open_file *open_file_create(struct fs *fs, enum file_kind kind);

/*
 * Keep it while a reply is given from it: the kernel may close it as soon as it has the bytes.
 * Given back by open_file_destroy.
 */
static inline void open_file_hold(struct open_file *file)
{
	file->refs++;
}

/*
 * Give up what it holds, and free it, unless somebody else keeps it. NULL is allowed. May be called
 * with draft_mutex held while it has no draft.
 */
void open_file_destroy(struct fs *fs, struct open_file *file);

/* The attributes of a version that somebody has open. Returns whether there is one. */
bool open_file_stat(struct fs *fs, uint64_t node, struct stat *ret_stat);

/* Free those that were open when the mount ended: the kernel sends no RELEASE for them then. */
void files_finish(struct fs *fs);

/* Reply what a READ wants of `size` bytes at `data`. */
void file_reply_part(fuse_req_t req, const char *data, size_t size, size_t wanted, off_t offset);

/* As fuse_file_info's fh. */
static inline uint64_t open_file_pack(struct open_file *handle)
{
	return (uint64_t)(uintptr_t)handle;
}

static inline struct open_file *open_file_of(uint64_t fh)
{
	return (struct open_file *)(uintptr_t)fh;
}

#endif
