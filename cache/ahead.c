/* SPDX-License-Identifier: MIT */
/*
 * Reading ahead: who walks through a model finds the next batch there, or on its way.
 *
 *	               at             next
 *	─── was read ───┼── is here ───┼── batch ──┼── batch ──┼─ ─ ─
 *	                └─ contents that the cache has to hold ┘
 *
 * A batch that is sent ahead carries a marker on its first record: who reaches it starts another.
 * So does the end of a batch that somebody had to wait for, because he is faster than the server.
 */
#include "cache/batch.h"

/* The last batches of a model are smaller, so that no connection ends long before another. */
#define SHARE_MIN 250

/* More at a time than the cache holds would be thrown away before it is read. */
void ahead_limit_window(struct cache_model *model, struct stream *stream)
{
	size_t room = cache_contents_room(&model->cache->contents);

	if (stream->window > room) {
		stream->window = room ? (uint32_t)room : 1;
	}
}

/* How many records there are from where the reader is to where the last batch ends. */
static size_t distance(const struct cache_model *model, const struct stream *stream)
{
	const struct cache_index *index = &model->index;

	if (!cache_index_knows(index, stream->next)) {
		return stream->next - stream->at;
	}
	return cache_index_after(index, stream->next - 1) -
	       cache_index_after(index, stream->at - 1);
}

/*
 * As many are sent as there are connections; and another, so that the server gets it the moment it
 * is done with one, where the reader has shown that he goes on and on.
 */
static bool may_send(struct cache_model *model, const struct stream *stream, uint32_t first)
{
	unsigned limit = model->cache->options.connections + (stream->window >= STREAM_WINDOW_MAX);
	size_t most = cache_contents_share(&model->cache->contents);

	if (model->index.covered && !cache_index_knows(&model->index, first)) {
		listing_page(model, NULL); /* its next page tells, and feeds who waits for it */
		return false;
	}
	return !model->pending && model->n_batches < limit &&
	       distance(model, stream) + stream->window <= most;
}

/* How many of the records from `first` on, of which the last are shared among the connections. */
static size_t share(const struct cache_model *model, uint32_t first, uint32_t window)
{
	const struct cache_index *index = &model->index;
	size_t left, share;

	if (!index->complete || window <= SHARE_MIN) {
		return window;
	}
	left = index->n_ids - cache_index_after(index, first - 1);
	share = left / model->cache->options.connections;
	share = share > SHARE_MIN ? share : SHARE_MIN;
	return share < window ? share : window;
}

bool ahead_send(struct cache_model *model, struct stream *stream)
{
	struct batch_walk walk = { model, stream->content };
	uint32_t first = batch_successor(&walk, stream->next);
	struct batch *batch;

	stream->hungry = !may_send(model, stream, first);
	if (stream->hungry || !cache_index_may_have(&model->index, first) ||
		!(batch = batch_create(model))) {
		return false;
	}
	stream_advance(&model->streams, stream);
	ahead_limit_window(model, stream);
	batch_fill_upwards(batch, first, share(model, first, stream->window), stream->content);
	if (!batch->n_ids) {
		batch_destroy(batch);
		return false;
	}
	cache_records_find(&model->records, batch->ids[0])->marker = true;
	stream_fetched(stream, batch->ids[0], batch->ids[batch->n_ids - 1]);
	batch->ahead = true;
	batch_send(batch);
	return true;
}

void batch_reached(struct cache_model *model, struct cache_record *record)
{
	struct stream *stream = stream_at(&model->streams, record->id);

	record->marker = false;
	if (stream) {
		stream->at = record->id;
		ahead_send(model, stream);
	}
}

void ahead_use_connection(struct cache_model *model, const struct batch *done)
{
	struct stream *own = stream_at(&model->streams, done->ids[0]);

	if (model->offline) {
		return;
	}
	while (own && done->starved && own->window > 1 && ahead_send(model, own)) {
	}
	ahead_feed(model);
}

void ahead_feed(struct cache_model *model)
{
	for (struct stream *s = model->streams.streams; s < model->streams.streams + STREAMS; s++) {
		if (s->next && s->hungry) {
			ahead_send(model, s);
		}
	}
}
