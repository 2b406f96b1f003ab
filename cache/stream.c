/* SPDX-License-Identifier: MIT */
#include "cache/stream.h"

#include <stddef.h>

/* A call costs as much as a hundred records do: so many steps as there are to the largest cost. */
#define GROWTH 32

/* Strays that come closer together than this are one reader jumping about. */
#define STRAY_MS 2000

/* After so many strays in a row, their neighbours are fetched with them, so many at a time. */
#define STRAYS_MANY 32
#define STRAY_WINDOW 64

static uint32_t grown(uint32_t window)
{
	return window < STREAM_WINDOW_MAX / GROWTH ? window * GROWTH : STREAM_WINDOW_MAX;
}

static struct stream *begin(struct stream_set *set)
{
	struct stream *oldest = set->streams;

	for (struct stream *s = set->streams; s < set->streams + STREAMS; s++) {
		if (s->used < oldest->used) {
			oldest = s;
		}
	}
	*oldest = (struct stream){ .used = ++set->clock };
	return oldest;
}

static uint32_t stray_window(struct stream_set *set, int64_t now_ms)
{
	set->strays = now_ms - set->strayed_ms < STRAY_MS ? set->strays + 1 : 1;
	set->strayed_ms = now_ms;
	return set->strays > STRAYS_MANY ? STRAY_WINDOW : 1;
}

struct stream *stream_miss(struct stream_set *set, uint32_t id,
	uint32_t (*successor)(void *data, uint32_t next), void *data, int64_t now_ms)
{
	struct stream *stream;

	for (stream = set->streams; stream < set->streams + STREAMS; stream++) {
		if (stream->next && id >= stream->next && id <= successor(data, stream->next)) {
			set->strays = 0;
			stream_advance(set, stream);
			stream->at = id;
			return stream;
		}
	}
	stream = begin(set);
	stream->window = stray_window(set, now_ms);
	stream->at = id;
	return stream;
}

struct stream *stream_at(struct stream_set *set, uint32_t id)
{
	struct stream *found = NULL;

	for (struct stream *s = set->streams; s < set->streams + STREAMS; s++) {
		if (s->next && id >= s->start && id < s->next &&
			(!found || s->used > found->used)) {
			found = s;
		}
	}
	return found;
}

void stream_advance(struct stream_set *set, struct stream *stream)
{
	stream->window = grown(stream->window);
	stream->used = ++set->clock;
}

void stream_fetched(struct stream *stream, uint32_t first, uint32_t last)
{
	if (!stream->next) {
		stream->start = first;
	}
	stream->next = last + 1;
}
