/* SPDX-License-Identifier: MIT */
#include "fs/profile_ini.h"

#include "fs/private_file.h"
#include "odoo/cleanup.h"
#include "odoo/locked.h"
#include "odoo/log.h"

#include <errno.h>
#include <ini.h>
#include <string.h>

/* Larger than any that people write. */
#define MAX_SIZE (256 * 1024)

/* inih cuts the name of a section behind this many bytes. */
#define MAX_SECTION 49

/* The lines that inih asks for, one after the other, and what has been found. */
struct reading {
	const struct profile_dialect *dialect;
	const char *wanted;
	struct nearest *nearest;
	struct profile *profile;

	const char *at;
	unsigned line;
	const char *password; /* of the last line that has one; in the text */
	size_t password_size;
	bool has_passwords; /* in whatever section */
	bool found;
	int failed;
	const char *why; /* what is wrong with `line`; NULL for what isn't the file's fault */
};

static int fail(struct reading *reading, int r, const char *why)
{
	if (!reading->failed) {
		reading->failed = r;
		reading->why = why;
	}
	return r;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Cut blanks off both ends. */
static void trim(const char **text, size_t *size)
{
	while (*size > 0 && is_blank(**text)) {
		(*text)++;
		(*size)--;
	}
	while (*size > 0 && is_blank((*text)[*size - 1])) {
		(*size)--;
	}
}

/* Whether the line gives a password; where it stands is kept, as inih doesn't get it. */
static bool take_password(struct reading *reading, const char *text, size_t size)
{
	const char *name = reading->dialect->password;
	size_t length = strlen(name);
	const char *value = text + length;
	size_t left = size - length;

	if (size < length || strncmp(text, name, length) != 0) {
		return false;
	}
	trim(&value, &left);
	if (left == 0 || (*value != '=' && *value != ':')) {
		return false;
	}
	value++;
	left--;
	trim(&value, &left);
	reading->password = value;
	reading->password_size = left;
	reading->has_passwords = true;
	return true;
}

/* Keep the nearest name, as a copy. */
static void offer(struct reading *reading, const char *name)
{
	struct nearest *nearest = reading->nearest;
	const char *before = nearest->found;
	char *copy = strdup(name);

	if (!copy) {
		fail(reading, -ENOMEM, NULL);
		return;
	}
	nearest_offer(nearest, copy);
	free(nearest->found == copy ? (char *)before : copy);
}

static void take_section(struct reading *reading, const char *text, size_t size)
{
	const char *end = memchr(text, ']', size);
	_cleanup_free_ char *name = end ? strndup(text + 1, (size_t)(end - text - 1)) : NULL;

	if (!end) {
		return; /* inih says so */
	}
	if (!name) {
		fail(reading, -ENOMEM, NULL);
	} else if (strlen(name) > MAX_SECTION) {
		fail(reading, -EINVAL, "the name of a section has at most 49 bytes");
	} else if (strcmp(name, reading->wanted) == 0) {
		reading->found = true;
	} else {
		offer(reading, name);
	}
}

/* A ';' behind a blank begins a comment for inih, but not for Python. */
static bool is_misread(const struct reading *reading, const char *text, size_t size)
{
	for (size_t i = 1; reading->dialect->python && i < size; i++) {
		if (text[i] == ';' && is_blank(text[i - 1])) {
			return true;
		}
	}
	return false;
}

/* What inih shall read instead of the line at `text`: comments and passwords aren't for it. */
static const char *filter_line(
	struct reading *reading, const char *text, size_t *size, char *replaced, size_t room)
{
	const char *inner = text;
	size_t inner_size = *size;

	trim(&inner, &inner_size);
	reading->password = NULL;
	if (inner_size == 0 || *inner == ';' || *inner == '#') {
		*size = 0;
	} else if (inner > text && memchr(inner, '=', inner_size)) {
		fail(reading, -EINVAL,
			"the line begins with a blank, and so would go on with the "
			"value above: begin it at its start");
	} else if (take_password(reading, inner, inner_size)) {
		*size = (size_t)snprintf(replaced, room, "%s = *", reading->dialect->password);
		return replaced;
	} else if (*inner == '[') {
		take_section(reading, inner, inner_size);
	} else if (is_misread(reading, inner, inner_size)) {
		fail(reading, -EINVAL, "a ';' behind a blank can't be read here");
	}
	return text;
}

/* inih's reader: like fgets(3). */
static char *read_line(char *buffer, int room, void *data)
{
	struct reading *reading = data;
	size_t size = strcspn(reading->at, "\n");
	const char *text = reading->at;
	char replaced[64];

	if (!*text || reading->failed) {
		return NULL;
	}
	reading->line++;
	reading->at += size + (text[size] == '\n');
	text = filter_line(reading, text, &size, replaced, sizeof(replaced));
	if (size + 2 > (size_t)room) {
		fail(reading, -EINVAL,
			"the line is too long: what is a list may go on in the next line, behind a "
			"blank");
	}
	if (reading->failed) {
		return NULL;
	}
	memcpy(buffer, text, size);
	memcpy(buffer + size, "\n", 2);
	return buffer;
}

/* Python's "%%", in place. Returns -EINVAL for a '%' that stands for something else. */
static int unescape_percent(char *text)
{
	char *to = text;

	for (const char *from = text; *from; from++) {
		if (*from == '%' && *++from != '%') {
			return -EINVAL;
		}
		*to++ = *from;
	}
	*to = '\0';
	return 0;
}

static int translate(struct reading *reading, char *value)
{
	if (reading->dialect->python && unescape_percent(value) < 0) {
		return fail(reading, -EINVAL, "a '%' is written %%: references aren't followed");
	}
	return 0;
}

static int keep_password(struct reading *reading)
{
	_cleanup_locked_ char *password = locked_create(reading->password_size + 1);

	if (!password) {
		return fail(reading, -ENOMEM, NULL);
	}
	if (reading->profile->password) {
		return fail(reading, -EINVAL, "the password stands twice in this section");
	}
	memcpy(password, reading->password, reading->password_size);
	if (translate(reading, password) < 0) {
		return -EINVAL;
	}
	reading->profile->password = steal(password);
	return 0;
}

static int keep_setting(struct reading *reading, const char *name, const char *value)
{
	struct profile *profile = reading->profile;
	struct profile_setting *settings = reallocarray(
		profile->settings, profile->n_settings + 1, sizeof(*profile->settings));

	if (!settings) {
		return fail(reading, -ENOMEM, NULL);
	}
	profile->settings = settings;
	settings += profile->n_settings++;
	*settings = (struct profile_setting){
		.name = strdup(name), .value = strdup(value), .line = reading->line
	};
	if (!settings->name || !settings->value) {
		return fail(reading, -ENOMEM, NULL);
	}
	return translate(reading, settings->value);
}

/* inih's handler: 0 is a failure. */
static int on_setting(void *data, const char *section, const char *name, const char *value)
{
	struct reading *reading = data;

	if (strcmp(section, reading->wanted) != 0) {
		return 1;
	}
	if (reading->password && strcmp(name, reading->dialect->password) == 0) {
		return keep_password(reading) == 0;
	}
	return keep_setting(reading, name, value) == 0;
}

static int complain(const char *path, unsigned line, const char *why)
{
	log_error("%s, line %u: %s", path, line, why);
	return -EINVAL;
}

static int parse(const char *path, struct reading *reading)
{
	int line = ini_parse_stream(read_line, reading, on_setting, reading);

	if (reading->failed && !reading->why) {
		log_error("%s: %s", path, strerror(-reading->failed));
		return reading->failed;
	}
	if (reading->failed) {
		return complain(path, reading->line, reading->why);
	}
	if (line > 0) {
		return complain(path, (unsigned)line, "NAME = VALUE or [SECTION] stands in a line");
	}
	return line < 0 ? -ENOMEM : 0;
}

static int check_file(const struct private_file *file, const struct reading *reading)
{
	int r = private_file_check_author(file);

	return r == 0 && reading->has_passwords ? private_file_check_readers(file, "a password")
						: r;
}

int profile_ini_read(const char *path, const struct profile_dialect *dialect, const char *name,
	struct nearest *nearest, struct profile *ret_profile)
{
	_cleanup_private_file_ struct private_file file = { .fd = -1 };
	_cleanup_locked_ char *text = NULL;
	struct profile profile = { .path = strdup(path) };
	struct reading reading = {
		.dialect = dialect, .wanted = name, .nearest = nearest, .profile = &profile
	};
	int r = profile.path ? private_file_open("", path, &file) : -ENOMEM;

	if (r == 0) {
		r = private_file_read_text(&file, MAX_SIZE, &text);
	}
	if (r == 0) {
		reading.at = text;
		r = parse(path, &reading);
	}
	if (r == 0) {
		r = reading.found ? check_file(&file, &reading) : -ENOENT;
	}
	if (r < 0) {
		profile_finish(&profile);
	} else {
		*ret_profile = profile;
	}
	return r;
}
