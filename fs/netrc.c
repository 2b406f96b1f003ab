/* SPDX-License-Identifier: MIT */
#include "fs/netrc.h"

#include "fs/home.h"
#include "fs/private_file.h"
#include "odoo/cleanup.h"
#include "odoo/locked.h"
#include "odoo/log.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

/* Larger than any that people write. */
#define MAX_SIZE (256 * 1024)

struct scan {
	char *at;
	unsigned line, word_line; /* of `at`, and of the last word */
};

/* What an entry says. Words are in the text that is scanned. */
struct entry {
	bool open;
	const char *machine; /* NULL for `default` */
	const char *login, *password;
	unsigned line;
	unsigned strange_line; /* where something else stands in it; 0 for nowhere */
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void skip_line(struct scan *scan)
{
	scan->at += strcspn(scan->at, "\n");
}

static void skip_blanks(struct scan *scan)
{
	while (is_blank(*scan->at) || *scan->at == '#') {
		if (*scan->at == '#') {
			skip_line(scan);
		} else {
			scan->line += *scan->at++ == '\n';
		}
	}
}

/* What a backslash makes of a letter. */
static char unescape(char c)
{
	switch (c) {
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	default:
		return c;
	}
}

/* Take the backslashes out of a word in quotes, in place. */
static char *take_quoted(struct scan *scan)
{
	char *word = ++scan->at, *to = word;

	while (*scan->at && *scan->at != '"' && *scan->at != '\n') {
		if (*scan->at == '\\' && scan->at[1] && scan->at[1] != '\n') {
			scan->at++;
			*to++ = unescape(*scan->at++);
		} else {
			*to++ = *scan->at++;
		}
	}
	if (*scan->at != '"') {
		return NULL;
	}
	scan->at++;
	*to = '\0';
	return word;
}

/* The next word. Returns 1 and a word, 0 at the end, or -EINVAL for a quote that isn't closed. */
static int next_word(struct scan *scan, char **ret_word)
{
	char *word;

	skip_blanks(scan);
	scan->word_line = scan->line;
	if (!*scan->at) {
		return 0;
	}
	if (*scan->at == '"') {
		word = take_quoted(scan);
		*ret_word = word;
		return word ? 1 : -EINVAL;
	}
	word = scan->at;
	scan->at += strcspn(scan->at, " \t\r\n");
	if (*scan->at) {
		scan->line += *scan->at == '\n';
		*scan->at++ = '\0';
	}
	*ret_word = word;
	return 1;
}

/* A macro goes to the first empty line. */
static void skip_macro(struct scan *scan)
{
	while (*scan->at) {
		skip_line(scan);
		if (!*scan->at) {
			return;
		}
		scan->line++;
		scan->at++;
		if (*scan->at == '\n' || *scan->at == '\r') {
			return;
		}
	}
}

/* `machine NAME`, `default` or `macdef NAME …`. Returns 0 or -EINVAL. */
static int open_entry(struct scan *scan, const char *keyword, struct entry *ret_entry)
{
	char *word = NULL;
	int r = 0;

	*ret_entry = (struct entry){ .line = scan->word_line };
	if (strcmp(keyword, "macdef") == 0) {
		skip_macro(scan);
		return 0;
	}
	if (strcmp(keyword, "machine") == 0) {
		r = next_word(scan, &word);
		ret_entry->machine = word;
		ret_entry->open = word != NULL;
	} else {
		ret_entry->open = true;
	}
	return r < 0 ? r : 0;
}

/* `login NAME`, `password TEXT` or `account NAME`. Returns 0 or -EINVAL. */
static int take_part(struct scan *scan, const char *keyword, struct entry *entry)
{
	bool is_login = strcmp(keyword, "login") == 0;
	bool is_password = strcmp(keyword, "password") == 0;
	char *word = NULL;

	if (!is_login && !is_password && strcmp(keyword, "account") != 0) {
		entry->strange_line = entry->strange_line ? entry->strange_line : scan->word_line;
		return 0;
	}
	int r = next_word(scan, &word);
	if (is_login) {
		entry->login = word;
	} else if (is_password) {
		entry->password = word;
	}
	return r < 0 ? r : 0;
}

static bool is_opening(const char *word)
{
	return strcmp(word, "machine") == 0 || strcmp(word, "default") == 0 ||
	       strcmp(word, "macdef") == 0;
}

static bool is_wanted(const struct entry *entry, const char *host, const char *login)
{
	return entry->open && (!entry->machine || strcasecmp(entry->machine, host) == 0) &&
	       entry->login && strcmp(entry->login, login) == 0;
}

/* Returns 1 and the entry, 0 where there is none, or -EINVAL where a quote isn't closed. */
static int find_entry(
	struct scan *scan, const char *host, const char *login, struct entry *ret_entry)
{
	struct entry entry = { .open = false };

	for (;;) {
		char *word = NULL;
		int r = next_word(scan, &word);
		bool opens = r == 0 || (r > 0 && is_opening(word));

		if (opens && is_wanted(&entry, host, login)) {
			*ret_entry = entry;
			return 1;
		}
		if (r > 0) {
			r = opens ? open_entry(scan, word, &entry) : take_part(scan, word, &entry);
		} else {
			return r;
		}
		if (r < 0) {
			return r;
		}
	}
}

/* What is wrong with the entry that was found. */
static int check_entry(const struct private_file *file, const struct entry *entry)
{
	int r = private_file_check_author(file);

	if (r == 0) {
		r = private_file_check_readers(file, "a password");
	}
	if (r < 0) {
		return r;
	}
	if (entry->strange_line) {
		log_error("%s, line %u: login, password or account stands here (a password with a "
			  "blank in it is written in double quotes)",
			file->path, entry->strange_line);
		return -EINVAL;
	}
	if (!entry->password || !*entry->password) {
		log_error("%s, line %u: this entry has no password (one that begins with a '#' is "
			  "written in double quotes)",
			file->path, entry->line);
		return -EINVAL;
	}
	return 0;
}

static int read_file(
	const struct private_file *file, const char *host, const char *login, char **ret_secret)
{
	_cleanup_locked_ char *text = NULL;
	struct entry entry;
	int r = private_file_read_text(file, MAX_SIZE, &text);

	if (r < 0) {
		return r;
	}
	struct scan scan = { .at = text, .line = 1 };
	r = find_entry(&scan, host, login, &entry);
	if (r < 0) {
		log_error("%s, line %u: a double quote isn't closed", file->path, scan.word_line);
		return r;
	}
	if (r == 0) {
		return -ENOENT;
	}
	r = check_entry(file, &entry);
	if (r == 0) {
		*ret_secret = locked_copy(entry.password);
		r = *ret_secret ? 0 : -ENOMEM;
	}
	return r;
}

int netrc_find(const char *host, const char *login, char **ret_secret)
{
	_cleanup_free_ char *path = home_path(".netrc");
	_cleanup_private_file_ struct private_file file = { .fd = -1 };
	int r;

	if (!path) {
		return -ENOENT;
	}
	r = private_file_open("", path, &file);
	return r < 0 ? r : read_file(&file, host, login, ret_secret);
}
