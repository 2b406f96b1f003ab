/* SPDX-License-Identifier: MIT */
#include "cache/keys.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *cache_keys_next(const struct cache_keys *keys, const char *key)
{
	if (!keys) {
		return NULL;
	}
	key = key ? key + strlen(key) + 1 : keys->text;
	return key < keys->text + keys->size ? key : NULL;
}

bool cache_keys_has(const struct cache_keys *keys, const char *key)
{
	const char *other = NULL;

	while ((other = cache_keys_next(keys, other))) {
		if (strcmp(other, key) == 0) {
			return true;
		}
	}
	return false;
}

/* NULL for something that is no key of a selection. */
static const char *key_text(const cJSON *key, char *buffer, size_t size)
{
	if (cJSON_IsString(key)) {
		return key->valuestring;
	}
	if (!cJSON_IsNumber(key) || isless(key->valuedouble, key->valueint) ||
		isgreater(key->valuedouble, key->valueint)) {
		return NULL;
	}
	snprintf(buffer, size, "%d", key->valueint);
	return buffer;
}

/* The key of a selection's entry when it is like the first one's; else NULL. */
static const char *entry_key(const cJSON *entry, bool numbers, char *buffer, size_t size)
{
	const cJSON *key = cJSON_IsArray(entry) ? entry->child : NULL;

	return key && !!cJSON_IsNumber(key) == numbers ? key_text(key, buffer, size) : NULL;
}

static size_t append(char *to, size_t at, const char *key)
{
	size_t size = strlen(key) + 1;

	if (to) {
		memcpy(to + at, key, size);
	}
	return at + size;
}

/* The size that all keys take, 0 when one isn't a key; they are copied to `to` unless it's NULL. */
static size_t copy_selection(const cJSON *selection, bool numbers, char *to)
{
	const cJSON *entry;
	char buffer[16];
	size_t at = 0;

	cJSON_ArrayForEach (entry, selection) {
		const char *key = entry_key(entry, numbers, buffer, sizeof(buffer));
		if (!key) {
			return 0;
		}
		at = append(to, at, key);
	}
	return at;
}

static size_t copy_labels(const cJSON *selection, char *to)
{
	const cJSON *entry;
	size_t at = 0;

	cJSON_ArrayForEach (entry, selection) {
		const char *label = cJSON_GetStringValue(cJSON_GetArrayItem(entry, 1));

		at = append(to, at, label ? label : "");
	}
	return at;
}

/* Whether a state's modifiers have a "readonly", and this one. */
static bool has_readonly(const cJSON *modifiers, bool readonly)
{
	const cJSON *modifier;

	cJSON_ArrayForEach (modifier, modifiers) {
		const cJSON *name = cJSON_IsArray(modifier) ? modifier->child : NULL;
		const cJSON *value = name ? name->next : NULL;
		const char *text = cJSON_GetStringValue(name);

		if (!text || strcmp(text, "readonly") != 0) {
			continue;
		}
		if (cJSON_IsBool(value)) {
			return !!cJSON_IsTrue(value) == readonly;
		}
		return value && cJSON_IsNumber(value) && (value->valueint != 0) == readonly;
	}
	return false;
}

static size_t copy_states(const cJSON *states, bool readonly, char *to)
{
	const cJSON *state;
	size_t at = 0;

	cJSON_ArrayForEach (state, states) {
		if (has_readonly(state, readonly)) {
			at = append(to, at, state->string);
		}
	}
	return at;
}

static struct cache_keys *make(size_t size, bool numbers)
{
	struct cache_keys *keys = malloc(sizeof(*keys) + size);

	if (keys) {
		keys->size = size;
		keys->numbers = numbers;
	}
	return keys;
}

int cache_keys_of_selection(const cJSON *selection, struct cache_keys **ret_keys)
{
	const cJSON *first = cJSON_IsArray(selection) ? selection->child : NULL;
	bool numbers = first && cJSON_IsArray(first) && cJSON_IsNumber(first->child);
	size_t size = first ? copy_selection(selection, numbers, NULL) : 0;
	struct cache_keys *keys = NULL;

	if (size > 0) {
		keys = make(size, numbers);
		if (!keys) {
			return -ENOMEM;
		}
		copy_selection(selection, numbers, keys->text);
	}
	*ret_keys = keys;
	return 0;
}

int cache_keys_of_labels(const cJSON *selection, struct cache_keys **ret_labels)
{
	struct cache_keys *labels = make(copy_labels(selection, NULL), false);

	if (!labels) {
		return -ENOMEM;
	}
	copy_labels(selection, labels->text);
	*ret_labels = labels;
	return 0;
}

const char *cache_keys_label(
	const struct cache_keys *keys, const struct cache_keys *labels, const char *key)
{
	const char *other = NULL, *label = NULL;

	while ((other = cache_keys_next(keys, other)) && (label = cache_keys_next(labels, label))) {
		if (strcmp(other, key) == 0) {
			return label;
		}
	}
	return NULL;
}

int cache_keys_of_states(const cJSON *states, bool readonly, struct cache_keys **ret_keys)
{
	size_t size = cJSON_IsObject(states) ? copy_states(states, !readonly, NULL) : 0;
	struct cache_keys *keys = NULL;

	if (size > 0) {
		keys = make(size, false);
		if (!keys) {
			return -ENOMEM;
		}
		copy_states(states, !readonly, keys->text);
	}
	*ret_keys = keys;
	return 0;
}
