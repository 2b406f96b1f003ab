/* SPDX-License-Identifier: MIT */
#include "cache/media.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>

/* By type, as strcmp orders them. */
static const struct known {
	const char *type, *suffix;
} types[] = {
	{ "application/gzip", "gz" },
	{ "application/javascript", "js" },
	{ "application/json", "json" },
	{ "application/msword", "doc" },
	{ "application/pdf", "pdf" },
	{ "application/rtf", "rtf" },
	{ "application/vnd.ms-excel", "xls" },
	{ "application/vnd.ms-fontobject", "eot" },
	{ "application/vnd.ms-outlook", "msg" },
	{ "application/vnd.ms-powerpoint", "ppt" },
	{ "application/vnd.oasis.opendocument.presentation", "odp" },
	{ "application/vnd.oasis.opendocument.spreadsheet", "ods" },
	{ "application/vnd.oasis.opendocument.text", "odt" },
	{ "application/vnd.openxmlformats-officedocument.presentationml.presentation", "pptx" },
	{ "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx" },
	{ "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx" },
	{ "application/x-7z-compressed", "7z" },
	{ "application/x-tar", "tar" },
	{ "application/xhtml+xml", "xhtml" },
	{ "application/xml", "xml" },
	{ "application/zip", "zip" },
	{ "audio/mpeg", "mp3" },
	{ "audio/ogg", "ogg" },
	{ "audio/wav", "wav" },
	{ "audio/x-wav", "wav" },
	{ "font/otf", "otf" },
	{ "font/ttf", "ttf" },
	{ "font/woff", "woff" },
	{ "font/woff2", "woff2" },
	{ "image/avif", "avif" },
	{ "image/bmp", "bmp" },
	{ "image/gif", "gif" },
	{ "image/heic", "heic" },
	{ "image/jpeg", "jpg" },
	{ "image/jpg", "jpg" },
	{ "image/png", "png" },
	{ "image/svg+xml", "svg" },
	{ "image/tiff", "tiff" },
	{ "image/vnd.microsoft.icon", "ico" },
	{ "image/webp", "webp" },
	{ "image/x-icon", "ico" },
	{ "message/rfc822", "eml" },
	{ "text/calendar", "ics" },
	{ "text/css", "css" },
	{ "text/csv", "csv" },
	{ "text/html", "html" },
	{ "text/javascript", "js" },
	{ "text/markdown", "md" },
	{ "text/plain", "txt" },
	{ "text/scss", "scss" },
	{ "text/vcard", "vcf" },
	{ "text/xml", "xml" },
	{ "video/mp4", "mp4" },
	{ "video/ogg", "ogv" },
	{ "video/webm", "webm" },
};

static int compare(const void *wanted, const void *known)
{
	return strcmp(wanted, ((const struct known *)known)->type);
}

/* Parameters, as in "text/plain; charset=utf-8", don't matter. */
const char *cache_media_suffix(const char *type)
{
	const struct known *known;
	char name[CACHE_MEDIA_MAX];
	size_t size = strcspn(type, "; ");

	if (size >= sizeof(name)) {
		return "bin";
	}
	memcpy(name, type, size);
	name[size] = '\0';
	known = bsearch(name, types, sizeof(types) / sizeof(types[0]), sizeof(types[0]), compare);
	return known ? known->suffix : "bin";
}

bool cache_media_is_suffix(const char *suffix)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (strcmp(types[i].suffix, suffix) == 0) {
			return true;
		}
	}
	return strcmp(suffix, "bin") == 0;
}

/* The first bytes of files; the type of "RIFF" and the like is told by what stands at 8. */
static const struct signature {
	const char *bytes;
	size_t size, offset;
	const char *type;
} signatures[] = {
	{ "\x89PNG\r\n\x1a\n", 8, 0, "image/png" },
	{ "\xff\xd8\xff", 3, 0, "image/jpeg" },
	{ "GIF87a", 6, 0, "image/gif" },
	{ "GIF89a", 6, 0, "image/gif" },
	{ "WEBP", 4, 8, "image/webp" },
	{ "BM", 2, 0, "image/bmp" },
	{ "\0\0\1\0", 4, 0, "image/vnd.microsoft.icon" },
	{ "%PDF-", 5, 0, "application/pdf" },
	{ "PK\3\4", 4, 0, "application/zip" },
	{ "\x1f\x8b", 2, 0, "application/gzip" },
};

static bool has(const char *head, size_t size, const char *text)
{
	size_t length = strlen(text), i = 0;

	while (i + length <= size && memcmp(head + i, text, length) != 0) {
		i++;
	}
	return i + length <= size;
}

/* UTF-8, of which the last character may be cut, without control characters. */
static bool is_text(const char *head, size_t size)
{
	const uint8_t *wrong = u8_check((const uint8_t *)head, size);

	if (!size || (wrong && (*wrong < 0xc2 || (const uint8_t *)head + size - wrong > 3))) {
		return false;
	}
	for (size_t i = 0; i < size; i++) {
		unsigned char c = (unsigned char)head[i];

		if (c < ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\f') {
			return false;
		}
	}
	return true;
}

const char *cache_media_guess(const char *head, size_t size)
{
	for (size_t i = 0; i < sizeof(signatures) / sizeof(signatures[0]); i++) {
		const struct signature *s = &signatures[i];

		if (size >= s->offset + s->size &&
			memcmp(head + s->offset, s->bytes, s->size) == 0) {
			return s->type;
		}
	}
	if (!is_text(head, size)) {
		return "application/octet-stream";
	}
	if (has(head, size, "<svg")) {
		return "image/svg+xml";
	}
	return strncmp(head, "<?xml", size < 5 ? size : 5) == 0 && size >= 5 ? "text/xml"
									     : "text/plain";
}
