/*
 * HTML as SpamAssassin sees it (reference 6.6): a tokenizer with the events
 * of HTML::Parser, linear in time, and the rendering and counting that
 * SpamAssassin builds on these events.
 */
#ifndef MEKIKI_MAIL_HTML_H
#define MEKIKI_MAIL_HTML_H

#include <stdbool.h>
#include <stddef.h>

#include "base/map.h"
#include "base/str.h"

struct arena;

/* Kinds of places a URI was found in. Bits of html_uri.types. */
enum html_uri_type {
	HTML_URI_A = 1 << 0, HTML_URI_AREA = 1 << 1, HTML_URI_LINK = 1 << 2,
	HTML_URI_IMG = 1 << 3, HTML_URI_FRAME = 1 << 4,
	HTML_URI_IFRAME = 1 << 5, HTML_URI_EMBED = 1 << 6,
	HTML_URI_SCRIPT = 1 << 7, HTML_URI_BGSOUND = 1 << 8,
	HTML_URI_BODY = 1 << 9, HTML_URI_TABLE = 1 << 10,
	HTML_URI_TR = 1 << 11, HTML_URI_TD = 1 << 12,
	HTML_URI_FORM = 1 << 13, HTML_URI_BASE = 1 << 14,
	HTML_URI_META = 1 << 15, HTML_URI_OTHER = 1 << 16,
};

struct html_uri {
	struct str uri;		/* as pushed: resolved against the base */
	unsigned types;		/* enum html_uri_type */
	struct strs anchor_text;	/* per use, trimmed as SpamAssassin does */
};

struct html_result {
	struct str text;	/* rendered, UTF-8 or Latin-1 octets */
	bool wide;		/* text holds a character above U+00FF or came
				 * from decoded text: it is UTF-8 */
	struct str visible;
	struct str invisible;
	struct map inside;	/* tag (lower case) -> (void *)(intptr_t) count
				 * of opens minus closes; present if opened */
	struct html_uri *uris;	/* in order of first appearance */
	size_t nuris, uris_cap;
	struct strs comments;
	struct strs titles;
	struct strs scripts;
	struct strs anchors;	/* anchor texts in order */
	struct map values;	/* SpamAssassin's results that are one number,
				 * by its key ("length", "max_size", "bad_tag_ratio",
				 * "image_area", "ratio", ...) -> double * */
	bool uri_truncated;
	bool deep;		/* met LIMIT_HTML_DEPTH */
};

/* Reads html. `utf8` says that the octets are UTF-8 text that was decoded
 * from a charset (Perl's character string); otherwise they are octets to be
 * taken as Latin-1 characters. Never fails. */
struct html_result *html_parse(struct arena *a, struct str html, bool utf8);

/* A result by SpamAssassin's key; false if it is not set. */
bool html_value(const struct html_result *h, struct str key, double *value_r);

#endif
