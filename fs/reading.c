/* SPDX-License-Identifier: MIT */
#include "fs/reading.h"

#include <stdlib.h>
#include <utlist.h>

/* Past so many states, the one that was read longest ago is forgotten. */
#define STATES_MAX 1024

/* Of each, so many processes are known. */
#define READERS_MAX 8

struct reader {
	struct process process;
	uint64_t moment;
	bool spent;
};

struct reading {
	struct reading *prev, *next; /* in fs->readings; read longest ago first */
	struct reading_state state;
	unsigned n_read, n_spent;
	bool has_strangers;		    /* who read it and aren't counted */
	struct reader readers[READERS_MAX]; /* a ring */
	unsigned next_reader;
};

static struct reading *find(struct fs *fs, const struct reading_state *state)
{
	struct reading *reading;

	DL_FOREACH (fs->readings, reading) {
		if (reading->state.digest == state->digest && reading->state.id == state->id &&
			reading->state.model_number == state->model_number) {
			return reading;
		}
	}
	return NULL;
}

static void drop(struct fs *fs, struct reading *reading)
{
	DL_DELETE(fs->readings, reading);
	fs->n_readings--;
	free(reading);
}

static struct reading *add(struct fs *fs, const struct reading_state *state)
{
	struct reading *reading = calloc(1, sizeof(*reading));

	if (!reading) {
		return NULL;
	}
	reading->state = *state;
	DL_APPEND(fs->readings, reading);
	fs->n_readings++;
	if (fs->n_readings > STATES_MAX) {
		drop(fs, fs->readings);
	}
	return reading;
}

static struct reader *reader_of(struct reading *reading, const struct process *process)
{
	for (unsigned i = 0; i < READERS_MAX; i++) {
		if (process_is(&reading->readers[i].process, process)) {
			return &reading->readers[i];
		}
	}
	return NULL;
}

/* What it read before it won't write from. */
static void supersede(
	struct fs *fs, const struct reading_state *state, const struct process *process)
{
	struct reading *reading;

	DL_FOREACH (fs->readings, reading) {
		struct reader *reader =
			reading->state.id == state->id &&
					reading->state.model_number == state->model_number
				? reader_of(reading, process)
				: NULL;
		if (reader) {
			reading->n_spent += !reader->spent && reading->n_spent < reading->n_read;
			*reader = (struct reader){ 0 };
		}
	}
}

void reading_note(
	struct fs *fs, const struct reading_state *state, const struct process *process, bool again)
{
	struct reading *reading;

	supersede(fs, state, process);
	reading = find(fs, state);
	if (reading) {
		DL_DELETE(fs->readings, reading);
		DL_APPEND(fs->readings, reading);
	} else if ((reading = add(fs, state))) {
		reading->has_strangers = again;
	}
	if (!reading) {
		return;
	}
	reading->n_read++;
	reading->readers[reading->next_reader++ % READERS_MAX] =
		(struct reader){ .process = *process, .moment = ++fs->moment };
}

void reading_spend(struct fs *fs, const struct reading_state *state, const struct process *process)
{
	struct reading *reading = find(fs, state);
	struct reader *reader = reading ? reader_of(reading, process) : NULL;

	if (!reading || (reader && reader->spent)) {
		return;
	}
	reading->n_spent++;
	if (reader) {
		reader->spent = true;
	}
}

bool reading_is_open(struct fs *fs, const struct reading_state *state)
{
	const struct reading *reading = find(fs, state);

	return !reading || reading->has_strangers || reading->n_spent < reading->n_read;
}

uint64_t reading_moment(
	struct fs *fs, const struct reading_state *state, const struct process *process)
{
	struct reading *reading = find(fs, state);
	const struct reader *reader = reading ? reader_of(reading, process) : NULL;

	return reader ? reader->moment : 0;
}

void readings_finish(struct fs *fs)
{
	while (fs->readings) {
		drop(fs, fs->readings);
	}
}
