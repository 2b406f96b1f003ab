/* SPDX-License-Identifier: MIT */
/*
 * Cleanup attributes: what a function still owns when it returns is released by the compiler.
 *
 *	_cleanup_free_ char *path = NULL;
 *	...
 *	*ret_path = steal(path);	the caller owns it now
 */
#ifndef ODOO_CLEANUP_H
#define ODOO_CLEANUP_H

#include <cjson/cJSON.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define _cleanup_(function) __attribute__((cleanup(function)))

/* Hand a pointer on: its variable becomes NULL, so that its cleanup does nothing. */
#define steal(pointer) \
	({ \
		__typeof__(pointer) stolen_ = (pointer); \
		(pointer) = NULL; \
		stolen_; \
	})

static inline void cleanup_free(void *pointer)
{
	free(*(void **)pointer);
}

static inline void cleanup_json(cJSON **json)
{
	cJSON_Delete(*json);
}

static inline void cleanup_json_text(char **text)
{
	cJSON_free(*text);
}

static inline void cleanup_file(FILE **file)
{
	if (*file) {
		fclose(*file);
	}
}

static inline void cleanup_fd(int *fd)
{
	if (*fd >= 0) {
		close(*fd);
	}
}

static inline void cleanup_unlock(pthread_mutex_t **mutex)
{
	if (*mutex) {
		pthread_mutex_unlock(*mutex);
	}
}

#define _cleanup_free_ _cleanup_(cleanup_free)
#define _cleanup_json_ _cleanup_(cleanup_json)
#define _cleanup_json_text_ _cleanup_(cleanup_json_text)
#define _cleanup_file_ _cleanup_(cleanup_file)
#define _cleanup_fd_ _cleanup_(cleanup_fd)

/* Hold a mutex to the end of the scope: _cleanup_unlock_ pthread_mutex_t *l = lock(&mutex); */
#define _cleanup_unlock_ __attribute__((unused)) _cleanup_(cleanup_unlock)

static inline pthread_mutex_t *lock(pthread_mutex_t *mutex)
{
	pthread_mutex_lock(mutex);
	return mutex;
}

#endif
