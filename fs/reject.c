/* SPDX-License-Identifier: MIT */
#include "fs/reject.h"

#include "fs/notifier.h"

#include "odoo/cleanup.h"
#include "odoo/log.h"

#include <limits.h>
#include <string.h>
#include <time.h>
#include <utlist.h>

#define REASON ".txt"

static void tell_name(struct fs *fs, const struct draft *draft)
{
	notifier_post_name(fs->notifier, draft->model, draft->name);
}

/* 14.json.rej, 14.json.rej.1, … A name that is too long for that loses its end. */
static void make_name(const char *name, unsigned number, char rejected[static NAME_MAX + 1])
{
	char suffix[32];
	size_t kept;

	snprintf(suffix, sizeof(suffix), number ? ".rej.%u" : ".rej", number);
	kept = NAME_MAX - strlen(REASON) - strlen(suffix);
	snprintf(rejected, NAME_MAX + 1, "%.*s%s", (int)strnlen(name, kept), name, suffix);
}

static bool has_text(const struct draft *draft, const char *text, size_t size)
{
	return draft->rejected && draft->size == size && memcmp(draft->text, text, size) == 0;
}

/* One that holds the same text already, or a new one of the first free name; or NULL. */
static struct draft *make_room_for(
	struct fs *fs, const struct draft *draft, const char *text, size_t size)
{
	char rejected[NAME_MAX + 1];
	struct draft *kept;

	for (unsigned number = 0;; number++) {
		make_name(draft->name, number, rejected);
		kept = draft_by_name(fs, draft->model_number, rejected);
		if (!kept) {
			break;
		}
		if (has_text(kept, text, size)) {
			return kept;
		}
	}
	kept = draft_add(fs, draft->model, rejected, DRAFT_SCRATCH, 0);
	if (kept && draft_set_text(kept, text, size) < 0) {
		draft_drop(fs, kept);
		return NULL;
	}
	if (kept) {
		kept->rejected = true;
	}
	return kept;
}

static struct draft *find_reason(struct fs *fs, const struct draft *kept)
{
	char name[NAME_MAX + 1];

	snprintf(name, sizeof(name), "%s" REASON, kept->name);
	return draft_by_name(fs, kept->model_number, name);
}

static void write_reason(struct fs *fs, const struct draft *kept, const char *why)
{
	_cleanup_free_ char *sentence = NULL;
	struct draft *reason = find_reason(fs, kept);
	char name[NAME_MAX + 1];

	if (!reason) {
		snprintf(name, sizeof(name), "%s" REASON, kept->name);
		reason = draft_add(fs, kept->model, name, DRAFT_SCRATCH, 0);
	}
	if (!reason || asprintf(&sentence, "%s\n", why) < 0) {
		sentence = NULL;
		return;
	}
	draft_set_text(reason, sentence, strlen(sentence));
	clock_gettime(CLOCK_REALTIME, &reason->mtime);
	tell_name(fs, reason);
}

static bool are_too_many(struct fs *fs, struct draft **ret_oldest)
{
	size_t n = 0, bytes = 0, limit = fs->options->max_file * 4;
	struct draft *draft;

	*ret_oldest = NULL;
	DL_FOREACH (fs->drafts, draft) {
		if (draft->rejected && draft->name) {
			*ret_oldest = *ret_oldest ? *ret_oldest : draft;
			n++;
			bytes += draft->size;
		}
	}
	return n > 1 && (n > REJECTED_MAX ||
				bytes > (limit > REJECTED_BYTES_MIN ? limit : REJECTED_BYTES_MIN));
}

static void drop_oldest(struct fs *fs)
{
	struct draft *oldest, *reason;

	while (are_too_many(fs, &oldest)) {
		log_error("%s/%s is given up: too many refused texts are kept; remove those that "
			  "aren't needed",
			cache_model_name(oldest->model), oldest->name);
		reason = find_reason(fs, oldest);
		if (reason) {
			tell_name(fs, reason);
			draft_unname(fs, reason);
		}
		tell_name(fs, oldest);
		draft_unname(fs, oldest);
	}
}

void reject_keep(
	struct fs *fs, const struct draft *draft, const char *text, size_t size, const char *why)
{
	struct draft *kept = make_room_for(fs, draft, text, size);

	if (!kept) {
		log_error("%s/%s: not saved, and lost, as there is no memory to keep it: %s",
			cache_model_name(draft->model), draft->name, why);
		return;
	}
	log_warning("%s/%s: not saved, kept as %s: %s", cache_model_name(draft->model), draft->name,
		kept->name, why);
	clock_gettime(CLOCK_REALTIME, &kept->mtime);
	tell_name(fs, kept);
	write_reason(fs, kept, why);
	drop_oldest(fs);
	notifier_post(fs->notifier,
		&(struct cache_news){ .kind = CACHE_NEWS_LISTING, .model = draft->model });
}
