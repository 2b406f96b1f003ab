/* SPDX-License-Identifier: MIT */
/*
 * Readahead: who reads records in a row, and how many to fetch next.
 *
 * A stream is one reader walking upwards through a model. Each time it goes on where it stood, its
 * window is 32 times as large, to STREAM_WINDOW_MAX; what starts anywhere else begins with one
 * record. Several streams live side by side: a shell's `*.json` is sorted as text (1, 10, 100, 101,
 * …, 11, 110), which is one walk for each number of digits. Pure; the cache's lock protects it.
 */
#ifndef CACHE_STREAM_H
#define CACHE_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#define STREAM_WINDOW_MAX 1000
#define STREAMS 8

struct stream {
	uint32_t start;	 /* where the walk began */
	uint32_t at;	 /* where the reader was last seen */
	uint32_t next;	 /* the first id behind the last batch; 0 marks an unused stream */
	uint32_t window; /* size of the last batch */
	uint64_t used;	 /* for replacing the one unused for longest */
	bool hungry;	 /* a batch ahead was wanted, and had to wait */
	bool content;	 /* the last miss wanted more than attributes */
};

struct stream_set {
	struct stream streams[STREAMS];
	uint64_t clock;
	uint32_t strays;    /* misses in a row that continued no stream */
	int64_t strayed_ms; /* the last of them */
};

/*
 * A miss at `id`. `successor` gives the first id at or after `next` that exists as far as is known.
 * Returns the stream, with its window as it shall be for the batch that starts at `id`.
 */
struct stream *stream_miss(struct stream_set *set, uint32_t id,
	uint32_t (*successor)(void *data, uint32_t next), void *data, int64_t now_ms);

/* The stream that has walked over `id`, the last of them to do so; or NULL. */
struct stream *stream_at(struct stream_set *set, uint32_t id);

/* The window for the batch behind the last. */
void stream_advance(struct stream_set *set, struct stream *stream);

/* Say what was fetched: a batch from `first` to `last`. */
void stream_fetched(struct stream *stream, uint32_t first, uint32_t last);

#endif
